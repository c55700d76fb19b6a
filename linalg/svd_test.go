package linalg

import (
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestSVD(t *testing.T) { both(t, testSVD[float64], testSVD[float32]) }

func testSVD[T tensor.Float](t *testing.T) {
	// want, if not nil, are the singular values.
	check := func(name string, a *tensor.Matrix[T], want []float64) {
		t.Helper()
		m, n := a.Rows, a.Cols
		k, dim := min(m, n), rounding(a)
		u, s, vt, err := SVD(a)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shape(t, name+" U", u, m, k)
		shape(t, name+" Vᵀ", vt, k, n)
		if len(s) != k {
			t.Fatalf("%s: %d singular values", name, len(s))
		}
		for i, x := range s {
			if !(x >= 0) || i > 0 && !(x <= s[i-1]) {
				t.Errorf("%s: singular value %d is %g", name, i, x)
			}
		}
		us := tensor.Convert[float64](u)
		for i := range m {
			for j := range k {
				us.Data[i*k+j] *= s[j]
			}
		}
		within[T](t, name+" U·S·Vᵀ", norm(minus(product(us, tensor.Convert[float64](vt)), a)), 8, dim, norm(a))
		within[T](t, name+" UᵀU", unorthogonal(u), 8, dim, 1)
		within[T](t, name+" VᵀV", unorthogonal(vt.Transpose()), 8, dim, 1)
		only, err := SingularValues(a)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s {
			within[T](t, name+" values only", math.Abs(s[i]-only[i]), 8, dim, s[0])
			if want != nil {
				within[T](t, name+" value", math.Abs(s[i]-want[i]), 8, dim, want[0])
			}
		}
	}
	for _, n := range sizes {
		for _, m := range []int{n, n + 1, 2*n + 1, n / 2} {
			check(label(m, n, ""), withStride(random[T](m, n, uint64(n))), nil)
		}
		check(label(n, n, "zeros"), tensor.NewMatrix[T](n, n), make([]float64, n))
		check(label(n, n, "identity"), tensor.Eye[T](n), slices.Repeat([]float64{1}, n))
		check(label(n, n, "ones"), ones[T](n, n), append([]float64{float64(n)}, make([]float64, n)...)[:n])
	}
	check("257×257", random[T](257, 257, 1), nil)
	check("5000×16", random[T](5000, 16, 2), nil)
	check("16×1000", random[T](16, 1000, 2), nil)
	check("9000×3", random[T](9000, 3, 2), nil)
	for _, n := range []int{2, 7, 40, 70} {
		for name, s := range spectra(n) {
			slices.SortFunc(s, func(x, y float64) int { return cmpDescending(x, y) })
			a := withSpectrum[T](t, n+5, n, s, 7)
			check(label(n+5, n, name), a, s)
			for _, f := range []float64{big[T](), 1 / big[T]()} {
				scaled := slices.Clone(s)
				for i := range scaled {
					scaled[i] *= f
				}
				check(label(n+5, n, name+" scaled"), scaleBy(a, f), scaled)
			}
		}
	}
	// A graded triangle, the worst case of many bidiagonal methods.
	k := tensor.NewMatrix[T](50, 50)
	for i := range 50 {
		for j := i; j < 50; j++ {
			k.Set(i, j, T(math.Pow(0.8, float64(i))))
			if j > i {
				k.Set(i, j, -T(0.6*math.Pow(0.8, float64(i))))
			}
		}
	}
	check("Kahan", k, nil)
	// Bidiagonal matrices keep their structure up to the last stage.
	for _, seed := range []uint64{1, 2, 3} {
		b := tensor.NewMatrix[T](60, 60)
		r := random[T](60, 2, seed)
		for i := range 60 {
			b.Set(i, i, r.At(i, 0))
			if seed == 2 && i%7 == 3 {
				b.Set(i, i, 0)
			}
			if i < 59 && !(seed == 3 && i%5 == 2) {
				b.Set(i, i+1, r.At(i, 1))
			}
		}
		check("bidiagonal", b, nil)
	}
}

func ones[T tensor.Float](m, n int) *tensor.Matrix[T] {
	a := tensor.NewMatrix[T](m, n)
	for i := range a.Data {
		a.Data[i] = 1
	}
	return a
}

func cmpDescending(x, y float64) int {
	switch {
	case x > y:
		return -1
	case x < y:
		return 1
	}
	return 0
}

// The singular values of the bidiagonal matrix of ones are known: it is the
// factor of the second difference matrix.
func TestSVDClosedForm(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 31, 100} {
		b := tensor.Eye[float64](n)
		for i := range n - 1 {
			b.Set(i, i+1, 1)
		}
		s, err := SingularValues(b)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range s {
			want := 2 * math.Cos(math.Pi*float64(i+1)/float64(2*n+1))
			within[float64](t, label(n, n, "ones"), math.Abs(x-want), 1, 8, 2)
		}
	}
}

func TestSVDTruncated(t *testing.T) {
	s := []float64{4, 2, 1, 0.5, 0.25}
	a := withSpectrum[float64](t, 20, 12, append(s, make([]float64, 7)...), 3)
	for _, c := range []struct {
		maxRank, want int
		tol, tail     float64
	}{
		{2, 2, 0, math.Sqrt(1 + 0.25 + 0.0625)},
		{0, 5, 1e-10, 0},
		{0, 4, 0.25001, 0.25},
		{0, 3, 0.6, math.Sqrt(0.25 + 0.0625)},
		{2, 2, 0.6, math.Sqrt(1 + 0.25 + 0.0625)},
		{4, 0, 10, math.Sqrt(16 + 4 + 1 + 0.25 + 0.0625)},
	} {
		u, sv, vt, tail, err := SVDTruncated(a, c.maxRank, c.tol)
		if err != nil {
			t.Fatal(err)
		}
		if len(sv) != c.want || u.Cols != c.want || vt.Rows != c.want {
			t.Errorf("maxRank %d, tol %g: rank %d, want %d", c.maxRank, c.tol, len(sv), c.want)
		}
		if !(math.Abs(tail-c.tail) <= 1e-13) {
			t.Errorf("maxRank %d, tol %g: tail %g, want %g", c.maxRank, c.tol, tail, c.tail)
		}
		for i := range u.Rows {
			for j := range sv {
				u.Data[i*len(sv)+j] *= sv[j]
			}
		}
		if err := norm(minus(a, product(u, vt))); !(math.Abs(err-tail) <= 1e-13) {
			t.Errorf("maxRank %d, tol %g: error %g, tail %g", c.maxRank, c.tol, err, tail)
		}
	}
}
