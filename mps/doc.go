// Package mps holds matrix product states and operators, the form in which
// chains of quantum systems are simulated:
//
//	ψ[i_0, …, i_{n-1}] = A_0[:, i_0, :] * A_1[:, i_1, :] * … * A_{n-1}[:, i_{n-1}, :]
//
// Core k is D_k × d_k × D_{k+1}, with D_0 = D_n = 1. Site 0 is the slowest
// index: the amplitudes of a state are a vector in C order, in which the
// basis state |b_0 b_1 … b_{n-1}⟩ of qubits has the number b_0 b_1 … b_{n-1}
// in binary, b_0 the most significant digit.
//
// A [State] is kept in mixed canonical form: cores on the left of its center
// are isometries from the left, cores on the right of it from the right, so
// that what a cut discards is known exactly. Gates change a state in place:
//
//	s := mps.Basis(0, 0, 0)
//	s.Apply1(0, hadamard)
//	lost, err := s.Apply2(0, cnot, mps.Truncation{MaxBond: 64, Eps: 1e-12})
//	z := s.Expect1(1, pauliZ)
//
// Schollwöck 2011, https://doi.org/10.1016/j.aop.2010.09.012; for real tensors
// of any kind see package tt.
package mps
