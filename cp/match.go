package cp

import (
	"fmt"
	"math"
	"slices"
)

// Match says which components of two CP tensors belong together.
type Match struct {
	// Score is the mean of Components over the pairs, from 0 to 1. With
	// different ranks there are as many pairs as the smaller rank.
	Score float64
	// Permutation[r] is the component of the second tensor that is matched
	// with component r of the first, or -1 if none is.
	Permutation []int
	// Components[r] is the score of component r of the first tensor and its
	// match; 0 if it has none.
	Components []float64
}

// FactorMatchScore is the similarity of the components of two CP tensors of
// one shape, after the best assignment of one to the other:
//
//	score(r, s) = (1 - |v_r - w_s| / max(v_r, w_s)) * prod_n |cos(a_nr, b_ns)|
//
// where v and w are the weights with all columns scaled to norm 1. It does
// not depend on the order, the scale or the signs of the components. Values
// above 0.95 are commonly read as "the same". Components of weight zero match
// each other. It panics if the shapes differ.
//
// Acar, Dunlavy, Kolda & Mørup 2011,
// https://doi.org/10.1016/j.chemolab.2010.08.004.
func FactorMatchScore(a, b *Tensor) Match { return match(a, b, true) }

// FactorCongruence is [FactorMatchScore] without the weights: only the
// directions of the columns count. It is Tucker's congruence coefficient, for
// all modes at once.
//
// Lorenzo-Seva & ten Berge 2006, https://doi.org/10.1027/1614-2241.2.2.57.
func FactorCongruence(a, b *Tensor) Match { return match(a, b, false) }

func match(a, b *Tensor, weights bool) Match {
	if !slices.Equal(a.Shape(), b.Shape()) {
		panic(fmt.Sprintf("cp: match of shapes %v and %v", a.Shape(), b.Shape()))
	}
	a, b = a.Clone(), b.Clone()
	a.Normalize()
	b.Normalize()
	scores := make([][]float64, a.Rank())
	for r := range scores {
		scores[r] = make([]float64, b.Rank())
		for s := range scores[r] {
			scores[r][s] = similarity(a, b, r, s, weights)
		}
	}
	m := Match{Permutation: assign(scores, b.Rank()), Components: make([]float64, a.Rank())}
	pairs := min(a.Rank(), b.Rank())
	for r, s := range m.Permutation {
		if s >= 0 {
			m.Components[r] = scores[r][s]
			m.Score += scores[r][s] / float64(pairs)
		}
	}
	m.Score = min(m.Score, 1)
	return m
}

func similarity(a, b *Tensor, r, s int, weights bool) float64 {
	v, w := a.Weights[r], b.Weights[s]
	if v == 0 || w == 0 {
		if v == w {
			return 1
		}
		if weights {
			return 0
		}
	}
	score := 1.0
	if weights {
		score -= math.Abs(v-w) / max(v, w)
	}
	for n, f := range a.Factors {
		g := b.Factors[n]
		dot := 0.0
		for i := range f.Rows {
			dot += f.At(i, r) * g.At(i, s)
		}
		score *= min(1, math.Abs(dot))
	}
	return score
}

// assign gives each row a column of its own, or -1 if there are too few
// columns, so that the sum of the scores is largest. It is the Hungarian
// method by shortest augmenting paths, in O(rows^2*cols); Kuhn 1955,
// https://doi.org/10.1002/nav.3800020109; Jonker & Volgenant 1987,
// https://doi.org/10.1007/BF02278710.
func assign(scores [][]float64, cols int) []int {
	rows := len(scores)
	if rows > cols { // as a matrix with rows and columns exchanged
		t := make([][]float64, cols)
		for s := range t {
			t[s] = make([]float64, rows)
			for r := range scores {
				t[s][r] = scores[r][s]
			}
		}
		out := make([]int, rows)
		for r := range out {
			out[r] = -1
		}
		for s, r := range assign(t, rows) {
			out[r] = s
		}
		return out
	}
	// Prices u, v keep cost(r, s) = -score - u[r] - v[s] >= 0, and = 0 on the
	// assignment. Column `cols` stands for "begin here".
	u, v := make([]float64, rows), make([]float64, cols+1)
	owner := make([]int, cols+1)
	for s := range owner {
		owner[s] = -1
	}
	for r := range rows {
		owner[cols] = r
		at := cols
		dist := make([]float64, cols)
		for s := range dist {
			dist[s] = math.Inf(1)
		}
		from := make([]int, cols)
		done := make([]bool, cols+1)
		for owner[at] >= 0 {
			done[at] = true
			cur, nearest, delta := owner[at], -1, math.Inf(1)
			for s := range cols {
				if done[s] {
					continue
				}
				if d := -scores[cur][s] - u[cur] - v[s]; d < dist[s] {
					dist[s], from[s] = d, at
				}
				if nearest < 0 || dist[s] < delta {
					nearest, delta = s, dist[s]
				}
			}
			for s := range cols + 1 {
				switch {
				case done[s]:
					u[owner[s]] += delta
					v[s] -= delta
				case s < cols:
					dist[s] -= delta
				}
			}
			at = nearest
		}
		for at != cols {
			owner[at] = owner[from[at]]
			at = from[at]
		}
	}
	out := make([]int, rows)
	for s, r := range owner[:cols] {
		if r >= 0 {
			out[r] = s
		}
	}
	return out
}
