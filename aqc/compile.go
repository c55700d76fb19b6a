package aqc

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/mps"
)

// Options say when to stop and how exactly to calculate. The zero value works.
type Options struct {
	// Iterations is the most steps of L-BFGS; 100 unless given.
	Iterations int
	// Fidelity at which it is enough; 0 for as high as it gets.
	Fidelity float64
	// Truncation of the states on the way. Without a limit to the bonds or
	// Eps, Eps is 1e-10.
	Truncation mps.Truncation
	// Progress is called after each step with the fidelity, or the energy of Vary.
	Progress func(iteration int, value float64)
}

const (
	defaultIterations = 100
	defaultEps        = 1e-10
	memory            = 20   // steps that L-BFGS remembers
	denseQubits       = 12   // up to which all amplitudes are quicker than bonds
	stationary        = 1e-9 // gradient at which nothing is left to do
)

// Result is a circuit that was fitted to a state, and how.
type Result struct {
	Theta       []float64
	Start       float64 // fidelity at the first parameters
	Fidelity    float64 // |<ψ|V|0>|² at the last
	Iterations  int
	Evaluations int // of the fidelity with its gradient
	Stop        string
}

// Compile finds parameters of an ansatz V that raise the fidelity with a state
// of qubits,
//
//	F(θ) = |<ψ|V(θ)|0…0>|²,
//
// from theta on by L-BFGS. The gradient in all parameters takes one pass
// forward and one back through the circuit, on two states: all amplitudes up to
// 12 qubits, else matrix product states cut within opt.Truncation.
//
// Robertson et al. 2023, https://arxiv.org/abs/2301.08609.
func Compile(ctx context.Context, target *mps.State, a *Ansatz, theta []float64, opt Options) (*Result, error) {
	find, err := a.against(target, opt.Truncation)
	if err != nil {
		return nil, err
	}
	if err := a.check(theta); err != nil {
		return nil, err
	}
	if opt.Iterations == 0 {
		opt.Iterations = defaultIterations
	}
	if opt.Iterations < 0 || !(opt.Fidelity >= 0 && opt.Fidelity <= 1) {
		return nil, fmt.Errorf("aqc: %d iterations to a fidelity of %v; a positive number and one from 0 to 1 are expected", opt.Iterations, opt.Fidelity)
	}
	r := &Result{}
	var fault error
	objective := func(x, g []float64) float64 {
		start, blocks := a.gates(x)
		o, dStart, dBlocks, err := find(ctx, start, blocks, nil)
		if err != nil {
			fault = errors.Join(fault, err)
			return math.NaN()
		}
		r.Evaluations++
		a.pull(x, -2*complex(real(o), -imag(o)), dStart, dBlocks, g)
		return 1 - (real(o)*real(o) + imag(o)*imag(o))
	}
	b := optimize.New(objective, append([]float64(nil), theta...), nil, nil, memory)
	r.Start = 1 - b.F
	enough := func() bool { return opt.Fidelity > 0 && 1-b.F >= opt.Fidelity }
	r.Iterations, r.Stop = descend(b, opt.Iterations, &fault, enough, func(i int) {
		if opt.Progress != nil {
			opt.Progress(i, 1-b.F)
		}
	})
	if fault != nil {
		return nil, fault
	}
	r.Theta, r.Fidelity = append([]float64(nil), b.X...), 1-b.F
	return r, nil
}

// descend goes down until it is enough, or no further.
func descend(b *optimize.LBFGSB, most int, fault *error, enough func() bool, progress func(iteration int)) (iterations int, stop string) {
	for *fault == nil {
		switch {
		case enough():
			return iterations, "fidelity"
		case b.Stationarity() < stationary:
			return iterations, "stationary"
		case iterations == most:
			return iterations, "iterations"
		case !b.Step():
			return iterations, "no improvement"
		}
		iterations++
		progress(iterations)
	}
	return iterations, ""
}

// against prepares the overlaps with a target.
func (a *Ansatz) against(target *mps.State, t mps.Truncation) (overlaps, error) {
	if target.Sites() != a.Qubits {
		return nil, fmt.Errorf("aqc: the target has %d sites, the ansatz %d qubits", target.Sites(), a.Qubits)
	}
	for k, d := range target.Dims() {
		if d != 2 {
			return nil, fmt.Errorf("aqc: site %d of the target has dimension %d; qubits are expected", k, d)
		}
	}
	target = target.Clone()
	if n := target.Norm(); !(n > 0) {
		return nil, fmt.Errorf("aqc: the target has norm %v", n)
	}
	target.Normalize()
	if a.Qubits <= denseQubits {
		return a.dense(target.Dense().Data()), nil
	}
	if t.MaxBond == 0 && t.Eps == 0 {
		t.Eps = defaultEps
	}
	return a.chain(target, t), nil
}

// Fidelity is |<ψ|V|0…0>|².
func Fidelity(ctx context.Context, target *mps.State, a *Ansatz, theta []float64, t mps.Truncation) (float64, error) {
	if err := a.check(theta); err != nil {
		return 0, err
	}
	find, err := a.against(target, t)
	if err != nil {
		return 0, err
	}
	start, blocks := a.gates(theta)
	o, _, _, err := find(ctx, start, blocks, nil)
	return real(o)*real(o) + imag(o)*imag(o), err
}
