package tt

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/tensor"
)

// CompleteOptions are those of [Complete]. Ranks are needed; the zero value
// of everything else works.
type CompleteOptions struct {
	fit.Options
	fit.Penalty

	// Ranks are the inner ranks r_1, …, r_{d-1}. One that no train can use is
	// lowered, with a note in the result.
	Ranks []int
	// Initial is the first start, of ranks no larger than Ranks.
	Initial *Tensor
}

// Complete fits a tensor train to known entries alone: it lowers
// sum_e (x_e - t_e)^2 over the known entries e, with the penalties of
// [fit.Penalty], by alternating least squares: each slice G_k[:, i, :] of a core from the entries with that
// index. It begins with all ranks 1 and adds one at a time. The cost of a
// sweep is Count*sum (r_k*r_{k+1})^2. For how to choose ranks and
// penalties, see package complete. Errors: options at fault, data that are
// zero or not finite.
//
// Grasedyck, Kluge & Krämer 2015, https://doi.org/10.1137/130942401, for
// alternating least squares with growing ranks; Steinlechner 2016,
// https://doi.org/10.1137/15M1010506, completes by Riemannian optimisation
// instead.
func Complete(ctx context.Context, x *tensor.Observed, opt CompleteOptions) (*Tensor, fit.Result, error) {
	const method = "tt.Complete"
	res := fit.Result{Method: method, Seed: opt.Seed}
	shape := x.Shape()
	var errs []error
	if len(opt.Ranks) != max(0, len(shape)-1) {
		errs = append(errs, fmt.Errorf("%d ranks for %d modes: one between each two modes is expected", len(opt.Ranks), len(shape)))
	}
	for k, r := range opt.Ranks {
		if r < 1 {
			errs = append(errs, fmt.Errorf("rank %d between modes %d and %d: a positive number is expected", r, k, k+1))
		}
	}
	if opt.Initial != nil {
		if !slices.Equal(opt.Initial.Shape(), shape) {
			errs = append(errs, fmt.Errorf("initial model: it has the shape %v, the data have %v", opt.Initial.Shape(), shape))
		} else if len(errs) == 0 {
			for k, r := range opt.Initial.Ranks()[1:len(shape)] {
				if r > opt.Ranks[k] {
					errs = append(errs, fmt.Errorf("initial model: rank %d between modes %d and %d is more than the %d asked for", r, k, k+1, opt.Ranks[k]))
				}
			}
		}
	}
	if err := partial.Check(method, x, opt.Options, opt.Penalty, errs...); err != nil {
		return nil, res, err
	}
	ranks := usable(opt.Ranks, shape)
	for k, r := range opt.Ranks {
		if ranks[k] < r {
			res.Notes = append(res.Notes, fmt.Sprintf("rank %d between modes %d and %d is more than a train can use; %d was taken", r, k, k+1, ranks[k]))
		}
	}
	ranks = slices.Concat([]int{1}, ranks, []int{1})
	res.Notes = append(res.Notes, partial.Notes(x, opt.Penalty)...)
	unit, rms := partial.Unit(x)
	best, err := fit.Starts(ctx, opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(r.Start)))
		var m partial.TT
		if r.Start == 0 && opt.Initial != nil {
			m = byIndex(opt.Initial.Scale(1 / rms))
			partial.Balance(m)
		} else {
			m.Ranks = slices.Repeat([]int{1}, len(ranks))
			first := partial.First(unit, r.Start, rng)
			for _, size := range shape {
				m.Cores = append(m.Cores, first(size))
			}
		}
		m, err := partial.Grow(ctx, unit, m, m.Ranks, ranks, opt.Penalty, rng, widerTT)
		if err == nil {
			err = partial.Run(ctx, unit, m, opt.Penalty, opt.Options, r)
		}
		if err != nil && !errors.Is(err, ctx.Err()) {
			return nil, err
		}
		r.SetError(partial.Residual(unit, m) / unit.Norm())
		t := fromIndex(m).Scale(rms)
		t.Modes = tensor.CloneAxes(x.Axes())
		return t, err
	})
	return best, res, err
}

// byIndex has the cores of a train with the index of the mode first.
func byIndex(t *Tensor) partial.TT {
	m := partial.TT{Ranks: t.Ranks()}
	for _, g := range t.Cores {
		s := g.Shape()
		m.Cores = append(m.Cores, tensor.MatrixOf(s[1], s[0]*s[2], slices.Clone(g.Permute(1, 0, 2).Contiguous().Data())))
	}
	return m
}

func fromIndex(m partial.TT) *Tensor {
	t := &Tensor{Modes: make([]tensor.Axis, len(m.Cores))}
	for k, g := range m.Cores {
		core := tensor.FromSlice(g.Data, g.Rows, m.Ranks[k], m.Ranks[k+1])
		t.Cores = append(t.Cores, core.Permute(1, 0, 2).Contiguous())
	}
	return t
}

// widerTT is a train of larger ranks that holds m.
func widerTT(m partial.TT, ranks []int, fresh func(block int) float64) partial.TT {
	w := partial.TT{Ranks: ranks}
	for k, g := range m.Cores {
		r, s := m.Ranks[k], m.Ranks[k+1]
		h := tensor.NewMatrix[float64](g.Rows, ranks[k]*ranks[k+1])
		for i := range h.Rows {
			row := h.Row(i)
			for a := range ranks[k] {
				for b := range ranks[k+1] {
					if a < r && b < s {
						row[a*ranks[k+1]+b] = g.At(i, a*s+b)
					} else {
						row[a*ranks[k+1]+b] = fresh(k)
					}
				}
			}
		}
		w.Cores = append(w.Cores, h)
	}
	return w
}
