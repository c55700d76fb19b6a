package tensorio

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// block is how many elements one goroutine looks at.
const block = 1 << 16

// applyMissing finds the values that are not finite and does with them, and
// with the cells that are unobserved, what the policy says.
func (f *File) applyMissing(policy string) error {
	switch x := f.Tensor.(type) {
	case *tensor.Dense[float32]:
		return applyDense(f, x, policy, unobserve[float32])
	case *tensor.Dense[float64]:
		return applyDense(f, x, policy, unobserve[float64])
	case *tensor.Dense[complex64]:
		return applyDense(f, x, policy, nil)
	case *tensor.Dense[complex128]:
		return applyDense(f, x, policy, nil)
	case *tensor.Observed:
		return f.applyObserved(x, policy)
	case *sparse.COO[float32]:
		return applySparse(f, x, policy)
	case *sparse.COO[float64]:
		return applySparse(f, x, policy)
	}
	return nil
}

// applySparse checks a sparse tensor; with the policy "unobserved" the cells
// that it does not list are unknown.
func applySparse[T tensor.Float](f *File, x *sparse.COO[T], policy string) error {
	c := scan(x.Values())
	f.NonFinite = c.total()
	if c.total() > 0 {
		at := make([]int, len(x.Shape()))
		for n := range at {
			at[n] = int(x.Indices(n)[c.first])
		}
		if policy != "zero" {
			return c.fail(x.Axes(), at)
		}
		values := slices.Clone(x.Values())
		for e, v := range values {
			if !finite(v) {
				values[e] = 0
			}
		}
		y, err := sparse.NewCOO(x.Shape(), lists(x), values, sparse.Refuse)
		if err != nil {
			return err
		}
		f.Tensor = y
		return y.SetAxes(x.Axes()...)
	}
	if policy != "unobserved" {
		return nil
	}
	o, err := x.Observed()
	f.Tensor = o
	return err
}

// lists are the indices of all modes.
func lists(x interface {
	Shape() []int
	Indices(mode int) []int32
}) [][]int32 {
	index := make([][]int32, len(x.Shape()))
	for n := range index {
		index[n] = x.Indices(n)
	}
	return index
}

// applyDense checks a tensor that fills its memory. unobserve is nil for
// elements that an observed tensor cannot hold.
func applyDense[T tensor.Number](f *File, x *tensor.Dense[T], policy string, unobserve func(*tensor.Dense[T]) (*tensor.Observed, error)) error {
	data := x.Raw()[:x.Len()]
	c := scan(data)
	f.NonFinite = c.total()
	switch {
	case c.total() == 0 || policy == "keep":
		return nil
	case policy == "zero":
		y := tensor.Strided(slices.Clone(data), x.Shape(), x.Strides())
		out := y.Raw()
		par.Blocks(len(out), block, func(_, lo, hi int) {
			for i, v := range out[lo:hi] {
				if !finite(v) {
					out[lo+i] = 0
				}
			}
		})
		f.Tensor = y
		return setAxes(y, x.Axes())
	case policy != "nan":
		return c.fail(x.Axes(), position(c.first, x.Shape(), x.Strides()))
	case unobserve == nil:
		return fmt.Errorf("%s; complex tensors cannot have unobserved cells, --missing zero treats them as 0", c)
	}
	y, err := unobserve(x)
	if err != nil {
		return err
	}
	f.Tensor = y
	return nil
}

// applyObserved is applyMissing for a tensor of which some cells are unknown.
func (f *File) applyObserved(x *tensor.Observed, policy string) error {
	c := scan(x.Values())
	f.NonFinite = c.total()
	switch policy {
	case "zero":
		y, err := fill(x, 0)
		if err != nil {
			return err
		}
		for i, v := range y.Raw() {
			if !finite(v) {
				y.Raw()[i] = 0
			}
		}
		f.Tensor = y
		return nil
	case "nan":
		if c.total() == 0 {
			return nil
		}
		if c.total() == x.Count() {
			return errNothing
		}
		index := make([][]int32, len(x.Shape()))
		values := make([]float64, 0, x.Count()-c.total())
		for e, v := range x.Values() {
			if finite(v) {
				values = append(values, v)
				for n := range index {
					index[n] = append(index[n], x.Indices(n)[e])
				}
			}
		}
		y, err := tensor.NewObserved(x.Shape(), index, values)
		if err != nil {
			return err
		}
		f.Tensor = y
		return y.SetAxes(x.Axes()...)
	}
	if c.total() == 0 {
		return nil
	}
	at := make([]int, len(x.Shape()))
	for n := range at {
		at[n] = int(x.Indices(n)[c.first])
	}
	return c.fail(x.Axes(), at)
}

var errNothing = errors.New("no value in the tensor is finite: there is nothing to work on")

