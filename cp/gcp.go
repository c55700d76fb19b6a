package cp

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// GCPOptions of the methods that fit a CP model to any loss. Rank is needed
// (unless Initial gives it); the zero value of everything else works.
type GCPOptions struct {
	fit.Options

	// Rank is the number of components: from 1 to [MaxRank] of the shape.
	// Default: the rank of Initial.
	Rank int
	// Loss is what is minimised, summed over the known cells. Default
	// Gaussian.
	Loss loss.Loss
	// Nonneg keeps the factors from having negative entries. It is implied
	// by a loss whose model is bounded by 0.
	Nonneg bool
	// Constraints are what is asked of the factor of each mode, in order, by
	// [GCP]; nothing is asked of those beyond the end of the list. With them
	// there is no Ridge: the constraint l2 does the same. Default nil: none.
	Constraints []constraint.Set
	// Ridge adds Ridge times the sum of squares of all factor entries to the
	// sum of losses, with the weights spread evenly over the modes. Default 0.
	Ridge float64
	// Initial, if not nil, is the first start. It is not changed. Other
	// starts are random: uniform where the factors may not be negative, else
	// standard normal, and scaled to the size of the data.
	Initial *Tensor
}

// gcpMemory is the number of steps that L-BFGS-B remembers, as in the paper.
const gcpMemory = 5

// GCP fits a generalised CP model: it minimises the sum over the known cells
//
//	F = sum f(x, m),  m[i_0, …] = sum_r prod_n A_n[i_n, r]
//
// of any loss f, by L-BFGS-B on all factors at once, with the gradient
// dF/dA_n = Y_(n) * (⊙_{k≠n} A_k), Y the tensor of derivatives df/dm. Where
// the loss bounds the model by 0, the factors have no negative entry.
//
// An iteration walks over all known cells once or twice. Of sparse data the
// sum over the zeros is taken from the factors alone where it has a closed
// form (gaussian, poisson, beta:1, beta:2): a step then costs Count*N*R.
//
// The relative error is sqrt(D/D0): D is the deviance, twice what the loss is
// above the best loss of each cell (for gaussian and huber, the loss itself),
// and D0 is that of a model without structure: 0 for gaussian and huber, else
// the constant that suits the mean of the data. With gaussian it is
// ||X-M||/||X||. The model stands for m, which is not always the mean of the
// data: see [loss.Loss.Mean].
//
// With Constraints, the data and the penalties g_n are weighed as in
// [Constrained], so that
//
//	½*D/D0 + sum_n g_n(A_n)
//
// falls, M in units of the norm of the data (of the constant model where that
// is what D0 is of; where the model is a logarithm, of the root of the number
// of cells). All factors move at once, by proximal gradient and
// quasi-Newton steps (Wright, Nowak & Figueiredo 2009,
// https://doi.org/10.1109/TSP.2009.2016892; Themelis, Stella & Patrinos 2018,
// https://doi.org/10.1137/16M1080240); what the model keeps, and the scale and
// order of its components, are as there.
//
// A cell that the loss does not allow is an error that names it; further
// errors, notes and what is returned after a cancellation are as in [ALS].
//
// Hong, Kolda & Duersch 2020, https://doi.org/10.1137/18M1203626.
func GCP(ctx context.Context, x Elementwise, opt GCPOptions) (*Tensor, fit.Result, error) {
	const method = "cp.GCP"
	if opt.Constraints != nil {
		return fitLossConstrained(ctx, method, x, opt)
	}
	return fitLoss(ctx, method, x, opt, func(ctx context.Context, p *lossProblem, factors []*tensor.Matrix[float64], r *fit.Result) error {
		v, grads := pack(factors)
		var lower []float64
		if p.nonneg {
			lower = make([]float64, len(v))
		}
		stop := p.clock.Time("gradient")
		b := optimize.New(func(x, g []float64) float64 {
			defer p.clock.Time("gradient")()
			return p.value(unpack(x, factors), grads(g))
		}, v, lower, nil, gcpMemory)
		stop()
		err := fit.Run(ctx, p.opt.Options, r, func(int) (float64, error) {
			stop := p.clock.Time("step")
			moved := b.Step()
			stop()
			if !moved {
				return 0, fit.ErrNoProgress
			}
			return p.relative(b.F - p.penalty(unpack(b.X, factors))), nil
		})
		for n, f := range unpack(b.X, factors) {
			factors[n] = f
		}
		return err
	})
}

// pack copies factors to one vector, and says how to see a vector as
// gradients.
func pack(factors []*tensor.Matrix[float64]) (v []float64, grads func(g []float64) []*tensor.Matrix[float64]) {
	for _, f := range factors {
		for i := range f.Rows {
			v = append(v, f.Row(i)...)
		}
	}
	return v, func(g []float64) []*tensor.Matrix[float64] { return unpack(g, factors) }
}

// unpack sees a vector as matrices of the sizes of like.
func unpack(v []float64, like []*tensor.Matrix[float64]) []*tensor.Matrix[float64] {
	out := make([]*tensor.Matrix[float64], len(like))
	for n, f := range like {
		size := f.Rows * f.Cols
		out[n] = tensor.MatrixOf(f.Rows, f.Cols, v[:size:size])
		v = v[size:]
	}
	return out
}

// fitLoss prepares the data and every start for a loss, lets run improve the
// factors in place, and keeps the best.
func fitLoss(ctx context.Context, method string, x Elementwise, opt GCPOptions,
	run func(ctx context.Context, p *lossProblem, factors []*tensor.Matrix[float64], r *fit.Result) error) (*Tensor, fit.Result, error) {
	res := fit.Result{Method: method, Seed: opt.Seed, Loss: opt.Loss.String()}
	clock := new(fit.Clock)
	stop := clock.Time("init")
	p, err := newLossProblem(method, x, opt, clock)
	stop()
	if err != nil {
		return nil, res, err
	}
	res.Notes = append(emptyNote(x), p.notes...)
	best, err := fit.Starts(ctx, p.opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		stop := clock.Time("init")
		factors, err := p.start(r.Start)
		stop()
		if err != nil {
			return nil, err
		}
		err = run(ctx, p, factors, r)
		if fault := tensor.Err(x); fault != nil {
			return nil, fmt.Errorf("%s: %w", method, fault)
		}
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		t := &Tensor{Weights: ones(p.opt.Rank), Factors: factors, Modes: tensor.CloneAxes(x.Axes())}
		t.Normalize()
		t.Arrange()
		t.FixSigns()
		stop = clock.Time("fit")
		r.Deviance = p.deviance(t)
		stop()
		if math.IsNaN(r.Deviance) {
			return nil, fmt.Errorf("%s: the loss of the model is not a number; the data or the start may be too large", method)
		}
		r.SetError(math.Sqrt(max(0, r.Deviance) / p.null))
		return t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}
