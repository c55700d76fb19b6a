package connectome

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/internal/par"
)

// SearchOptions of [Communities]. The zero value works.
type SearchOptions struct {
	// Seed makes the search repeatable: the same seed gives the same
	// partition at any number of threads.
	Seed uint64
	// Restarts is the number of searches with the model of the six that does
	// best at first; the shortest description is kept.
	// Default 3.
	Restarts int
}

// Partition is the communities of a graph.
type Partition struct {
	// Blocks is the block of each node. Blocks are numbered by size, the
	// largest first.
	Blocks []int `json:"blocks"`
	// Sizes are the nodes of each block.
	Sizes []int `json:"sizes"`
	// Levels are groups of blocks, groups of these groups, and so on, where
	// that shortens the description.
	Levels [][]int `json:"levels,omitempty"`
	// DegreeCorrected says that the shortest description lets the nodes of a
	// block have degrees of their own.
	DegreeCorrected bool `json:"degree_corrected"`
	// Weights is the law of the weights in the shortest description:
	// "exponential", "log-normal", or "relative log-normal", in which each
	// node has a strength of its own.
	Weights string `json:"weights"`
	// Length is the description length in nats, up to a constant that does not
	// depend on the partition; OneBlock is the shortest with all nodes in one
	// block.
	Length   float64 `json:"description_length"`
	OneBlock float64 `json:"one_block"`
}

const (
	searchShrink  = 1.3 // of the number of blocks in a step, while there are many
	searchFew     = 14  // blocks, among which all moves are tried
	searchTries   = 10  // moves that are tried among more
	searchSweeps  = 3   // over the nodes, at most, after each step
	searchNested  = 40  // blocks, up to which levels above are looked for
	polishRounds  = 4   // of random moves at the end
	defaultSearch = 3
)

// Communities finds the communities of a weighted graph: the partition for
// which a weighted stochastic block model describes the graph in the fewest
// words, with or without a degree for each node, nested or not, and with
// weights of three laws. How many there are follows from the description
// length; a graph without communities is one block. Of N nodes in B blocks of
// n_r nodes with e_rs edges between them, E in all, the length is in nats
//
//	ln N + ln C(N-1, B-1) + ln N! - sum_r ln n_r!  + ln C(B(B+1)/2+E-1, E) + sum_{r<=s} ln C(n_r*n_s, e_rs)
//
// (pairs within a block are n_r*(n_r-1)/2; levels and degrees replace the last
// terms by shorter ones), and that of the weights beside it: Peixoto 2017,
// https://doi.org/10.1103/PhysRevE.95.012317; 2018,
// https://doi.org/10.1103/PhysRevE.97.012306.
//
// A search begins with every node by itself, joins blocks greedily and moves
// nodes after each step, and ends with rounds of random moves and their greedy
// repair (Peixoto 2014, https://doi.org/10.1103/PhysRevE.89.012804). The first
// with degree correction begins with what was found without. It takes about
// edges + nodes*blocks^2 operations a sweep. After a cancellation the error is
// ctx's.
func Communities(ctx context.Context, g *Graph, opt SearchOptions) (*Partition, error) {
	if opt.Restarts < 0 {
		return nil, fmt.Errorf("connectome: restarts %d: a positive number is expected", opt.Restarts)
	}
	if g.n == 0 {
		return nil, errors.New("connectome: the graph has no nodes")
	}
	if opt.Restarts == 0 {
		opt.Restarts = defaultSearch
	}
	one := make([]int, g.n)
	if g.edges == 0 {
		return &Partition{Blocks: one, Sizes: []int{g.n}}, nil
	}
	models := blockModels(g)
	found := make([]*candidate, len(models))
	par.Do(len(models)/2, func(k int) {
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(k)))
		found[2*k] = search(ctx, models[2*k], rng)
		found[2*k+1] = polish(ctx, models[2*k+1], found[2*k].of, rng)
	})
	best := shortest(found)
	same := models[slices.Index(found, best)]
	more := make([]*candidate, opt.Restarts-1)
	par.Do(len(more), func(k int) {
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(len(models)+k)))
		more[k] = search(ctx, same, rng)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := shortest(append(more, best)).partition()
	p.OneBlock = math.Inf(1)
	for _, same := range models {
		p.OneBlock = min(p.OneBlock, tuned(same, one).length)
	}
	return p, nil
}

// dispersions are those of the degrees that are tried.
var dispersions = []float64{0.5, 1, 2, 4, 8, 16}

