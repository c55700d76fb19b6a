package sparse

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// FromDense lists the elements of a dense tensor that are not zero.
func FromDense[T tensor.Float](d *tensor.Dense[T]) (*COO[T], error) {
	shape, data := d.Shape(), d.Data()
	for n, s := range shape {
		if s > MaxSize {
			return nil, fmt.Errorf("sparse: mode %d has %d indices; 0 to %d are supported", n, s, MaxSize)
		}
	}
	start := make([]int, (len(data)+entryBlock-1)/entryBlock+1)
	par.Blocks(len(data), entryBlock, func(b, lo, hi int) {
		for _, v := range data[lo:hi] {
			if v != 0 {
				start[b+1]++
			}
		}
	})
	for b := range start[1:] {
		start[b+1] += start[b]
	}
	count := start[len(start)-1]
	values, index := make([]T, count), make([][]int32, len(shape))
	for n := range index {
		index[n] = make([]int32, count)
	}
	par.Blocks(len(data), entryBlock, func(b, lo, hi int) {
		at := make([]int32, len(shape))
		for n, k := len(shape)-1, lo; n >= 0; n-- {
			at[n] = int32(k % shape[n])
			k /= shape[n]
		}
		e := start[b]
		for _, v := range data[lo:hi] {
			if v != 0 {
				values[e] = v
				for n, i := range at {
					index[n][e] = i
				}
				e++
			}
			for n := len(at) - 1; n >= 0; n-- {
				if at[n]++; int(at[n]) < shape[n] {
					break
				}
				at[n] = 0
			}
		}
	})
	return newCOO(slices.Clone(shape), tensor.CloneAxes(d.Axes()), index, values), nil
}

// Dense is the whole tensor, zeros written out, with its axes. It panics if
// it has more cells than an integer can number.
func (x *COO[T]) Dense() *tensor.Dense[T] {
	if x.Cells() > math.MaxInt64/16 {
		panic(fmt.Sprintf("sparse: a dense tensor of shape %v cannot be held", x.shape))
	}
	d := tensor.New[T](x.shape...)
	data := d.Raw()
	par.Blocks(len(x.values), entryBlock, func(_, lo, hi int) {
		for e := lo; e < hi; e++ {
			at := 0
			for m, list := range x.index {
				at = at*x.shape[m] + int(list[e])
			}
			data[at] = x.values[e]
		}
	})
	if err := d.SetAxes(x.axes...); err != nil {
		panic("sparse: " + err.Error())
	}
	return d
}

// Observed is the tensor of the listed entries alone: what is not listed is
// unknown there, where it is zero here.
func (x *COO[T]) Observed() (*tensor.Observed, error) {
	values := make([]float64, len(x.values))
	for e, v := range x.values {
		values[e] = float64(v)
	}
	o, err := tensor.NewObserved(x.shape, x.index, values)
	if err != nil {
		return nil, err
	}
	return o, o.SetAxes(x.axes...)
}

// Convert copies a sparse tensor to another precision. Entries that round to
// zero stay listed; indices are shared.
func Convert[To, From tensor.Float](x *COO[From]) *COO[To] {
	values := make([]To, len(x.values))
	for e, v := range x.values {
		values[e] = To(v)
	}
	return newCOO(x.shape, tensor.CloneAxes(x.axes), x.index, values)
}
