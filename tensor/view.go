package tensor

import (
	"fmt"
	"slices"
)

// Permute is the tensor with mode order[n] as its mode n, without a copy.
func (x *Dense[T]) Permute(order ...int) *Dense[T] {
	if len(order) != len(x.shape) {
		panic(fmt.Sprintf("tensor: permutation %v of %d modes", order, len(x.shape)))
	}
	seen := make([]bool, len(order))
	y := &Dense[T]{data: x.data}
	for _, m := range order {
		if m < 0 || m >= len(order) || seen[m] {
			panic(fmt.Sprintf("tensor: %v is not a permutation", order))
		}
		seen[m] = true
		y.shape = append(y.shape, x.shape[m])
		y.strides = append(y.strides, x.strides[m])
		y.axes = append(y.axes, x.axes[m].Clone())
	}
	return y
}

// Slice keeps the indices lo, lo+step, … below hi of a mode, without a copy.
func (x *Dense[T]) Slice(mode, lo, hi, step int) *Dense[T] {
	if lo < 0 || hi < lo || hi > x.shape[mode] || step < 1 {
		panic(fmt.Sprintf("tensor: slice [%d:%d:%d] of mode %d of size %d", lo, hi, step, mode, x.shape[mode]))
	}
	y := &Dense[T]{data: x.data, shape: slices.Clone(x.shape), strides: slices.Clone(x.strides), axes: CloneAxes(x.axes)}
	y.shape[mode] = (hi - lo + step - 1) / step
	y.strides[mode] *= step
	y.axes[mode] = x.axes[mode].Slice(lo, hi, step)
	if y.Len() > 0 {
		y.data = x.data[lo*x.strides[mode]:]
	}
	return y
}

// Index fixes the index of a mode and drops the mode, without a copy.
func (x *Dense[T]) Index(mode, i int) *Dense[T] {
	if i < 0 || i >= x.shape[mode] {
		panic(fmt.Sprintf("tensor: index %d out of range on mode %d of size %d", i, mode, x.shape[mode]))
	}
	y := x.Slice(mode, i, i+1, 1)
	y.shape = slices.Delete(y.shape, mode, mode+1)
	y.strides = slices.Delete(y.strides, mode, mode+1)
	y.axes = slices.Delete(y.axes, mode, mode+1)
	return y
}

// Reshape is the tensor with another shape of the same size, in C order. It
// shares memory with x if x is contiguous. Axes of modes that keep their
// place and size are kept.
func (x *Dense[T]) Reshape(shape ...int) *Dense[T] {
	y := FromSlice(x.Data(), shape...)
	for n := 0; n < len(shape) && n < len(x.shape) && shape[n] == x.shape[n]; n++ {
		y.axes[n] = x.axes[n].Clone()
	}
	for k := 1; k <= len(shape) && k <= len(x.shape); k++ {
		n, m := len(shape)-k, len(x.shape)-k
		if shape[n] != x.shape[m] {
			break
		}
		y.axes[n] = x.axes[m].Clone()
	}
	return y
}
