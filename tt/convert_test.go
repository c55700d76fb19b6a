package tt

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestFromCP(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 12))
	for _, shape := range [][]int{{6}, {4, 5}, {3, 4, 5}, {2, 3, 2, 4}} {
		for _, rank := range []int{1, 3} {
			var weights []float64
			factors := make([]*tensor.Matrix[float64], len(shape))
			for n, s := range shape {
				factors[n] = tensor.NormalMatrix(rng, s, rank)
			}
			for range rank {
				weights = append(weights, rng.NormFloat64())
			}
			want := function(func(idx []int) float64 {
				sum := 0.0
				for r, w := range weights {
					for n, i := range idx {
						w *= factors[n].At(i, r)
					}
					sum += w
				}
				return sum
			}, shape...)
			x, err := FromCP(weights, factors)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(inner(x), slices.Repeat([]int{rank}, len(shape)-1)) || !(tensor.Distance(x.Dense(), want) <= 1e-14*(1+want.Norm())) {
				t.Errorf("shape %v: ranks %v, off by %g", shape, x.Ranks(), tensor.Distance(x.Dense(), want))
			}
		}
	}
	for _, f := range []func() error{
		func() error { _, err := FromCP(nil, nil); return err },
		func() error {
			_, err := FromCP([]float64{1, 2}, []*tensor.Matrix[float64]{tensor.Eye[float64](3)})
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), "tt.FromCP") {
			t.Error(err)
		}
	}
}

func TestFromTucker(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 12))
	for _, c := range [][2][]int{{{7, 8, 9}, {2, 3, 4}}, {{3, 10, 4, 5}, {3, 2, 2, 6}}, {{5}, {2}}} {
		shape, ranks := c[0], c[1]
		core := tensor.Normal(rng, ranks...)
		factors := make([]*tensor.Matrix[float64], len(shape))
		for n, s := range shape {
			factors[n] = tensor.NormalMatrix(rng, s, ranks[n])
		}
		want := tensor.TTMChain(core, factors)
		before := core.Clone()
		x, r, err := FromTucker(ctx, core, factors, Options{Eps: 1e-12})
		if err != nil || !(tensor.Distance(x.Dense(), want) <= 1e-12*want.Norm()) || !(r.RelativeError <= 1e-12) {
			t.Errorf("%v: %v", shape, err)
		}
		if !tensor.Equal(core, before) {
			t.Error("the core changed")
		}
		// Eps holds for the whole although the factors are not orthonormal.
		x, r, err = FromTucker(ctx, core, factors, Options{Eps: 0.3})
		if e := tensor.Distance(x.Dense(), want) / want.Norm(); err != nil || !(e <= 0.3) || !(e-r.RelativeError <= 1e-12) {
			t.Errorf("%v: error %g, reported %g, %v", shape, e, r.RelativeError, err)
		}
	}
	for _, f := range [][]*tensor.Matrix[float64]{nil, {tensor.Eye[float64](3)}} {
		if _, _, err := FromTucker(ctx, tensor.New[float64](2), f, Options{Eps: 0.1}); err == nil || !strings.Contains(err.Error(), "tt.FromTucker") {
			t.Error(err)
		}
	}
}
