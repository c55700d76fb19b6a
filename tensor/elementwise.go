package tensor

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/par"
)

// Add is the sum Z = X + Y of two tensors of one shape, with the axes and
// the memory order of X.
func Add[T Number](x, y *Dense[T]) *Dense[T] {
	return zip("Add", x, y, func(dst, xs, ys []T) {
		for i, v := range xs {
			dst[i] = v + ys[i]
		}
	})
}

// Sub is the difference Z = X - Y of two tensors of one shape, with the axes
// and the memory order of X.
func Sub[T Number](x, y *Dense[T]) *Dense[T] {
	return zip("Sub", x, y, func(dst, xs, ys []T) {
		for i, v := range xs {
			dst[i] = v - ys[i]
		}
	})
}

// Hadamard is the elementwise product of two tensors of one shape, with the
// axes and the memory order of X.
func Hadamard[T Number](x, y *Dense[T]) *Dense[T] {
	return zip("Hadamard", x, y, func(dst, xs, ys []T) {
		for i, v := range xs {
			dst[i] = v * ys[i]
		}
	})
}

// Scale is the product alpha*X with a number.
func Scale[T Number](alpha T, x *Dense[T]) *Dense[T] {
	p := newPass(x, nil)
	z := newLike[T](x.shape, p.order)
	z.axes = CloneAxes(x.axes)
	p.do(func(_, lo int, xs, _ []T) {
		dst := z.data[lo : lo+len(xs)]
		for i, v := range xs {
			dst[i] = alpha * v
		}
	})
	return z
}

func zip[T Number](name string, x, y *Dense[T], body func(dst, xs, ys []T)) *Dense[T] {
	sameShape(name, x, y)
	p := newPass(x, y)
	z := newLike[T](x.shape, p.order)
	z.axes = CloneAxes(x.axes)
	p.do(func(_, lo int, xs, ys []T) { body(z.data[lo:lo+len(xs)], xs, ys) })
	return z
}

func sameShape[T Number](name string, x, y *Dense[T]) {
	if !slices.Equal(x.shape, y.shape) {
		panic(fmt.Sprintf("tensor: %s of shapes %v and %v", name, x.shape, y.shape))
	}
}

// Outer is the outer product of some tensors,
//
//	z[i…, j…, …] = x[i…] * y[j…] * …,
//
// whose modes are those of the first, then those of the second, and so on.
// Without operands it is the scalar 1.
func Outer[T Number](xs ...*Dense[T]) *Dense[T] {
	z := FromSlice([]T{1})
	for _, x := range xs {
		z = outer(z, x)
	}
	return z
}

func outer[T Number](x, y *Dense[T]) *Dense[T] {
	z := New[T](slices.Concat(x.shape, y.shape)...)
	z.axes = slices.Concat(CloneAxes(x.axes), CloneAxes(y.axes))
	xs, ys := x.Data(), y.Data()
	n := len(ys)
	if n == 0 {
		return z
	}
	par.Blocks(len(z.data), blockLen, func(_, lo, hi int) {
		for lo < hi {
			i, j := lo/n, lo%n
			row := z.data[lo:min(hi, lo+n-j)]
			a := xs[i]
			for k, v := range ys[j : j+len(row)] {
				row[k] = a * v
			}
			lo += len(row)
		}
	})
	return z
}
