package cp

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/tensor"
)

// CompleteOptions are those of [Complete]. Rank is needed; the zero value of
// everything else works.
type CompleteOptions struct {
	fit.Options
	fit.Penalty

	// Rank is the number of components, 1 or more.
	Rank int
	// Initial is the first start; components that it lacks are added.
	Initial *Tensor
}

// Complete fits a CP model to known entries for the sake of the unknown ones:
// alternating least squares as in [ALS], from a greedy start, with penalties
// that keep slices of which little is known like the others (Center), like
// their neighbours (Smooth), or small. It lowers
//
//	sum_e (x_e - m_e)^2 + sum_n (λ*sum_i ||a_i - μ||^2 + s_n*sum_i ||a_i - a_{i-1}||^2)
//
// over the known entries e and the rows a_i of each factor; see [fit.Penalty].
// Choosing the penalties is the task of package complete.
//
// The columns' scales are left to the penalty while it fits; the model that
// is returned is in the usual form. Errors: options at fault, data that are
// zero or not finite. Tomasi & Bro 2005,
// https://doi.org/10.1016/j.chemolab.2004.07.003, for the least squares.
func Complete(ctx context.Context, x *tensor.Observed, opt CompleteOptions) (*Tensor, fit.Result, error) {
	const method = "cp.Complete"
	res := fit.Result{Method: method, Seed: opt.Seed}
	var fault error
	if limit := MaxRank(x.Shape()); opt.Rank < 1 {
		fault = fmt.Errorf("rank %d: a positive number is expected", opt.Rank)
	} else if opt.Rank > limit {
		fault = fmt.Errorf("rank %d is more than %d, which is enough for any tensor of shape %v", opt.Rank, limit, x.Shape())
	} else if opt.Initial != nil {
		if fault = opt.Initial.check(x.Shape(), min(opt.Rank, opt.Initial.Rank())); fault != nil {
			fault = fmt.Errorf("initial model: %w", fault)
		}
	}
	if err := partial.Check(method, x, opt.Options, opt.Penalty, fault); err != nil {
		return nil, res, err
	}
	unit, rms := partial.Unit(x)
	res.Notes = partial.Notes(x, opt.Penalty)
	clock := new(fit.Clock)
	best, err := fit.Starts(ctx, opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		stop := clock.Time("init")
		var first *model
		if r.Start == 0 && opt.Initial != nil {
			t := opt.Initial.Scale(1 / rms)
			first = &model{weights: t.Weights, factors: t.Factors}
		}
		m := partial.CP{}
		comps := greedy(unit, opt.Rank, first, generator(opt.Seed, r.Start))
		for n, size := range x.Shape() {
			f := tensor.NewMatrix[float64](size, opt.Rank)
			for q, cols := range comps {
				for i, v := range cols[n] {
					f.Set(i, q, v)
				}
			}
			m.Factors = append(m.Factors, f)
		}
		stop()
		stop = clock.Time("rows")
		err := partial.Run(ctx, unit, m, opt.Penalty, opt.Options, r)
		stop()
		if err != nil && !errors.Is(err, ctx.Err()) {
			return nil, err
		}
		weights := ones(opt.Rank)
		for q := range weights {
			weights[q] = rms
		}
		t := (&model{weights: weights, factors: m.Factors}).finished(x.Axes())
		r.SetError(x.ResidualNorm(t.Weights, t.Factors) / x.Norm())
		if math.IsNaN(r.RelativeError) {
			return nil, fmt.Errorf("%s: the model is not finite; a larger ridge is needed", method)
		}
		return t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}
