package path

import (
	"math"
	"math/rand/v2"
	"testing"
)

// clusters is a hypergraph of groups of vertices, each vertex beside all of
// its group, with a light net from each group to the next.
func clusters(groups, members int) *hypergraph {
	n := groups * members
	h := &hypergraph{load: make([]int32, n), nets: make([][]int32, n)}
	for v := range h.load {
		h.load[v] = 1
	}
	for g := range groups {
		for a := range members {
			for b := range a {
				h.addNet([]int32{int32(g*members + a), int32(g*members + b)}, 3)
			}
		}
		if g > 0 {
			h.addNet([]int32{int32(g * members), int32(g*members - 1)}, 1)
		}
	}
	return h
}

// The best cut of a chain of groups is one light net.
func TestBisectFindsTheWeakPlace(t *testing.T) {
	for _, groups := range []int{2, 4, 16} {
		h := clusters(groups, 12)
		side := h.bisect(rand.New(rand.NewPCG(1, 2)), 0.4)
		cut, ones := 0.0, 0
		for e, pins := range h.pins {
			if side[pins[0]] != side[pins[1]] {
				cut += h.weight[e]
			}
		}
		for _, s := range side {
			ones += of(s)
		}
		if cut != 1 {
			t.Errorf("%d groups: the cut weighs %v, 1 is possible", groups, cut)
		}
		if least := min(ones, len(side)-ones); float64(least) < 0.4*float64(len(side))-1 {
			t.Errorf("%d groups: %d of %d vertices on one side", groups, ones, len(side))
		}
	}
}

// What refining says of a cut is what it weighs, and it is never heavier than
// before.
func TestRefineCounts(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		n := 20 + rng.IntN(60)
		h := &hypergraph{load: make([]int32, n), nets: make([][]int32, n)}
		for v := range h.load {
			h.load[v] = 1 + int32(rng.IntN(3))
		}
		for range 3 * n {
			pins := rng.Perm(n)[:2+rng.IntN(3)]
			net := make([]int32, len(pins))
			for k, v := range pins {
				net[k] = int32(v)
			}
			h.addNet(net, 1+rng.Float64())
		}
		weigh := func(side []bool) (cut float64) {
			for e, pins := range h.pins {
				for _, v := range pins {
					if side[v] != side[pins[0]] {
						cut += h.weight[e]
						break
					}
				}
			}
			return cut
		}
		side := h.grow(rng)
		before := weigh(side)
		got := h.refine(side, 0.3)
		if want := weigh(side); !(math.Abs(got-want) <= 1e-9) || want > before+1e-9 {
			t.Errorf("seed %d: a cut of %v is said to weigh %v, it was %v", seed, want, got, before)
		}
	}
}

func BenchmarkBisect(b *testing.B) {
	h := clusters(100, 12)
	for b.Loop() {
		h.bisect(rand.New(rand.NewPCG(1, 2)), 0.4)
	}
}
