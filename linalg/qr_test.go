package linalg

import (
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestQR(t *testing.T) { both(t, testQR[float64], testQR[float32]) }

func testQR[T tensor.Float](t *testing.T) {
	check := func(name string, a *tensor.Matrix[T]) {
		t.Helper()
		m, n := a.Rows, a.Cols
		k, dim := min(m, n), rounding(a)
		q, r, err := QR(a)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shape(t, name+" Q", q, m, k)
		shape(t, name+" R", r, k, n)
		checkTriangular(t, name, r)
		for i := range k {
			if !(r.At(i, i) >= 0) {
				t.Errorf("%s: r[%d][%d] = %v", name, i, i, r.At(i, i))
			}
		}
		if alone, err := QRTriangle(a); err != nil || !slices.Equal(alone.Data, r.Data) {
			t.Errorf("%s: R alone is another one (%v)", name, err)
		}
		within[T](t, name+" Q·R", norm(minus(product(q, r), a)), 3, dim, norm(a))
		within[T](t, name+" QᵀQ", unorthogonal(q), 3, dim, 1)
	}
	for _, n := range sizes {
		for _, m := range []int{n, n + 7, 2*n + 1, n / 2, 0, 1} {
			check(label(m, n, ""), withStride(random[T](m, n, uint64(n))))
		}
	}
	check("257×257", random[T](257, 257, 1))
	check("5000×16", random[T](5000, 16, 2))
	check("tall", random[T](40001, 7, 2))
	check("tall, two levels", random[T](280001, 1, 2))
	check("wide", random[T](16, 1000, 2))
	for name, s := range spectra(40) {
		a := withSpectrum[T](t, 60, 40, s, 7)
		check(name, a)
		check(name+" large", scaleBy(a, big[T]()))
		check(name+" small", scaleBy(a, 1/big[T]()))
		check(name+" tall", withSpectrum[T](t, 7000, 40, s, 7))
	}
	check("zeros", tensor.NewMatrix[T](50, 40))
	check("tall zeros", tensor.NewMatrix[T](20000, 8))
}

// Columns of very different size keep their own accuracy.
func TestQRColumnwise(t *testing.T) {
	a := random[float64](60, 40, 3)
	for i := range 60 {
		for j := range 40 {
			a.Data[i*40+j] *= math.Pow(10, -7*float64(j))
		}
	}
	q, r, err := QR(a)
	if err != nil {
		t.Fatal(err)
	}
	d := minus(product(q, r), a)
	for j := range 40 {
		col := &tensor.Matrix[float64]{Rows: 60, Cols: 1, Stride: 1, Data: a.Col(j)}
		err := &tensor.Matrix[float64]{Rows: 60, Cols: 1, Stride: 1, Data: d.Col(j)}
		within[float64](t, "column", norm(err), 3, 40, norm(col))
	}
}

func TestLQ(t *testing.T) {
	for _, n := range []int{0, 1, 5, 33} {
		for _, m := range []int{0, 1, 5, 70} {
			a := random[float64](m, n, 9)
			l, q, err := LQ(a)
			if err != nil {
				t.Fatal(err)
			}
			checkTriangular(t, "Lᵀ", l.Transpose())
			within[float64](t, "L·Q", norm(minus(product(l, q), a)), 3, n, norm(a))
			within[float64](t, "QQᵀ", unorthogonal(q.Transpose()), 3, n, 1)
		}
	}
}

func TestQRPivot(t *testing.T) { both(t, testQRPivot[float64], testQRPivot[float32]) }

func testQRPivot[T tensor.Float](t *testing.T) {
	check := func(name string, a *tensor.Matrix[T], rank int) {
		t.Helper()
		m, n, dim := a.Rows, a.Cols, rounding(a)
		f, err := QRPivot(a, 0)
		if err != nil {
			t.Fatal(err)
		}
		if f.Rank != rank {
			t.Errorf("%s: rank %d, want %d", name, f.Rank, rank)
		}
		checkTriangular(t, name, f.R)
		ap := tensor.NewMatrix[T](m, n)
		seen := make([]bool, n)
		for j, p := range f.Perm {
			if seen[p] {
				t.Fatalf("%s: %v is no permutation", name, f.Perm)
			}
			seen[p] = true
			for i := range m {
				ap.Set(i, j, a.At(i, p))
			}
		}
		within[T](t, name+" Q·R", norm(minus(product(f.Q, f.R), ap)), 3, dim, norm(a))
		within[T](t, name+" QᵀQ", unorthogonal(f.Q), 3, dim, 1)
		for i := 1; i < min(m, n); i++ {
			x, y := math.Abs(float64(f.R.At(i-1, i-1))), math.Abs(float64(f.R.At(i, i)))
			if !(y <= x*(1+math.Sqrt(Epsilon[T]()))) {
				t.Errorf("%s: pivot %d is %g after %g", name, i, y, x)
			}
		}
	}
	for _, n := range []int{0, 1, 2, 3, 8, 33, 65} {
		for _, m := range []int{0, 1, n, 2*n + 3} {
			check(label(m, n, ""), withStride(random[T](m, n, 8)), min(m, n))
		}
	}
	for _, rank := range []int{0, 1, 5, 20} {
		s := make([]float64, rank)
		for i := range s {
			s[i] = 1 + float64(i)
		}
		check("tall deficient", withSpectrum[T](t, 9000, 30, s, 3), rank)
		for _, m := range []int{30, 50} {
			a := withSpectrum[T](t, m, 30, s, 3)
			check(label(m, 30, "deficient"), a, rank)
			check(label(m, 30, "large"), scaleBy(a, big[T]()), rank)
			check(label(m, 30, "small"), scaleBy(a, 1/big[T]()), rank)
			if m == 50 {
				check("wide deficient", a.Transpose(), rank)
			}
		}
	}
}
