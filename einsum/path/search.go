package path

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/polyad/polyad/internal/par"
)

const (
	roundTrials  = 8 // trials of a round; what one round finds, the next ones start from
	eliteMost    = 4 // trees that are kept from round to round
	firstStarts  = 4 // trees of a trial of the first round that are sliced, of which the best is kept
	slicedStarts = 3 // the same of other rounds
	startSweeps  = 1000
	firstSweeps  = 200
	mostSweeps   = 25_600
	timedSweeps  = 100_000 // the most if there is a time
	timedPart    = 0.25    // of the time left that a round is to take
	coldBeta     = 15.0    // where a rotation that doubles the cost of two pairs is taken once in 2^21 times

	// rate is the products a second that a contraction is predicted to make,
	// and worth the part of its time that the search for a path may take.
	rate       = 5e9
	worth      = 0.25
	mostEffort = 30 // seconds, unless a time or trials are given
)

// search is the state of a search from round to round.
type search struct {
	net    *Network
	opt    Options
	forest *forest
	start  time.Time
	elite  []result
	trials int
	effort float64 // seconds that the trials took, by a model that does not look at a clock
}

// result is the tree of one trial.
type result struct {
	path    Path // over the leaves of the forest
	sliced  []uint64
	score   float64 // log2 of the products of all slices, and of what their results count as
	planner string
	trial   int
	effort  float64
	fits    bool
}

// Search uses all planners: greedy, elimination and dissection give trees,
// which are annealed, some from scratch and some from the best so far, made
// optimal piece by piece, and sliced if there is a limit of memory: slices are
// then chosen anew as the tree is annealed (Kalachev, Panteleev & Yung, 2021,
// https://arxiv.org/abs/2108.05665). It works
// in rounds of eight trials in parallel. With Options.Time it goes on until
// that is over, with Options.Trials until so many trials are done; without
// either it stops when the search has taken a quarter of the time that the
// contraction is predicted to take, or 30 seconds. But for Options.Time the result depends
// on the network and the options alone.
func Search(ctx context.Context, n *Network, opt Options) (Found, error) {
	g := newGraph(n)
	g.simplify()
	s := &search{net: n, opt: opt, forest: newForest(g), start: time.Now()}
	s.forest.writes = opt.Writes
	inner := ctx
	if opt.Time > 0 {
		var cancel context.CancelFunc
		inner, cancel = context.WithDeadline(ctx, s.start.Add(opt.Time))
		defer cancel()
	}
	if err := s.warm(inner); err != nil {
		return Found{}, err
	}
	for round := 0; s.goesOn(inner, round); round++ {
		out := make([]result, roundTrials)
		par.Do(roundTrials, func(k int) { out[k] = s.trial(inner, round, k) })
		s.keep(out)
	}
	if err := ctx.Err(); err != nil {
		return Found{}, err
	}
	return s.found()
}

// goesOn says whether there is to be another round.
func (s *search) goesOn(ctx context.Context, round int) bool {
	switch {
	case len(s.forest.legs) < 3 && len(s.elite) > 0 || ctx.Err() != nil && round > 0:
		return false
	case round == 0:
		return true
	case !s.forest.small():
		return false // the first round did all that there is to do for so large a network
	case s.opt.Trials > 0:
		return s.trials < s.opt.Trials
	case s.opt.Time > 0:
		return true
	}
	return s.effort < min(worth*exp2(s.elite[0].score)/rate, mostEffort)
}

// keep sorts the results of a round in among the best.
func (s *search) keep(out []result) {
	for _, r := range out {
		s.trials++
		s.effort += r.effort
		if r.path != nil {
			s.elite = append(s.elite, r)
		}
	}
	slices.SortStableFunc(s.elite, func(a, b result) int {
		switch {
		case a.fits != b.fits && a.fits:
			return -1
		case a.fits != b.fits:
			return 1
		}
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.trial, b.trial))
	})
	alike := 0.0
	if s.limited() {
		alike = 0.05 // trees that differ in what is cheap only
	}
	s.elite = slices.CompactFunc(s.elite, func(a, b result) bool { return b.score-a.score <= alike && a.fits == b.fits })
	s.elite = s.elite[:min(len(s.elite), eliteMost)]
}

// warm takes the path that the caller knows as the first of the best.
func (s *search) warm(ctx context.Context) error {
	if s.opt.Start == nil {
		return nil
	}
	if err := s.opt.Start.Check(len(s.net.Inputs)); err != nil {
		return err
	}
	// A path from outside need not begin as the simplification does: leave it
	// unsimplified.
	s.forest = newForest(newGraph(s.net))
	s.forest.writes = s.opt.Writes
	s.keep([]result{s.finish(ctx, s.forest.tree(s.opt.Start, nil), 8, "start", s.opt.Seed)})
	return nil
}

