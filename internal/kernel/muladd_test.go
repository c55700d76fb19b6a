package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Every variant gives the bits of the plain loop and leaves the rest alone.
func TestMulAddRows(t *testing.T) {
	defer func(v variant) { active = v }(active)
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	for n := range 40 {
		for _, rows := range []int{0, 1, 2, 7} {
			for _, s := range [][3]int{{n, n, n}, {0, n, n}, {n, n, 0}, {n + 3, n + 1, n + 2}} {
				y, x, w := random(rows*s[0]+n+9), random(rows*s[1]+n+9), random(rows*s[2]+n+9)
				want := slices.Clone(y)
				for i := range rows {
					for j := range n {
						want[i*s[0]+j] += float64(x[i*s[1]+j] * w[i*s[2]+j])
					}
				}
				for _, v := range supported() {
					active = v
					got := slices.Clone(y)
					MulAddRows(rows, n, got, s[0], x, s[1], w, s[2])
					if !slices.Equal(got, want) {
						t.Fatalf("%v, %d rows of %d, strides %v: %v, want %v", v, rows, n, s, got, want)
					}
				}
			}
		}
	}
}

func TestMulAddRowsShapeBugPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	x := make([]float64, 10)
	MulAddRows(3, 4, make([]float64, 12), 4, x, 4, x, 0)
}
