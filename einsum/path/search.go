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
	roundTrials = 8 // trials of a round; what one round finds, the next ones start from
	eliteMost   = 4 // trees that are kept from round to round
	firstSweeps = 200
	mostSweeps  = 25_600
	timedSweeps = 100_000 // the most if there is a time
	timedPart   = 0.25    // of the time left that a round is to take
	coldBeta    = 15.0    // where a rotation that doubles the cost of two pairs is taken once in 2^21 times

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
	path    Path     // over the leaves of the forest
	sliced  []uint64 // may be nil
	score   float64  // log2 of the products of all slices
	planner string
	trial   int
	effort  float64
	fits    bool
}

// Search uses all planners: greedy, elimination and dissection give trees,
// which are annealed, some from scratch and some from the best so far, made
// optimal piece by piece, and sliced if there is a limit of memory. It works
// in rounds of eight trials in parallel. With Options.Time it goes on until
// that is over, with Options.Trials until so many trials are done; without
// either it stops when the search has taken a quarter of the time that the
// contraction is predicted to take, or 30 seconds. But for Options.Time the result depends
// on the network and the options alone.
func Search(ctx context.Context, n *Network, opt Options) (Found, error) {
	g := newGraph(n)
	g.simplify()
	s := &search{net: n, opt: opt, forest: newForest(g), start: time.Now()}
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
	s.elite = slices.CompactFunc(s.elite, func(a, b result) bool { return a.score == b.score && a.fits == b.fits })
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
	s.keep([]result{s.finish(ctx, s.forest.tree(slices.Clone(s.opt.Start), nil), 8, "start", s.opt.Seed)})
	return nil
}

// trial does trial k of a round.
func (s *search) trial(ctx context.Context, round, k int) result {
	id := round*roundTrials + k
	rng := rand.New(rand.NewPCG(s.opt.Seed, 0x1000+uint64(id)))
	if round == 0 {
		p, name := s.beginning(ctx, k, rng)
		if p == nil {
			return result{trial: id}
		}
		if !s.forest.small() {
			return s.plain(p, name, id)
		}
		r := s.finish(ctx, s.forest.tree(p, nil), 6, name, rng.Uint64())
		r.trial = id
		return r
	}
	sweeps := s.sweeps(ctx, round)
	var t *tree
	name := "anneal"
	from := 0.1
	if k%2 == 0 && len(s.elite) > 0 {
		// Warm trees are annealed from a temperature that keeps their shape.
		e := s.elite[min(rng.IntN(eliteMost), rng.IntN(eliteMost), len(s.elite)-1)]
		t = s.forest.tree(e.path, nil)
		from = 0.5 + 3*rng.Float64()
		name = e.planner
	} else {
		p, start := s.beginning(ctx, rng.IntN(roundTrials), rng)
		if p == nil {
			return result{trial: id}
		}
		t = s.forest.tree(p, nil)
		name = start
		from = 0.1 + 2*rng.Float64()*rng.Float64()
	}
	a := newAnnealing(t, rng.Uint64(), s.target())
	a.cool(ctx, from, coldBeta, sweeps)
	r := s.finish(ctx, t, min(5+round, 8), withAnneal(name), rng.Uint64())
	r.trial = id
	r.effort += float64(sweeps) * s.sweepSeconds()
	return r
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
	return float64(len(s.forest.legs)+1) * (100e-9 + 5e-9*float64(s.forest.lay.words()))
}

// withAnneal marks a planner's tree as annealed.
func withAnneal(name string) string {
	const mark = "+anneal"
	if len(name) > len(mark) && name[len(name)-len(mark):] == mark {
		return name
	}
	return name + mark
}

// target is the size of a result that annealing keeps to, log2.
func (s *search) target() float64 {
	if s.opt.Memory > 0 {
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
	for j := 0; j < 8 || j < 256 && time.Since(begin) < s.opt.Time/32; j++ {
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
	newReconfiguring(t, seed).run(ctx, parts)
	r := result{planner: name, fits: true, effort: 50e-6 * float64(t.leaves)}
	number := 0.0
	if s.opt.Memory > 0 {
		var sliced []uint64
		sliced, number, r.fits = t.fit(ctx, math.Log2(s.opt.Memory), seed)
		if number > 0 {
			a := newAnnealing(t, seed, s.target())
			before := t.copy()
			a.cool(ctx, 4, coldBeta, firstSweeps)
			newReconfiguring(t, seed).run(ctx, 8)
			if t.peak() > math.Log2(s.opt.Memory) {
				t.assign(before)
			}
			r.sliced = sliced
		}
	}
	r.path = t.path()
	r.score = t.logTotal() + number
	return r
}

// plain is the result of a path whose tree would be too large to work on.
func (s *search) plain(p Path, name string, id int) result {
	c, err := s.forest.network().Cost(p, nil)
	if err != nil {
		panic("path: " + err.Error())
	}
	return result{path: p, score: c.Flops, planner: name, trial: id, fits: s.opt.Memory == 0 || c.Peak <= math.Log2(s.opt.Memory)}
}

// found is the best of all. What was simplified beforehand is contracted where
// it is needed.
func (s *search) found() (Found, error) {
	r := s.elite[0]
	f := Found{Path: s.forest.lift(r.path), Planner: r.planner}
	if whole := newForest(newGraph(s.net)); whole.small() {
		var sliced []uint64
		if r.sliced != nil {
			sliced = make([]uint64, whole.lay.words())
			whole.lay.put(sliced, s.forest.indices(r.sliced))
		}
		t := whole.tree(f.Path, sliced)
		if s.opt.Memory > 0 && t.peak() > math.Log2(s.opt.Memory) {
			more, _, ok := t.fit(context.Background(), math.Log2(s.opt.Memory), s.opt.Seed)
			if !ok {
				return Found{}, &MemoryError{Limit: s.opt.Memory, Need: exp2(t.peak())}
			}
			sliced = union(sliced, more)
		}
		f.Path, f.Sliced = t.path(), whole.indices(sliced)
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

// union is the union of two sets; nil is the empty one.
func union(a, b []uint64) []uint64 {
	if a == nil {
		return b
	}
	for w := range b {
		a[w] |= b[w]
	}
	return a
}
