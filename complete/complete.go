package complete

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
)

// Options of [Run]. The zero value works.
type Options struct {
	// Format is the kind of model: cp (default), tucker or tt.
	Format string
	// Ranks fixes the rank (cp: one number; tucker: one a mode; tt: one
	// between each two modes; for both, one number stands for all). Default:
	// chosen.
	Ranks []int
	// MaxRank is the largest rank that is tried. Default 10.
	MaxRank int
	// Ridge fixes the penalty of the fits, such as 0.1; see
	// [fit.Penalty]. Default 0: chosen. Negative: none.
	Ridge float64
	// Smooth fixes the tie between neighbouring slices, one number a mode.
	// Default nil: chosen.
	Smooth []float64
	// Loss is what is minimised, over the known entries, and what settings are
	// judged by on those left out. Default Gaussian. Others are for cp.
	Loss loss.Loss
	// Constraints, if not nil, are what is asked of the factor of each mode of
	// a cp model, in order.
	Constraints []constraint.Set
	// Folds is the number of parts the known entries are dealt into. Default 5.
	Folds int
	// Seed makes the run repeatable, at any number of threads.
	Seed uint64
	// Progress, if not nil, is told what is being tried, one call at a time.
	Progress func(label string)

	shape []int
}

const (
	defaultFolds = 5
	defaultMax   = 10
	foldTol      = 2e-5 // of the fits that only compare
	foldIters    = 60
	finalTol     = 1e-6
	finalIters   = 300
	finalStarts  = 3
)

// Candidate is one setting that was tried.
type Candidate struct {
	Ranks []int `json:"ranks"`
	fit.Penalty
	RMSE float64 `json:"rmse"` // of entries left out
	SE   float64 `json:"se"`   // its standard error
	MAE  float64 `json:"mae"`
	// Deviance is the mean of the entries left out; SE is that of it. For
	// losses other than Gaussian; else zero.
	Deviance float64 `json:"deviance,omitempty"`

	loss   []float64 // mean squared error, or deviance, of each fold
	models []model.Model
}

// Result is a model and what is known of its predictions.
type Result struct {
	Model model.Model
	Fit   fit.Result // of the model, to all known entries

	Chosen     Candidate   // its setting, with the cross-validated errors
	Candidates []Candidate // in the order in which they were tried
	Folds      int
	// Deviance (mean, natural logarithms) and AUC of entries left out are for
	// data that are all 0 or 1, the deviance for losses other than Gaussian as
	// well; NaN otherwise.
	Deviance, AUC float64
	// Sigma is the standard deviation of an entry about its prediction where
	// the parameters are sure; see the package comment. NaN for losses other
	// than Gaussian.
	Sigma float64
	// Low and High bound the predictions.
	Low, High float64
	Notes     []string
	Seconds   float64

	known *tensor.Observed // nil after Load
	loss  loss.Loss
	unit  float64             // of the data of cov
	cov   *partial.Covariance // nil: there are no standard errors
}

// Run completes a tensor. Errors name every option at fault; a tensor
// without any known entry is one.
func Run(ctx context.Context, x *tensor.Observed, opt Options) (*Result, error) {
	began := time.Now()
	o, f, err := opt.prepare(x)
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	res := &Result{known: x, loss: o.Loss}
	res.Low, res.High = bounds(x.Values())
	s := newSearch(x, o, f)
	res.Folds = len(s.folds)
	if err := s.run(ctx); err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	res.Chosen, res.Candidates = *s.best, s.tried
	o.say("fit of all known entries")
	res.Model, res.Fit, err = f.fit(ctx, x, setting{Candidate: res.Chosen, tol: finalTol, iters: finalIters, starts: finalStarts, seed: o.Seed})
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	res.Notes = append(res.Notes, partial.Notes(x, res.Chosen.Penalty)...)
	if err := res.calibrate(s, f); err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	res.Candidates = slices.Clone(res.Candidates)
	for k := range res.Candidates {
		res.Candidates[k].models = nil
	}
	res.Chosen.models = nil
	res.Seconds = time.Since(began).Seconds()
	return res, nil
}

// prepare checks the options and fills in the defaults.
func (o Options) prepare(x *tensor.Observed) (Options, format, error) {
	var errs []error
	shape := x.Shape()
	o.shape = shape
	if o.Format == "" {
		o.Format = "cp"
	}
	f, ok := formats[o.Format]
	if !ok {
		errs = append(errs, fmt.Errorf("format %q: cp, tucker or tt is expected", o.Format))
	}
	if x.Count() == 0 {
		errs = append(errs, fmt.Errorf("all %d cells of the tensor %v are unknown; at least one known entry is needed to predict the others", tensor.Size(shape), shape))
	}
	if len(shape) < 2 {
		errs = append(errs, fmt.Errorf("the tensor has %d modes; two at least are needed", len(shape)))
	}
	if o.Folds < 0 || o.Folds == 1 {
		errs = append(errs, fmt.Errorf("folds %d: 2 or more are expected", o.Folds))
	}
	if o.MaxRank < 0 {
		errs = append(errs, fmt.Errorf("largest rank %d: a positive number is expected", o.MaxRank))
	}
	if math.IsNaN(o.Ridge) || math.IsInf(o.Ridge, 0) {
		errs = append(errs, fmt.Errorf("ridge %v: a number is expected (0: chosen; negative: none)", o.Ridge))
	}
	if err := (fit.Penalty{Smooth: o.Smooth}).Validate(len(shape)); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, o.checkSpecial()...)
	if ok && o.Ranks != nil {
		want := f.ranks(len(shape))
		if len(o.Ranks) == 1 {
			o.Ranks = slices.Repeat(o.Ranks, want)
		}
		if len(o.Ranks) != want {
			errs = append(errs, fmt.Errorf("%d ranks for a %s model of %d modes: %d are expected, or one for all", len(o.Ranks), o.Format, len(shape), want))
		}
		for _, r := range o.Ranks {
			if r < 1 {
				errs = append(errs, fmt.Errorf("rank %d: a positive number is expected", r))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return o, f, err
	}
	if o.Folds == 0 {
		o.Folds = defaultFolds
	}
	o.Folds = min(o.Folds, x.Count())
	if o.MaxRank == 0 {
		o.MaxRank = defaultMax
	}
	if o.special() {
		f = o.specially()
		if !o.ridged() {
			o.Ridge = -1
		}
	}
	return o, f, partial.Check(o.Format, x, fit.Options{}, fit.Penalty{})
}

func (o Options) say(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// bounds are those of the predictions.
func bounds(values []float64) (low, high float64) {
	low, high = slices.Min(values), slices.Max(values)
	span := 0.1 * (high - low)
	if low >= 0 {
		return max(0, low-span), high + span
	}
	if high <= 0 {
		return low - span, min(0, high+span)
	}
	return low - span, high + span
}
