package linalg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// Sizes at which the code takes different ways: below, at and above the
// panel and block widths.
var sizes = func() []int {
	var s []int
	for n := range 34 {
		s = append(s, n)
	}
	return append(s, 63, 65, 100)
}()

func random[T tensor.Float](rows, cols int, seed uint64) *tensor.Matrix[T] {
	rng := rand.New(rand.NewPCG(seed, 1))
	a := tensor.NewMatrix[T](rows, cols)
	for i := range a.Data {
		a.Data[i] = T(rng.NormFloat64())
	}
	return a
}

// withStride is a copy of a inside a larger matrix, so that rows are not
// adjacent in memory.
func withStride[T tensor.Float](a *tensor.Matrix[T]) *tensor.Matrix[T] {
	big := tensor.NewMatrix[T](a.Rows+2, a.Cols+3)
	for i := range big.Data {
		big.Data[i] = T(math.NaN())
	}
	s := big.Sub(1, a.Rows+1, 2, a.Cols+2)
	for i := range a.Rows {
		copy(s.Row(i), a.Row(i))
	}
	return s
}

// withSpectrum is Q₁·diag(s)·Q₂ᵀ of size m×n with random orthogonal factors.
func withSpectrum[T tensor.Float](t *testing.T, m, n int, s []float64, seed uint64) *tensor.Matrix[T] {
	t.Helper()
	k := len(s)
	u, _, err := QR(random[float64](m, k, seed))
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := QR(random[float64](n, k, seed+1000))
	if err != nil {
		t.Fatal(err)
	}
	for i := range m {
		for j := range k {
			u.Data[i*k+j] *= s[j]
		}
	}
	return tensor.Convert[T](tensor.Mul(u, v.Transpose()))
}

// spectra are shapes of singular values between 1 and about 0.
func spectra(n int) map[string][]float64 {
	out := map[string][]float64{}
	fill := func(name string, f func(i int) float64) {
		s := make([]float64, n)
		for i := range s {
			s[i] = f(i)
		}
		out[name] = s
	}
	fill("graded", func(i int) float64 { return math.Pow(10, -20*float64(i)/float64(max(n, 1))) })
	fill("clustered", func(i int) float64 { return 1 - 1e-14*float64(i%3) - 0.5*float64(i/((n+1)/2)) })
	fill("deficient", func(i int) float64 {
		if i > n/2 {
			return 0
		}
		return 1 / float64(i+1)
	})
	fill("one large", func(i int) float64 {
		if i == 0 {
			return 1
		}
		return 1e-9
	})
	fill("equal", func(int) float64 { return 1 })
	return out
}

func scaleBy[T tensor.Float](a *tensor.Matrix[T], f float64) *tensor.Matrix[T] {
	c := a.Clone()
	for i, v := range c.Data {
		c.Data[i] = T(float64(v) * f)
	}
	return c
}

func big[T tensor.Float]() float64 {
	if isSingle[T]() {
		return 1e15
	}
	return 1e150
}

func norm[T tensor.Float](a *tensor.Matrix[T]) float64 {
	s := 0.0
	for i := range a.Rows {
		s = math.Hypot(s, kernel.Nrm2(a.Row(i)))
	}
	return s
}

// product multiplies in float64 by the definition.
func product[T tensor.Float](a, b *tensor.Matrix[T]) *tensor.Matrix[float64] {
	return tensor.Mul(tensor.Convert[float64](a), tensor.Convert[float64](b))
}

func minus[T tensor.Float](a *tensor.Matrix[float64], b *tensor.Matrix[T]) *tensor.Matrix[float64] {
	c := a.Clone()
	for i := range c.Rows {
		for j := range c.Cols {
			c.Data[i*c.Cols+j] -= float64(b.At(i, j))
		}
	}
	return c
}

// unorthogonal is ‖QᵀQ − I‖_F.
func unorthogonal[T tensor.Float](q *tensor.Matrix[T]) float64 {
	return norm(minus(product(q.Transpose(), q), tensor.Eye[float64](q.Cols)))
}

// rounding is what the error of a factorisation of A, in units of ε·‖A‖, is
// expected to stay below a small multiple of.
func rounding[T tensor.Float](a *tensor.Matrix[T]) int {
	return min(a.Rows, a.Cols) + int(math.Sqrt(float64(max(a.Rows, a.Cols))))
}