// finite is false for NaN and the infinities, and for complex numbers with
// such a part: only then is v-v not zero.
func finite[T tensor.Number](v T) bool { return v-v == 0 }

// census counts the values that are not finite.
type census struct {
	nan, inf int
	first    int // position in memory of the first of them
}

func (c census) total() int { return c.nan + c.inf }

func (c census) String() string {
	switch {
	case c.total() == 1 && c.nan == 1:
		return "1 value is NaN"
	case c.total() == 1:
		return "1 value is infinite"
	}
	return fmt.Sprintf("%d values are not finite (%d NaN, %d infinite)", c.total(), c.nan, c.inf)
}

// fail is the error for values that nobody said what to do with.
func (c census) fail(axes []tensor.Axis, at []int) error {
	index := make([]string, len(at))
	for n, i := range at {
		index[n] = fmt.Sprint(i)
		if a := axes[n]; a.Name != "" {
			index[n] = a.Name + "=" + a.Label(i)
		}
	}
	first := ", the first"
	if c.total() == 1 {
		first = ""
	}
	return fmt.Errorf("%s%s at index (%s); --missing nan treats them as unobserved, --missing zero as 0",
		c, first, strings.Join(index, ", "))
}

// scan is one parallel pass over the data, without a copy.
func scan[T tensor.Number](data []T) census {
	found := make([]census, (len(data)+block-1)/block)
	par.Blocks(len(data), block, func(b, lo, hi int) {
		for i, v := range data[lo:hi] {
			if finite(v) {
				continue
			}
			c := &found[b]
			if c.total() == 0 {
				c.first = lo + i
			}
			if v != v {
				c.nan++
			} else {
				c.inf++
			}
		}
	})
	var all census
	for _, c := range found {
		if all.total() == 0 {
			all.first = c.first
		}
		all.nan += c.nan
		all.inf += c.inf
	}
	return all
}

// position is the index of the element at an offset in the memory of a
// tensor.
func position(offset int, shape, strides []int) []int {
	modes := make([]int, len(shape))
	for n := range modes {
		modes[n] = n
	}
	slices.SortFunc(modes, func(a, b int) int { return strides[b] - strides[a] })
	at := make([]int, len(shape))
	for _, n := range modes {
		if shape[n] > 1 {
			at[n] = offset / strides[n]
			offset %= strides[n]
		}
	}
	return at
}

// unobserve lists the finite elements of a tensor, in C order.
func unobserve[T tensor.Float](x *tensor.Dense[T]) (*tensor.Observed, error) {
	shape := x.Shape()
	for n, s := range shape {
		if s > math.MaxInt32 {
			return nil, fmt.Errorf("mode %d has %d indices, more than the %d that a tensor with unobserved cells can have", n, s, math.MaxInt32)
		}
	}
	data := x.Data()
	start := make([]int, (len(data)+block-1)/block+1) // in values, a block each
	par.Blocks(len(data), block, func(b, lo, hi int) {
		for _, v := range data[lo:hi] {
			if finite(v) {
				start[b+1]++
			}
		}
	})
	for b := range start[1:] {
		start[b+1] += start[b]
	}
	count := start[len(start)-1]
	if count == 0 {
		return nil, errNothing
	}
	values := make([]float64, count)
	index := make([][]int32, len(shape))
	for n := range index {
		index[n] = make([]int32, count)
	}
	strides := tensor.CStrides(shape)
	par.Blocks(len(data), block, func(b, lo, hi int) {
		at := position(lo, shape, strides)
		e := start[b]
		for _, v := range data[lo:hi] {
			if finite(v) {
				values[e] = float64(v)
				for n, i := range at {
					index[n][e] = int32(i)
				}
				e++
			}
			for n := len(at) - 1; n >= 0; n-- {
				if at[n]++; at[n] < shape[n] {
					break
				}
				at[n] = 0
			}
		}
	})
	y, err := tensor.NewObserved(shape, index, values)
	if err != nil {
		return nil, err
	}
	return y, y.SetAxes(x.Axes()...)
}

// fill is the dense tensor with a value in the unobserved cells.
func fill(x *tensor.Observed, value float64) (*tensor.Dense[float64], error) {
	shape := x.Shape()
	if need, err := scalar.Bytes(shape, 8); err != nil || need > Memory() {
		return nil, fmt.Errorf("a tensor of %s with %d observed cells is too large to be filled up", scalar.Shape(shape), x.Count())
	}
	y := tensor.New[float64](shape...)
	data := y.Raw()
	if value != 0 {
		for i := range data {
			data[i] = value
		}
	}
	strides := y.Strides()
	for e, v := range x.Values() {
		o := 0
		for n := range shape {
			o += int(x.Indices(n)[e]) * strides[n]
		}
		data[o] = v
	}
	return y, y.SetAxes(x.Axes()...)
}
