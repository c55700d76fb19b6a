package tt

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Inner products with sparse tensors and distances from them, also where the
// model is nearly the tensor.
func TestOnEntries(t *testing.T) {
	for c, shape := range [][]int{{7}, {5, 4}, {2, 700}, {4, 9, 5}, {1, 4, 3}, {90, 70, 3}, {3, 4, 2, 5}} {
		rng := rand.New(rand.NewPCG(6, uint64(c)))
		d := tensor.New[float64](shape...)
		for i := range d.Data() {
			if rng.IntN(3) == 0 {
				d.Data()[i] = rng.NormFloat64()
			}
		}
		x, err := sparse.FromDense(d)
		if err != nil {
			t.Fatal(err)
		}
		var cores []*tensor.Dense[float64]
		left := 1
		for n, s := range shape {
			right := 2 + (n+c)%3
			if n == len(shape)-1 {
				right = 1
			}
			core := tensor.Normal(rng, left, s, right)
			cores = append(cores, core)
			left = right
		}
		m, err := New(cores...)
		if err != nil {
			t.Fatal(err)
		}
		full := m.Dense()
		slab := func(mode, lo, hi int) *tensor.Dense[float64] { return full.Slice(mode, lo, hi, 1).Clone() }
		if e := x.Inner(m) - tensor.Inner(d, full); !(math.Abs(e) <= 1e-13*(1+x.Norm()*m.Norm())) {
			t.Errorf("%v: inner product off by %v", shape, e)
		}
		want := tensor.Distance(d, full)
		if e := x.Distance(m, m.Norm(), slab) - want; !(math.Abs(e) <= 1e-12*(1+want)) {
			t.Errorf("%v: distance off by %v of %v", shape, e, want)
		}
		// The model itself, as a sparse tensor: the identity has nothing left.
		y, err := sparse.FromDense(full)
		if err != nil {
			t.Fatal(err)
		}
		if e := y.Distance(m, m.Norm(), slab); !(e <= 1e-13*m.Norm()) {
			t.Errorf("%v: distance %v from itself", shape, e)
		}
	}
}