// blockModels are the models that a graph is searched with: three laws of the
// weights, without and with degree correction. Each has variants.
func blockModels(g *Graph) [][]*blockModel {
	f := newFactorials(g.n*g.n + g.edges)
	var models [][]*blockModel
	for _, l := range []law{exponential, logNormal, relative} {
		var even, uneven []*blockModel
		for _, w := range newWeights(g, l) {
			even = append(even, &blockModel{g: g, weights: w, f: f})
			for _, d := range dispersions {
				uneven = append(uneven, &blockModel{g: g, weights: w, f: f, dispersion: d, constant: math.Log(float64(len(dispersions)))})
			}
		}
		models = append(models, even, uneven)
	}
	return models
}

// lengthGiven is the shortest description of a graph whose partition is known
// already.
func lengthGiven(g *Graph, of []int) float64 {
	models := blockModels(g)
	least := math.Inf(1)
	for _, same := range models {
		s := newState(same[0], of)
		names := s.f.at(g.n) + math.Log(float64(g.n)) + s.f.choose(g.n-1, s.blocks-1)
		for _, n := range s.size {
			names -= s.f.at(n)
		}
		least = min(least, tuned(same, of).length-names)
	}
	return least
}

// shortest is the candidate with the shortest description, the first of
// equals.
func shortest(all []*candidate) *candidate {
	best := all[0]
	for _, c := range all[1:] {
		if c.length < best.length {
			best = c
		}
	}
	return best
}

// candidate is a partition with its description length.
type candidate struct {
	of     []int
	levels [][]int
	length float64
	m      *blockModel
}

// judge is the description length with the levels that shorten it, which are
// looked for if that can make it less than a bound.
func (s *state) judge(bound float64) *candidate {
	c := &candidate{of: slices.Clone(s.of), length: s.length(), m: s.m}
	flat := s.f.multiset(s.blocks*(s.blocks+1)/2, s.g.edges)
	if s.blocks > 2 && s.blocks <= searchNested && c.length-flat < bound {
		t := *s
		t.touched = nil
		t.recount()
		c.of = t.of
		e := make([][]int, t.blocks)
		for r := range e {
			e[r] = t.e[r*t.stride : r*t.stride+t.blocks]
		}
		cost, levels := nested(e, s.g.edges, s.f)
		c.levels = levels
		c.length += cost - flat
	}
	return c
}

// tuned is a partition with the variant of the model that suits it best.
func tuned(same []*blockModel, of []int) *candidate {
	var best *state
	least := math.Inf(1)
	for _, m := range same {
		if s := newState(m, of); best == nil || s.length() < least {
			best, least = s, s.length()
		}
	}
	return best.judge(math.Inf(1))
}

func search(ctx context.Context, same []*blockModel, rng *rand.Rand) *candidate {
	s := newState(same[len(same)/3], rng.Perm(same[0].g.n))
	best := s.judge(math.Inf(1))
	keep := func() {
		if c := s.judge(best.length); c.length < best.length {
			best = c
		}
	}
	for s.blocks > 1 && ctx.Err() == nil {
		goal := s.blocks - 1
		if s.blocks > searchFew {
			goal = max(searchFew, int(float64(s.blocks)/searchShrink))
		}
		s.merge(goal, rng)
		s.recount()
		for range searchSweeps {
			if s.sweep(rng, 0, false) == 0 {
				break
			}
		}
		s.recount()
		keep()
	}
	return polish(ctx, same, best.of, rng)
}

// polish improves a partition by rounds of random moves and their repair.
func polish(ctx context.Context, same []*blockModel, of []int, rng *rand.Rand) *candidate {
	best := tuned(same, of)
	for range polishRounds {
		if ctx.Err() != nil {
			break
		}
		s := newState(best.m, best.of)
		s.sweep(rng, 1, true)
		s.recount()
		for range 4 * searchSweeps {
			if s.sweep(rng, 0, true) == 0 {
				break
			}
			s.recount()
		}
		if c := tuned(same, s.of); c.length < best.length {
			best = c
		}
	}
	return best
}

