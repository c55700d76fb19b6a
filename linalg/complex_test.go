package linalg_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func complexNormal(rng *rand.Rand, m, n int) *tensor.Matrix[complex128] {
	a := tensor.NewMatrix[complex128](m, n)
	for i := range a.Data {
		a.Data[i] = complex(rng.NormFloat64(), rng.NormFloat64())
	}
	return a
}

// times is A·B, or Aᴴ·B.
func times(a *tensor.Matrix[complex128], adjoint bool, b *tensor.Matrix[complex128]) *tensor.Matrix[complex128] {
	v := a.View()
	if adjoint {
		v = v.T()
	}
	c := tensor.NewMatrix[complex128](v.Rows, b.Cols)
	kernel.GemmComplex(1, v, adjoint, b.View(), false, 0, c.View())
	return c
}

func complexDistance(a, b *tensor.Matrix[complex128]) float64 {
	d := 0.0
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			d = math.Hypot(d, cmplx.Abs(v-b.At(i, j)))
		}
	}
	return d
}

// orthonormalDefect is ‖AᴴA − 1‖.
func orthonormalDefect(a *tensor.Matrix[complex128]) float64 {
	return complexDistance(times(a, true, a), tensor.Eye[complex128](a.Cols))
}

var complexShapes = [][2]int{{0, 0}, {3, 0}, {0, 2}, {1, 1}, {2, 2}, {1, 4}, {5, 1}, {5, 3}, {3, 5}, {33, 33}, {64, 31}, {70, 70}, {100, 140}, {150, 129}}

func TestQRComplex(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, shape := range complexShapes {
		a := complexNormal(rng, shape[0], shape[1])
		q, r, err := linalg.QRComplex(a)
		if err != nil {
			t.Fatal(err)
		}
		tol := 1e-14 * float64(10+shape[0]*shape[1])
		if d := complexDistance(times(q, false, r), a); !(d <= tol) {
			t.Errorf("%v: ‖QR − A‖ = %g", shape, d)
		}
		if d := orthonormalDefect(q); !(d <= tol) {
			t.Errorf("%v: ‖QᴴQ − 1‖ = %g", shape, d)
		}
		for i := range r.Rows {
			if v := r.At(i, i); i < r.Cols && (imag(v) != 0 || real(v) < 0) {
				t.Errorf("%v: r[%d,%d] = %v", shape, i, i, v)
			}
			for j := range min(i, r.Cols) {
				if r.At(i, j) != 0 {
					t.Errorf("%v: r[%d,%d] = %v below the diagonal", shape, i, j, r.At(i, j))
				}
			}
		}
	}
}

func checkSVDComplex(t *testing.T, name string, a *tensor.Matrix[complex128], norm float64) []float64 {
	t.Helper()
	u, s, vh, err := linalg.SVDComplex(a)
	if err != nil {
		t.Fatal(err)
	}
	k := min(a.Rows, a.Cols)
	if len(s) != k || u.Cols != k || vh.Rows != k {
		t.Fatalf("%s: %d values, U of %d columns, Vᴴ of %d rows", name, len(s), u.Cols, vh.Rows)
	}
	us := u.Clone()
	for i := range us.Rows {
		for j := range k {
			us.Set(i, j, us.At(i, j)*complex(s[j], 0))
		}
	}
	tol := 1e-14 * float64(10+a.Rows*a.Cols)
	if d := complexDistance(times(us, false, vh), a); !(d <= tol*norm) {
		t.Errorf("%s: ‖USVᴴ − A‖ = %g", name, d)
	}
	if d := orthonormalDefect(u); !(d <= tol) {
		t.Errorf("%s: ‖UᴴU − 1‖ = %g", name, d)
	}
	v := vh.Transpose() // the conjugate of V is as orthonormal as V
	if d := orthonormalDefect(v); !(d <= tol) {
		t.Errorf("%s: ‖VᴴV − 1‖ = %g", name, d)
	}
	if !slices.IsSortedFunc(s, func(a, b float64) int { return -compare(a, b) }) || k > 0 && s[k-1] < 0 {
		t.Errorf("%s: values %v", name, s)
	}
	return s
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestSVDComplex(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, shape := range complexShapes {
		checkSVDComplex(t, fmt.Sprint(shape), complexNormal(rng, shape[0], shape[1]), 1+math.Sqrt(float64(shape[0]*shape[1])))
	}
	// Known values, some of them equal, small or zero, at three scales.
	for _, scale := range []float64{1, 1e150, 1e-150} {
		const n = 40
		q1, _, _ := linalg.QRComplex(complexNormal(rng, n, n))
		q2, _, _ := linalg.QRComplex(complexNormal(rng, n, n))
		want := make([]float64, n)
		for i := range want {
			switch {
			case i < 10:
				want[i] = 1
			case i < 30:
				want[i] = math.Pow(10, -float64(i-9)/2)
			}
		}
		a := q1.Clone()
		for i := range n {
			for j := range n {
				a.Set(i, j, a.At(i, j)*complex(want[j]*scale, 0))
			}
		}
		s := checkSVDComplex(t, fmt.Sprint("scale ", scale), times(a, false, q2), scale)
		for i, w := range want {
			if !(math.Abs(s[i]-w*scale) <= 1e-13*scale) {
				t.Errorf("scale %g: value %d is %g, want %g", scale, i, s[i], w*scale)
			}
		}
	}
	// A real matrix has the values of the real decomposition.
	x := tensor.NewMatrix[float64](30, 20)
	z := tensor.NewMatrix[complex128](30, 20)
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
		z.Data[i] = complex(x.Data[i], 0)
	}
	want, err := linalg.SingularValues(x)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range checkSVDComplex(t, "real", z, 30) {
		if !(math.Abs(s-want[i]) <= 1e-12) {
			t.Errorf("value %d of a real matrix: %g, want %g", i, s, want[i])
		}
	}
	z.Set(3, 4, cmplx.NaN())
	if _, _, _, err := linalg.SVDComplex(z); err == nil {
		t.Error("NaN is accepted")
	}
}

func TestSVDComplexThreads(t *testing.T) {
	a := complexNormal(rand.New(rand.NewPCG(3, 1)), 200, 180)
	testkit.Threads(t, "SVDComplex", func() *tensor.Matrix[complex128] {
		u, _, _, err := linalg.SVDComplex(a)
		if err != nil {
			t.Fatal(err)
		}
		return u
	})
}

func BenchmarkSVDComplex(b *testing.B) {
	for _, n := range []int{16, 64, 128, 256} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			a := complexNormal(rand.New(rand.NewPCG(4, 1)), n, n)
			for b.Loop() {
				linalg.SVDComplex(a)
			}
		})
	}
}
