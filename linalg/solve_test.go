package linalg

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// positiveDefinite is well conditioned.
func positiveDefinite[T tensor.Float](n int, seed uint64) *tensor.Matrix[T] {
	b := random[float64](2*n+1, n, seed)
	return tensor.Convert[T](product(b.Transpose(), b))
}

func TestCholesky(t *testing.T) { both(t, testCholesky[float64], testCholesky[float32]) }

func testCholesky[T tensor.Float](t *testing.T) {
	for _, n := range append(sizes, 257) {
		for _, f := range []float64{1, big[T](), 1 / big[T]()} {
			a := withStride(scaleBy(positiveDefinite[T](n, uint64(n)), f))
			lower := a.Clone()
			for i := range n {
				for j := i + 1; j < n; j++ {
					lower.Set(i, j, T(math.NaN()))
				}
			}
			l, err := Cholesky(lower)
			if err != nil {
				t.Fatal(err)
			}
			checkTriangular(t, "Lᵀ", l.Transpose())
			within[T](t, label(n, n, "L·Lᵀ"), norm(minus(product(l, l.Transpose()), a)), 1, n, norm(a))
		}
	}
}

func TestCholeskyFails(t *testing.T) {
	for _, n := range []int{1, 5, 64, 65, 130} {
		for _, pivot := range []int{0, n / 2, n - 1} {
			a := tensor.Eye[float64](n)
			a.Set(pivot, pivot, -2)
			_, err := Cholesky(a)
			var e *NotPositiveDefiniteError
			if !errors.As(err, &e) || e.Pivot != pivot || e.Value != -2 {
				t.Errorf("n = %d: %v, want pivot %d", n, err, pivot)
			}
		}
	}
}

func TestSolveTriangular(t *testing.T) {
	both(t, testSolveTriangular[float64], testSolveTriangular[float32])
}

func testSolveTriangular[T tensor.Float](t *testing.T) {
	for _, n := range append(sizes, 200) {
		for _, cols := range []int{0, 1, 5, 300} {
			if cols == 300 && n != 33 && n != 100 {
				continue
			}
			b := withStride(random[T](n, cols, 3))
			full := random[T](n, n, 4)
			for i := range n {
				full.Set(i, i, T(math.Sqrt(float64(n)+1)*2))
			}
			for _, tri := range []Triangle{Lower, LowerTransposed, Upper, UpperTransposed} {
				x, err := SolveTriangular(tri, full, b)
				if err != nil {
					t.Fatal(err)
				}
				m := full.Clone()
				for i := range n {
					for j := range n {
						if upper := tri == Upper || tri == UpperTransposed; upper && j < i || !upper && j > i {
							m.Set(i, j, 0)
						}
					}
				}
				if tri == LowerTransposed || tri == UpperTransposed {
					m = m.Transpose()
				}
				within[T](t, label(n, cols, ""), norm(minus(product(m, x), b)), 1, n, norm(m)*norm(x))
			}
		}
	}
	a := tensor.Eye[T](3)
	a.Set(1, 1, 0)
	if _, err := SolveTriangular(Lower, a, a); err == nil || !strings.Contains(err.Error(), "diagonal element 1") {
		t.Errorf("singular: %v", err)
	}
}

func TestSolveSPD(t *testing.T) { both(t, testSolveSPD[float64], testSolveSPD[float32]) }

func testSolveSPD[T tensor.Float](t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 16, 33, 100} {
		for _, rows := range []int{0, 1, 5, 300} {
			for _, f := range []float64{1, 1e12, 1e-12} {
				g := scaleBy(positiveDefinite[float64](n, uint64(n)), f)
				want := random[T](rows, n, 5)
				m := withStride(scaleBy(tensor.Convert[T](product(tensor.Convert[float64](want), g)), 1/f))
				for _, ridge := range []float64{0, 0.5 * f} {
					x, info, err := SolveSPD(g, m, ridge)
					if err != nil {
						t.Fatal(err)
					}
					if info.Path != PathCholesky || info.Rank != n || n > 0 && !(info.MinPivot > 1e-4 && info.MinPivot <= 1) {
						t.Errorf("n = %d: %+v", n, info)
					}
					gr := g.Clone()
					for i := range n {
						gr.Data[i*n+i] += ridge
					}
					res := norm(minus(product(tensor.Convert[float64](x), gr), m))
					within[T](t, label(rows, n, "residual"), res, 1, n, norm(gr)*norm(x))
				}
			}
		}
	}
}

