package rank

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	// patience is the number of candidates in a row that do not predict
	// better than the best so far, after which no more are tried.
	patience = 2
	// smallRidge is the penalty of a search whose first round was tied.
	smallRidge = 1e-3
	// foldStarts and halfStarts are the numbers of starts of each fit to what
	// a fold leaves and to a half.
	foldStarts = 2
	halfStarts = 2
	// secondChances is how many more random starts a fit gets whose error is
	// more than corner times that of its like.
	secondChances = 8
	corner        = 1.1
)

// effort says how far a fit goes. What is asked of it is a comparison between
// candidates, not the last digit.
type effort struct {
	tol   float64 // the least gain of a sweep, as a share of the error
	iters int
	// ridge is the ratio of a factor's penalty to the squared relative error:
	// the noise's variance over that of a factor's entries. It keeps rows of
	// which few entries say anything from diverging.
	ridge float64
}

var (
	foldEffort  = effort{tol: 1e-4, iters: 100}
	wholeEffort = effort{tol: 1e-5, iters: 150}
)

const (
	// oneTol and oneStarts are for one component, which costs little: a
	// random start is nearly orthogonal to the data, its first sweeps gain
	// nothing, and some end in a corner.
	oneTol    = 1e-9
	oneStarts = 5
	// stages is how often a fit is taken up again because its error fell to
	// less than half of what its effort was made for; below exactFit it is
	// left at that.
	stages   = 12
	exactFit = 1e-6
)

// CP chooses the number of components of a CP model of x: a
// *tensor.Dense[float64], a *tensor.Dense[float32], a *tensor.Observed or
// sparse data, which are judged by the slices that hold the most entries if
// they have more than 2^22 cells. See the package comment for what is measured
// and how it decides.
//
// It is an error if x holds no number but zero, or one that is not finite;
// after a cancellation the error is ctx's and there is no evidence.
func CP(ctx context.Context, x cp.Data, opt Options) (*Evidence, error) {
	began := time.Now()
	y, text, err := written(x, writtenEntries, opt.Seed)
	if err != nil {
		return nil, fmt.Errorf("rank.CP: %w", err)
	}
	ev, err := chooseCP(ctx, y, opt)
	if err != nil {
		return nil, fmt.Errorf("rank.CP: %w", err)
	}
	ev.based(text)
	ev.Seconds = time.Since(began).Seconds()
	return ev, nil
}

func chooseCP(ctx context.Context, data tensor.Tensor, opt Options) (*Evidence, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	asked := opt.Max
	opt = opt.withDefaults()
	x, err := squeeze(data)
	if err != nil {
		return nil, err
	}
	ev := &Evidence{Method: "cp", Seed: opt.Seed, Starts: opt.Starts}
	g, err := newGround(x, opt.NonNegative, opt.Seed)
	if err != nil {
		return nil, err
	}
	ev.Basis = g.text
	s := &searchCP{opt: opt, ground: g, order: len(x.Shape()), before: model{err: 1}}
	most := min(opt.Max, cp.MaxRank(x.Shape()))
	if asked == 0 {
		most = min(most, maxChecked(g.data.Shape(), g.known.Count()))
	}
	s.folds = Deal(g.known, min(opt.Folds, g.known.Count()), opt.Seed)
	if len(s.folds) < 2 {
		most, s.folds = 1, nil
	}
	ev.Folds = len(s.folds)
	s.inFold = slices.Repeat([]model{{err: 1}}, len(s.folds))
	if s.order > 2 {
		// A compression is made for each half anew, lest what the halves share
		// by way of it be taken for agreement.
		if g.bases == nil {
			x = g.data
		}
		if err := s.split(x); err != nil {
			return nil, err
		}
		s.name = modeName(data, s.mode)
	}
	progress := newProgress(opt.Progress, most*s.steps())
	if err := s.search(ctx, most, progress); err != nil {
		return nil, err
	}
	if s.tied() {
		s = s.penalised()
		ev.Ridge = s.ridge
		progress.total = progress.done + most*s.steps()
		if err := s.search(ctx, most, progress); err != nil {
			return nil, err
		}
	}
	progress.finish()
	decideCP(ev, s, most)
	return ev, nil
}

