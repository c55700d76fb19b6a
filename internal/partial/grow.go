package partial

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

const (
	growSweeps = 6   // before more is added
	growSize   = 0.2 // of what is added, as a share of the root mean square of the block
)

// Grow fits models of growing ranks, from those of m up to the wanted ones,
// a step of one in every rank at a time: a model of many ranks that starts
// from one of fewer is seldom caught in a bad optimum. wider makes the model
// of other ranks that holds m, with new parameters from fresh.
func Grow[M Model](ctx context.Context, x *tensor.Observed, m M, ranks, want []int, p fit.Penalty, rng *rand.Rand, wider func(m M, ranks []int, fresh func(block int) float64) M) (M, error) {
	for {
		next, more := make([]int, len(want)), false
		for k, w := range want {
			next[k] = min(ranks[k]+1, w)
			more = more || next[k] > ranks[k]
		}
		if !more {
			return m, nil
		}
		r := fit.Result{Method: "growing"}
		if err := Run(ctx, x, m, p, fit.Options{MaxIters: growSweeps, Tol: 1e-4}, &r); err != nil {
			return m, err
		}
		Balance(m)
		size := rms(m.Blocks()[0].Data)
		m = wider(m, next, func(int) float64 { return growSize * size * rng.NormFloat64() })
		ranks = next
	}
}

// First makes blocks of one column to begin with: ones in the first start of
// thin data (see [Thin]), and normal numbers elsewhere.
func First(x *tensor.Observed, start int, rng *rand.Rand) func(rows int) *tensor.Matrix[float64] {
	if start > 0 || !Thin(x) {
		return func(rows int) *tensor.Matrix[float64] { return tensor.NormalMatrix(rng, rows, 1) }
	}
	return func(rows int) *tensor.Matrix[float64] {
		b := tensor.NewMatrix[float64](rows, 1)
		for i := range b.Data {
			b.Data[i] = 1
		}
		return b
	}
}

// Thin reports data with less than twenty entries a slice and a level that is
// common to them, at least half of their root mean square. Models of such
// data begin with ones, which the means of the slices follow: of a few entries
// a slice, random signs rarely agree.
func Thin(x *tensor.Observed) bool {
	slices := 0
	for _, s := range x.Shape() {
		slices += s
	}
	v := x.Values()
	return len(v) < 20*slices && math.Abs(kernel.Sum(v)) > 0.5*math.Sqrt(float64(len(v)))*kernel.Nrm2(v)
}

// Balance scales the blocks to the same root mean square, which leaves the
// model as it is, since it is linear in each.
func Balance(m Model) {
	mean := 0.0
	blocks := m.Blocks()
	for _, b := range blocks {
		mean += math.Log(rms(b.Data)) / float64(len(blocks))
	}
	for _, b := range blocks {
		s := math.Exp(mean) / rms(b.Data)
		if s > 0 && !math.IsInf(s, 1) {
			kernel.Scal(s, b.Data)
		}
	}
}

func rms(x []float64) float64 { return kernel.Nrm2(x) / math.Sqrt(float64(max(1, len(x)))) }
