package tensor

import (
	"fmt"
	"slices"
)

// TTV contracts a mode with a vector of size I_n,
//
//	y[…] = sum_i v[i] * x[…, i, …],
//
// and drops the mode: Y has order N-1, in the memory order of X. Kolda &
// Bader 2009, https://doi.org/10.1137/07070111X.
func TTV[T Float](x *Dense[T], v []T, mode int) *Dense[T] {
	x.checkMode("TTV", mode)
	if len(v) != x.shape[mode] {
		panic(fmt.Sprintf("tensor: TTV of %d elements with mode %d of size %d", len(v), mode, x.shape[mode]))
	}
	return TTM(x, MatrixOf(1, len(v), v), mode).Index(mode, 0)
}

// TTVChain contracts several modes, each with a vector of its own, and drops
// them; a nil vector keeps its mode. The longest modes go first, which leaves
// the least to do for the others. With a vector for every mode the result is
// of order 0.
func TTVChain[T Float](x *Dense[T], vs [][]T) *Dense[T] {
	if len(vs) != len(x.shape) {
		panic(fmt.Sprintf("tensor: %d vectors for a tensor of order %d", len(vs), len(x.shape)))
	}
	var modes []int
	for n, v := range vs {
		if v != nil {
			modes = append(modes, n)
		}
	}
	if len(modes) == 0 {
		return x.Clone()
	}
	slices.SortStableFunc(modes, func(a, b int) int { return x.shape[b] - x.shape[a] })
	left := without(len(x.shape), -1) // left[k]: the mode of x that mode k of y was
	y := x
	for _, n := range modes {
		k := slices.Index(left, n)
		y = TTV(y, vs[n], k)
		left = slices.Delete(left, k, k+1)
	}
	return y
}
