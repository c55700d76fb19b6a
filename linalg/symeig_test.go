package linalg

import (
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestSymEig(t *testing.T) { both(t, testSymEig[float64], testSymEig[float32]) }

func testSymEig[T tensor.Float](t *testing.T) {
	check := func(name string, a *tensor.Matrix[T], want []float64) {
		t.Helper()
		n := a.Rows
		// What stands above the diagonal is not read.
		lower := a.Clone()
		for i := range n {
			for j := i + 1; j < n; j++ {
				lower.Set(i, j, T(math.Inf(1)))
			}
		}
		w, v, err := SymEig(lower)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shape(t, name+" V", v, n, n)
		if len(w) != n || !slices.IsSortedFunc(w, cmpDescending) {
			t.Errorf("%s: eigenvalues %v", name, w)
		}
		vw := tensor.Convert[float64](v)
		for i := range n {
			for j := range n {
				vw.Data[i*n+j] *= w[j]
			}
		}
		within[T](t, name+" V·W·Vᵀ", norm(minus(product(vw, tensor.Convert[float64](v).Transpose()), a)), 8, n, norm(a))
		within[T](t, name+" VᵀV", unorthogonal(v), 8, n, 1)
		for _, k := range []int{0, 1, n / 3, n + 2} {
			k = min(k, n)
			lw, lv, err := SymEigLeading(lower, k)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			shape(t, name+" leading V", lv, n, k)
			for j := range k {
				within[T](t, name+" leading value", math.Abs(w[j]-lw[j]), 8, n, norm(a))
			}
			x := tensor.Convert[float64](lv)
			ax := product(tensor.Convert[float64](a), x)
			for i := range n {
				for j := range k {
					ax.Data[i*k+j] -= lw[j] * x.At(i, j)
				}
			}
			within[T](t, name+" A·V − V·W", norm(ax), 8, n, norm(a))
			within[T](t, name+" leading VᵀV", unorthogonal(lv), 8, n, 1)
		}
		only, err := SymEigValues(lower)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w {
			within[T](t, name+" values only", math.Abs(w[i]-only[i]), 8, n, norm(a))
			if want != nil {
				within[T](t, name+" value", math.Abs(w[i]-want[i]), 8, n, norm(a))
			}
		}
	}
	for _, n := range sizes {
		a := random[T](n, n, uint64(n))
		for i := range n {
			for j := range i {
				a.Set(j, i, a.At(i, j))
			}
		}
		check(label(n, n, ""), withStride(a), nil)
		check(label(n, n, "zeros"), tensor.NewMatrix[T](n, n), make([]float64, n))
		check(label(n, n, "identity"), tensor.Eye[T](n), slices.Repeat([]float64{1}, n))
		check(label(n, n, "ones"), ones[T](n, n), append([]float64{float64(n)}, make([]float64, n)...)[:n])
	}
	for _, n := range []int{2, 7, 40, 70, 257} {
		for name, s := range spectra(n) {
			for i := range s {
				if i%3 == 1 {
					s[i] = -s[i]
				}
			}
			q, _, err := QR(random[float64](n, n, 7))
			if err != nil {
				t.Fatal(err)
			}
			qs := q.Clone()
			for i := range n {
				for j := range n {
					qs.Data[i*n+j] *= s[j]
				}
			}
			exact := tensor.Mul(qs, q.Transpose())
			for i := range n {
				for j := range i {
					exact.Set(j, i, exact.At(i, j))
				}
			}
			a := tensor.Convert[T](exact)
			slices.SortFunc(s, cmpDescending)
			check(label(n, n, name), a, s)
			if n > 100 {
				continue
			}
			for _, f := range []float64{big[T](), 1 / big[T]()} {
				scaled := slices.Clone(s)
				for i := range scaled {
					scaled[i] *= f
				}
				check(label(n, n, name+" scaled"), scaleBy(a, f), scaled)
			}
		}
	}
}

// tridiagonal is the matrix with d on the diagonal and e beside it.
func tridiagonal(d, e []float64) *tensor.Matrix[float64] {
	n := len(d)
	a := tensor.NewMatrix[float64](n, n)
	for i := range n {
		a.Set(i, i, d[i])
		if i > 0 {
			a.Set(i, i-1, e[i-1])
			a.Set(i-1, i, e[i-1])
		}
	}
	return a
}

func TestSymEigClosedForm(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 31, 100, 200} {
		d, e := make([]float64, n), make([]float64, n)
		for i := range n {
			d[i], e[i] = 2, -1
		}
		w, err := SymEigValues(tridiagonal(d, e))
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range w {
			want := 2 - 2*math.Cos(math.Pi*float64(n-i)/float64(n+1))
			within[float64](t, label(n, n, "second difference"), math.Abs(x-want), 1, 10, 4)
		}
	}
}

// Wilkinson's matrix has pairs of eigenvalues that agree to all digits, and a
// glued one has clusters of such pairs.
func TestSymEigWilkinson(t *testing.T) {
	for _, glue := range []float64{0, 1e-14, 1e-8, 1} {
		const size, copies = 21, 5
		n := size * copies
		d, e := make([]float64, n), make([]float64, n-1)
		for i := range n {
			d[i] = math.Abs(float64(i%size) - size/2)
			if i < n-1 {
				e[i] = 1
				if i%size == size-1 {
					e[i] = glue
				}
			}
		}
		a := tridiagonal(d, e)
		w, v, err := SymEig(a)
		if err != nil {
			t.Fatal(err)
		}
		within[float64](t, "orthogonality", unorthogonal(v), 2, n, 1)
		av := product(a, v)
		for i := range n {
			for j := range n {
				av.Data[i*n+j] -= v.At(i, j) * w[j]
			}
		}
		within[float64](t, "residual", norm(av), 2, n, norm(a))
		if glue == 0 && !(math.Abs(w[0]-10.746194182903393) <= 1e-14) {
			t.Errorf("largest eigenvalue %.17g", w[0])
		}
	}
}