// within fails unless err ≤ c·(n+1)·ε·scale.
func within[T tensor.Float](t *testing.T, what string, err float64, c float64, n int, scale float64) {
	t.Helper()
	if bound := c * float64(n+1) * Epsilon[T]() * scale; !(err <= bound) {
		t.Errorf("%s: error %.3g, bound %.3g", what, err, bound)
	}
}

func shape[T tensor.Float](t *testing.T, what string, a *tensor.Matrix[T], rows, cols int) {
	t.Helper()
	if a.Rows != rows || a.Cols != cols {
		t.Fatalf("%s is %d×%d, want %d×%d", what, a.Rows, a.Cols, rows, cols)
	}
}

func checkTriangular[T tensor.Float](t *testing.T, what string, r *tensor.Matrix[T]) {
	t.Helper()
	for i := range r.Rows {
		for j := range min(i, r.Cols) {
			if r.At(i, j) != 0 {
				t.Fatalf("%s: element (%d, %d) is %v", what, i, j, r.At(i, j))
			}
		}
	}
}

// both runs a generic test for float64 and float32.
func both(t *testing.T, f64, f32 func(*testing.T)) {
	t.Run("float64", f64)
	t.Run("float32", f32)
}

type method struct {
	name string
	run  func(a *tensor.Matrix[float64]) (results []any, err error)
}

// methods are all routines, applied to a square matrix.
func methods() []method {
	gram := func(a *tensor.Matrix[float64]) *tensor.Matrix[float64] {
		g := tensor.Mul(a.Transpose(), a)
		return g
	}
	return []method{
		{"QR", func(a *tensor.Matrix[float64]) ([]any, error) {
			q, r, err := QR(a)
			return []any{q, r}, err
		}},
		{"LQ", func(a *tensor.Matrix[float64]) ([]any, error) {
			l, q, err := LQ(a)
			return []any{l, q}, err
		}},
		{"QRPivot", func(a *tensor.Matrix[float64]) ([]any, error) {
			f, err := QRPivot(a, 0)
			if err != nil {
				return nil, err
			}
			return []any{f.Q, f.R}, nil
		}},
		{"SymEig", func(a *tensor.Matrix[float64]) ([]any, error) {
			w, v, err := SymEig(a)
			return []any{w, v}, err
		}},
		{"SymEigValues", func(a *tensor.Matrix[float64]) ([]any, error) {
			w, err := SymEigValues(a)
			return []any{w}, err
		}},
		{"SVD", func(a *tensor.Matrix[float64]) ([]any, error) {
			u, s, vt, err := SVD(a)
			return []any{u, s, vt}, err
		}},
		{"SingularValues", func(a *tensor.Matrix[float64]) ([]any, error) {
			s, err := SingularValues(a)
			return []any{s}, err
		}},
		{"SVDTruncated", func(a *tensor.Matrix[float64]) ([]any, error) {
			u, s, vt, _, err := SVDTruncated(a, 5, 0)
			return []any{u, s, vt}, err
		}},
		{"RandomizedRange", func(a *tensor.Matrix[float64]) ([]any, error) {
			q, _, err := RandomizedRange(a, 5, Sketch{})
			return []any{q}, err
		}},
		{"RandomizedSVD", func(a *tensor.Matrix[float64]) ([]any, error) {
			u, s, vt, _, err := RandomizedSVD(a, 5, Sketch{})
			return []any{u, s, vt}, err
		}},
		{"Cholesky", func(a *tensor.Matrix[float64]) ([]any, error) {
			l, err := Cholesky(gram(a))
			return []any{l}, err
		}},
		{"SolveTriangular", func(a *tensor.Matrix[float64]) ([]any, error) {
			x, err := SolveTriangular(Lower, a, a)
			return []any{x}, err
		}},
		{"SolveSPD", func(a *tensor.Matrix[float64]) ([]any, error) {
			x, _, err := SolveSPD(gram(a), a, 0.1)
			return []any{x}, err
		}},
		{"LeastSquares", func(a *tensor.Matrix[float64]) ([]any, error) {
			x, _, err := LeastSquares(a, a)
			return []any{x}, err
		}},
		{"NNLS", func(a *tensor.Matrix[float64]) ([]any, error) {
			x, err := NNLS(a, a.Sub(0, a.Rows, 0, min(3, a.Cols)))
			return []any{x}, err
		}},
		{"NNLSGram", func(a *tensor.Matrix[float64]) ([]any, error) {
			x, err := NNLSGram(gram(a), a)
			return []any{x}, err
		}},
	}
}