// A singular Gram matrix gives the solution of least norm.
func TestSolveSPDSingular(t *testing.T) {
	for _, n := range []int{2, 5, 20} {
		for _, f := range []float64{1, 1e100, 1e-100} {
			rank := n / 2
			c := random[float64](rank, n, 1)
			g := scaleBy(product(c.Transpose(), c), f)
			z := random[float64](7, rank, 2)
			want := product(z, c) // in the row space of G
			x, info, err := SolveSPD(g, product(want, g), 0)
			if err != nil {
				t.Fatal(err)
			}
			if info.Path != PathEigen || info.Rank != rank {
				t.Errorf("n = %d: %+v, want rank %d by eigenvalues", n, info, rank)
			}
			if d := norm(minus(want, x)); !(d <= 1e-11*norm(want)) {
				t.Errorf("n = %d: difference %g", n, d)
			}
			if _, info, err = SolveSPD(g, want, f); err != nil || info.Path != PathCholesky {
				t.Errorf("with a ridge: %+v, %v", info, err)
			}
		}
	}
	x, info, err := SolveSPD(tensor.NewMatrix[float64](3, 3), ones[float64](2, 3), 0)
	if err != nil || info.Rank != 0 || norm(x) != 0 {
		t.Errorf("zero Gram: %v %+v %v", x, info, err)
	}
	if _, _, err := SolveSPD(tensor.Eye[float64](2), ones[float64](2, 2), -1); err == nil {
		t.Error("a negative ridge is accepted")
	}
}

func TestLeastSquares(t *testing.T) { both(t, testLeastSquares[float64], testLeastSquares[float32]) }

func testLeastSquares[T tensor.Float](t *testing.T) {
	check := func(name string, a, b *tensor.Matrix[T], rank int) {
		t.Helper()
		m, n := a.Rows, a.Cols
		x, r, err := LeastSquares(a, b)
		if err != nil {
			t.Fatal(err)
		}
		shape(t, name, x, n, b.Cols)
		if r != rank {
			t.Errorf("%s: rank %d, want %d", name, r, rank)
		}
		// The residual is orthogonal to the columns of A, and X to its null
		// space, which the last right singular vectors span.
		res := minus(product(a, x), b)
		grad := norm(product(tensor.Convert[float64](a).Transpose(), res))
		within[T](t, name+" gradient", grad, 8, rounding(a), norm(a)*(norm(a)*norm(x)+norm(b)))
		if rank < n && rank > 0 {
			full := tensor.NewMatrix[T](max(m, n), n)
			for i := range m {
				copy(full.Row(i), a.Row(i))
			}
			_, s, vt, err := SVD(full)
			if err != nil {
				t.Fatal(err)
			}
			null := norm(product(vt.Sub(rank, n, 0, n).Clone(), x))
			within[T](t, name+" null space", null, 8*s[0]/s[rank-1], rounding(a), norm(x))
		}
	}
	for _, n := range []int{0, 1, 2, 3, 8, 33} {
		for _, m := range []int{0, 1, n, n + 5, 70, 300} {
			for _, p := range []int{0, 1, 4} {
				check(label(m, n, ""), withStride(random[T](m, n, 3)), random[T](m, p, 4), min(m, n))
			}
		}
	}
	for _, rank := range []int{0, 1, 7} {
		s := make([]float64, rank)
		for i := range s {
			s[i] = 1 + float64(i)
		}
		for _, m := range []int{6, 10, 12, 40, 30000} {
			if m < rank {
				continue
			}
			a := withSpectrum[T](t, m, 10, s, 3)
			b := random[T](m, 2, 4)
			check(label(m, 10, "deficient"), a, b, rank)
			if m == 40 {
				x, _, _ := LeastSquares(a, b)
				y, _, err := LeastSquares(scaleBy(a, big[T]()), b)
				if err != nil || !(norm(minus(tensor.Convert[float64](scaleBy(y, big[T]())), x)) <= 1e3*Epsilon[T]()*norm(x)) {
					t.Errorf("scaled system: %v", err)
				}
			}
		}
	}
}

func TestNNLS(t *testing.T) { both(t, testNNLS[float64], testNNLS[float32]) }

