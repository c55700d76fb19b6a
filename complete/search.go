package complete

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
)

var (
	ridges   = []float64{1e-8, 1e-6, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}
	ties     = []float64{1, 10, 100}
	patience = 2 // ranks in a row that do not predict better, after which no more are tried
)

const (
	firstRidge = 7    // of the list: 0.1
	leastTied  = 8    // indices of a mode whose neighbours may be tied
	hopeless   = 1.1  // times the error of the best: not worth the other folds
	gain       = 1e-3 // of its error by which a ridge must be better than another
	corner     = 1.3  // times the least error of a fold's fit: caught in a bad optimum
	chances    = 2    // to leave it
	exact      = 3e-3 // of the data: smaller errors do not tell candidates apart
)

// search is the state of the choice of a setting.
type search struct {
	opt      Options
	f        format
	x        *tensor.Observed
	folds    []rank.Fold
	low, top float64
	unit     float64 // root mean square of the data
	tried    []Candidate
	best     *Candidate // so far, by the rule
}

func newSearch(x *tensor.Observed, o Options, f format) *search {
	s := &search{opt: o, f: f, x: x}
	s.low, s.top = bounds(x.Values())
	s.unit = x.Norm() / math.Sqrt(float64(x.Count()))
	if o.Folds >= 2 {
		s.folds = rank.Deal(x, o.Folds, o.Seed)
	}
	return s
}

// sizes tries ranks, each with its best ridge.
func (s *search) sizes(ctx context.Context) error {
	if len(s.folds) == 0 { // one known entry
		s.best = &Candidate{Ranks: slices.Repeat([]int{1}, s.f.ranks(len(s.x.Shape()))), Penalty: fit.Penalty{Ridge: ridges[firstRidge], Center: true}, RMSE: math.NaN(), SE: math.NaN(), MAE: math.NaN()}
		return nil
	}
	c := Candidate{Ranks: s.opt.Ranks, Penalty: fit.Penalty{Ridge: ridges[firstRidge], Smooth: s.opt.Smooth}}
	if s.opt.Ridge != 0 {
		c.Ridge = max(0, s.opt.Ridge)
	}
	return s.ranks(ctx, c, nil)
}

// run tries settings until it has the best.
func (s *search) run(ctx context.Context) error {
	if err := s.sizes(ctx); err != nil || s.opt.special() || len(s.folds) == 0 {
		return err
	}
	changed := false
	if s.opt.Smooth == nil {
		for n, size := range s.x.Shape() {
			if size < leastTied {
				continue
			}
			for _, tie := range ties {
				c := s.like(*s.best)
				if c.Smooth == nil {
					c.Smooth = make([]float64, len(s.x.Shape()))
				}
				c.Smooth[n] = tie
				better, err := s.challenge(ctx, c)
				if err != nil {
					return err
				}
				changed = changed || better
				if !better {
					break
				}
			}
		}
	}
	c := s.like(*s.best)
	c.Center = true
	better, err := s.challenge(ctx, c)
	if err != nil || !better && !changed {
		return err
	}
	if s.opt.Ridge == 0 {
		if s.best, err = s.tune(ctx, s.like(*s.best), s.best); err != nil {
			return err
		}
	}
	if s.opt.Ranks != nil {
		return nil
	}
	return s.ranks(ctx, s.like(*s.best), s.best)
}

// like is a candidate with the settings of another.
func (s *search) like(c Candidate) Candidate {
	d := Candidate{Ranks: c.Ranks, Penalty: c.Penalty, models: c.models}
	d.Smooth = slices.Clone(c.Smooth)
	return d
}

// challenge tries a candidate, which takes the place of the best if it is
// better by more than a standard error.
func (s *search) challenge(ctx context.Context, c Candidate) (bool, error) {
	if err := s.try(ctx, &c, s.best, 1); err != nil || c.hopeless(s) {
		return false, err
	}
	if gap, se := s.difference(s.best, &c); !(gap > se) {
		return false, nil
	}
	s.best = &c
	return true, nil
}

// ranks tries ranks upwards, from 1 or from that of a candidate that was
// measured, or the ones that were asked for, and sets the best.
func (s *search) ranks(ctx context.Context, c Candidate, least *Candidate) error {
	var list []*Candidate
	first := 1
	switch {
	case least != nil:
		list, first = append(list, least), slices.Max(least.Ranks)+1
	case s.opt.Ranks != nil:
		got, err := s.ridge(ctx, c, nil)
		if err != nil {
			return err
		}
		s.best = got
		return nil
	}
	most := min(s.opt.MaxRank, s.f.most(s.x.Shape()))
	for r, worse := first, 0; r <= most && worse < patience; r++ {
		c.Ranks = slices.Repeat([]int{r}, s.f.ranks(len(s.x.Shape())))
		got, err := s.ridge(ctx, c, least)
		if err != nil {
			return err
		}
		c = s.like(*got)
		if worse++; got.hopeless(s) {
			continue
		}
		list = append(list, got)
		if least == nil || mean(got.loss) < mean(least.loss) {
			least, worse = got, 0
		}
	}
	for _, c := range list {
		if gap, se := s.difference(c, least); gap <= se {
			s.best = c
			break
		}
	}
	return nil
}