// trial does trial k of a round.
func (s *search) trial(ctx context.Context, round, k int) result {
	id := round*roundTrials + k
	rng := rand.New(rand.NewPCG(s.opt.Seed, 0x1000+uint64(id)))
	if round == 0 {
		return s.first(ctx, k, id, rng)
	}
	sweeps := s.sweeps(ctx, round)
	var t *tree
	var name string
	from := 0.1
	switch {
	case s.limited() && (k == 5 || k == 7):
		t, name = s.anew(ctx, rng.IntN(roundTrials), slicedStarts, rng)
		from = 2
	case s.limited() && k != 0 && k != 2 && len(s.elite) > 0:
		// A good tree is made whole, annealed so, and sliced anew: this changes
		// more of its slices than rotations beside them do.
		e := s.elite[min(rng.IntN(eliteMost), rng.IntN(eliteMost), len(s.elite)-1)]
		t, name = s.forest.tree(e.path, nil), e.planner
		newAnnealing(t, rng.Uint64(), math.Inf(1)).cool(ctx, 1+3*rng.Float64(), coldBeta, sweeps/2)
		t.fit(ctx, s.memory(), rng.Uint64())
		from = 2 + 2*rng.Float64()
	case k%2 == 0 && len(s.elite) > 0:
		// Warm trees are annealed from a temperature that keeps their shape.
		e := s.elite[min(rng.IntN(eliteMost), rng.IntN(eliteMost), len(s.elite)-1)]
		t, name = s.forest.tree(e.path, e.sliced), e.planner
		from = 0.5 + 3*rng.Float64()
	default:
		from = 0.1 + 2*rng.Float64()*rng.Float64()
		var p Path
		if p, name = s.beginning(ctx, rng.IntN(roundTrials), rng); p != nil {
			t = s.forest.tree(p, nil)
		}
	}
	if t == nil {
		return result{trial: id}
	}
	a := newAnnealing(t, rng.Uint64(), s.memory())
	if k%4 > 1 {
		a.writes = 0 // products alone lead to other trees, which are compared as those are
	}
	a.cool(ctx, from, coldBeta, sweeps)
	r := s.finish(ctx, t, min(5+round, 8), withAnneal(name), rng.Uint64())
	r.trial = id
	r.effort += float64(sweeps) * s.sweepSeconds()
	return r
}

// first does a trial of the first round: each begins in a way of its own.
func (s *search) first(ctx context.Context, k, id int, rng *rand.Rand) result {
	var r result
	if s.limited() && s.forest.small() && (s.opt.Time > 0 || s.opt.Trials > 0) {
		t, name := s.anew(ctx, k, firstStarts, rng)
		if t != nil {
			r = s.finish(ctx, t, 6, withAnneal(name), rng.Uint64())
		}
	} else if p, name := s.beginning(ctx, k, rng); p != nil {
		if !s.forest.small() {
			return s.plain(p, name, id)
		}
		r = s.finish(ctx, s.forest.tree(p, nil), 6, name, rng.Uint64())
	}
	r.trial = id
	return r
}

// anew makes a sliced tree from nothing: the best of several, of which the
// first begins in way k. How many slices a tree takes is settled by its shape
// in the large, which sweeps over the sliced tree hardly change: trees of as
// many products differ by powers of ten once they are sliced, so that many
// short chains find more than a long one.
func (s *search) anew(ctx context.Context, k, starts int, rng *rand.Rand) (best *tree, of string) {
	fits := false
	for j := range starts {
		if j > 0 && (ctx.Err() != nil || s.opt.Time > 0 && time.Since(s.start) > s.opt.Time/4 && s.trials == 0) {
			break
		}
		p, name := s.beginning(ctx, k, rng)
		k = rng.IntN(roundTrials)
		if p == nil {
			break
		}
		t := s.forest.tree(p, nil)
		newAnnealing(t, rng.Uint64(), math.Inf(1)).cool(ctx, 0.5, coldBeta, startSweeps)
		in := t.fit(ctx, s.memory(), rng.Uint64())
		if best == nil || in && (!fits || t.score() < best.score()) {
			best, of, fits = t, name, in
		}
	}
	return best, of
}

// sweeps is the number of sweeps of the trials of a round. Long chains find
// more than many short ones, so that a search with a time begins with chains
// as long as that allows.
func (s *search) sweeps(ctx context.Context, round int) int {
	deadline, timed := ctx.Deadline()
	if !timed || s.opt.Time == 0 {
		return min(firstSweeps<<min(round, 20), mostSweeps)
	}
	each := timedPart * time.Until(deadline).Seconds() * float64(min(runtime.GOMAXPROCS(0), roundTrials)) / roundTrials
	return max(firstSweeps, min(timedSweeps, int(each/s.sweepSeconds())))
}