// search tries ranks upwards.
func (s *searchCP) search(ctx context.Context, most int, p *progress) error {
	for r := 1; r <= most; r++ {
		if err := s.try(ctx, r, p); err != nil {
			return err
		}
		if s.enough() {
			break
		}
	}
	return nil
}

// tied reports that more components than one predict better, and that the
// tests of how components go together set all of them aside.
func (s *searchCP) tied() bool {
	if len(s.folds) == 0 || s.opt.NonNegative || s.order < 3 {
		return false
	}
	g := s.ground
	best := bestOf(s.trials, everyTrial)
	if s.heldOut(s.trials[best]) <= exactHeldOut || s.noise(best) {
		return false
	}
	s.setAside()
	passes := func(t *trial) bool { return t.veto == "" }
	return g.simplest(s.trials, passes) == 0 && g.simplest(s.trials, everyTrial) > 0
}

// penalised is the same search from the start, with a small ridge.
func (s *searchCP) penalised() *searchCP {
	again := *s
	again.ridge, again.trials, again.before = smallRidge, nil, model{err: 1}
	again.inFold = slices.Repeat([]model{{err: 1}}, len(s.inFold))
	again.inHalf = slices.Repeat([]model{{err: 1}}, len(s.inHalf))
	return &again
}

// searchCP is the state of a search for a CP rank.
type searchCP struct {
	opt    Options
	order  int
	ground *ground
	folds  []Fold
	halves []*ground
	mode   int    // the mode that was split
	name   string // what to call it
	trials []*trial
	before model   // the best model of the last candidate
	inFold []model // the same in each fold
	inHalf []model // and in each half
	ridge  float64 // of all fits; see penalised
}

// trial is a candidate and what the decision needs besides.
type trial struct {
	Candidate
	loss []float64 // for each fold: mean squared error of the entries left out, times the number of entries
	veto string    // why the candidate is set aside, or ""
}

// model is one fit.
type model struct {
	*cp.Tensor
	err float64 // relative
}

// split prepares the halves of the split-half comparison: alternate slices
// of the longest mode whose order means nothing, or of the longest.
func (s *searchCP) split(x tensor.Tensor) error {
	s.mode = -1
	for n, size := range x.Shape() {
		if size < 4 {
			continue
		}
		if s.mode < 0 {
			s.mode = n
			continue
		}
		a, b := x.Axes()[n].Ordered(), x.Axes()[s.mode].Ordered()
		if (!a && b) || (a == b && size > x.Shape()[s.mode]) {
			s.mode = n
		}
	}
	if s.mode < 0 {
		return nil
	}
	for parity := range 2 {
		var half tensor.Tensor
		switch x := x.(type) {
		case *tensor.Dense[float64]:
			half = x.Slice(s.mode, parity, x.Shape()[s.mode], 2)
		case *tensor.Dense[float32]:
			half = x.Slice(s.mode, parity, x.Shape()[s.mode], 2)
		case *tensor.Observed:
			half = x.Select(func(e int) bool { return int(x.Indices(s.mode)[e])%2 == parity })
		}
		if half.Norm() == 0 {
			s.halves = nil
			return nil
		}
		var g *ground
		var err error
		if seen, ok := half.(*tensor.Observed); ok {
			g, err = observedGround(seen, math.MaxInt, s.opt.Seed) // the same slices in both
		} else {
			g, err = newGround(half, s.opt.NonNegative, s.opt.Seed)
		}
		if err != nil {
			return err
		}
		s.halves, s.inHalf = append(s.halves, g), append(s.inHalf, model{err: 1})
	}
	return nil
}

// steps is the number of fits that a candidate takes, second chances aside.
func (s *searchCP) steps() int {
	return foldStarts*len(s.folds) + s.opt.Starts + halfStarts*len(s.halves)
}

// task is one fit to be made.
type task struct {
	x       cp.Data
	initial *cp.Tensor // a model to add a component to; nil: a random start
	prior   float64    // the error to expect
	how     effort
	number  uint64 // among the fits of the candidate, for the seed
}

