package mps

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Overlap is ⟨a|b⟩, conjugating a.
func Overlap(a, b *State) complex128 {
	if !slices.Equal(a.Dims(), b.Dims()) {
		panic(fmt.Sprintf("mps: Overlap of states of dimensions %v and %v", a.Dims(), b.Dims()))
	}
	e := kernel.RowMajor(1, 1, []complex128{1})
	for k, c := range b.sites {
		e = stepRight(e, a.sites[k], c)
	}
	return e.Data[0]
}

// stepRight takes E: la×lb, the product of the sites before, over one more:
// sum conj(a[p, i, q])·E[p, s]·b[s, i, t].
func stepRight(e kernel.Mat[complex128], a, b core[complex128]) kernel.Mat[complex128] {
	eb := b.mulLeft(e) // la×d×rb
	out := newMat[complex128](a.r, b.r)
	kernel.GemmComplex(1, a.tall().View().T(), true, eb.tall().View(), false, 0, out)
	return out
}

// Expect1 is ⟨ψ|O|ψ⟩ for an operator o: d×d on site k, not divided by the
// squared norm. The center moves there.
func (s *State) Expect1(k int, o *tensor.Matrix[complex128]) complex128 {
	s.check("Expect1", k)
	s.checkGate("Expect1", o, k, 1)
	s.MoveCenter(k)
	c := s.sites[k]
	return dot(c.a, c.mulPhysical(o).a)
}

// Sample draws a basis state with the probability |amplitude|²/‖ψ‖². The
// center moves to site 0. Ferris & Vidal 2012,
// https://doi.org/10.1103/PhysRevB.85.165146.
func (s *State) Sample(rng *rand.Rand) []int {
	s.MoveCenter(0)
	bits := make([]int, len(s.sites))
	row := []complex128{1}
	for k, c := range s.sites {
		// Row i of next is the vector that index i leads to; its squared norm
		// is the probability of all that begins so.
		next := make([]complex128, c.d*c.r)
		kernel.GemmComplex(1, kernel.RowMajor(1, c.l, row), false, c.wide().View(), false, 0, kernel.RowMajor(1, c.d*c.r, next))
		total, weights := 0.0, make([]float64, c.d)
		for i := range weights {
			n := norm2(next[i*c.r : (i+1)*c.r])
			weights[i] = n * n
			total += weights[i]
		}
		u := rng.Float64() * total
		i := 0
		for ; i < c.d-1 && (u >= weights[i] || weights[i] == 0); i++ {
			u -= weights[i]
		}
		for i > 0 && weights[i] == 0 {
			i--
		}
		bits[k] = i
		row = next[i*c.r : (i+1)*c.r]
		if n := norm2(row); n > 0 {
			field.Scale(1/n, row)
		}
	}
	return bits
}
