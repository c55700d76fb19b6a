package cp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Sampling says how GCPAdam draws the cells of which it takes the gradient.
type Sampling string

// The ways there are.
const (
	// Uniform draws from all known cells alike.
	Uniform Sampling = "uniform"
	// Stratified draws from the cells that are not zero and from the zeros
	// apart, as many of each.
	Stratified Sampling = "stratified"
	// SemiStratified draws from the cells that are not zero, and from all
	// cells as if they were zero; what that gets wrong is put right at the
	// former. No cell needs to be looked up.
	SemiStratified Sampling = "semi-stratified"
)

// AdamOptions of [GCPAdam]. The zero value of all but Rank works.
type AdamOptions struct {
	GCPOptions

	// Sampling of the cells. Default: Stratified where most cells are zero
	// and not stored, else Uniform.
	Sampling Sampling
	// Samples is the number of cells of a gradient. Default: the number of
	// rows of all factors, at least 1000.
	Samples int
	// Rate is the size of a step. Default 0.01.
	Rate float64
	// Epoch is the number of steps of an iteration, after which the loss is
	// estimated. Default 1000.
	Epoch int
}

const (
	adamFirst  = 0.9   // decay of the mean of the gradients
	adamSecond = 0.999 // decay of the mean of their squares
	adamLittle = 1e-8
	adamSlower = 0.1 // factor of the rate after an epoch that failed
	adamFails  = 3   // epochs that may fail
	adamFixed  = 10  // samples of the estimate of the loss, beside those of a gradient
)

// GCPAdam fits what [GCP] fits by stochastic gradients: each step draws some
// cells, takes the gradient of their weighted sum of losses, and moves the
// factors by the rule of Adam. It is for data whose cells are too many to
// walk over, under losses that [GCP] has no short cut for.
//
// An iteration is an epoch of steps. The loss is estimated on one set of
// cells drawn at the start; an epoch that does not lower the estimate is
// undone and the rate made ten times smaller, and the third such epoch ends
// the run, as does a gain below Tol. The trace is of the estimate; the result
// has the deviance of the final model over all cells where that needs no
// walk over zeros that are not stored, else the estimate too, as a note says.
// MaxIters is 1000 epochs by default.
//
// Kolda & Hong 2020, https://doi.org/10.1137/19M1266265; Adam: Kingma & Ba
// 2015, arXiv:1412.6980.
func GCPAdam(ctx context.Context, x Elementwise, opt AdamOptions) (*Tensor, fit.Result, error) {
	const method = "cp.GCPAdam"
	failed := fit.Result{Method: method, Seed: opt.Seed, Loss: opt.Loss.String()}
	cells, complete, err := listCells(x)
	if err == nil {
		err = opt.check(complete)
	}
	if err != nil {
		return nil, failed, fmt.Errorf("%s: %w", method, err)
	}
	if opt.Sampling == "" {
		opt.Sampling = Uniform
		if _, ok := x.(Sparse); ok {
			opt.Sampling = Stratified
		}
	}
	if opt.Samples == 0 {
		for _, s := range x.Shape() {
			opt.Samples += s
		}
		opt.Samples = max(opt.Samples, 1000)
	}
	if opt.Rate == 0 {
		opt.Rate = 0.01
	}
	if opt.Epoch == 0 {
		opt.Epoch = 1000
	}
	return fitLoss(ctx, method, x, opt.GCPOptions, func(ctx context.Context, p *lossProblem, factors []*tensor.Matrix[float64], r *fit.Result) error {
		a := newAdam(p, opt, newCellSampler(cells, complete, opt.Sampling, rand.New(rand.NewPCG(opt.Seed, uint64(r.Start)+1<<32))), factors)
		err := fit.Run(ctx, p.opt.Options, r, func(int) (float64, error) {
			for a.failures < adamFails {
				better, err := a.epoch(ctx)
				if err != nil {
					return 0, err
				}
				if better {
					return p.relative(a.loss), nil
				}
			}
			return 0, fit.ErrNoProgress
		})
		if _, walks := x.(Sparse); walks {
			if power, _ := p.loss.AtZero(); power == 0 {
				p.estimate = func() float64 { return a.loss }
				r.Notes = append(r.Notes, fmt.Sprintf("the deviance is an estimate from %d cells", len(a.fixed.values)))
			}
		}
		return err
	})
}