// sweepSeconds is the time of a sweep by a model.
func (s *search) sweepSeconds() float64 {
	each := 100e-9 + 5e-9*float64(s.forest.lay.words())
	if s.limited() {
		each *= 2 // trees before they are sliced, and slicing
	}
	return float64(len(s.forest.legs)+1) * each
}

// withAnneal marks a planner's tree as annealed.
func withAnneal(name string) string {
	const mark = "+anneal"
	if len(name) > len(mark) && name[len(name)-len(mark):] == mark {
		return name
	}
	return name + mark
}

func (s *search) limited() bool { return s.opt.Memory > 0 }

// memory is log2 of Options.Memory, or infinite.
func (s *search) memory() float64 {
	if s.limited() {
		return math.Log2(s.opt.Memory)
	}
	return math.Inf(1)
}

// beginning makes a path over the leaves in one of several ways.
func (s *search) beginning(ctx context.Context, k int, rng *rand.Rand) (Path, string) {
	f := s.forest
	seed := rng.Uint64()
	switch {
	case k == 0:
		g := newGraph(f.network())
		newGreedy(g).run(g, GreedyOptions{Alpha: 1, Seed: seed, again: true}, math.Inf(1))
		return g.path, "greedy"
	case k == 1 && len(f.lay.index) <= eliminationSearched:
		g := newGraph(f.network())
		g.minFill(ctx, rng, s.trials > 0)
		return g.path, "min-fill"
	case k == 2:
		return f.dissect(rng), "dissection"
	}
	g := newGraph(f.network())
	first := newGreedy(g)
	best, limit := Path(nil), math.Inf(1)
	c := g.clone()
	begin := time.Now()
	runs, more := 8, s.opt.Time/32
	if !f.small() {
		runs = 1
	} else if s.limited() {
		more = 0 // what differs is worth more than what is cheap before it is sliced
	}
	for j := 0; j < runs || j < 32*runs && time.Since(begin) < more; j++ {
		if ctx.Err() != nil && best != nil {
			break
		}
		c.reset(g)
		if x := first.run(c, drawGreedy(seed, j+1), limit); x < limit {
			limit, best = x, append(best[:0], c.path...)
		}
	}
	return best, "random-greedy"
}

// eliminationSearched is the number of indices up to which a search tries
// elimination orders.
const eliminationSearched = 2048

// finish makes a tree optimal piece by piece, slices it if need be, and
// describes it.
func (s *search) finish(ctx context.Context, t *tree, parts int, name string, seed uint64) result {
	r := result{planner: name, fits: true, effort: 50e-6 * float64(t.leaves)}
	if !s.limited() || t.peak() > s.memory() {
		newReconfiguring(t, seed).run(ctx, parts)
	}
	if s.limited() {
		if r.fits = t.fit(ctx, s.memory(), seed); r.fits {
			newReconfiguring(t, seed).keep(ctx, parts, s.memory())
		}
	}
	r.path, r.sliced, r.score = t.path(), t.sliced, t.score()
	return r
}

// plain is the result of a path whose tree would be too large to work on.
func (s *search) plain(p Path, name string, id int) result {
	c, err := s.forest.network().Cost(p, nil)
	if err != nil {
		panic("path: " + err.Error())
	}
	return result{path: p, score: addLog2(c.Flops, c.Write+math.Log2(s.opt.Writes)), planner: name, trial: id, fits: s.opt.Memory == 0 || c.Peak <= math.Log2(s.opt.Memory)}
}

// found is the best of all. What was simplified beforehand is contracted where
// it is needed.
func (s *search) found() (Found, error) {
	r := s.elite[0]
	f := Found{Path: s.forest.lift(r.path), Planner: r.planner}
	if whole := newForest(newGraph(s.net)); whole.small() {
		sliced := make([]uint64, whole.lay.words())
		if r.sliced != nil {
			whole.lay.put(sliced, s.forest.indices(r.sliced))
		}
		t := whole.tree(f.Path, sliced)
		if !t.fit(context.Background(), s.memory(), s.opt.Seed) {
			return Found{}, &MemoryError{Limit: s.opt.Memory, Need: exp2(t.peak())}
		}
		f.Path, f.Sliced = t.path(), whole.indices(t.sliced)
	}
	var err error
	if f.Cost, err = s.net.Cost(f.Path, f.Sliced); err != nil {
		return Found{}, err
	}
	if s.opt.Memory > 0 && f.Cost.Peak > math.Log2(s.opt.Memory)+1e-9 {
		return Found{}, &MemoryError{Limit: s.opt.Memory, Need: exp2(f.Cost.Peak)}
	}
	return f, nil
}
