package cp

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// nvecsGram is the size of a mode up to which nvecs forms the Gram matrix of
// the unfolding; a longer mode is sketched.
const nvecsGram = 2000

// generator is the source of randomness of one start: its stream depends on
// the seed and the number of the start alone.
func generator(seed uint64, start int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(start)))
}

// firstGuess is the model that start s begins from: unit columns, equal
// weights. nonneg asks for factors without negative entries.
func firstGuess(x Data, o Options, norm float64, start int, nonneg bool) (*model, error) {
	shape := x.Shape()
	rng := generator(o.Seed, start)
	if start == 0 && o.Initial != nil && o.Initial.Rank() == o.Rank {
		m := &model{weights: append([]float64(nil), o.Initial.Weights...), factors: cloneAll(o.Initial.Factors)}
		if nonneg {
			for n, f := range m.factors {
				for i := range f.Rows {
					for r, v := range f.Row(i) {
						if v < 0 {
							return nil, fmt.Errorf("cp.HALS: initial model: factor %d holds %v at (%d, %d); a non-negative start is needed", n, v, i, r)
						}
					}
				}
			}
		}
		m.normalize()
		return m, nil
	}
	m := &model{weights: make([]float64, o.Rank)}
	for r := range m.weights {
		m.weights[r] = norm / math.Sqrt(float64(o.Rank))
	}
	if o.Init == Greedy {
		if nonneg {
			return nil, fmt.Errorf("cp.HALS: init greedy: its factors have negative entries; use random or nvecs")
		}
		for _, size := range shape {
			m.factors = append(m.factors, tensor.NewMatrix[float64](size, o.Rank))
		}
		var first *model
		if start == 0 && o.Initial != nil {
			first = &model{weights: o.Initial.Weights, factors: o.Initial.Factors}
		}
		m.set(greedy(x.(*tensor.Observed), o.Rank, first, rng))
		return m, nil
	}
	for n, size := range shape {
		f := randomFactor(rng, size, o.Rank, nonneg)
		if start == 0 && o.Init == NVecs {
			if err := nvecs(f, x, n, rng); err != nil {
				return nil, err
			}
			if nonneg {
				for i, v := range f.Data {
					f.Data[i] = math.Abs(v)
				}
			}
		}
		m.factors = append(m.factors, f)
	}
	if inc, ok := x.(Incomplete); ok {
		if o, ok := x.(*tensor.Observed); ok && start == 0 && partial.Thin(o) {
			for _, f := range m.factors {
				for i := range f.Rows {
					f.Set(i, 0, 1)
				}
			}
		}
		// Nothing is known of such a slice, so the model predicts zero there.
		for n, f := range m.factors {
			for _, i := range inc.Empty(n) {
				clear(f.Row(i))
			}
		}
	}
	m.unitColumns()
	return m, nil
}

// nvecs overwrites the leading columns of f with the leading left singular
// vectors of the unfolding.
func nvecs(f *tensor.Matrix[float64], x Data, mode int, rng *rand.Rand) error {
	rank := min(f.Rows, f.Cols)
	if f.Rows <= nvecsGram {
		_, v, err := linalg.SymEig(x.(moded).ModeGram(mode))
		if err != nil {
			return fmt.Errorf("cp: nvecs of mode %d: %w", mode, err)
		}
		for i := range f.Rows {
			copy(f.Row(i)[:rank], v.Row(i))
		}
		return nil
	}
	// The unfolding times a random Khatri-Rao product spans nearly the same
	// space; its own leading left singular vectors come in order of size.
	width := rank + 10
	random := make([]*tensor.Matrix[float64], len(x.Shape()))
	for n, size := range x.Shape() {
		random[n] = tensor.NormalMatrix(rng, size, width)
	}
	y := tensor.NewMatrix[float64](f.Rows, width)
	x.MTTKRP(y, random, mode)
	u, _, _, err := linalg.SVD(y)
	if err != nil {
		return fmt.Errorf("cp: nvecs of mode %d: %w", mode, err)
	}
	for i := range f.Rows {
		copy(f.Row(i)[:rank], u.Row(i))
	}
	return nil
}

// randomFactor is a factor of normal numbers, or of uniform ones from 0 to 1
// where none may be negative.
func randomFactor(rng *rand.Rand, rows, rank int, nonneg bool) *tensor.Matrix[float64] {
	if !nonneg {
		return tensor.NormalMatrix(rng, rows, rank)
	}
	f := tensor.NewMatrix[float64](rows, rank)
	for i := range f.Data {
		f.Data[i] = rng.Float64()
	}
	return f
}
