package linalg

import (
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// In place the same numbers come out, whatever lies around the matrix.
func TestInPlace(t *testing.T) {
	for _, n := range []int{0, 1, 2, 15, 16, 17, 33, 100, 160, 161, 230} {
		g := tensor.Gram(random[float64](n+5, n, uint64(n)))
		want, err := Cholesky(g)
		if err != nil {
			t.Fatal(err)
		}
		a := withStride(g)
		if err := CholeskyInPlace(a); err != nil || !slices.Equal(a.Clone().Data, want.Data) {
			t.Errorf("n=%d: another Cholesky factor, %v", n, err)
		}
		for _, k := range []int{0, n / 2, n, n + 3} {
			w, v, err := SymEigLeading(g, k)
			if err != nil {
				t.Fatal(err)
			}
			a := withStride(g)
			got, err := SymEigInPlace(a, k)
			if err != nil || !slices.Equal(got, w) || !slices.Equal(a.Sub(0, n, 0, v.Cols).Clone().Data, v.Data) {
				t.Errorf("n=%d, k=%d: other eigenvectors, %v", n, k, err)
			}
		}
	}
	bad := tensor.MatrixOf(1, 1, []float64{math.NaN()})
	if CholeskyInPlace(bad) == nil || Orthonormalize(bad) == nil {
		t.Error("NaN is no error")
	}
	if _, err := SymEigInPlace(bad, 1); err == nil {
		t.Error("NaN is no error")
	}
	if _, err := SymEigInPlace(bad, -1); err == nil {
		t.Error("a negative number of vectors is no error")
	}
}

// Orthonormalize gives the Q of QR, for columns of any scale and condition.
func TestOrthonormalize(t *testing.T) {
	for _, c := range []struct {
		name      string
		condition float64
		scale     float64
	}{{"orthonormal", 1, 1}, {"scaled", 1, 1e-120}, {"near", 5, 1}, {"twice", 1e3, 1}, {"far", 1e10, 1}, {"scaled away", 1, 1e-200}} {
		for _, shape := range [][2]int{{60, 20}, {20, 20}, {7, 1}, {300, 40}} {
			m, n := shape[0], shape[1]
			s := make([]float64, n)
			for i := range s {
				s[i] = math.Pow(c.condition, -float64(i)/float64(n))
			}
			a := withSpectrum[float64](t, m, n, s, 7)
			for i := range m { // the columns differ in scale
				kernel.Scal(c.scale, a.Row(i))
				for j := range n {
					a.Set(i, j, a.At(i, j)*math.Pow(2, float64(j)))
				}
			}
			before := a.Clone()
			a = withStride(a)
			if err := Orthonormalize(a); err != nil {
				t.Fatal(err)
			}
			g := tensor.Gram(a)
			for i := range n {
				g.Data[i*n+i]--
			}
			if e := kernel.Nrm2(g.Data); !(e <= 1e-12) {
				t.Errorf("%s, %v: not orthonormal by %g", c.name, shape, e)
			}
			// A - Q*Qᵀ*A, relative to each column.
			coef := tensor.Mul(a.Transpose(), before)
			rest := tensor.Mul(a.Clone(), coef)
			for j := range n {
				var left, norm float64
				for i := range m {
					left = max(left, math.Abs(before.At(i, j)-rest.At(i, j)))
					norm = max(norm, math.Abs(before.At(i, j)))
				}
				if !(left <= 1e-12*norm) {
					t.Errorf("%s, %v: column %d is out of the span by %g of %g", c.name, shape, j, left, norm)
				}
			}
		}
	}
}
