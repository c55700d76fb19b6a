package linalg

import (
	"math"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestRandomizedSVD(t *testing.T) { both(t, testRandomizedSVD[float64], testRandomizedSVD[float32]) }

func testRandomizedSVD[T tensor.Float](t *testing.T) {
	s := make([]float64, 40)
	for i := range s {
		s[i] = math.Pow(0.6, float64(i))
	}
	for _, dims := range [][2]int{{40, 40}, {120, 50}, {50, 120}} {
		a := withSpectrum[T](t, dims[0], dims[1], s, 5)
		for _, f := range []float64{1, big[T](), 1 / big[T]()} {
			for _, k := range []int{0, 1, 5, 12} {
				u, sv, vt, bound, err := RandomizedSVD(scaleBy(a, f), k, Sketch{Seed: 3})
				if err != nil {
					t.Fatal(err)
				}
				shape(t, "U", u, dims[0], k)
				shape(t, "Vᵀ", vt, k, dims[1])
				within[T](t, "UᵀU", unorthogonal(u), 4, dims[0], 1)
				us := tensor.Convert[float64](u)
				for i := range us.Data {
					us.Data[i] *= sv[i%k] / f
				}
				rest, err := SingularValues(minus(product(us, tensor.Convert[float64](vt)), a))
				if err != nil {
					t.Fatal(err)
				}
				if !(rest[0] <= 1.01*s[k]+100*Epsilon[T]()) {
					t.Errorf("rank %d: error %g, least possible %g", k, rest[0], s[k])
				}
				if !(rest[0] <= bound/f+100*Epsilon[T]()) || !(bound/f <= 2*s[k]+1000*Epsilon[T]()) {
					t.Errorf("rank %d: error %g, bound %g, least possible %g", k, rest[0], bound/f, s[k])
				}
			}
		}
	}
}

func TestRandomizedRange(t *testing.T) {
	// Exact rank: the range is found whole, whatever the options.
	a := withSpectrum[float64](t, 80, 60, []float64{5, 4, 3, 2, 1}, 9)
	for _, opt := range []Sketch{{}, {Oversample: 1, Power: -1}, {Oversample: 3, Power: 1, Seed: 8}} {
		q, bound, err := RandomizedRange(a, 5, opt)
		if err != nil {
			t.Fatal(err)
		}
		if want := 5 + opt.oversample(); q.Cols != want {
			t.Errorf("%d columns, want %d", q.Cols, want)
		}
		p := product(q, product(q.Transpose(), a))
		if d := norm(minus(a, p)); !(d <= 1e-13) || !(bound <= 1e-12) {
			t.Errorf("%+v: error %g, bound %g", opt, d, bound)
		}
	}
	// Beyond the size of the matrix there is nothing to find.
	q, bound, err := RandomizedRange(a, 500, Sketch{})
	if err != nil || q.Cols != 60 || !(bound <= 1e-12) {
		t.Errorf("%d columns, bound %g, %v", q.Cols, bound, err)
	}
	// Other seeds, other bits.
	x, _, _ := RandomizedRange(random[float64](30, 20, 1), 3, Sketch{Seed: 1})
	y, _, _ := RandomizedRange(random[float64](30, 20, 1), 3, Sketch{Seed: 2})
	if norm(minus(x, y)) == 0 {
		t.Error("the seed has no effect")
	}
	if _, _, err := RandomizedRange(a, -1, Sketch{}); err == nil {
		t.Error("a negative rank is accepted")
	}
}