func testNNLS[T tensor.Float](t *testing.T) {
	check := func(name string, a, b *tensor.Matrix[T]) {
		t.Helper()
		x, err := NNLS(a, b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shape(t, name, x, a.Cols, b.Cols)
		kkt(t, name, a, b, x, Epsilon[T]())
	}
	for _, n := range []int{0, 1, 2, 3, 8, 33, 60} {
		for _, m := range []int{0, 1, n, n + 5, 150} {
			a := withStride(random[T](m, n, 3))
			check(label(m, n, ""), a, random[T](m, 4, 4))
			check(label(m, n, "large"), scaleBy(a, big[T]()), random[T](m, 1, 4))
			check(label(m, n, "small"), scaleBy(a, 1/big[T]()), random[T](m, 1, 4))
		}
	}
	// Rank deficient, with equal and opposite columns, and badly scaled ones.
	a := random[T](40, 12, 3)
	for i := range 40 {
		a.Set(i, 1, a.At(i, 0))
		a.Set(i, 2, -a.At(i, 0))
		a.Set(i, 3, 0)
		a.Set(i, 4, a.At(i, 5)*1e-9)
		a.Set(i, 6, a.At(i, 7)+a.At(i, 8))
	}
	check("degenerate", a, random[T](40, 10, 5))
	check("non-negative", abs(a), abs(random[T](40, 10, 5)))
	// A solution that is known: b made from x ≥ 0 exactly.
	want := abs(random[T](12, 3, 8))
	b := tensor.Convert[T](product(random[T](40, 12, 9), want))
	x, err := NNLS(random[T](40, 12, 9), b)
	if err != nil {
		t.Fatal(err)
	}
	within[T](t, "planted", norm(minus(tensor.Convert[float64](want), x)), 20, 12, norm(want))
}

func abs[T tensor.Float](a *tensor.Matrix[T]) *tensor.Matrix[T] {
	c := a.Clone()
	for i, v := range c.Data {
		c.Data[i] = T(math.Abs(float64(v)))
	}
	return c
}

// kkt checks x ≥ 0, Aᵀ(b − A·x) ≤ 0 and that the two are never both non-zero.
func kkt[T tensor.Float](t *testing.T, name string, a, b, x *tensor.Matrix[T], eps float64) {
	t.Helper()
	res := minus(product(a, x), b)
	for j := range b.Cols {
		xn := kernel.Nrm2(x.Col(j))
		for i := range a.Cols {
			v := float64(x.At(i, j))
			if !(v >= 0) {
				t.Errorf("%s: x[%d][%d] = %g", name, i, j, v)
			}
			col := tensor.Convert[float64](a).Col(i)
			y := kernel.Dot(col, res.Col(j)) // the dual
			tol := 50 * eps * float64(rounding(a)+1) * kernel.Nrm2(col) * (norm(a)*xn + kernel.Nrm2(b.Col(j)))
			if !(y >= -tol) {
				t.Errorf("%s: dual [%d][%d] = %g, tolerance %g", name, i, j, y, tol)
			}
			if v > 0 && !(y <= tol) {
				t.Errorf("%s: x[%d][%d] = %g with dual %g, tolerance %g", name, i, j, v, y, tol)
			}
		}
	}
}

func TestNNLSGram(t *testing.T) { both(t, testNNLSGram[float64], testNNLSGram[float32]) }

func testNNLSGram[T tensor.Float](t *testing.T) {
	check := func(name string, g *tensor.Matrix[float64], m *tensor.Matrix[T]) {
		t.Helper()
		x, err := NNLSGram(g, m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		y := minus(product(tensor.Convert[float64](x), g), m)
		for i := range m.Rows {
			xn, mn := kernel.Nrm2(x.Row(i)), kernel.Nrm2(m.Row(i))
			for j, v := range x.Row(i) {
				tol := 50 * Epsilon[T]() * float64(g.Rows+1) * (norm(g)*xn + mn)
				if !(v >= 0) || !(y.At(i, j) >= -tol) || v > 0 && !(y.At(i, j) <= tol) {
					t.Errorf("%s: x[%d][%d] = %g, dual %g, tolerance %g", name, i, j, v, y.At(i, j), tol)
				}
			}
		}
	}
	for _, n := range []int{0, 1, 2, 3, 8, 33} {
		g := positiveDefinite[float64](n, 2)
		for _, rows := range []int{0, 1, 200} {
			check(label(rows, n, ""), g, withStride(random[T](rows, n, 3)))
		}
		check(label(5, n, "large"), scaleBy(g, 1e12), random[T](5, n, 3))
		check(label(5, n, "small"), scaleBy(g, 1e-12), random[T](5, n, 3))
		// Consistent right-hand sides of a singular matrix: M = B·C, G = CᵀC.
		if n > 2 {
			c := random[float64](n-2, n, 4)
			check(label(50, n, "singular"), product(c.Transpose(), c), tensor.Convert[T](product(random[float64](50, n-2, 5), c)))
			c = abs(c)
			for i := range c.Rows {
				c.Set(i, 1, c.At(i, 0))
				c.Set(i, 2, 0)
			}
			check(label(50, n, "equal columns"), product(c.Transpose(), c), tensor.Convert[T](product(random[float64](50, n-2, 5), c)))
		}
	}
}

// The two methods agree.
func TestNNLSAgree(t *testing.T) {
	a, b := random[float64](50, 20, 1), random[float64](50, 30, 2)
	x, err := NNLS(a, b)
	if err != nil {
		t.Fatal(err)
	}
	y, err := NNLSGram(product(a.Transpose(), a), product(b.Transpose(), a))
	if err != nil {
		t.Fatal(err)
	}
	if d := norm(minus(x, y.Transpose())); !(d <= 1e-12*norm(x)) {
		t.Errorf("difference %g", d)
	}
}
