// Package tensor holds multi-way arrays and the contractions that every
// method is written against.
//
// A [Dense] tensor is a strided N-way array in C order (last mode fastest)
// with named axes. An [Observed] tensor lists the entries that were seen; the
// others are unknown, which is not the same as zero. Both answer the same
// few questions (shape, norm, MTTKRP, inner product with a model), so that a
// decomposition need not know which one it works on.
//
//	x := tensor.New[float64](3, 4, 5)
//	y := tensor.TTM(x, m, 1)            // Y_(1) = M*X_(1)
//	z := x.Permute(2, 0, 1)             // a view
//	n := tensor.Sub(x, y).Norm()
//
// Views (Permute, Slice, Index, Reshape of contiguous memory) share memory.
// Operations leave their operands alone, read them where they lie, whatever
// the strides, and answer in the memory order of the first: a chain on a
// tensor in Fortran order stays in Fortran order. Axes travel through all of
// them. Norms, inner products and Gram matrices of float32 data are
// accumulated in float64. A result has the same bits at any number of
// threads.
//
// The mode-n unfolding is that of Kolda & Bader (2009,
// https://doi.org/10.1137/07070111X): X_(n) has I_n rows, and among the
// remaining modes the first varies fastest. See [Unfold].
package tensor
