package lowrank

import (
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// In the memory of the data, the same product.
func TestShrink(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, c := range []struct {
		shape []int
		keep  int
	}{
		{[]int{7, 5, 6}, 3}, {[]int{4, 9}, 4}, {[]int{6}, 1}, {[]int{1, 8, 1}, 1}, {[]int{40, 300, 70}, 20}, {[]int{90, 20000}, 40}, {[]int{20000, 90}, 40},
	} {
		x := tensor.Normal(rng, c.shape...)
		for mode, size := range c.shape {
			u := tensor.NormalMatrix(rng, size, min(c.keep, size))
			want := x.Project(u, mode)
			y := x.Clone()
			got := Shrink(y, u, mode)
			if d := tensor.Distance(got, want); !(d <= 1e-13*want.Norm()) {
				t.Errorf("shape %v, mode %d: off by %g of %g", c.shape, mode, d, want.Norm())
			}
			if &got.Data()[0] != &y.Data()[0] {
				t.Errorf("shape %v, mode %d: not in the memory of the data", c.shape, mode)
			}
		}
		if len(c.shape) == 3 { // in another order
			p := x.Permute(2, 0, 1)
			u := tensor.NewMatrix[float64](c.shape[2], 1)
			u.Data[0] = 1
			if d := tensor.Distance(Shrink(p, u, 0), p.Project(u, 0)); d != 0 {
				t.Errorf("shape %v, permuted: off by %g", c.shape, d)
			}
		}
	}
}

// A sketch of data, and one of what lies in its memory, are those that are made
// elsewhere.
func TestMemory(t *testing.T) {
	x := tensor.New[float64](40, 50, 60)
	rng := rand.New(rand.NewPCG(8, 1))
	for i := range x.Data() {
		x.Data()[i] = rng.NormFloat64()
	}
	var m Memory
	var y Sketchable = x
	for mode := range 3 {
		fresh := rand.New(rand.NewPCG(1, uint64(mode)))
		q, err := Range(y, mode, 7, 1, fresh, new(Memory))
		if err != nil {
			t.Fatal(err)
		}
		want := y.Project(q, mode)
		got, z, err := Sketch(y, mode, 7, 1, rand.New(rand.NewPCG(1, uint64(mode))), &m)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range q.Data {
			if got.Data[i] != v {
				t.Fatalf("mode %d: another range", mode)
			}
		}
		if d := tensor.Distance(z, want); !(d <= 1e-13*want.Norm()) || !m.holds(z) {
			t.Errorf("mode %d: off by %g of %g; in the memory: %v", mode, d, want.Norm(), m.holds(z))
		}
		y = z
	}
	if big := tensor.Size([]int{40, 50, 60}) / 40 * 9; len(m) > big {
		t.Errorf("%d numbers for a projection of %d", len(m), big)
	}
}
