package sparse

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// TTV is the tensor times a vector in a mode, which is gone in the result:
//
//	y[…, i_{n-1}, i_{n+1}, …] = sum_i x[…, i_{n-1}, i, i_{n+1}, …] * v[i]
//
// It panics if the tensor has one mode alone, or v is not as long as the mode.
func TTV[T tensor.Float](x *COO[T], v []float64, mode int) *COO[float64] {
	if len(x.shape) < 2 || len(v) != x.shape[mode] {
		panic(fmt.Sprintf("sparse: TTV of shape %v and a vector of %d elements in mode %d", x.shape, len(v), mode))
	}
	values := make([]float64, len(x.values))
	par.Blocks(len(values), entryBlock, func(_, lo, hi int) {
		for e := lo; e < hi; e++ {
			values[e] = float64(x.values[e]) * v[x.index[mode][e]]
		}
	})
	return sumOf(slices.Delete(slices.Clone(x.shape), mode, mode+1), slices.Delete(slices.Clone(x.index), mode, mode+1), values,
		slices.Delete(tensor.CloneAxes(x.axes), mode, mode+1))
}

// TTM is the tensor times a matrix m: J×I_n in a mode, Y_(n) = m*X_(n):
//
//	y[…, j, …] = sum_i m[j, i] * x[…, i, …]
//
// The result lists J cells for each fiber of x that has entries, fewer where m
// has zeros. It panics if m has not as many columns as the mode has indices.
func TTM[T tensor.Float](x *COO[T], m *tensor.Matrix[float64], mode int) *COO[float64] {
	if m.Cols != x.shape[mode] {
		panic(fmt.Sprintf("sparse: TTM of shape %v and a %d×%d matrix in mode %d", x.shape, m.Rows, m.Cols, mode))
	}
	shape := slices.Clone(x.shape)
	shape[mode] = m.Rows
	axes := tensor.CloneAxes(x.axes)
	axes[mode] = tensor.Axis{Name: axes[mode].Name}
	// Each entry makes a column of products; entries of a fiber, which follow
	// each other when the mode comes last, are summed before they are listed.
	modes := append(slices.Delete(natural(len(shape)), mode, mode+1), mode)
	records := x.sortLong(pack(x.shape, modes))
	same := func(k int) bool {
		a, b := records[k-1].value, records[k].value
		for _, n := range modes[:len(modes)-1] {
			if x.index[n][a] != x.index[n][b] {
				return false
			}
		}
		return true
	}
	starts, repeated := groupStarts(len(records), same)
	if repeated < 0 {
		starts = natural(len(records) + 1)
	}
	fibers := len(starts) - 1
	index, values := make([][]int32, len(shape)), make([]float64, fibers*m.Rows)
	for n := range index {
		index[n] = make([]int32, len(values))
	}
	columns := m.Transpose()
	par.Blocks(fibers, 1<<8, func(_, lo, hi int) {
		for f := lo; f < hi; f++ {
			sum := values[f*m.Rows : (f+1)*m.Rows]
			for _, r := range records[starts[f]:starts[f+1]] {
				kernel.Axpy(float64(x.values[r.value]), columns.Row(int(x.index[mode][r.value])), sum)
			}
			for j := range sum {
				for n, list := range x.index {
					index[n][f*m.Rows+j] = list[records[starts[f]].value]
				}
				index[mode][f*m.Rows+j] = int32(j)
			}
		}
	})
	return sumOf(shape, index, values, axes)
}

// sumOf is the tensor of entries that are known to be in range, those of one
// cell added up.
func sumOf(shape []int, index [][]int32, values []float64, axes []tensor.Axis) *COO[float64] {
	y, err := NewCOO(shape, index, values, Sum)
	if err != nil {
		panic(err.Error())
	}
	y.axes = axes
	return y
}

// Inner is the inner product with anything that has elements, such as a
// tensor in CP, Tucker or tensor-train format: the sum over the entries of
// their values times those of m. Models that are [Stepwise] share the work of
// entries that lie in one slice.
func (x *COO[T]) Inner(m interface{ At(idx ...int) float64 }) float64 {
	parts := make([]float64, (len(x.values)+evalBlock-1)/evalBlock)
	if s, ok := m.(Stepwise); ok {
		x.steps(s, func(b, lo int, values []float64) {
			for k, v := range values {
				parts[b] += float64(x.values[lo+k]) * v
			}
		})
		return kernel.Sum(parts)
	}
	par.Blocks(len(x.values), evalBlock, func(b, lo, hi int) {
		idx := make([]int, len(x.shape))
		for e := lo; e < hi; e++ {
			for n, list := range x.index {
				idx[n] = int(list[e])
			}
			parts[b] += float64(x.values[e]) * m.At(idx...)
		}
	})
	return kernel.Sum(parts)
}
