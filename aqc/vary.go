package aqc

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/mps"
)

// VaryResult is a circuit of low energy, and how it was found.
type VaryResult struct {
	Theta       []float64
	Start       float64 // energy at the first parameters
	Energy      float64 // <0|V†HV|0> at the last
	Iterations  int
	Evaluations int // of the energy with its gradient
	Stop        string
}

// Vary lowers the energy of the state that a circuit prepares,
//
//	E(θ) = <0…0| V(θ)† H V(θ) |0…0>,
//
// by L-BFGS from theta on: a variational calculation, which [Prepare] and
// [Compile] give a start near the ground state, past the plateaus of random
// parameters. As E is the overlap of H V|0> with V|0>, its gradient is that of
// an overlap, in one pass forward and one back. H is a Hermitian operator on
// qubits; opt.Fidelity is for Compile alone.
//
// Rudolph, Miller, Motlagh, Chen, Acharya & Perdomo-Ortiz 2023,
// https://doi.org/10.1038/s41467-023-43908-6.
func Vary(ctx context.Context, h *mps.Operator, a *Ansatz, theta []float64, opt Options) (*VaryResult, error) {
	if err := a.check(theta); err != nil {
		return nil, err
	}
	if h.Sites() != a.Qubits {
		return nil, fmt.Errorf("aqc: the operator has %d sites, the ansatz %d qubits", h.Sites(), a.Qubits)
	}
	for k, d := range h.Dims() {
		if d != 2 {
			return nil, fmt.Errorf("aqc: site %d of the operator has dimension %d; qubits are expected", k, d)
		}
	}
	if opt.Iterations == 0 {
		opt.Iterations = defaultIterations
	}
	if opt.Iterations < 0 || opt.Fidelity != 0 {
		return nil, fmt.Errorf("aqc: %d iterations to a fidelity of %v; a positive number, and no fidelity, are expected where the energy is lowered", opt.Iterations, opt.Fidelity)
	}
	cut := opt.Truncation
	if cut.MaxBond == 0 && cut.Eps == 0 {
		cut.Eps = defaultEps
	}
	r := &VaryResult{}
	var fault error
	objective := func(x, g []float64) float64 {
		start, blocks := a.gates(x)
		e, dStart, dBlocks, err := a.energy(ctx, h, start, blocks, cut)
		if err != nil {
			fault = errors.Join(fault, err)
			return math.NaN()
		}
		r.Evaluations++
		a.pull(x, 2, dStart, dBlocks, g)
		return e
	}
	b := optimize.New(objective, append([]float64(nil), theta...), nil, nil, memory)
	r.Start = b.F
	r.Iterations, r.Stop = descend(b, opt.Iterations, &fault, func() bool { return false }, func(i int) {
		if opt.Progress != nil {
			opt.Progress(i, b.F)
		}
	})
	if fault != nil {
		return nil, fault
	}
	r.Theta, r.Energy = append([]float64(nil), b.X...), b.F
	return r, nil
}

// energy is <ket|H|ket> for ket = V|0>, and the derivatives of <ψ|V|0> at
// ψ = H|ket>, which does not vary: half of those of the energy.
func (a *Ansatz) energy(ctx context.Context, h *mps.Operator, start [][2]complex128, blocks []mat4, cut mps.Truncation) (float64, [][2]complex128, []mat4, error) {
	ket := separate(start)
	for _, layer := range a.layers() {
		if _, err := ket.Run(ctx, a.run(layer, blocks, false), cut); err != nil {
			return 0, nil, nil, err
		}
	}
	e := ket.Expect(h)
	if !(math.Abs(imag(e)) <= 1e-8*(math.Abs(real(e))+1)) {
		return 0, nil, nil, fmt.Errorf("aqc: the energy is %v; a Hermitian operator is expected", e)
	}
	psi, _, err := h.Apply(ket, cut)
	if err != nil {
		return 0, nil, nil, err
	}
	find := a.chain(psi, cut)
	if a.Qubits <= denseQubits {
		find = a.dense(psi.Dense().Data())
	}
	_, dStart, dBlocks, err := find(ctx, start, blocks, nil)
	return real(e), dStart, dBlocks, err
}
