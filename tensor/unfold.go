package tensor

import (
	"fmt"
	"slices"
)

// unfolded is the order of the modes whose C order is the mode-n unfolding:
// the mode itself, then the others backwards, so that the first of them
// varies fastest. This is the one place that says so.
func unfolded(order, mode int) []int {
	out := []int{mode}
	for n := order - 1; n >= 0; n-- {
		if n != mode {
			out = append(out, n)
		}
	}
	return out
}

// Unfold is the mode-n unfolding X_(n): I_n×(P/I_n), where P is the number of
// elements, as a copy. Element (i_0, …, i_{N-1}) is in row i_n and column
//
//	sum over k != n of i_k * prod over m < k, m != n of I_m,
//
// so the first of the other modes varies fastest. (That is the ordering of
// Kolda & Bader 2009, https://doi.org/10.1137/07070111X; TensorLy lets the
// last vary fastest.) No method of Polyad needs it; see [TTM], [Dense.Fibers]
// and [Dense.MTTKRP], which read the tensor where it lies.
func Unfold[T Float](x *Dense[T], mode int) *Matrix[T] {
	x.checkMode("Unfold", mode)
	p := x.Permute(unfolded(len(x.shape), mode)...).Clone()
	cols := Size(p.shape[1:])
	return MatrixOf(x.shape[mode], cols, p.data)
}

// Fold is the tensor of the given shape whose mode-n unfolding is m, as a
// copy: the inverse of [Unfold].
func Fold[T Float](m *Matrix[T], mode int, shape ...int) *Dense[T] {
	if mode < 0 || mode >= len(shape) {
		panic(fmt.Sprintf("tensor: Fold: mode %d of shape %v", mode, shape))
	}
	order := unfolded(len(shape), mode)
	if size := Size(shape); m.Rows != shape[mode] || m.Rows*m.Cols != size || size == 0 && m.Cols != Size(pick(shape, order)[1:]) {
		panic(fmt.Sprintf("tensor: Fold of a %d×%d matrix along mode %d to shape %v", m.Rows, m.Cols, mode, shape))
	}
	c := m.Clone()
	return FromSlice(c.Data, pick(shape, order)...).Permute(inverse(order)...).Clone()
}

func (x *Dense[T]) checkMode(what string, mode int) {
	if mode < 0 || mode >= len(x.shape) {
		panic(fmt.Sprintf("tensor: %s along mode %d of a tensor of order %d", what, mode, len(x.shape)))
	}
}

// without is the modes 0, …, order-1 but one.
func without(order, mode int) []int {
	out := make([]int, 0, order)
	for n := range order {
		if n != mode {
			out = append(out, n)
		}
	}
	return slices.Clip(out)
}
