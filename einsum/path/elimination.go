package path

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// eliminationMost is the number of indices up to which elimination orders are
// made: who is beside whom is a bit for each two of them.
const eliminationMost = 1 << 14

// MinFill sums the indices one after the other, always one that makes the
// fewest pairs of indices meet in a tensor for the first time, with ties by
// the weight of those around it and then at random. Summing an index
// contracts all tensors that hold it. It is at its best where a few tensors
// share each index, or few indices are shared by many tensors (treewidth:
// Markov & Shi, 2008, https://doi.org/10.1137/050644756; the rule: Rose,
// 1972). Above 16384 indices it is Greedy.
func MinFill(n *Network, seed uint64) Path {
	g := newGraph(n)
	g.simplify()
	g.minFill(context.Background(), rand.New(rand.NewPCG(seed, 0xe7037ed1a0b428db)), seed != 0)
	return g.path
}

// minFill contracts g. With noise, ties are broken at random and the rule is
// not kept to the letter. If there are too many indices, or ctx ends, what is
// left is done by the greedy method.
func (g *graph) minFill(ctx context.Context, rng *rand.Rand, noise bool) {
	e := newElimination(g)
	if e == nil {
		newGreedy(g).run(g, GreedyOptions{again: true}, math.Inf(1))
		return
	}
	jitter := 0.0
	if noise {
		jitter = rng.Float64() * rng.Float64()
	}
	for {
		if ctx.Err() != nil {
			newGreedy(g).run(g, GreedyOptions{again: true}, math.Inf(1))
			return
		}
		best, least := -1, 0.0
		for v := range e.ids {
			if e.gone[v] || g.kept[e.ids[v]] {
				continue
			}
			if e.stale[v] {
				e.score[v] = e.fill(v)
				if noise {
					e.score[v] = (e.score[v] + 1) * (1 + jitter*rng.Float64())
				}
				e.stale[v] = false
			}
			if best < 0 || e.score[v] < least {
				best, least = v, e.score[v]
			}
		}
		if best < 0 {
			break
		}
		e.eliminate(best)
		g.sumOut(e.ids[best])
	}
	g.finish()
}

// elimination is the graph of indices, two of which are beside each other if
// a tensor holds both.
type elimination struct {
	graph *graph
	ids   []int32
	words int
	near  []uint64 // rows of bits
	gone  []bool
	stale []bool // the score is to be computed
	score []float64
}

func newElimination(g *graph) *elimination {
	e := &elimination{graph: g}
	local := make([]int32, len(g.weight))
	for i := range g.weight {
		if g.count[i] > 0 && g.weight[i] > 0 {
			local[i] = int32(len(e.ids))
			e.ids = append(e.ids, int32(i))
		}
	}
	if len(e.ids) > eliminationMost {
		return nil
	}
	e.words = (len(e.ids) + 63) / 64
	e.near = make([]uint64, e.words*len(e.ids))
	e.gone, e.stale, e.score = make([]bool, len(e.ids)), make([]bool, len(e.ids)), make([]float64, len(e.ids))
	row := make([]uint64, e.words)
	for t, legs := range g.legs {
		if !g.alive[t] {
			continue
		}
		clear(row)
		for _, i := range legs {
			row[local[i]/64] |= 1 << (local[i] % 64)
		}
		for _, i := range legs {
			for w, x := range row {
				e.near[int(local[i])*e.words+w] |= x
			}
		}
	}
	for v := range e.ids {
		e.stale[v] = true
		e.near[v*e.words+v/64] &^= 1 << (v % 64)
	}
	return e
}

func (e *elimination) row(v int) []uint64 { return e.near[v*e.words : (v+1)*e.words] }

// each calls f for the neighbours of v.
func (e *elimination) each(v int, f func(u int)) {
	for w, x := range e.row(v) {
		for ; x != 0; x &= x - 1 {
			f(64*w + bits.TrailingZeros64(x))
		}
	}
}

// fill is the number of pairs of neighbours of v that are not beside each
// other, and as a fraction their weight.
func (e *elimination) fill(v int) float64 {
	missing, weight := 0, e.graph.weight[e.ids[v]]
	mine := e.row(v)
	e.each(v, func(u int) {
		weight += e.graph.weight[e.ids[u]]
		for w, x := range e.row(u) {
			missing += bits.OnesCount64(mine[w] &^ x)
		}
		missing-- // u itself
	})
	return float64(missing)/2 + weight/(weight+1e3)
}

// eliminate makes the neighbours of v neighbours of each other and takes v
// away.
func (e *elimination) eliminate(v int) {
	mine := slices.Clone(e.row(v))
	e.gone[v] = true
	e.each(v, func(u int) {
		row := e.row(u)
		for w, x := range mine {
			row[w] |= x
		}
		row[u/64] &^= 1 << (u % 64)
		row[v/64] &^= 1 << (v % 64)
		e.stale[u] = true
	})
	// The fill of those around the neighbours may have changed as well.
	for w, x := range mine {
		for ; x != 0; x &= x - 1 {
			e.each(64*w+bits.TrailingZeros64(x), func(u int) { e.stale[u] = true })
		}
	}
}

// sumOut contracts all tensors that hold an index, the smallest two first.
func (g *graph) sumOut(i int32) {
	var list []int32
	for _, t := range g.holders[i] {
		if g.alive[t] {
			list = append(list, t)
		}
	}
	larger := func(a, b int32) int { return cmp.Or(cmp.Compare(g.size[b], g.size[a]), cmp.Compare(b, a)) }
	slices.SortFunc(list, larger)
	for len(list) > 1 {
		n := len(list)
		c := g.contract(list[n-1], list[n-2])
		list = list[:n-2]
		at, _ := slices.BinarySearchFunc(list, c, larger)
		list = slices.Insert(list, at, c)
	}
}
