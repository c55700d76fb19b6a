package tensor

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
)

// Number is the set of element types of a [Dense] tensor.
type Number interface {
	float32 | float64 | complex64 | complex128
}

// Dense is an N-way array of numbers with named axes. Element (i_0, …) lies
// at offset sum i_n*stride_n of one slice, so that views (a range, a fixed
// index, another order of the modes) share memory with their origin. A
// tensor of order 0 is a scalar and has one element.
type Dense[T Number] struct {
	data    []T // starts at the first element of this view
	shape   []int
	strides []int
	axes    []Axis
}

// New makes a tensor of zeros.
func New[T Number](shape ...int) *Dense[T] {
	return FromSlice(kernel.Large[T](Size(shape)), shape...)
}

// FromSlice makes a tensor that uses data, in C order, without copying it.
func FromSlice[T Number](data []T, shape ...int) *Dense[T] {
	if len(data) != Size(shape) {
		panic(fmt.Sprintf("tensor: %d elements for shape %v", len(data), shape))
	}
	return Strided(data, shape, CStrides(shape))
}

// Strided makes a tensor that uses data with the given strides (in elements,
// not negative), without copying it.
func Strided[T Number](data []T, shape, strides []int) *Dense[T] {
	if len(shape) != len(strides) {
		panic("tensor: one stride a mode is needed")
	}
	last := 0
	for n, s := range shape {
		if s < 0 || strides[n] < 0 {
			panic(fmt.Sprintf("tensor: negative shape %v or stride %v", shape, strides))
		}
		last += (s - 1) * strides[n]
	}
	if Size(shape) > 0 && last >= len(data) {
		panic(fmt.Sprintf("tensor: shape %v with strides %v needs %d elements, there are %d", shape, strides, last+1, len(data)))
	}
	return &Dense[T]{data: data, shape: slices.Clone(shape), strides: slices.Clone(strides), axes: make([]Axis, len(shape))}
}

// Size is the number of elements of a shape; the greatest int if there are
// more, as sparse tensors may have (see [Cells]).
func Size(shape []int) int {
	n := 1
	for k, s := range shape {
		if s > 0 && n > math.MaxInt/s {
			if slices.Contains(shape[k:], 0) {
				return 0
			}
			return math.MaxInt
		}
		n *= s
	}
	return n
}

// Cells is [Size] for shapes of any size, as a float64.
func Cells(shape []int) float64 {
	n := 1.0
	for _, s := range shape {
		n *= float64(s)
	}
	return n
}

// CStrides are the strides of a shape in C order (last mode fastest).
func CStrides(shape []int) []int {
	st := make([]int, len(shape))
	step := 1
	for n := len(shape) - 1; n >= 0; n-- {
		st[n] = step
		step *= shape[n]
	}
	return st
}

// Order is the number of modes.
func (x *Dense[T]) Order() int { return len(x.shape) }

// Shape is the size of each mode. The caller must not change it.
func (x *Dense[T]) Shape() []int { return x.shape }

// Strides are the distances, in elements, between neighbours on each mode.
// The caller must not change them.
func (x *Dense[T]) Strides() []int { return x.strides }

// Len is the number of elements.
func (x *Dense[T]) Len() int { return Size(x.shape) }

// Axes are the names and labels of the modes. The caller must not change
// them; see SetAxes.
func (x *Dense[T]) Axes() []Axis { return x.axes }

// SetAxes names the modes; the axes must fit the shape (see [CheckAxes]).
func (x *Dense[T]) SetAxes(axes ...Axis) error {
	if err := CheckAxes(axes, x.shape); err != nil {
		return err
	}
	x.axes = CloneAxes(axes)
	return nil
}

func (x *Dense[T]) offset(idx []int) int {
	if len(idx) != len(x.shape) {
		panic(fmt.Sprintf("tensor: %d indices for %d modes", len(idx), len(x.shape)))
	}
	o := 0
	for n, i := range idx {
		if i < 0 || i >= x.shape[n] {
			panic(fmt.Sprintf("tensor: index %d out of range on mode %d of size %d", i, n, x.shape[n]))
		}
		o += i * x.strides[n]
	}
	return o
}

// At is one element.
func (x *Dense[T]) At(idx ...int) T { return x.data[x.offset(idx)] }

// Set sets one element (of the shared memory, for a view).
func (x *Dense[T]) Set(v T, idx ...int) { x.data[x.offset(idx)] = v }

// IsContiguous reports whether the elements lie in C order without gaps.
func (x *Dense[T]) IsContiguous() bool {
	step := 1
	for n := len(x.shape) - 1; n >= 0; n-- {
		if x.shape[n] != 1 && x.strides[n] != step {
			return false
		}
		step *= x.shape[n]
	}
	return true
}

// Data is the elements in C order: shared with the tensor if it is
// contiguous, else a copy.
func (x *Dense[T]) Data() []T {
	if x.IsContiguous() {
		return x.data[:x.Len()]
	}
	return x.Clone().data
}

// Raw is the memory of the view, from its first element on; use it with
// Strides.
func (x *Dense[T]) Raw() []T { return x.data }

// Clone is a contiguous copy, axes included.
func (x *Dense[T]) Clone() *Dense[T] {
	c := New[T](x.shape...)
	kernel.Permute(c.data, x.data, x.shape, x.strides)
	c.axes = CloneAxes(x.axes)
	return c
}

// Contiguous is x itself if it is contiguous, else a contiguous copy.
func (x *Dense[T]) Contiguous() *Dense[T] {
	if x.IsContiguous() {
		return x
	}
	return x.Clone()
}

// CopyFrom sets the elements of x, which may be a view, to those of y, a
// tensor of the same shape. Axes are not copied.
func (x *Dense[T]) CopyFrom(y *Dense[T]) {
	sameShape("CopyFrom", x, y)
	var copyMode func(n, to, from int)
	copyMode = func(n, to, from int) {
		if n == len(x.shape) {
			x.data[to] = y.data[from]
			return
		}
		if n == len(x.shape)-1 && x.strides[n] == 1 && y.strides[n] == 1 {
			copy(x.data[to:to+x.shape[n]], y.data[from:])
			return
		}
		for i := range x.shape[n] {
			copyMode(n+1, to+i*x.strides[n], from+i*y.strides[n])
		}
	}
	if x.Len() > 0 {
		copyMode(0, 0, 0)
	}
}
