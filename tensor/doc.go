// Package tensor holds multi-way arrays and the contractions that every
// method is written against.
//
// A [Dense] tensor is a strided N-way array in C order (last mode fastest)
// with named axes. An [Observed] tensor lists the entries that were seen; the
// others are unknown, which is not the same as zero. Both answer the same
// few questions (shape, norm, MTTKRP, inner product with a model), so that a
// decomposition need not know which one it works on.
//
// The mode-n unfolding is that of Kolda & Bader (2009,
// https://doi.org/10.1137/07070111X): X_(n) has I_n rows, and among the
// remaining modes the first varies fastest.
package tensor
