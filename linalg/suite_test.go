package linalg

import (
	"math"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// TestSuite holds each factorisation and solver to a small multiple of n·ε on
// graded, clustered and deficient spectra, at both ends of the range, for
// shapes that are factored whole and by TSQR. What the tests of one method
// have of these is not repeated.
func TestSuite(t *testing.T) { both(t, testSuite[float64], testSuite[float32]) }

func testSuite[T tensor.Float](t *testing.T) {
	const n = 40
	for name, s := range spectra(n) {
		square := withSpectrum[T](t, n, n, s, 3)
		for _, m := range []int{n + 20, 2*tallBlock(n) + 1} {
			if m > 100 && name != "graded" && name != "deficient" {
				continue // as of the square triangle that TSQR leaves
			}
			plain := withSpectrum[T](t, m, n, s, 7)
			for _, f := range []float64{1, big[T](), 1 / big[T]()} {
				a := scaleBy(plain, f)
				name, dim := label(m, n, name), rounding(a)
				q, r, err := QR(a)
				if err != nil {
					t.Fatal(name, err)
				}
				within[T](t, name+" QR", norm(minus(product(q, r), a)), 3, dim, norm(a))
				within[T](t, name+" QR, QᵀQ", unorthogonal(q), 3, dim, 1)
				suitePivot(t, name, a)
				suiteSVD(t, name, a)
				suiteRandomized(t, name, a)
				suiteLeastSquares(t, name, a, f)
				if m < 100 {
					x, err := NNLS(a, random[T](m, 2, 4))
					if err != nil {
						t.Fatal(name, err)
					}
					kkt(t, name+" NNLS", a, random[T](m, 2, 4), x, Epsilon[T]())
				}
			}
		}
		for _, f := range []float64{1, big[T](), 1 / big[T]()} {
			suiteTriangular(t, name, scaleBy(square, f), f)
			suiteCholesky(t, name, square, f)
		}
	}
}

func suitePivot[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T]) {
	t.Helper()
	f, err := QRPivot(a, 0)
	if err != nil {
		t.Fatal(name, err)
	}
	p := tensor.NewMatrix[T](a.Rows, a.Cols)
	for j, k := range f.Perm {
		for i := range a.Rows {
			p.Set(i, j, a.At(i, k))
		}
	}
	within[T](t, name+" QRPivot", norm(minus(product(f.Q, f.R), p)), 3, rounding(a), norm(a))
	within[T](t, name+" QRPivot, QᵀQ", unorthogonal(f.Q), 3, rounding(a), 1)
}

func suiteSVD[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T]) {
	t.Helper()
	u, s, vt, err := SVD(a)
	if err != nil {
		t.Fatal(name, err)
	}
	us := tensor.Convert[float64](u)
	for i := range us.Data {
		us.Data[i] *= s[i%len(s)]
	}
	within[T](t, name+" SVD", norm(minus(product(us, tensor.Convert[float64](vt)), a)), 8, rounding(a), norm(a))
	within[T](t, name+" SVD, UᵀU", unorthogonal(u), 8, rounding(a), 1)
	within[T](t, name+" SVD, VᵀV", unorthogonal(vt.Transpose()), 8, rounding(a), 1)
	values, err := SingularValues(a)
	if err != nil {
		t.Fatal(name, err)
	}
	for i, v := range values {
		within[T](t, name+" SingularValues", math.Abs(v-s[i]), 8, rounding(a), s[0])
	}
}

// suiteRandomized checks that what is left is no more than was said.
func suiteRandomized[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T]) {
	t.Helper()
	u, s, vt, bound, err := RandomizedSVD(a, 10, Sketch{Seed: 3})
	if err != nil {
		t.Fatal(name, err)
	}
	within[T](t, name+" RandomizedSVD, UᵀU", unorthogonal(u), 8, rounding(a), 1)
	within[T](t, name+" RandomizedSVD, VᵀV", unorthogonal(vt.Transpose()), 8, rounding(a), 1)
	us := tensor.Convert[float64](u)
	for i := range us.Data {
		us.Data[i] *= s[i%len(s)]
	}
	rest, err := SingularValues(minus(product(us, tensor.Convert[float64](vt)), a))
	if err != nil {
		t.Fatal(name, err)
	}
	if slack := 8 * Epsilon[T]() * float64(rounding(a)) * norm(a); !(rest[0] <= bound+slack) {
		t.Errorf("%s: RandomizedSVD leaves %g, the bound is %g", name, rest[0], bound)
	}
}

