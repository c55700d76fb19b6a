// Package network holds tensor networks: tensors with names, joined where
// their indices have the same name.
//
//	n := network.New[float64]()
//	err := n.Add("A", a, "i", "j")
//	err = n.Add("B", b, "j", "k")
//	c, err := n.Contract(ctx, einsum.Options{}, "i", "k") // Σ_j A[i,j]·B[j,k]
//
// An index that is not asked for is summed over, however many tensors have
// it. The order of contraction and the memory it may take are those of
// package einsum. Bonds between two tensors can be made (Split), gauged
// (Gauge), cut (CutBond) and removed (Merge); Gradients differentiates a
// contraction in all tensors.
//
// Boundary contracts a network on a rectangular lattice, of a size that no
// exact contraction can do, row by row with a matrix product state, and bounds
// the error that its cuts make.
package network
