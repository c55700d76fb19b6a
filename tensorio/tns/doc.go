// Package tns reads and writes .tns text files of tensors, in both dialects.
//
// FROSTT (http://frostt.io): no header; a line holds the indices of a cell
// and its value, separated by spaces; indices count from 1; # starts a
// comment.
//
//	# i j k value
//	1 1 1 2.5
//	3 2 1 -1
//
// Tensor Toolbox (https://www.tensortoolbox.org): the first line is tensor,
// sptensor, matrix or ktensor; the order and the sizes follow, then the
// values of all cells with the first index fastest (tensor), or the number
// of entries and the entries (sptensor), or the rank, the weights and the
// factor matrices (ktensor).
//
//	sptensor
//	3
//	3 2 1
//	2
//	1 1 1 2.5
//	3 2 1 -1
//
// Some writers count from 0, and some put the sizes above a headerless list;
// both are recognised, and the result says what was taken. A cell that is
// not listed is zero by the format's convention, unless the caller asks for
// it to be unobserved.
//
// Lines with one blank or tab between numbers and none at the ends are read
// fastest, many at a time; values of up to eight digits faster than others; and
// a list in C order without repeated cells is kept as it stands, without a sort.
package tns
