package aqc

import (
	"context"
	"fmt"
	"math/cmplx"
	"math/rand/v2"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

// Prepare finds parameters of an ansatz to begin with for a state that no
// circuit is known for, such as a ground state. From gates near the identity on,
// one gate after another is replaced by the best one for all others as they
// are: with the overlap written as Σ E_ij U_ij and Eᵀ = W S V†, that is
// U = V W†. A sweep does so once for each gate, and never lowers the fidelity.
//
// Evenbly & Vidal 2009, https://doi.org/10.1103/PhysRevB.79.144108; for
// circuits: Lin, Dilip, Green, Smith & Pollmann 2021,
// https://doi.org/10.1103/PRXQuantum.2.010342.
func Prepare(ctx context.Context, target *mps.State, a *Ansatz, sweeps int, seed uint64, t mps.Truncation) ([]float64, error) {
	if sweeps < 1 {
		return nil, fmt.Errorf("aqc: %d sweeps; at least 1 is expected", sweeps)
	}
	if err := a.check(make([]float64, max(0, a.Parameters()))); err != nil {
		return nil, err
	}
	find, err := a.against(target, t)
	if err != nil {
		return nil, err
	}
	return a.sweep(ctx, find, sweeps, seed)
}

// stir is the standard deviation of the angles of the first gates.
const stir = 0.1

func (a *Ansatz) sweep(ctx context.Context, find overlaps, sweeps int, seed uint64) ([]float64, error) {
	start, blocks := make([][2]complex128, a.Qubits), make([]mat4, len(a.Blocks))
	rotations := make([]mat2, a.Qubits)
	for q := range start {
		start[q], rotations[q] = [2]complex128{1, 0}, one2
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for k := range blocks { // near the identity, off the saddle points that symmetries make
		var t [9]float64
		for i := range t {
			t[i] = stir * rng.NormFloat64()
		}
		blocks[k] = kron(zxz(t[3:]), zxz(t[6:])).mul(canonical([3]float64(t[:])))
	}
	var fault error
	for range sweeps {
		if _, _, _, err := find(ctx, start, blocks, func(k int, d mat4) {
			u, err := nearest(d)
			if err != nil {
				fault = err
				return
			}
			blocks[k] = u
		}); err != nil {
			return nil, err
		}
		if fault != nil {
			return nil, fault
		}
	}
	return a.parameters(rotations, blocks)
}

// nearest is the unitary U with the largest real part of Σ d_ij U_ij.
func nearest(d mat4) (mat4, error) {
	m := tensor.NewMatrix[complex128](4, 4)
	for i := range 4 {
		for j := range 4 {
			m.Set(j, i, d[4*i+j])
		}
	}
	w, _, vh, err := linalg.SVDComplex(m)
	if err != nil {
		return mat4{}, fmt.Errorf("aqc: %w", err)
	}
	var u mat4
	for i := range 4 {
		for j := range 4 {
			for k := range 4 {
				u[4*i+j] += cmplx.Conj(vh.At(k, i)) * cmplx.Conj(w.At(j, k))
			}
		}
	}
	return u, nil
}
