package path

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// reconfiguring replaces subtrees by optimal ones over the same parts (Huang
// et al., 2020, https://arxiv.org/abs/2005.06787; Gray & Kourtis, 2021).
type reconfiguring struct {
	*tree
	d     dynamic
	rng   *rand.Rand
	parts []int32 // of the subtree in work
	inner []int32 // its pairs, the root first
	legs  [][]uint64
	kept  []uint64
}

func newReconfiguring(t *tree, seed uint64) *reconfiguring {
	return &reconfiguring{tree: t, rng: rand.New(rand.NewPCG(seed, 0x8ebc6af09c88c6e3)), kept: make([]uint64, t.words)}
}

// keep makes a tree of results of up to 2^memory elements optimal piece by
// piece, and takes that back if the whole takes more after all.
func (r *reconfiguring) keep(ctx context.Context, parts int, memory float64) {
	before := r.copy()
	r.d.limit = exp2((memory - workOver) / 2)
	r.run(ctx, parts)
	if r.peak() > memory {
		r.assign(before)
	}
}

// run goes over all pairs, the dearest first, with subtrees of so many parts,
// until a round gains less than a thousandth.
func (r *reconfiguring) run(ctx context.Context, parts int) {
	last := r.total()
	for ctx.Err() == nil {
		pairs := make([]int32, 0, r.leaves)
		for c := r.leaves; c < len(r.left); c++ {
			pairs = append(pairs, int32(c))
		}
		cost := slices.Clone(r.cost)
		slices.SortFunc(pairs, func(a, b int32) int {
			if cost[a] != cost[b] {
				if cost[a] > cost[b] {
					return -1
				}
				return 1
			}
			return int(a - b)
		})
		for _, c := range pairs {
			if ctx.Err() != nil {
				return
			}
			if exp2(r.cost[c])*float64(len(pairs)) < 1e-6*last { // what lies below does not count
				continue
			}
			r.improve(ctx, c, parts)
		}
		now := r.total()
		if now >= last*(1-1e-3) {
			return
		}
		last = now
	}
}

// improve makes the subtree below a pair optimal over parts that it is taken
// into: mostly the largest part is taken apart, at times any.
func (r *reconfiguring) improve(ctx context.Context, root int32, most int) {
	r.parts = append(r.parts[:0], r.left[root], r.right[root])
	r.inner = append(r.inner[:0], root)
	for len(r.parts) < most {
		best, size := -1, math.Inf(-1)
		any := r.rng.IntN(4) == 0
		for k, a := range r.parts {
			if r.left[a] < 0 {
				continue
			}
			s := r.size[a]
			if any {
				s = r.rng.Float64()
			}
			if s > size {
				best, size = k, s
			}
		}
		if best < 0 {
			break
		}
		a := r.parts[best]
		r.inner = append(r.inner, a)
		r.parts[best] = r.left[a]
		r.parts = append(r.parts, r.right[a])
	}
	if len(r.parts) < 3 {
		return
	}
	old := 0.0
	for _, c := range r.inner {
		old += r.pairCost(c)
	}
	r.d.writes = r.forest.writes
	r.legs = r.legs[:0]
	for _, a := range r.parts {
		r.legs = append(r.legs, r.set(a))
	}
	copy(r.kept, r.set(root))
	r.d.start(r.lay, r.legs, r.kept)
	if r.d.dense(ctx) != nil || r.d.total >= old*(1-1e-9) {
		return
	}
	free := r.inner[1:]
	r.build(root, uint64(1)<<len(r.parts)-1, &free)
}

// build makes node c the pair that the dynamic program found best for a set
// of parts.
func (r *reconfiguring) build(c int32, set uint64, free *[]int32) {
	b := r.d.split(set)
	for k, half := range [2]uint64{set ^ b, b} {
		a := int32(0)
		if half&(half-1) == 0 {
			a = r.parts[bits.TrailingZeros64(half)]
		} else {
			a = (*free)[0]
			*free = (*free)[1:]
			n, s := len(r.d.words), r.set(a)
			clear(s)
			for i, w := range r.d.words {
				s[w] = r.d.out[int(half)*n+i]
			}
			r.size[a] = r.weight(s)
			r.build(a, half, free)
		}
		r.up[a] = c
		if k == 0 {
			r.left[c] = a
		} else {
			r.right[c] = a
		}
	}
	r.cost[c] = r.unionWeight(r.set(r.left[c]), r.set(r.right[c]))
}