// A value that is not finite is an error, and the input is left alone.
func TestNotFinite(t *testing.T) {
	for _, m := range methods() {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, n := range []int{1, 4, 40} {
				a := random[float64](n, n, 3)
				a.Set(n-1, 0, bad)
				if _, err := m.run(a); err == nil {
					t.Errorf("%s of a %d×%d matrix with %v: no error", m.name, n, n, bad)
				}
			}
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, m := range methods() {
		if _, err := m.run(tensor.NewMatrix[float64](0, 0)); err != nil {
			t.Errorf("%s of a 0×0 matrix: %v", m.name, err)
		}
	}
}

func TestInputsUnchanged(t *testing.T) {
	for _, m := range methods() {
		for _, n := range []int{1, 20, 70} {
			a := withStride(scaleBy(random[float64](n, n, 4), 1e-100))
			before := a.Clone()
			if _, err := m.run(a); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
			if norm(minus(before, a)) != 0 {
				t.Errorf("%s changed its input", m.name)
			}
		}
	}
}

func TestSameBitsAtAnyThreadCount(t *testing.T) {
	a, large := random[float64](150, 150, 5), random[float64](300, 300, 7)
	tall := random[float64](20000, 7, 6)
	single, tallSingle := tensor.Convert[float32](large), tensor.Convert[float32](tall)
	all := func(err error, results ...any) []any {
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
	for _, m := range methods() {
		testkit.Threads(t, m.name, func() []any {
			results, err := m.run(a)
			return all(err, results...)
		})
	}
	for name, run := range map[string]func() []any{
		"tall QR":           func() []any { q, r, err := QR(tall); return all(err, q, r) },
		"tall QR, single":   func() []any { q, r, err := QR(tallSingle); return all(err, q, r) },
		"tall triangle":     func() []any { r, err := QRTriangle(tall); return all(err, r) },
		"tall SVD":          func() []any { u, s, vt, err := SVD(tall); return all(err, u, s, vt) },
		"tall SVD, single":  func() []any { u, s, vt, err := SVD(tallSingle); return all(err, u, s, vt) },
		"tall values":       func() []any { s, err := SingularValues(tall); return all(err, s) },
		"tall QRPivot":      func() []any { f, err := QRPivot(tall, 0); return all(err, f) },
		"tall LeastSquares": func() []any { x, rank, err := LeastSquares(tall, tall); return all(err, x, rank) },
		"tall NNLS":         func() []any { x, err := NNLS(tall, tall.Sub(0, tall.Rows, 0, 3)); return all(err, x) },
		"tall RandomizedSVD": func() []any {
			u, s, vt, bound, err := RandomizedSVD(tall, 4, Sketch{})
			return all(err, u, s, vt, bound)
		},
		"Orthonormalize": func() []any { q := tall.Clone(); return all(Orthonormalize(q), q) },
		"QR, single":     func() []any { q, r, err := QR(single); return all(err, q, r) },
		"SymEig, large":  func() []any { w, v, err := SymEig(large); return all(err, w, v) },
		"SymEig, single": func() []any { w, v, err := SymEig(single); return all(err, w, v) },
		"SymEigLeading":  func() []any { w, v, err := SymEigLeading(large, 20); return all(err, w, v) },
		"SVD, large":     func() []any { u, s, vt, err := SVD(large); return all(err, u, s, vt) },
		"SVD, single":    func() []any { u, s, vt, err := SVD(single); return all(err, u, s, vt) },
		"Cholesky, single": func() []any {
			l, err := Cholesky(tensor.Mul(single.Transpose(), single))
			return all(err, l)
		},
		"RandomizedSVD, single": func() []any {
			u, s, vt, bound, err := RandomizedSVD(single, 10, Sketch{})
			return all(err, u, s, vt, bound)
		},
	} {
		testkit.Threads(t, name, run)
	}
}

func label(m, n int, kind string) string { return fmt.Sprintf("%d×%d %s", m, n, kind) }
