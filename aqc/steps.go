package aqc

import (
	"context"
	"fmt"
	"math/cmplx"
	"sort"

	"github.com/polyad/polyad/mps"
)

// Evolution is a circuit of [Model.Trotter] from |0…0>, and how close it comes
// to a state.
type Evolution struct {
	Order, Steps int
	// Layers of gates on two qubits, with gates that follow one another on one
	// pair, also of different steps, taken as one: what [Ansatz.Layers] counts.
	Layers int
	// Depth of the gates as they are written, one after another.
	Depth    int
	Fidelity float64
}

// Steps is the evolution from |0…0> by [Model.Trotter] with the fewest steps,
// by bisection, whose fidelity with a target is at least the one given; or that
// of most steps, if no fewer do. It says how deep a circuit without compilation
// is.
func (m Model) Steps(ctx context.Context, target *mps.State, t float64, order int, fidelity float64, most int, cut mps.Truncation) (Evolution, error) {
	if target.Sites() != m.Sites {
		return Evolution{}, fmt.Errorf("aqc: the target has %d sites, the model %d", target.Sites(), m.Sites)
	}
	target = target.Clone()
	target.Normalize()
	tried := map[int]Evolution{}
	var fault error
	reach := func(steps int) bool {
		if _, ok := tried[steps]; !ok && fault == nil {
			tried[steps], fault = m.evolution(ctx, target, t, order, steps, cut)
		}
		return fault != nil || tried[steps].Fidelity >= fidelity
	}
	last := 1
	for last < most && !reach(last) {
		last = min(2*last, most)
	}
	first := last/2 + 1 // those before do not
	best := first + sort.Search(last-first, func(i int) bool { return reach(first + i) })
	reach(best)
	return tried[best], fault
}

func (m Model) evolution(ctx context.Context, target *mps.State, t float64, order, steps int, cut mps.Truncation) (Evolution, error) {
	c, err := m.Trotter(t, order, steps)
	if err != nil {
		return Evolution{}, err
	}
	a, _, _, err := merged(c)
	if err != nil {
		return Evolution{}, err
	}
	s := mps.Basis(make([]int, m.Sites)...)
	if _, err := s.Run(ctx, Gates(c), cut); err != nil {
		return Evolution{}, err
	}
	s.Normalize()
	o := cmplx.Abs(mps.Overlap(target, s))
	return Evolution{Order: order, Steps: steps, Layers: a.Layers(), Depth: c.Depth(1), Fidelity: o * o}, nil
}
