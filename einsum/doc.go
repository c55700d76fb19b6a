// Package einsum contracts tensors by Einstein's summation convention.
//
// An equation such as "ij,jk->ik" names the axes of the operands and of the
// result: each element of the result is the sum, over all labels that are not
// in the output, of the product of the operands,
//
//	c[i,k] = Σ_j a[i,j] b[j,k].
//
// The way has three steps: [Parse] reads the equation, [Expr.Plan] chooses in
// which order to contract for operands of given shapes, by the planners of
// package path, and [Run] contracts. A [Plan] is a value that can be printed,
// saved as JSON and used again. [Contract] does all three.
//
// The same plan contracts in other ways: [RunSemiring] with other sums and
// products, [Exact] in whole numbers of any size, and [VJP] gives gradients.
package einsum