// merge joins blocks until there are goal.
func (s *state) merge(goal int, rng *rand.Rand) {
	type pair struct {
		r, t int
		gain float64
	}
	var pairs []pair
	for r := range s.size {
		if s.size[r] == 0 {
			continue
		}
		best := pair{r, -1, math.Inf(1)}
		try := func(t int) {
			if t != r && s.size[t] > 0 {
				if d := s.join(r, t); d < best.gain {
					best = pair{r, t, d}
				}
			}
		}
		if s.blocks <= 2*searchFew {
			for t := range s.size {
				try(t)
			}
		} else {
			for range searchTries {
				try(rng.IntN(s.stride - 1))
				try(s.near(r, rng))
			}
		}
		if best.t >= 0 {
			pairs = append(pairs, best)
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.gain < b.gain:
			return -1
		case a.gain > b.gain:
			return 1
		}
		return 0
	})
	into := make([]int, s.stride)
	for r := range into {
		into[r] = r
	}
	root := func(r int) int {
		for into[r] != r {
			r = into[r]
		}
		return r
	}
	left := s.blocks
	for _, p := range pairs {
		if left <= goal {
			break
		}
		if a, b := root(p.r), root(p.t); a != b {
			into[a] = b
			left--
		}
	}
	for i, r := range s.of {
		s.of[i] = root(r)
	}
}

// near is the block of a neighbour of a neighbour of a node of block r: one
// that has edges to the same blocks.
func (s *state) near(r int, rng *rand.Rand) int {
	i := rng.IntN(s.g.n)
	for k := range s.g.n { // a node of the block
		if s.of[(i+k)%s.g.n] == r {
			i = (i + k) % s.g.n
			break
		}
	}
	for range 2 {
		if ends := s.g.ends[i]; len(ends) > 0 {
			i = int(ends[rng.IntN(len(ends))])
		}
	}
	return s.of[i]
}

// sweep visits the nodes in random order, moves each to the block that
// shortens the description most, and returns the number of moves. With a
// temperature, moves that lengthen it are made with the probability
// exp(-gain/temperature) relative to the others. fresh allows a new block.
func (s *state) sweep(rng *rand.Rand, temperature float64, fresh bool) int {
	moves := 0
	var targets []int
	var gains []float64
	for _, i := range rng.Perm(s.g.n) {
		s.neighbours(i)
		r := s.of[i]
		targets, gains = targets[:0], gains[:0]
		empty := false
		consider := func(t int) {
			if s.size[t] == 0 {
				if empty || !fresh || s.size[r] == 1 {
					return
				}
				empty = true
			}
			if t != r && !slices.Contains(targets, t) {
				targets = append(targets, t)
				gains = append(gains, s.gain(i, t))
			}
		}
		if s.stride <= searchFew+1 {
			for t := range s.size {
				consider(t)
			}
		} else {
			for range searchTries {
				consider(s.near(r, rng))
			}
			for _, t := range s.touched[:min(len(s.touched), searchTries)] {
				consider(t)
			}
			consider(s.stride - 1)
		}
		at := -1
		if temperature > 0 {
			at = drawn(gains, temperature, rng)
		} else {
			low := -1e-9
			for k, d := range gains {
				if d < low {
					at, low = k, d
				}
			}
		}
		if at >= 0 {
			s.move(i, targets[at])
			moves++
		}
	}
	return moves
}

// drawn draws one of the moves, or -1: none.
func drawn(gains []float64, temperature float64, rng *rand.Rand) int {
	low := 0.0
	for _, d := range gains {
		low = min(low, d)
	}
	sum := math.Exp(low / temperature) // of no move
	for _, d := range gains {
		sum += math.Exp((low - d) / temperature)
	}
	u := rng.Float64() * sum
	for k, d := range gains {
		if u -= math.Exp((low - d) / temperature); u < 0 {
			return k
		}
	}
	return -1
}

// partition numbers the blocks by size.
func (c *candidate) partition() *Partition {
	count := 1 + slices.Max(c.of)
	sizes := make([]int, count)
	for _, r := range c.of {
		sizes[r]++
	}
	order := make([]int, count)
	for r := range order {
		order[r] = r
	}
	slices.SortStableFunc(order, func(a, b int) int { return sizes[b] - sizes[a] })
	p := &Partition{Blocks: make([]int, len(c.of)), Length: c.length, DegreeCorrected: c.m.dispersion > 0, Weights: string(c.m.weights.law)}
	name := make([]int, count)
	for k, r := range order {
		name[r] = k
		p.Sizes = append(p.Sizes, sizes[r])
	}
	for i, r := range c.of {
		p.Blocks[i] = name[r]
	}
	for l, groups := range c.levels {
		if l == 0 {
			ordered := make([]int, count)
			for r, g := range groups {
				ordered[name[r]] = g
			}
			groups = ordered
		}
		p.Levels = append(p.Levels, groups)
	}
	return p
}
