package path

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/internal/par"
)

// dissectLeast is the number of tensors from which on a part is contracted by
// the greedy method.
const dissectLeast = 10

// dissections is the number of dissections that Dissection tries.
const dissections = 16

// Dissection cuts the network in two parts that share little, these again,
// and so on; what is cut last is contracted first. Parts of ten tensors are
// contracted by the greedy method. How even the parts have to be is drawn at
// random; the best of 16 dissections is taken. It suits networks that are
// like a piece of space, with little between its parts: deep circuits,
// lattices (Gray & Kourtis, 2021, https://doi.org/10.22331/q-2021-03-15-410).
// The error is that of ctx.
func Dissection(ctx context.Context, n *Network, seed uint64) (Path, error) {
	g := newGraph(n)
	g.simplify()
	f := newForest(g)
	paths, costs := make([]Path, dissections), make([]float64, dissections)
	par.Do(dissections, func(k int) {
		costs[k] = math.Inf(1)
		if ctx.Err() != nil {
			return
		}
		p := f.lift(f.dissect(rand.New(rand.NewPCG(seed, 0x589965cc75374cc3+uint64(k)))))
		if c, err := n.Cost(p, nil); err == nil {
			paths[k], costs[k] = p, c.Flops
		}
	})
	best := 0
	for k, c := range costs {
		if c < costs[best] {
			best = k
		}
	}
	return paths[best], ctx.Err()
}

// dissect gives a path over the leaves. The smaller of two parts has at least
// a part of the tensors that is drawn once.
func (f *forest) dissect(rng *rand.Rand) Path {
	least := 0.48 * math.Exp2(-5*rng.Float64())
	p := make(Path, 0, len(f.legs))
	local := make([]int32, len(f.graph.weight)) // stamped numbers of indices
	var contract func(part []int32) int
	contract = func(part []int32) int {
		if len(part) == 1 {
			return int(part[0])
		}
		if len(part) <= dissectLeast {
			return f.greedyPart(part, &p)
		}
		side := f.hypergraph(part, local).bisect(rng, least)
		var a, b []int32
		for k, t := range part {
			if side[k] {
				a = append(a, t)
			} else {
				b = append(b, t)
			}
		}
		if len(a) == 0 || len(b) == 0 {
			a, b = part[:len(part)/2], part[len(part)/2:]
		}
		x, y := contract(a), contract(b)
		p = append(p, [2]int{x, y})
		return len(f.legs) + len(p) - 1
	}
	all := make([]int32, len(f.legs))
	for t := range all {
		all[t] = int32(t)
	}
	contract(all)
	return p
}

// hypergraph is that of a part of the leaves; local is room for a number of
// each index, zero before and after.
func (f *forest) hypergraph(part []int32, local []int32) *hypergraph {
	h := &hypergraph{load: make([]int32, len(part)), nets: make([][]int32, len(part))}
	var pins [][]int32
	var indices []int32
	for k, t := range part {
		h.load[k] = 1
		for _, i := range f.legs[t] {
			if local[i] == 0 {
				pins, indices = append(pins, nil), append(indices, i)
				local[i] = int32(len(pins))
			}
			e := local[i] - 1
			pins[e] = append(pins[e], int32(k))
		}
	}
	for e, i := range indices {
		local[i] = 0
		if len(pins[e]) > 1 {
			h.addNet(pins[e], f.graph.weight[i])
		}
	}
	return h
}

// greedyPart contracts a few leaves by the greedy method, appends the pairs to
// p and gives the number of the result.
func (f *forest) greedyPart(part []int32, p *Path) int {
	n := &Network{}
	numbers, inside := map[int32]int32{}, map[int32]int32{}
	for _, t := range part {
		var legs []int32
		for _, i := range f.legs[t] {
			k, ok := numbers[i]
			if !ok {
				k = int32(len(numbers))
				numbers[i] = k
				n.Sizes = append(n.Sizes, int(math.Round(math.Exp2(f.graph.weight[i]))))
			}
			inside[i]++
			legs = append(legs, k)
		}
		n.Inputs = append(n.Inputs, legs)
	}
	for i, k := range numbers {
		if f.graph.kept[i] || f.graph.count[i] > inside[i] {
			n.Output = append(n.Output, k)
		}
	}
	g := newGraph(n)
	newGreedy(g).run(g, GreedyOptions{again: true}, math.Inf(1))
	first := len(f.legs) + len(*p)
	number := func(t int) int {
		if t < len(part) {
			return int(part[t])
		}
		return first + t - len(part)
	}
	for _, pair := range g.path {
		*p = append(*p, [2]int{number(pair[0]), number(pair[1])})
	}
	return len(f.legs) + len(*p) - 1
}