func (o AdamOptions) check(complete bool) error {
	var errs []error
	if o.Constraints != nil {
		errs = append(errs, errors.New("of constraints there is Nonneg alone; GCP takes others"))
	}
	switch o.Sampling {
	case "", Uniform:
	case Stratified, SemiStratified:
		if !complete {
			errs = append(errs, fmt.Errorf("sampling %s tells zeros from others; of data with unknown cells draw uniform", o.Sampling))
		}
	default:
		errs = append(errs, fmt.Errorf("sampling %q: uniform, stratified or semi-stratified is expected", o.Sampling))
	}
	if o.Samples < 0 {
		errs = append(errs, fmt.Errorf("samples %d: a positive number is expected", o.Samples))
	}
	if !(o.Rate >= 0) || math.IsInf(o.Rate, 1) {
		errs = append(errs, fmt.Errorf("rate %v: a positive number is expected", o.Rate))
	}
	if o.Epoch < 0 {
		errs = append(errs, fmt.Errorf("epoch of %d steps: a positive number is expected", o.Epoch))
	}
	return errors.Join(errs...)
}

// adam is the state of the iteration.
type adam struct {
	p             *lossProblem
	opt           AdamOptions
	draw          *cellSampler
	factors       []*tensor.Matrix[float64]
	first, second []*tensor.Matrix[float64] // means of gradients and of their squares
	grads         []*tensor.Matrix[float64]
	steps         int
	rate          float64
	fixed         *cellSample
	loss          float64 // estimated
	failures      int
}

func newAdam(p *lossProblem, opt AdamOptions, draw *cellSampler, factors []*tensor.Matrix[float64]) *adam {
	a := &adam{p: p, opt: opt, draw: draw, factors: factors, rate: opt.Rate}
	for _, f := range factors {
		a.first = append(a.first, tensor.NewMatrix[float64](f.Rows, f.Cols))
		a.second = append(a.second, tensor.NewMatrix[float64](f.Rows, f.Cols))
		a.grads = append(a.grads, tensor.NewMatrix[float64](f.Rows, f.Cols))
	}
	// Corrections of single cells would make an estimate of the loss itself
	// noisy: it is stratified where gradients are semi-stratified.
	how := draw.how
	if how == SemiStratified {
		how = Stratified
	}
	a.fixed = draw.sample(adamFixed*opt.Samples, how)
	a.loss = a.fixed.value(p.loss, factors, nil)
	return a
}

// epoch makes the steps of an epoch, and takes them back if the estimate of
// the loss does not fall.
func (a *adam) epoch(ctx context.Context) (better bool, err error) {
	defer a.p.clock.Time("epoch")()
	before, first, second, steps := cloneAll(a.factors), cloneAll(a.first), cloneAll(a.second), a.steps
	back := func() {
		for n := range a.factors {
			copy(a.factors[n].Data, before[n].Data)
		}
		a.first, a.second, a.steps = first, second, steps
	}
	for range a.opt.Epoch {
		if err := ctx.Err(); err != nil {
			back()
			return false, err
		}
		a.step()
	}
	loss := a.fixed.value(a.p.loss, a.factors, nil)
	if !(loss < a.loss) {
		back()
		a.rate *= adamSlower
		a.failures++
		return false, nil
	}
	a.loss = loss
	return true, nil
}

func (a *adam) step() {
	a.steps++
	s := a.draw.sample(a.opt.Samples, a.draw.how)
	s.value(a.p.loss, a.factors, a.grads)
	rate := a.rate * math.Sqrt(1-math.Pow(adamSecond, float64(a.steps))) / (1 - math.Pow(adamFirst, float64(a.steps)))
	for n, f := range a.factors {
		g, m, v := a.grads[n].Data, a.first[n].Data, a.second[n].Data
		for i, d := range g {
			d += 2 * a.p.opt.Ridge * f.Data[i]
			m[i] = adamFirst*m[i] + (1-adamFirst)*d
			v[i] = adamSecond*v[i] + (1-adamSecond)*d*d
			f.Data[i] -= rate * m[i] / (math.Sqrt(v[i]) + adamLittle)
			if a.p.nonneg && f.Data[i] < 0 {
				f.Data[i] = 0
			}
		}
	}
}
