// Package aqc compiles states into shallow quantum circuits (approximate
// quantum compiling with tensor networks).
//
// A state ψ that is known as a matrix product state, be it from a deep circuit,
// an evolution in time or a ground state, is prepared by a circuit V(θ) of few
// layers whose gates on pairs of qubits are free,
//
//	(Rz·Rx·Rz ⊗ Rz·Rx·Rz) exp(-i/2 (a XX + b YY + c ZZ)),
//
// with parameters that maximise the fidelity |<ψ|V(θ)|0…0>|². They begin with
// those of a coarser circuit ([FromCircuit]), or with what sweeps over the
// circuit find ([Prepare]), and go on by gradients ([Compile]). What comes out
// is a circuit of the library's gates ([Ansatz.Circuit]); as its parameters are
// rotations, it is also a circuit to begin a variational calculation with.
//
//	a, theta, err := aqc.FromCircuit(coarse)
//	r, err := aqc.Compile(ctx, target, a, theta, aqc.Options{Fidelity: 0.9997})
//	c, err := a.Circuit(r.Theta)
//
// Robertson et al. 2023, https://arxiv.org/abs/2301.08609.
package aqc
