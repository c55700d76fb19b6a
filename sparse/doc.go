// Package sparse holds tensors of which most cells are zero.
//
// A [COO] tensor lists the cells that are not zero, sorted in C order, each
// once. A cell that is not listed is zero: it is known, unlike the missing
// cells of a tensor.Observed. Methods of package cp take it as they take a
// dense tensor.
//
//	x, err := sparse.NewCOO(shape, index, values, sparse.Sum)
//	model, res, err := cp.ALS(ctx, x, cp.Options{Rank: 10})
//
// Modes have up to 2^31-1 indices; the number of entries is bounded by memory
// alone. Values are float32 or float64; models, sums and norms are float64.
package sparse
