package complete

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
)

const stepsOfLoss = 4 // of L-BFGS-B for each sweep that least squares get

// special reports a loss or constraints, which the methods of least squares
// with ridges and ties do not know.
func (o Options) special() bool { return !o.squares() || o.Constraints != nil }

// squares reports the Gaussian loss.
func (o Options) squares() bool { return o.Loss.String() == loss.Gaussian.String() }

// nonneg reports constraints that keep every factor from being negative, and
// ask for nothing else.
func (o Options) nonneg() bool {
	return len(o.Constraints) == len(o.shape) && !slices.ContainsFunc(o.Constraints, func(s constraint.Set) bool { return s.String() != "nonneg" })
}

// ridged reports whether fits have a ridge.
func (o Options) ridged() bool { return o.Constraints == nil || !o.squares() && o.nonneg() }

// checkSpecial finds what cannot be asked for together.
func (o Options) checkSpecial() []error {
	if !o.special() {
		return nil
	}
	var errs []error
	if o.Format != "cp" {
		errs = append(errs, fmt.Errorf("losses and constraints are for the format cp; %s models are fitted by penalised least squares", o.Format))
	}
	if len(o.Constraints) > len(o.shape) {
		errs = append(errs, fmt.Errorf("%d constraints for %d modes", len(o.Constraints), len(o.shape)))
	}
	if o.Smooth != nil {
		errs = append(errs, errors.New("ties between neighbouring slices are for least squares without constraints; the constraint smooth does the same"))
	}
	if o.Constraints != nil && o.Ridge > 0 && (o.squares() || !o.nonneg()) {
		errs = append(errs, errors.New("a ridge beside constraints: the constraint l2 does the same"))
	}
	return errs
}

// specially is the format of CP models with a loss or constraints. Ridges are
// multiples of the sum of squares there, beside the sum of losses.
func (o Options) specially() format {
	f := formats["cp"]
	f.fit = func(ctx context.Context, x *tensor.Observed, s setting) (model.Model, fit.Result, error) {
		if o.squares() {
			return asModel(cp.Constrained(ctx, x, cp.ConstrainedOptions{Options: s.options(), Rank: s.Ranks[0], Constraints: o.Constraints}))
		}
		with := cp.GCPOptions{Options: s.options(), Rank: s.Ranks[0], Loss: o.Loss, Nonneg: o.Constraints != nil, Ridge: s.Ridge}
		if !o.ridged() {
			with.Nonneg, with.Constraints = false, o.Constraints
		}
		with.MaxIters *= stepsOfLoss
		return asModel(cp.GCP(ctx, x, with))
	}
	return f
}
