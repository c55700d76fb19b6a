package path

import (
	"context"
	"fmt"
	"math"
	"math/bits"
)

// fit slices indices until what a slice takes beside the inputs (see
// Cost.Peak) has at most 2^memory elements, with the tree made anew around it
// as it goes (Gray & Kourtis, 2021; Huang et al., 2020,
// https://arxiv.org/abs/2005.06787). It says whether slicing can do it.
func (t *tree) fit(ctx context.Context, memory float64, seed uint64) bool {
	for round := uint64(0); t.peak() > memory; round++ {
		best := t.dearest(-1, nil)
		if best < 0 {
			return false
		}
		t.slice(best)
		if ctx.Err() == nil {
			newReconfiguring(t, seed+round).run(ctx, 6)
		}
	}
	return true
}

// dearest finds the index to slice: of those of the pair that takes most
// room, but for one, the one that makes the whole least dearer for each bit
// of its size; some noise, if given, makes it another at times. needs has to be
// up to date. It gives -1 if there is none.
func (t *tree) dearest(but int, noise func() float64) int {
	worst, unit := t.root, 0.0
	for _, c := range t.list {
		unit = max(unit, t.cost[c])
		if t.work(c) > t.work(worst) {
			worst = c
		}
	}
	if t.left[worst] < 0 {
		return -1
	}
	// Of the pairs that hold an index the cost stays; that of the others is
	// paid for each slice.
	held := make([]float64, 64*t.words)
	total := 0.0
	wa, wb := t.set(t.left[worst]), t.set(t.right[worst])
	for _, c := range t.list {
		if t.cost[c] < unit-50 {
			continue
		}
		cost := power(t.cost[c] - unit)
		total += cost
		a, b := t.set(t.left[c]), t.set(t.right[c])
		for w, x := range a {
			for x = (x | b[w]) & (wa[w] | wb[w]); x != 0; x &= x - 1 {
				held[64*w+bits.TrailingZeros64(x)] += cost
			}
		}
	}
	best, least := -1, 0.0
	for w, x := range wa {
		for x |= wb[w]; x != 0; x &= x - 1 {
			i := 64*w + bits.TrailingZeros64(x)
			if i == but {
				continue
			}
			over := math.Log2(((total-held[i])*math.Exp2(t.lay.each[i])+held[i])/total) / t.lay.each[i]
			if noise != nil {
				over += noise()
			}
			if best < 0 || over < least {
				best, least = i, over
			}
		}
	}
	return best
}

// slice takes an index from all nodes: it is fixed to one value at a time.
func (t *tree) slice(bit int) {
	w, x := bit/64, uint64(1)<<(bit%64)
	weight := t.lay.each[bit]
	t.sliced[w] |= x
	t.number += weight
	t.kept[w] &^= x
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

// unslice gives a sliced index back to the nodes: those on the ways between
// the leaves that hold it, and to the root if the output holds it.
func (t *tree) unslice(bit int) {
	w, x := bit/64, uint64(1)<<(bit%64)
	weight := t.lay.each[bit]
	t.sliced[w] &^= x
	t.number -= weight
	kept := t.forest.kept[w] & x
	t.kept[w] |= kept
	hold := t.forest.hold[bit]
	if len(t.below) == 0 {
		t.below = make([]int32, len(t.left))
	}
	for _, leaf := range hold {
		for a := leaf; a >= 0; a = t.up[a] {
			t.below[a]++
		}
	}
	for _, leaf := range hold {
		for a := leaf; a >= 0 && t.below[a] > 0; a = t.up[a] {
			inside := int(t.below[a]) == len(hold) && kept == 0
			t.below[a] = 0
			if inside {
				continue
			}
			t.sets[int(a)*t.words+w] |= x
			t.size[a] += weight
			if c := t.up[a]; c >= 0 {
				other := t.left[c] ^ t.right[c] ^ a
				if t.sets[int(other)*t.words+w]&x == 0 {
					t.cost[c] += weight
				}
			}
		}
	}
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
	if !t.fit(ctx, math.Log2(memory), 1) {
		return Found{}, &MemoryError{Limit: memory, Need: exp2(t.peak())}
	}
	found.Path, found.Sliced = t.path(), f.indices(t.sliced)
	found.Cost, err = n.Cost(found.Path, found.Sliced)
	return found, err
}
