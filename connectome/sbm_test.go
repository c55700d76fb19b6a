package connectome

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// What a move or a join is said to change is what the description length
// changes.
func TestGainIsTheDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	const n = 24
	a := tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j := range i {
			if rng.Float64() < 0.4 {
				v := rng.ExpFloat64()
				a.Set(i, j, v)
				a.Set(j, i, v)
			}
		}
	}
	g, err := NewGraph(a)
	if err != nil {
		t.Fatal(err)
	}
	models := blockModels(g)
	for _, same := range models {
		m := same[len(same)/2]
		corrected := m.dispersion > 0
		of := make([]int, n)
		for i := range of {
			of[i] = rng.IntN(5)
		}
		s := newState(m, of)
		for range 300 {
			i, to := rng.IntN(n), rng.IntN(s.stride)
			before := s.length()
			s.neighbours(i)
			d := s.gain(i, to)
			s.move(i, to)
			if got := s.length() - before; !(math.Abs(got-d) <= 1e-8) {
				t.Fatalf("%s, corrected %v: a move changes the length by %v, %v was said", m.weights.law, corrected, got, d)
			}
			fresh := newState(m, s.of)
			if !(math.Abs(fresh.length()-s.length()) <= 1e-8) || fresh.blocks != s.blocks || fresh.pairs != s.pairs {
				t.Fatalf("%s, corrected %v: the sums have drifted", m.weights.law, corrected)
			}
			if s.blocks < 2 {
				continue
			}
			r, u := s.of[rng.IntN(n)], s.of[rng.IntN(n)]
			if r == u {
				continue
			}
			d = s.join(r, u)
			joined := append([]int(nil), s.of...)
			for k, v := range joined {
				if v == u {
					joined[k] = r
				}
			}
			if got := newState(m, joined).length() - s.length(); !(math.Abs(got-d) <= 1e-8) {
				t.Fatalf("%s, corrected %v: a join changes the length by %v, %v was said", m.weights.law, corrected, got, d)
			}
		}
	}
}

// Blocks that come in groups are described in fewer words by levels.
func TestNestedPays(t *testing.T) {
	const blocks, groups = 24, 4
	e := make([][]int, blocks)
	edges := 0
	for r := range e {
		e[r] = make([]int, blocks)
	}
	for r := range blocks {
		for u := range r + 1 {
			k := 0
			if r == u {
				k = 60
			} else if r%groups == u%groups {
				k = 20
			}
			e[r][u], e[u][r] = k, k
			edges += k
		}
	}
	f := newFactorials(10 * edges)
	cost, levels := nested(e, edges, f)
	flat := f.multiset(blocks*(blocks+1)/2, edges)
	if !(cost < flat) || len(levels) == 0 {
		t.Fatalf("%v with levels %v, %v without", cost, levels, flat)
	}
	for r, g := range levels[0] {
		if g != levels[0][r%groups] {
			t.Errorf("blocks %d and %d are in different groups", r, r%groups)
		}
	}
}

// 32 communities of ten nodes, in four groups that are dense as well. Without
// levels the groups are the shorter description, with them the communities:
// levels change the answer.
func TestLevelsResolveMore(t *testing.T) {
	const n, blocks, groups = 320, 32, 4
	rng := rand.New(rand.NewPCG(0, 4))
	a := tensor.NewMatrix[float64](n, n)
	fine, coarse := make([]int, n), make([]int, n)
	for i := range fine {
		fine[i], coarse[i] = i%blocks, i%groups
	}
	for i := range n {
		for j := range i {
			p := 0.02
			if fine[i] == fine[j] {
				p = 0.9
			} else if coarse[i] == coarse[j] {
				p = 0.18
			}
			if rng.Float64() < p {
				v := rng.ExpFloat64()
				a.Set(i, j, v)
				a.Set(j, i, v)
			}
		}
	}
	g, err := NewGraph(a)
	if err != nil {
		t.Fatal(err)
	}
	flat, levels, four := math.Inf(1), math.Inf(1), math.Inf(1)
	for _, same := range blockModels(g) {
		c := tuned(same, fine)
		flat, levels = min(flat, newState(c.m, fine).length()), min(levels, c.length)
		four = min(four, tuned(same, coarse).length)
	}
	if !(levels < four && four < flat) {
		t.Errorf("32 communities take %.1f, with levels %.1f; four groups %.1f", flat, levels, four)
	}
}
