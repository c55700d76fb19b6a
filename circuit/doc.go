// Package circuit describes quantum circuits: gates on qubits, one after
// another.
//
// A [Circuit] of n qubits acts on |0…0>. Qubit 0 comes first everywhere: in
// the string of bits b₀b₁…, in the index b₀2ⁿ⁻¹ + … + bₙ₋₁ of an amplitude,
// as the first axis of the state as a tensor of shape 2×…×2, and, among the
// qubits of a gate, as the most significant bit of its rows and columns.
//
// Each [Op] carries its unitary matrix, so that whoever simulates a circuit
// need not know any gate by name. [Gate] knows those of OpenQASM and qsim;
// [Unitary] makes others, and [Op.Control], [Op.Inverse] and [Op.Power] make
// new gates of old ones. [Circuit.State] is the dense simulator. Package
// simulate finds amplitudes, samples and expectation values of circuits
// beyond its reach.
package circuit
