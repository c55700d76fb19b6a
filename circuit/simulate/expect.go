package simulate

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/mps"
)

// Expect finds <ψ|P|ψ> for the state ψ = C|0…0> and each Pauli string P of a
// list, with its coefficient. The network has the gates alone that P depends
// on: the others cancel with their inverses, and P is moved through those that
// turn it into another Pauli string, so that Clifford circuits of any size
// cost next to nothing.
func Expect(ctx context.Context, c *circuit.Circuit, strings []Pauli, opt Options) ([]float64, *How, error) {
	if err := opt.check(c); err != nil {
		return nil, nil, err
	}
	if len(strings) == 0 {
		return nil, nil, fmt.Errorf("simulate: no Pauli string; one at least is expected")
	}
	for _, p := range strings {
		if err := p.check(c.Qubits); err != nil {
			return nil, nil, err
		}
	}
	type term struct {
		question
		value float64 // what is known without a contraction, or a factor of it
	}
	terms := make([]term, len(strings))
	how, err := opt.choose(c, 0, func() (planned, error) {
		var total planned
		for i, p := range strings {
			l := p.letters(c.Qubits)
			kept, sign := cone(c.Ops, l)
			terms[i].value = sign * p.Coefficient
			total.gates = max(total.gates, len(kept))
			net, zero := expectNetwork(c.Qubits, kept, l)
			if zero {
				terms[i].value = 0
				continue
			}
			if net == nil {
				continue
			}
			plan, err := opt.plan(ctx, net)
			if err != nil {
				return planned{}, err
			}
			terms[i].question = question{net, plan}
			total.include(plan, 1)
		}
		return total, nil
	})
	if err != nil {
		return nil, nil, err
	}
	out := make([]float64, len(strings))
	switch how.Method {
	case StateVector:
		state, err := opt.state(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range strings {
			out[i] = p.Coefficient * expectation(state, c.Qubits, p)
		}
	case MPS:
		s, err := opt.train(ctx, c, how)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range strings {
			if out[i], err = trainExpectation(s, p); err != nil {
				return nil, nil, err
			}
		}
	default:
		for i, t := range terms {
			opt.progress(i, len(terms))
			out[i] = t.value
			if t.net == nil || t.value == 0 {
				continue
			}
			x, err := t.net.contract(ctx, t.plan, nil)
			if err != nil {
				return nil, nil, err
			}
			out[i] *= real(x[0])
		}
	}
	return out, how, nil
}

// expectNetwork is the network of <0|U† P U|0> for the gates that cone kept
// and the letters that it left; nil if there is none, and zero if a letter at
// the beginning makes it 0.
func expectNetwork(n int, kept []circuit.Op, p []letter) (net *network, zero bool) {
	met := make([]bool, n)
	for _, op := range kept {
		for _, q := range op.Qubits {
			met[q] = true
		}
	}
	for q, l := range p {
		if !met[q] && (l == 'X' || l == 'Y') {
			return nil, true
		}
	}
	if len(kept) == 0 {
		return nil, false
	}
	b := newBuilder(n)
	b.applyAll(kept)
	for q, l := range p {
		if met[q] && l != none {
			b.apply(paulis[l], []int{q})
		}
	}
	undo(b, kept)
	return b.network(), false
}

// undo applies the inverses of gates, and projects onto |0…0>.
func undo(b *builder, ops []circuit.Op) {
	for i := len(ops) - 1; i >= 0; i-- {
		inv := ops[i].Inverse()
		b.apply(inv.Matrix, ops[i].Qubits)
	}
	for q := range b.wires {
		b.fix(q, constant)
	}
}

// trainExpectation is the expectation value in a matrix product state.
func trainExpectation(s *mps.State, p Pauli) (float64, error) {
	if len(p.Qubits) == 0 {
		return p.Coefficient, nil
	}
	t, err := mps.PauliTerm(1, p.Letters, p.Qubits...)
	if err != nil {
		return 0, err
	}
	o, err := mps.SumOfTerms(s.Dims(), []mps.Term{t})
	if err != nil {
		return 0, err
	}
	norm := s.Norm()
	return p.Coefficient * real(s.Expect(o)) / (norm * norm), nil
}
