package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Rotations and quotients have the bits of the plain loops in every variant;
// the sums of a secular equation agree within rounding errors.
func TestSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	eachVariant(t, func(t *testing.T) {
		for n := range 70 {
			x, y, c, s := random(n), random(n), rng.NormFloat64(), rng.NormFloat64()
			wantX, wantY, wantD := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range n {
				wantX[i] = float64(c*x[i]) + float64(s*y[i])
				wantY[i] = float64(c*y[i]) - float64(s*x[i])
				wantD[i] = y[i] / x[i]
			}
			d := slices.Clone(x)
			Divide(d, y)
			if !slices.Equal(d, wantD) {
				t.Fatalf("n=%d: quotients %v, want %v", n, d, wantD)
			}
			eta := rng.NormFloat64()
			var want, size [3]float64
			for j := range n {
				q := y[j] / (x[j] - eta)
				for i, v := range [3]float64{y[j] * q, q * q, float64(n-j) * y[j] * q} {
					want[i] += v
					size[i] += math.Abs(v)
				}
			}
			s0, s1, s2 := Secular(y, x, eta)
			for i, got := range [3]float64{s0, s1, s2} {
				if !(math.Abs(got-want[i]) <= float64(n+4)*0x1p-52*size[i]) {
					t.Errorf("n=%d: sum %d is %g, want %g", n, i, got, want[i])
				}
			}
			Rotate(c, s, x, y)
			if !slices.Equal(x, wantX) || !slices.Equal(y, wantY) {
				t.Fatalf("n=%d: rotated %v, %v, want %v, %v", n, x, y, wantX, wantY)
			}
		}
	})
}

func TestSmallShapeBugsPanic(t *testing.T) {
	x, y := make([]float64, 3), make([]float64, 4)
	for name, f := range map[string]func(){
		"Rotate":  func() { Rotate(1, 0, x, y) },
		"Divide":  func() { Divide(x, y) },
		"Secular": func() { Secular(x, y, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
