package path

import (
	"math"
	"math/rand/v2"
)

// GreedyOptions say how Greedy scores a pair. The zero value is the plain
// greedy method.
type GreedyOptions struct {
	// Alpha weighs the operands against the result; 1 unless given.
	Alpha float64
	// Temperature of the noise; 0 gives none.
	Temperature float64
	Seed        uint64
	// again has a tensor whose best partner was used look for the next best;
	// otherwise it waits to be chosen, or for the end.
	again bool
}

// Greedy contracts the pair of neighbours with the lowest score
//
//	|ab| / alpha - alpha (|a| + |b|)
//
// again and again, where |x| is the number of elements, after contractions
// that are always right. With a temperature T, -T times a Gumbel variate is
// added to the signed logarithm of the score, so that seeds give many good
// paths, the best of which is much better than the plain one (Gray &
// Kourtis, 2021, https://doi.org/10.22331/q-2021-03-15-410). The time is
// close to linear in the number of tensors. Many pairs have the same score,
// and on large networks ties decide much: it is done five times with ties
// broken in other ways, with two rules for tensors whose best partner is used
// before they are, and the best path is taken.
func Greedy(n *Network, opt GreedyOptions) Path {
	base := newGraph(n)
	base.simplify()
	s := newGreedy(base)
	best, least := Path(nil), math.Inf(1)
	for k := range greedyTies {
		opt.again = k == greedyTies-1
		g := base.clone()
		if cost := s.run(g, opt, least); best == nil || cost < least {
			best, least = g.path, cost
		}
		opt.Seed += 1 << 32
	}
	return best
}

// greedyTies is the number of paths that Greedy makes.
const greedyTies = 5

// greedy holds what trials of one network share.
type greedy struct {
	first []firstPair
	queue heap
}

// firstPair is a pair of neighbours before anything is contracted.
type firstPair struct {
	a, b int32
	size float64 // log2
}

func newGreedy(g *graph) *greedy {
	s := &greedy{}
	for a := range g.legs {
		if !g.alive[a] {
			continue
		}
		for _, b := range g.neighbours(int32(a)) {
			if b > int32(a) || g.count[g.legs[a][0]] > hubDegree {
				s.first = append(s.first, firstPair{min(int32(a), b), max(int32(a), b), g.size[a] + g.size[b] - g.shared[b] - g.gone[b]})
			}
		}
	}
	return s
}

// signedLog is sign(x) log(1+|x|), or close to it where |x| is large, of
// x = 2^ab/alpha - alpha (2^a + 2^b), for exponents beyond those of floating
// point.
func signedLog(ab, a, b, alpha float64) float64 {
	unit := max(ab, a, b)
	x := math.Exp2(ab-unit)/alpha - alpha*(math.Exp2(a-unit)+math.Exp2(b-unit))
	if unit < 40 {
		x *= math.Exp2(unit)
		return math.Copysign(math.Log1p(math.Abs(x)), x)
	}
	return math.Copysign(max(0, math.Log(math.Abs(x))+unit*math.Ln2), x)
}

// run contracts g until one tensor is left and gives log2 of the cost of its
// pairs, or +Inf as soon as that exceeds the limit.
func (s *greedy) run(g *graph, opt GreedyOptions, limit float64) float64 {
	alpha := opt.Alpha
	if alpha == 0 {
		alpha = 1
	}
	rng := rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15))
	score := func(a, b int32, size float64) float64 {
		x := signedLog(size, g.size[a], g.size[b], alpha)
		if opt.Temperature > 0 {
			return x + opt.Temperature*math.Log(rng.ExpFloat64()) // minus the log of an exponential variate is Gumbel's
		}
		return x + 1e-9*rng.Float64() // ties are broken at random: by age, one corner would grow before all others
	}
	s.queue = s.queue[:0]
	for _, f := range s.first {
		s.queue = append(s.queue, candidate{score(f.a, f.b, f.size), f.a, f.b})
	}
	s.queue.init()
	push := func(c int32) { // the best pair of a tensor
		best := candidate{score: math.Inf(1)}
		for _, b := range g.neighbours(c) {
			x := candidate{score(b, c, g.size[c]+g.size[b]-g.shared[b]-g.gone[b]), min(b, c), max(b, c)}
			if x.before(best) {
				best = x
			}
		}
		if !math.IsInf(best.score, 1) {
			s.queue.push(best)
		}
	}
	for len(s.queue) > 0 && g.left > 1 {
		p := s.queue.pop()
		switch {
		case g.alive[p.a] && g.alive[p.b]:
			c := g.contract(p.a, p.b)
			if g.cost > limit {
				return math.Inf(1)
			}
			push(c)
		case opt.again && g.alive[p.a]:
			push(p.a)
		case opt.again && g.alive[p.b]:
			push(p.b)
		}
	}
	g.finish()
	return g.cost
}
