package complete

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// setting is what a fit is asked for.
type setting struct {
	Candidate
	initial model.Model // of ranks no larger; nil: none
	tol     float64
	iters   int
	starts  int
	seed    uint64
}

func (s setting) options() fit.Options {
	return fit.Options{Tol: s.tol, MaxIters: s.iters, Starts: s.starts, Seed: s.seed}
}

// format is a kind of model.
type format struct {
	ranks func(modes int) int // how many numbers say its size
	most  func(shape []int) int
	fit   func(ctx context.Context, x *tensor.Observed, s setting) (model.Model, fit.Result, error)
	// blocks is a fitted model as package partial has it, for data divided by
	// unit.
	blocks func(m model.Model, unit float64) partial.Model
}

var formats = map[string]format{
	"cp": {
		ranks: func(int) int { return 1 },
		most:  cp.MaxRank,
		fit: func(ctx context.Context, x *tensor.Observed, s setting) (model.Model, fit.Result, error) {
			o := cp.CompleteOptions{Options: s.options(), Penalty: s.Penalty, Rank: s.Ranks[0]}
			o.Initial, _ = s.initial.(*cp.Tensor)
			return asModel(cp.Complete(ctx, x, o))
		},
		blocks: func(m model.Model, unit float64) partial.Model {
			t := m.(*cp.Tensor)
			c := partial.CP{}
			for n, f := range t.Factors {
				f = f.Clone()
				for r, w := range t.Weights {
					share := math.Pow(math.Abs(w)/unit, 1/float64(len(t.Factors)))
					if w < 0 && n == 0 {
						share = -share
					}
					for i := range f.Rows {
						f.Set(i, r, f.At(i, r)*share)
					}
				}
				c.Factors = append(c.Factors, f)
			}
			return c
		},
	},
	"tucker": {
		ranks: func(modes int) int { return modes },
		most:  longest,
		fit: func(ctx context.Context, x *tensor.Observed, s setting) (model.Model, fit.Result, error) {
			o := tucker.CompleteOptions{Options: s.options(), Penalty: s.Penalty, Ranks: s.Ranks}
			o.Initial, _ = s.initial.(*tucker.Tensor)
			return asModel(tucker.Complete(ctx, x, o))
		},
		blocks: func(m model.Model, unit float64) partial.Model {
			t := m.(*tucker.Tensor)
			b := partial.Tucker{}
			for _, f := range t.Factors {
				b.Factors = append(b.Factors, f.Clone())
			}
			core := tensor.Scale(1/unit, t.Core).Contiguous()
			b.Core = tensor.MatrixOf(1, core.Len(), core.Data())
			partial.Balance(b)
			return b
		},
	},
	"tt": {
		ranks: func(modes int) int { return modes - 1 },
		most:  longest,
		fit: func(ctx context.Context, x *tensor.Observed, s setting) (model.Model, fit.Result, error) {
			o := tt.CompleteOptions{Options: s.options(), Penalty: s.Penalty, Ranks: s.Ranks}
			o.Initial, _ = s.initial.(*tt.Tensor)
			return asModel(tt.Complete(ctx, x, o))
		},
		blocks: func(m model.Model, unit float64) partial.Model {
			t := m.(*tt.Tensor)
			b := partial.TT{Ranks: t.Ranks()}
			for k, g := range t.Cores {
				s := g.Shape()
				data := slices.Clone(g.Permute(1, 0, 2).Contiguous().Data())
				if k == 0 {
					for i := range data {
						data[i] /= unit
					}
				}
				b.Cores = append(b.Cores, tensor.MatrixOf(s[1], s[0]*s[2], data))
			}
			partial.Balance(b)
			return b
		},
	},
}

// longest is the size of the longest mode, which no rank need exceed.
func longest(shape []int) int { return slices.Max(shape) }

func asModel[M model.Model](m M, r fit.Result, err error) (model.Model, fit.Result, error) {
	if err != nil {
		return nil, r, err
	}
	return m, r, nil
}

// size is the rank for people: one number, or a list.
func (c Candidate) size() string {
	if slices.Min(c.Ranks) == slices.Max(c.Ranks) {
		return fmt.Sprint(c.Ranks[0])
	}
	return fmt.Sprint(c.Ranks)
}
