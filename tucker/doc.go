// Package tucker is the Tucker format and the methods that fit it:
//
//	X ≈ core ×_0 factors[0] ×_1 factors[1] …   (factors[n]: I_n×r_n, orthonormal columns)
//
// [STHOSVD] is direct: given a relative error it finds the ranks, given ranks
// it comes close to the best model. [HOOI] improves on it by iteration.
// [Round] lowers the ranks of a model. A model can be evaluated, added,
// scaled and multiplied (inner product) without forming the tensor.
//
//	m, r, err := tucker.STHOSVD(ctx, x, tucker.Options{Eps: 0.01})
//	m, r, err := tucker.HOOI(ctx, x, tucker.Options{Ranks: []int{5, 5, 3}})
//
// Tucker 1966, https://doi.org/10.1007/BF02289464.
package tucker
