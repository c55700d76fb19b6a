package tucker

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

	// Ranks are the sizes of the core, one for each mode. One that no core
	// can use is lowered, with a note in the result.
	Ranks []int
	// Initial is the first start, of ranks no larger than Ranks.
	Initial *Tensor
}

// Complete fits a Tucker model to known entries alone: it lowers
// sum_e (x_e - m_e)^2 over the known entries e, with the penalties of
// [fit.Penalty], by alternating least squares: each row of a factor from the entries of its slice, then the core
// by a few steps of conjugate gradients. It begins with one component a mode
// and adds one at a time. The cost of a sweep is Count*(R*N + sum r_n^2)
// with R the size of the core. Tensors fitted so need no complete data:
// compare [STHOSVD], [HOOI]. For how to choose the ranks and penalties, see
// package complete. Errors: options at fault, data that are zero or not
// finite.
//
// Tomasi & Bro 2005, https://doi.org/10.1016/j.chemolab.2004.07.003, for
// alternating least squares over known entries; Kressner, Steinlechner &
// Vandereycken 2014, https://doi.org/10.1007/s10543-013-0455-z, complete
// in this format by Riemannian optimisation instead.
func Complete(ctx context.Context, x *tensor.Observed, opt CompleteOptions) (*Tensor, fit.Result, error) {
	const method = "tucker.Complete"
	res := fit.Result{Method: method, Seed: opt.Seed}
	shape := x.Shape()
	var errs []error
	if len(opt.Ranks) != len(shape) {
		errs = append(errs, fmt.Errorf("%d ranks for %d modes: one for each mode is expected", len(opt.Ranks), len(shape)))
	}
	for n, r := range opt.Ranks {
		if r < 1 {
			errs = append(errs, fmt.Errorf("rank %d of mode %d: a positive number is expected", r, n))
		}
	}
	if opt.Initial != nil {
		if err := opt.Initial.check(shape); err != nil {
			errs = append(errs, fmt.Errorf("initial model: %w", err))
		} else if len(errs) == 0 {
			for n, r := range opt.Initial.Ranks() {
				if r > opt.Ranks[n] {
					errs = append(errs, fmt.Errorf("initial model: rank %d of mode %d is more than the %d asked for", r, n, opt.Ranks[n]))
				}
			}
		}
	}
	if err := partial.Check(method, x, opt.Options, opt.Penalty, errs...); err != nil {
		return nil, res, err
	}
	ranks := usable(opt.Ranks, shape)
	for n, r := range opt.Ranks {
		if ranks[n] < r {
			res.Notes = append(res.Notes, fmt.Sprintf("rank %d of mode %d is more than a core can use; %d was taken", r, n, ranks[n]))
		}
	}
	res.Notes = append(res.Notes, partial.Notes(x, opt.Penalty)...)
	unit, rms := partial.Unit(x)
	best, err := fit.Starts(ctx, opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(r.Start)))
		have := slices.Repeat([]int{1}, len(shape))
		var m partial.Tucker
		if r.Start == 0 && opt.Initial != nil {
			have = slices.Clone(opt.Initial.Ranks())
			for _, f := range opt.Initial.Factors {
				m.Factors = append(m.Factors, f.Clone())
			}
			core := tensor.Scale(1/rms, opt.Initial.Core).Contiguous()
			m.Core = tensor.MatrixOf(1, core.Len(), core.Data())
			partial.Balance(m)
		} else {
			first := partial.First(unit, r.Start, rng)
			for _, size := range shape {
				m.Factors = append(m.Factors, first(size))
			}
			m.Core = first(1)
		}
		m, err := partial.Grow(ctx, unit, m, have, ranks, opt.Penalty, rng, widerTucker)
		if err == nil {
			err = partial.Run(ctx, unit, m, opt.Penalty, opt.Options, r)
		}
		if err != nil && !errors.Is(err, ctx.Err()) {
			return nil, err
		}
		r.SetError(partial.Residual(unit, m) / unit.Norm())
		core := tensor.FromSlice(m.Core.Data, coreShape(m)...)
		t := &Tensor{Core: tensor.Scale(rms, core), Factors: m.Factors, Modes: tensor.CloneAxes(x.Axes())}
		t, fault := t.Orthogonalize()
		if fault != nil {
			return nil, fault
		}
		return t, err
	})
	return best, res, err
}

func coreShape(m partial.Tucker) []int {
	ranks := make([]int, len(m.Factors))
	for n, f := range m.Factors {
		ranks[n] = f.Cols
	}
	return ranks
}

// widerTucker is a model of larger ranks that holds m.
func widerTucker(m partial.Tucker, ranks []int, fresh func(block int) float64) partial.Tucker {
	var w partial.Tucker
	for n, f := range m.Factors {
		g := tensor.NewMatrix[float64](f.Rows, ranks[n])
		for i := range g.Rows {
			row := g.Row(i)
			for r := copy(row, f.Row(i)); r < len(row); r++ {
				row[r] = fresh(n)
			}
		}
		w.Factors = append(w.Factors, g)
	}
	core := tensor.New[float64](ranks...)
	for i := range core.Data() {
		core.Data()[i] = fresh(len(ranks))
	}
	low := core
	for n, f := range m.Factors {
		low = low.Slice(n, 0, f.Cols, 1)
	}
	low.CopyFrom(tensor.FromSlice(m.Core.Data, coreShape(m)...))
	w.Core = tensor.MatrixOf(1, core.Len(), core.Data())
	return w
}
