package path

import (
	"context"
	"fmt"
	"math"
	"math/bits"
)

// fit slices indices of a tree until what a slice takes beside the inputs
// (see Cost.Peak) has at most 2^memory elements, always the index of the
// dearest pair that makes the whole least dearer, with the tree made anew
// around it as it goes (Gray & Kourtis, 2021; Huang et al., 2020,
// https://arxiv.org/abs/2005.06787). It gives the slices as a set and the
// log2 of their number, or ok false if slicing cannot do it.
func (t *tree) fit(ctx context.Context, memory float64, seed uint64) (sliced []uint64, number float64, ok bool) {
	sliced = make([]uint64, t.words)
	gain := make([]float64, 64*t.words)
	for round := 0; t.peak() > memory; round++ {
		clear(gain)
		worst, room := int32(-1), 0.0
		for c := int32(t.leaves); int(c) < len(t.left); c++ {
			a, b := t.set(t.left[c]), t.set(t.right[c])
			for w, x := range a {
				for x |= b[w]; x != 0; x &= x - 1 {
					gain[64*w+bits.TrailingZeros64(x)] += exp2(t.cost[c])
				}
			}
			if r := addLog2(addLog2(t.size[t.left[c]], t.size[t.right[c]]), t.size[c]+1); worst < 0 || r > room {
				worst, room = c, r
			}
		}
		if worst < 0 {
			return nil, 0, false
		}
		// Of the pairs that hold the index the cost stays; that of the others
		// is paid for each slice.
		best, least, total := -1, 0.0, t.total()
		a, b := t.set(t.left[worst]), t.set(t.right[worst])
		for w, x := range a {
			for x |= b[w]; x != 0; x &= x - 1 {
				i := 64*w + bits.TrailingZeros64(x)
				over := math.Log2((total-gain[i])*math.Exp2(t.lay.each[i])+gain[i]) / t.lay.each[i]
				if best < 0 || over < least {
					best, least = i, over
				}
			}
		}
		if best < 0 {
			return nil, 0, false
		}
		sliced[best/64] |= 1 << (best % 64)
		number += t.lay.each[best]
		t.drop(best)
		if ctx.Err() == nil {
			newReconfiguring(t, seed+uint64(round)).run(ctx, 6)
		}
	}
	return sliced, number, true
}

// drop takes an index from all nodes.
func (t *tree) drop(bit int) {
	w, x := bit/64, uint64(1)<<(bit%64)
	t.kept[w] &^= x
	weight := t.lay.each[bit]
	for a := range t.left {
		if l := t.left[a]; l >= 0 && (t.sets[int(l)*t.words+w]|t.sets[int(t.right[a])*t.words+w])&x != 0 {
			t.cost[a] -= weight
		}
	}
	for a := range t.left {
		if s := &t.sets[a*t.words+w]; *s&x != 0 {
			*s &^= x
			t.size[a] -= weight
		}
	}
}

// peak is log2 of what contracting the tree in the order of path takes beside
// the inputs.
func (t *tree) peak() float64 {
	if t.left[t.root] < 0 {
		return 0
	}
	need := make([]float64, len(t.left))
	for _, c := range t.order() {
		need[c] = t.need(c, need)
	}
	return need[t.root]
}

// MemoryError says that no slicing makes a contraction fit.
type MemoryError struct {
	Limit float64 // elements that were allowed
	Need  float64 // elements that the path at hand takes in one slice
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("path: no slicing was found that takes %.4g elements beside the inputs; the best took %.4g", e.Limit, e.Need)
}

// Slice finds the indices to fix one value at a time so that a path takes at
// most so many elements beside the inputs (0 for no limit; see Cost.Peak). As
// it slices, it changes the path where that makes the slices cheaper. The
// error is a *MemoryError if there is no such slicing.
func (n *Network) Slice(ctx context.Context, p Path, memory float64, planner string) (Found, error) {
	found := Found{Path: p, Planner: planner}
	var err error
	found.Cost, err = n.Cost(p, nil)
	if err != nil || memory == 0 || found.Cost.Peak <= math.Log2(memory) {
		return found, err
	}
	f := newForest(newGraph(n))
	if !f.small() {
		return Found{}, &MemoryError{Limit: memory, Need: exp2(found.Cost.Peak)}
	}
	t := f.tree(p, nil)
	sliced, _, ok := t.fit(ctx, math.Log2(memory), 1)
	if !ok {
		return Found{}, &MemoryError{Limit: memory, Need: exp2(t.peak())}
	}
	found.Path, found.Sliced = t.path(), f.indices(sliced)
	found.Cost, err = n.Cost(found.Path, found.Sliced)
	return found, err
}
