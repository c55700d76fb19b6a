package cp

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// ALS fits a CP model by alternating least squares: each sweep solves for one
// factor after another,
//
//	A_n * (⊛_{m≠n} A_m^T*A_m) = X_(n) * (⊙_{m≠n} A_m),
//
// which lowers ||X - M|| or leaves it (with a Ridge, the penalised error).
// Normal equations that are singular to working precision are solved by the
// pseudo-inverse. Of incomplete data only the known entries count: each row
// of a factor then has equations of its own. A slice without any known entry
// keeps the rows of Initial, or zeros, and is named in the notes.
//
// The relative error of each iteration is taken from the last MTTKRP, and
// from the residual itself where that formula would cancel. The result's is
// always computed from the residual.
//
// Sweeps can crawl for thousands of iterations while components nearly cancel
// each other. Where Gauss-Newton steps are cheap (see Options.Polish), they
// take over as soon as a sweep lowers the error by less than a thousandth;
// MaxIters bounds sweeps and steps together.
//
// Where it pays (see Options.Compress), large dense data are first compressed
// by a truncated higher-order singular value decomposition to a core of at
// least R+10 indices a mode; most sweeps are made on the core (from a few more
// random starts if the first leaves more than noise), and then sweeps on the
// data until they too lower the error by less than Tol, or the next would, by
// the rate at which the error fell on the core and falls on the data. The
// trace is that of the data throughout; the notes of the result say what was
// done. It pays if the singular values that are left out look like noise, or
// are nearly zero, and the core is much smaller than the data; with a Ridge,
// an Initial model, a negative Tol or fewer than 20 MaxIters, every sweep is
// made on the data.
//
// After a cancellation ALS returns the best model so far, a result with the
// stop reason Cancelled, and ctx's error. Other errors come without a model:
// options at fault, data that are zero or not finite.
//
// Carroll & Chang 1970, https://doi.org/10.1007/BF02310791; Harshman 1970;
// missing entries: Tomasi & Bro 2005,
// https://doi.org/10.1016/j.chemolab.2004.07.003; compression: Bro &
// Andersson 1998, https://doi.org/10.1016/S0169-7439(98)00011-2.
func ALS(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	return alternate(ctx, "cp.ALS", x, opt, leastSquares, false)
}

// leastSquares is the rule of ALS.
var leastSquares = rule{
	all: func(gram, rhs *tensor.Matrix[float64], _ func() *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
		w, _, err := linalg.SolveSPD(gram, rhs, 0)
		return w, err
	},
	row: func(gram *tensor.Matrix[float64], rhs, cur []float64) error {
		err := linalg.SolveSPDRow(gram, rhs)
		copy(cur, rhs)
		return err
	},
}

// alternate runs sweeps of a rule from every start.
func alternate(ctx context.Context, method string, x Data, opt Options, update rule, nonneg bool) (*Tensor, fit.Result, error) {
	squeeze := squeezer{off: nonneg}
	return fitStarts(ctx, method, x, opt, nonneg, func(ctx context.Context, o Options, s *sweeper, r *fit.Result) error {
		s.update = update
		compressed, err := squeeze.sweeps(ctx, o, s, r)
		if err != nil {
			return err
		}
		if compressed {
			o.MaxIters -= r.Iterations
			defer s.timeAll("polish")()
		}
		polish := 0
		if !nonneg && s.inc == nil {
			polish = o.polish(x.Shape())
		}
		slow, last, before := false, math.Inf(1), r.Iterations
		err = fit.Run(ctx, o.Options, r, func(iter int) (float64, error) {
			if slow || compressed && settled(r.Trace, iter-1, o.Tol) {
				return 0, fit.ErrNoProgress
			}
			e, err := s.sweep()
			slow = polish > 0 && iter >= polishAfter && last-e < polishBelow*e
			last = e
			return e, err
		})
		left := o.MaxIters - (r.Iterations - before)
		if err != nil || polish == 0 || r.Stop != fit.Converged || left == 0 {
			return err
		}
		rest := o.Options
		rest.MaxIters = min(polish, left)
		return s.gaussNewton(ctx, rest, r)
	})
}

// fitStarts prepares the data and every start, lets run improve it, and keeps
// the best.
func fitStarts(ctx context.Context, method string, x Data, opt Options, nonneg bool, run func(context.Context, Options, *sweeper, *fit.Result) error) (*Tensor, fit.Result, error) {
	res := fit.Result{Method: method, Seed: opt.Seed}
	o, norm, err := opt.prepare(method, x)
	if err != nil {
		return nil, res, err
	}
	clock := new(fit.Clock)
	res.Notes = emptyNote(x)
	best, err := fit.Starts(ctx, o.Options, &res, func(r *fit.Result) (*Tensor, error) {
		stop := clock.Time("init")
		m, err := firstGuess(x, o, norm, r.Start, nonneg)
		stop()
		if err != nil {
			return nil, err
		}
		s := newSweeper(x, norm, m, o.Ridge, clock)
		err = run(ctx, o, s, r)
		if fault := tensor.Err(x); fault != nil {
			return nil, fmt.Errorf("%s: %w", method, fault)
		}
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		t := s.finished(x.Axes())
		stop = clock.Time("fit")
		r.SetError(x.ResidualNorm(t.Weights, t.Factors) / norm)
		stop()
		if fault := tensor.Err(x); fault != nil {
			return nil, fmt.Errorf("%s: %w", method, fault)
		}
		return t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}
