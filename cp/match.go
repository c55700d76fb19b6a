package cp

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/optimize"
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
	m := Match{Permutation: optimize.Assign(scores, b.Rank()), Components: make([]float64, a.Rank())}
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
