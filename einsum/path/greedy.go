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
// close to linear in the number of tensors.
func Greedy(n *Network, opt GreedyOptions) Path {
	g := newGraph(n)
	g.simplify()
	s := newGreedy(g)
	s.run(g, opt, math.Inf(1))
	return g.path
}

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
				s.first = append(s.first, firstPair{int32(a), b, g.size[a] + g.size[b] - g.shared[b] - g.gone[b]})
			}
		}
	}
	return s
}

// run contracts g until one tensor is left and gives the cost of its pairs, or
// +Inf as soon as that exceeds the limit.
func (s *greedy) run(g *graph, opt GreedyOptions, limit float64) float64 {
	alpha := opt.Alpha
	if alpha == 0 {
		alpha = 1
	}
	rng := rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15))
	score := func(a, b int32, size float64) float64 {
		x := exp2(size)/alpha - alpha*(exp2(g.size[a])+exp2(g.size[b]))
		if opt.Temperature == 0 {
			return x
		}
		l := 0.0
		switch {
		case x > 1:
			l = math.Log(x)
		case x < -1:
			l = -math.Log(-x)
		}
		return l + opt.Temperature*math.Log(rng.ExpFloat64()) // minus the log of an exponential variate is Gumbel's
	}
	s.queue = s.queue[:0]
	for _, f := range s.first {
		s.queue = append(s.queue, candidate{score(f.a, f.b, f.size), f.a, f.b})
	}
	s.queue.init()
	for len(s.queue) > 0 && g.left > 1 {
		p := s.queue.pop()
		if !g.alive[p.a] || !g.alive[p.b] {
			continue
		}
		c := g.contract(p.a, p.b)
		if g.cost > limit {
			return math.Inf(1)
		}
		for _, b := range g.neighbours(c) {
			s.queue.push(candidate{score(b, c, g.size[c]+g.size[b]-g.shared[b]-g.gone[b]), b, c})
		}
	}
	g.finish()
	return g.cost
}
