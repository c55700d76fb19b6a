package path

import (
	"cmp"
	"slices"
)

// simplify contracts what any good path contracts first: tensors with the
// same indices, tensors whose indices another one holds as well (vectors,
// scales, gates on a bond), and pairs whose contraction is no larger than the
// larger of the two and costs at most twice its elements.
func (g *graph) simplify() {
	g.merge()
	queue := make([]int32, 0, len(g.legs))
	for t := range g.legs {
		if g.alive[t] {
			queue = append(queue, int32(t))
		}
	}
	slices.SortStableFunc(queue, func(a, b int32) int { return cmp.Compare(g.size[a], g.size[b]) })
	const slack = 1e-9 // of logarithms
	for len(queue) > 0 {
		a := queue[0]
		queue = queue[1:]
		if !g.alive[a] {
			continue
		}
		best, bestCost, bestSize := int32(-1), 0.0, 0.0
		for _, b := range g.neighbours(a) {
			larger := max(g.size[a], g.size[b])
			cost := g.size[a] + g.size[b] - g.shared[b]
			size := cost - g.gone[b]
			if size > larger+slack || cost > larger+1+slack {
				continue
			}
			if best < 0 || cost < bestCost-slack || cost < bestCost+slack && (size < bestSize-slack || size < bestSize+slack && b < best) {
				best, bestCost, bestSize = b, cost, size
			}
		}
		if best >= 0 {
			queue = append(queue, g.contract(a, best))
		}
	}
}

// merge contracts tensors with equal sets of indices. The neighbours of an
// index that very many tensors share are never all looked at; the equal ones
// among them are found here.
func (g *graph) merge() {
	same := map[string]int32{}
	var key []byte
	var legs []int32
	for t := range g.legs {
		legs = append(legs[:0], g.legs[t]...)
		slices.Sort(legs)
		key = key[:0]
		for _, i := range legs {
			key = append(key, byte(i), byte(i>>8), byte(i>>16), byte(i>>24))
		}
		if first, ok := same[string(key)]; ok && len(legs) > 0 {
			same[string(key)] = g.contract(first, int32(t))
		} else {
			same[string(key)] = int32(t)
		}
	}
}
