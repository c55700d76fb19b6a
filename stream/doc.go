// Package stream is dense data that are larger than the memory allowed: a
// .npy file, or a folder of .npy chunks along the slowest mode, of float32 or
// float64 in C or Fortran order.
//
// A [Tensor] answers the contractions that a tensor.Dense answers, each in
// one pass over the file:
//
//	contraction(X) = sum over slabs S of contraction(X[S])
//
// A slab is a box of indices of bounded size. One is read while another is
// worked on, into two buffers that are used again, so that the memory of a
// pass is two slabs and the result, whatever the size of the file. Slabs are
// cut by the shape and the size that is allowed alone and their sums are
// added in order: the bits do not depend on the number of threads.
//
// A [Journal] remembers the results of finished passes in a file, so that a
// run that was killed goes on where it was.
package stream