// suiteLeastSquares checks that the residual is orthogonal to the columns, as
// far as those that the rank leaves out allow.
func suiteLeastSquares[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T], f float64) {
	t.Helper()
	b := random[T](a.Rows, 2, 5)
	x, _, err := LeastSquares(a, b)
	if err != nil {
		t.Fatal(name, err)
	}
	// In units of f, so that no square leaves the range.
	unit := tensor.Convert[float64](a)
	for i := range unit.Data {
		unit.Data[i] /= f
	}
	y := tensor.Convert[float64](x)
	for i := range y.Data {
		y.Data[i] *= f
	}
	grad := norm(product(unit.Transpose(), minus(product(unit, y), b)))
	within[T](t, name+" LeastSquares", grad, 8, rounding(a), norm(unit)*(norm(unit)*norm(y)+norm(b)))
}

func suiteTriangular[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T], f float64) {
	t.Helper()
	r, err := QRTriangle(a)
	if err != nil {
		t.Fatal(name, err)
	}
	for i := range r.Rows {
		// The solution of a graded triangle must be a number.
		if least := 1e-8 * f; !(float64(r.At(i, i)) > least) {
			r.Set(i, i, T(least))
		}
	}
	b := scaleBy(random[T](r.Rows, 3, 6), 1e-8*f) // so that it is in the range of float32
	for _, tri := range []Triangle{Upper, UpperTransposed} {
		x, err := SolveTriangular(tri, r, b)
		if err != nil {
			t.Fatal(name, err)
		}
		m := r
		if tri == UpperTransposed {
			m = r.Transpose()
		}
		within[T](t, name+" SolveTriangular", norm(minus(product(m, x), b)), 1, r.Rows, norm(m)*norm(x))
	}
}

// suiteCholesky takes the spectrum squared, kept off zero.
func suiteCholesky[T tensor.Float](t *testing.T, name string, a *tensor.Matrix[T], f float64) {
	t.Helper()
	g := product(a.Transpose(), a)
	shift := 100 * float64(g.Rows) * Epsilon[T]() * norm(g)
	for i := range g.Rows {
		g.Set(i, i, g.At(i, i)+shift)
	}
	for i := range g.Data {
		g.Data[i] *= f
	}
	spd := tensor.Convert[T](g)
	l, err := Cholesky(spd)
	if err != nil {
		t.Fatal(name, err)
	}
	within[T](t, name+" Cholesky", norm(minus(product(l, l.Transpose()), spd)), 1, g.Rows, norm(spd))
}

// Values that are not finite are errors in every argument, shape and type.
func TestNotFiniteAnywhere(t *testing.T) {
	both(t, testNotFiniteAnywhere[float64], testNotFiniteAnywhere[float32])
}

func testNotFiniteAnywhere[T tensor.Float](t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for _, dims := range [][2]int{{30, 30}, {9000, 5}, {5, 900}, {1, 1}} {
			m, n := dims[0], dims[1]
			for _, at := range []int{0, m*n - 1} {
				a, good := random[T](m, n, 1), random[T](m, n, 1)
				a.Data[at] = T(bad)
				b, fine := random[T](m, 2, 2), random[T](m, 2, 2)
				b.Data[(2*m-1)*at/max(1, m*n-1)] = T(bad)
				for name, run := range map[string]func() error{
					"QR":              func() error { _, _, err := QR(a); return err },
					"QRTriangle":      func() error { _, err := QRTriangle(a); return err },
					"LQ":              func() error { _, _, err := LQ(a); return err },
					"QRPivot":         func() error { _, err := QRPivot(a, 0); return err },
					"SVD":             func() error { _, _, _, err := SVD(a); return err },
					"SingularValues":  func() error { _, err := SingularValues(a); return err },
					"RandomizedSVD":   func() error { _, _, _, _, err := RandomizedSVD(a, 2, Sketch{}); return err },
					"LeastSquares":    func() error { _, _, err := LeastSquares(a, fine); return err },
					"LeastSquares, B": func() error { _, _, err := LeastSquares(good, b); return err },
					"NNLS":            func() error { _, err := NNLS(a, fine); return err },
					"NNLS, B":         func() error { _, err := NNLS(good, b); return err },
				} {
					if err := run(); err == nil {
						t.Errorf("%s of a %d×%d matrix with %v at %d: no error", name, m, n, bad, at)
					}
				}
				if m != n {
					continue
				}
				for name, run := range map[string]func() error{
					"SymEig":             func() error { _, _, err := SymEig(a.Transpose()); return err },
					"SymEigValues":       func() error { _, err := SymEigValues(a.Transpose()); return err },
					"Cholesky":           func() error { _, err := Cholesky(a); return err },
					"SolveTriangular":    func() error { _, err := SolveTriangular(Lower, a, fine); return err },
					"SolveTriangular, B": func() error { _, err := SolveTriangular(Lower, good, b); return err },
				} {
					if err := run(); err == nil {
						t.Errorf("%s of a %d×%d matrix with %v at %d: no error", name, m, n, bad, at)
					}
				}
			}
		}
	}
}