// starts are n fits of the same data, the first from the model of the rank
// before. Their numbers begin with first.
func starts(n int, x cp.Data, before model, how effort, first int) []task {
	tasks := make([]task, n)
	for k := range tasks {
		tasks[k] = task{x: x, prior: before.err, how: how, number: uint64(first + k)}
	}
	tasks[0].initial = before.Tensor
	return tasks
}

// run makes fits, which are independent of each other and so may run in any
// order.
func (s *searchCP) run(ctx context.Context, rank int, tasks []task, done func()) ([]model, error) {
	models, errs := make([]model, len(tasks)), make([]error, len(tasks))
	par.Do(len(tasks), func(k int) {
		if ctx.Err() == nil {
			models[k], errs[k] = s.fit(ctx, rank, tasks[k])
		}
		done()
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("rank %d: %w", rank, err)
	}
	return models, nil
}

// better orders models by error.
func better(a, b model) int { return cmp.Compare(a.err, b.err) }

// try measures one candidate.
func (s *searchCP) try(ctx context.Context, rank int, p *progress) error {
	foldEffortOf := func(f int) effort {
		how, train := foldEffort, s.folds[f].Train
		how.ridge = float64(slices.Max(train.Shape())) / float64(train.Count())
		return how
	}
	var tasks []task
	for f := range s.folds {
		tasks = append(tasks, starts(foldStarts, s.folds[f].Train, s.inFold[f], foldEffortOf(f), len(tasks))...)
	}
	tasks = append(tasks, starts(s.opt.Starts, s.ground.data, s.before, wholeEffort, len(tasks))...)
	for h, half := range s.halves {
		tasks = append(tasks, starts(halfStarts, half.data, s.inHalf[h], wholeEffort, len(tasks))...)
	}
	label := fmt.Sprintf("rank %d", rank)
	models, err := s.run(ctx, rank, tasks, func() { p.step(label) })
	if err != nil {
		return err
	}
	for f := range s.folds {
		s.inFold[f] = slices.MinFunc(models[foldStarts*f:foldStarts*(f+1)], better)
	}
	models = models[foldStarts*len(s.folds):]
	whole := slices.Clone(models[:s.opt.Starts])
	for h := range s.halves {
		at := s.opt.Starts + halfStarts*h
		s.inHalf[h] = slices.MinFunc(models[at:at+halfStarts], better)
	}

	// A fold fits its entries about as well as the whole fits all; one that
	// does not is in a corner, and so is the whole if most folds do better.
	number := len(tasks)
	for range secondChances {
		slices.SortStableFunc(whole, better)
		tasks = tasks[:0]
		var retried []int
		again := func(place int, x cp.Data, m model, how effort) {
			retried = append(retried, place)
			tasks = append(tasks, task{x: x, prior: m.err, how: how, number: uint64(number + len(tasks))})
		}
		for f, m := range s.inFold {
			if m.err > corner*whole[0].err+exactFit {
				again(f, s.folds[f].Train, m, foldEffortOf(f))
			}
		}
		if n := len(s.folds); n > 0 {
			sorted := slices.SortedFunc(slices.Values(s.inFold), better)
			if middle := sorted[n/2]; whole[0].err > corner*middle.err+exactFit {
				again(n, s.ground.data, whole[0], wholeEffort)
			}
		}
		if len(tasks) == 0 {
			break
		}
		number += len(tasks)
		if models, err = s.run(ctx, rank, tasks, func() {}); err != nil {
			return err
		}
		for k, place := range retried {
			if place == len(s.folds) {
				whole = append(whole, models[k])
			} else if models[k].err < s.inFold[place].err {
				s.inFold[place] = models[k]
			}
		}
	}
	slices.SortStableFunc(whole, better)
	return s.measure(rank, whole)
}

// measure records the figures of a candidate, from the models of all entries,
// best first, and those of the folds and halves.
func (s *searchCP) measure(rank int, whole []model) error {
	t := &trial{Candidate: Blank(rank)}
	s.trials = append(s.trials, t)
	for f, m := range s.inFold {
		test := s.folds[f].Test
		loss := square(test.ResidualNorm(m.Weights, m.Factors))
		t.loss = append(t.loss, loss/float64(test.Count())*float64(s.ground.known.Count()))
	}
	best := whole[0]
	s.before = best
	residual := square(best.err * s.ground.data.Norm())
	t.RelativeError = math.Sqrt((residual + s.ground.lost) / s.ground.total)
	if s.order < 3 {
		return nil
	}
	var err error
	t.Corcondia, t.CoreExcess, err = coreConsistency(s.ground.data, best.Tensor, residual/float64(s.ground.known.Count()))
	if err != nil {
		return err
	}
	t.Degeneracy = Degeneracy(best.Tensor)
	if len(whole) > 1 {
		t.StartsAgree = agreement(best.Factors, whole[1].Factors, -1)
	}
	if len(s.halves) == 2 {
		t.SplitHalf = agreement(s.halves[0].factors(s.inHalf[0].Tensor), s.halves[1].factors(s.inHalf[1].Tensor), s.mode)
	}
	return nil
}

// fit runs one start: from a model plus a random component, or from random
// factors.
func (s *searchCP) fit(ctx context.Context, rank int, k task) (model, error) {
	x, prior, how := k.x, k.prior, k.how
	o := cp.Options{Rank: rank, Polish: -1}
	o.Seed, o.MaxIters = s.opt.Seed^(uint64(rank)<<32|k.number<<16), how.iters
	if rank == 1 {
		how.tol, how.ridge, o.Starts = oneTol, 0, oneStarts
	}
	if k.initial != nil {
		o.Initial = oneMore(k.initial, x.Norm(), s.opt.NonNegative, rand.New(rand.NewPCG(o.Seed, streamNested)))
	}
	method := cp.ALS
	if s.opt.NonNegative {
		method = cp.HALS
	}
	var best model
	for range stages {
		o.Tol, o.Ridge = how.tol*prior, max(how.ridge*square(prior), s.ridge)
		m, res, err := method(ctx, x, o)
		if err != nil {
			return model{}, err
		}
		best = model{m, res.RelativeError}
		if best.err > prior/2 || best.err < exactFit {
			break
		}
		prior, o.Initial = best.err, m
	}
	return best, nil
}

// oneMore is a model with a random component added.
func oneMore(m *cp.Tensor, norm float64, nonnegative bool, rng *rand.Rand) *cp.Tensor {
	rank := m.Rank() + 1
	more := &cp.Tensor{Weights: append(slices.Clone(m.Weights), norm/math.Sqrt(float64(rank)))}
	for _, f := range m.Factors {
		g := tensor.NewMatrix[float64](f.Rows, rank)
		for i := range g.Rows {
			copy(g.Row(i), f.Row(i))
			v := rng.NormFloat64()
			if nonnegative {
				v = math.Abs(v)
			}
			g.Set(i, rank-1, v/math.Sqrt(float64(f.Rows)))
		}
		more.Factors = append(more.Factors, g)
	}
	return more
}

// enough reports that the last candidates did not predict better.
func (s *searchCP) enough() bool {
	best := bestOf(s.trials, everyTrial)
	return s.heldOut(s.trials[best]) <= exactHeldOut || len(s.trials)-1-best >= patience
}

// maxChecked is the largest CP rank whose parameters are at most half as many
// as the entries: beyond it little is left to check a model on.
func maxChecked(shape []int, entries int) int {
	each := 1
	for _, size := range shape {
		each += size - 1
	}
	return max(1, entries/(2*each))
}

// progress counts steps for Options.Progress.
type progress struct {
	mu          sync.Mutex
	done, total int
	label       string
	report      func(done, total int, label string)
}

func newProgress(report func(done, total int, label string), total int) *progress {
	return &progress{total: total, report: report}
}

// step counts one step of the labelled work.
func (p *progress) step(label string) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.label = p.done+1, label
	p.report(p.done, p.total, label)
}

// finish counts what was planned and not needed.
func (p *progress) finish() {
	if p.report != nil && p.done < p.total {
		p.report(p.total, p.total, p.label)
	}
}
