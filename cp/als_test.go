package cp_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// planted is a CP tensor with factors drawn from a standard normal
// distribution (their absolute values if nonneg), normalised and arranged.
func planted(seed uint64, rank int, nonneg bool, shape ...int) *cp.Tensor {
	rng := rand.New(rand.NewPCG(seed, 77))
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, rank)
		for i := range factors[n].Data {
			v := rng.NormFloat64()
			if nonneg {
				v = math.Abs(v)
			}
			factors[n].Data[i] = v
		}
	}
	t, err := cp.New(nil, factors...)
	if err != nil {
		panic(err)
	}
	t.Normalize()
	t.Arrange()
	t.FixSigns()
	return t
}

// noisy adds normal noise with the given share of the norm.
func noisy(x *tensor.Dense[float64], share float64, seed uint64) *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(seed, 78))
	y := x.Clone()
	noise := make([]float64, x.Len())
	s := 0.0
	for i := range noise {
		noise[i] = rng.NormFloat64()
		s += noise[i] * noise[i]
	}
	f := share * x.Norm() / math.Sqrt(s)
	for i, v := range noise {
		y.Data()[i] += f * v
	}
	return y
}

func TestALSRecoversPlantedRanks(t *testing.T) {
	for _, shape := range [][]int{{30, 20}, {12, 10, 14}, {7, 6, 8, 5}, {5, 4, 6, 3, 4}} {
		for _, rank := range []int{1, 3} {
			x := planted(1, rank, false, shape...).Dense()
			m, r, err := cp.ALS(context.Background(), x, cp.Options{Rank: rank, Options: fit.Options{Tol: 1e-13, MaxIters: 3000, Starts: 3, Seed: 5}})
			if err != nil {
				t.Fatal(err)
			}
			if !(r.RelativeError <= 1e-10) {
				t.Errorf("shape %v rank %d: relative error %g after %d iterations (%s)", shape, rank, r.RelativeError, r.Iterations, r.Stop)
			}
			if d := tensor.Distance(m.Dense(), x) / x.Norm(); !(math.Abs(d-r.RelativeError) <= 1e-12) {
				t.Errorf("shape %v rank %d: the result says %g, the difference is %g", shape, rank, r.RelativeError, d)
			}
		}
	}
}
