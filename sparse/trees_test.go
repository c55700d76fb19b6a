package sparse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// Every mode of every tree gives the MTTKRP of the dense tensor, with the same
// bits at any number of threads.
func TestLowerMTTKRP(t *testing.T) {
	for c, shape := range [][]int{{5, 4}, {600, 3}, {3, 70, 90}, {90, 70, 3}, {30, 40, 50}, {3, 4, 2, 5}, {2, 1, 3, 2, 4}} {
		rng := rand.New(rand.NewPCG(11, uint64(c)))
		d := tensor.New[float64](shape...)
		for i := range d.Data() {
			if rng.IntN(3) == 0 {
				d.Data()[i] = rng.NormFloat64()
			}
		}
		x, err := FromDense(d)
		if err != nil {
			t.Fatal(err)
		}
		const rank = 5
		var factors []*tensor.Matrix[float64]
		for _, s := range shape {
			f := tensor.NormalMatrix(rng, s, rank)
			factors = append(factors, f)
		}
		for root := range shape {
			tree := x.CSF(root)
			for level, mode := range tree.Modes()[1:] {
				want := tensor.NewMatrix[float64](shape[mode], rank)
				d.MTTKRP(want, factors, mode)
				testkit.Threads(t, fmt.Sprintf("%v mode %d of the tree of mode %d", shape, mode, root), func() []float64 {
					got := tensor.NewMatrix[float64](shape[mode], rank)
					for i := range got.Data {
						got.Data[i] = math.NaN()
					}
					tree.lowerMTTKRP(got, factors, level+1)
					for i, v := range want.Data {
						if !(math.Abs(got.Data[i]-v) <= 1e-10) {
							t.Fatalf("%v mode %d of the tree of mode %d: number %d is %v, want %v", shape, mode, root, i, got.Data[i], v)
						}
					}
					return got.Data
				})
			}
		}
	}
}

// With little room only the trees of the longest modes are made.
func TestLimitTrees(t *testing.T) {
	d := tensor.New[float64](6, 8, 7)
	for i := range d.Data() {
		d.Data()[i] = float64(i%5) - 2
	}
	x, err := FromDense(d)
	if err != nil {
		t.Fatal(err)
	}
	factors := []*tensor.Matrix[float64]{tensor.Eye[float64](6), tensor.Eye[float64](8).Sub(0, 8, 0, 6), tensor.Eye[float64](7).Sub(0, 7, 0, 6)}
	for trees := 1; trees <= 3; trees++ {
		y := x.WithValues(x.Values())
		y.LimitTrees(trees * x.Count() * (3*4 + 8))
		for mode, s := range x.Shape() {
			got, want := tensor.NewMatrix[float64](s, 6), tensor.NewMatrix[float64](s, 6)
			y.MTTKRP(got, factors, mode)
			d.MTTKRP(want, factors, mode)
			for i, v := range want.Data {
				if !(math.Abs(got.Data[i]-v) <= 1e-12) {
					t.Fatalf("%d trees, mode %d: number %d is %v, want %v", trees, mode, i, got.Data[i], v)
				}
			}
		}
		made := 0
		for _, tree := range y.forest.trees {
			if tree != nil {
				made++
			}
		}
		if made != trees {
			t.Errorf("%d trees were made where %d fit", made, trees)
		}
	}
}

// The trees take what TreesPeak says they do, less the lists they are sorted in.
func TestTreesPeak(t *testing.T) {
	for _, c := range []struct {
		shape   []int
		entries int
	}{{[]int{300, 200}, 5000}, {[]int{300, 20, 10}, 5000}, {[]int{4, 5, 6}, 100}, {[]int{40, 30, 20, 10}, 20_000}} {
		index, values := power(9, c.shape, c.entries)
		x, err := NewCOO(c.shape, index, values, Sum)
		if err != nil {
			t.Fatal(err)
		}
		made := 0
		for n := range c.shape {
			made += x.CSF(n).Bytes()
		}
		if x.forest.base != nil {
			t.Error("the lists are kept though all trees are there")
		}
		peak, list := TreesPeak(c.shape, x.Count(), 8), 16*x.Count()
		if !(made+2*list <= peak && peak <= made*3/2+3*list) {
			t.Errorf("shape %v: %d bytes at the peak; the trees take %d, a list %d", c.shape, peak, made, list)
		}
	}
}