// ridge finds the best ridge of a rank, from that of c on.
func (s *search) ridge(ctx context.Context, c Candidate, rival *Candidate) (*Candidate, error) {
	start := s.like(c)
	if err := s.try(ctx, &c, rival, hopeless); err != nil || s.opt.Ridge != 0 {
		return &c, err
	}
	return s.tune(ctx, start, &c)
}

// tune tries other ridges than that of a candidate, each from the models of
// start.
func (s *search) tune(ctx context.Context, start Candidate, first *Candidate) (*Candidate, error) {
	best := first
	at := slices.Index(ridges, first.Ridge)
	for _, step := range []int{1, -1} {
		for k := at + step; k >= 0 && k < len(ridges); k += step {
			d := s.like(start)
			d.Ridge = ridges[k]
			if err := s.try(ctx, &d, best, 1-gain); err != nil {
				return nil, err
			}
			if d.hopeless(s) || !(mean(d.loss) < (1-gain)*mean(best.loss)) && !best.hopeless(s) {
				break
			}
			best = &d
		}
		if best != first {
			break
		}
	}
	return best, nil
}

// try measures a candidate, each fold from the model that c holds of it. Once
// the error of two folds is more than so many times a rival's, the others are
// left out: its error is then that of these.
func (s *search) try(ctx context.Context, c *Candidate, rival *Candidate, times float64) error {
	s.opt.say("%s, rank %s, ridge %g", s.opt.Format, c.size(), c.Ridge)
	initial := c.models
	n := len(s.folds)
	c.models, c.loss = make([]model.Model, n), make([]float64, n)
	absolute, errs := make([]float64, n), make([]error, n)
	squares := make([]float64, n)
	trained := make([]float64, n) // relative errors of the entries fitted to
	fold := func(k, chance int) {
		set := setting{Candidate: *c, tol: foldTol, iters: foldIters, seed: s.opt.Seed + uint64(chance)}
		if initial != nil && chance == 0 {
			set.initial = initial[k]
		}
		m, r, err := s.f.fit(ctx, s.folds[k].Train, set)
		if errs[k] = err; err != nil || chance > 0 && r.RelativeError >= trained[k] {
			return
		}
		c.models[k], trained[k] = m, r.RelativeError
		c.loss[k], squares[k], absolute[k] = 0, 0, 0
		test := s.folds[k].Test
		for e, v := range s.evaluate(m, test) {
			d := test.Values()[e] - v
			squares[k] += d * d / float64(test.Count())
			absolute[k] += math.Abs(d) / float64(test.Count())
		}
		c.loss[k] = squares[k]
		if !s.opt.squares() {
			c.loss[k] = deviance(s.opt.Loss, test.Values(), valuesOf(s.f, m, indices(test)))
		}
	}
	// each fits folds lo, …, hi-1; those that ended in a corner, as the others
	// tell, get more starts.
	each := func(lo, hi int) error {
		par.Do(hi-lo, func(k int) { fold(lo+k, 0) })
		for chance := 1; chance <= chances && errors.Join(errs...) == nil; chance++ {
			usual := slices.Min(trained[:hi])
			par.Do(hi, func(k int) {
				if trained[k] > max(exact, corner*usual) {
					fold(k, chance)
				}
			})
		}
		for _, err := range errs {
			if err != nil {
				return err // the folds fail alike
			}
		}
		return nil
	}
	done := min(2, n)
	if err := each(0, done); err != nil {
		return err
	}
	if rival == nil || mean(c.loss[:done]) <= times*mean(rival.loss[:min(done, len(rival.loss))]) {
		if err := each(done, n); err != nil {
			return err
		}
		done = n
	}
	c.loss, absolute = c.loss[:done], absolute[:done]
	if done < n {
		// Their models could not start the next rank.
		c.models = initial
	}
	c.RMSE, c.MAE = math.Sqrt(mean(squares[:done])), mean(absolute)
	if done < n && len(rival.loss) == n {
		// What these folds are easier or harder than all is known of the rival.
		share := math.Sqrt(mean(rival.loss) / mean(rival.loss[:done]))
		c.RMSE, c.MAE = share*c.RMSE, share*c.MAE
	}
	c.SE = deviation(c.loss) / math.Sqrt(float64(done))
	if s.opt.squares() {
		c.SE /= 2 * c.RMSE
	} else {
		c.Deviance = mean(c.loss)
	}
	s.tried = append(s.tried, *c)
	return nil
}

// hopeless reports a candidate that was not tried on every fold.
func (c *Candidate) hopeless(s *search) bool { return len(c.loss) < len(s.folds) }

// evaluate is a model at the entries of a tensor, within the bounds.
func (s *search) evaluate(m model.Model, x *tensor.Observed) []float64 {
	return clipped(means(s.opt.Loss, valuesOf(s.f, m, indices(x))), s.low, s.top)
}

// difference is by how much a predicts worse than b, in mean squared error
// over the folds that both have, and its standard error, or what exact makes
// of the data if that is more.
func (s *search) difference(a, b *Candidate) (gap, se float64) {
	n := min(len(a.loss), len(b.loss))
	d := make([]float64, n)
	for k := range d {
		d[k] = a.loss[k] - b.loss[k]
	}
	least := exact * s.unit
	if !s.opt.squares() {
		least = 0
	}
	return mean(d), max(least*least, deviation(d)/math.Sqrt(float64(n)))
}

func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

// deviation is the standard deviation of a sample.
func deviation(x []float64) float64 {
	m, s := mean(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(max(1, len(x)-1)))
}
