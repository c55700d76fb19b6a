// Package tt is the tensor-train (matrix product state) format and the
// methods that fit it:
//
//	x[i_0, …, i_{d-1}] ≈ G_0[:, i_0, :] * G_1[:, i_1, :] * … * G_{d-1}[:, i_{d-1}, :]
//
// Core k is r_k × I_k × r_{k+1}, with r_0 = r_d = 1. [SVD] fits a train to
// data, dense or sparse, given a relative error or ranks. Sums and elementwise products of
// trains are trains again, of larger ranks, which [Round] lowers. Entries,
// norms and inner products cost what the cores do, however large the tensor.
// [FromCP] and [FromTucker] make trains of other models. A [Matrix] is a linear
// operator in the same format: it multiplies trains and other operators.
//
//	t, r, err := tt.SVD(ctx, x, tt.Options{Eps: 1e-6})
//	s, bound, err := tt.Round(t.Add(t.Hadamard(t)), tt.Options{Eps: 1e-6})
//
// Oseledets 2011, https://doi.org/10.1137/090752286.
package tt
