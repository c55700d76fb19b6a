// Package cells turns lists of indices and values, as text files and tables
// hold them, into tensors.
package cells

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// MaxDense is the largest number of cells that a file of coordinates is
// expanded to.
const MaxDense = 1 << 28

// Aggregates are the ways to join the entries of one cell.
var Aggregates = []string{"sum", "mean", "count", "last", "min", "max"}

// CheckAggregate is an error unless name is empty or one of [Aggregates].
func CheckAggregate(name string) error {
	if name == "" || slices.Contains(Aggregates, name) {
		return nil
	}
	return fmt.Errorf("unknown aggregate %q: use %s", name, strings.Join(Aggregates, ", "))
}

// Size is the number of cells of a shape; the second result is false if it
// exceeds 2^62.
func Size(shape []int) (int, bool) {
	n := uint64(1)
	for _, s := range shape {
		hi, lo := bits.Mul64(n, uint64(s))
		if hi != 0 || lo > 1<<62 {
			return 0, slices.Contains(shape, 0)
		}
		n = lo
	}
	return int(n), true
}

// Text writes a shape as 3×4×5.
func Text(shape []int) string {
	var b strings.Builder
	for n, s := range shape {
		if n > 0 {
			b.WriteString("×")
		}
		fmt.Fprint(&b, s)
	}
	return b.String()
}

// Sparse says whether entries with zeros elsewhere are kept as a sparse tensor
// rather than filled up to a dense one: if there are more than 2^20 cells of
// which fewer than one in ten is listed, or more than [MaxDense].
func Sparse(shape []int, listed int) bool {
	total, ok := Size(shape)
	return !ok || total > MaxDense || total > 1<<20 && listed < total/10
}

// Merge sorts the entries of a tensor in C order. Entries of one cell are
// joined by the aggregate; if there is none, they are a
// [*sparse.DuplicateError].
func Merge(shape []int, index [][]int32, values []float64, aggregate string) ([][]int32, []float64, error) {
	return sparse.Merge(shape, index, values, sparse.Duplicates(aggregate))
}

// Fill is the dense tensor of sorted entries with zeros elsewhere. If every
// cell is listed, it uses values.
func Fill(shape []int, index [][]int32, values []float64) *tensor.Dense[float64] {
	total := tensor.Size(shape)
	if len(values) == total {
		return tensor.FromSlice(values, shape...)
	}
	x := tensor.New[float64](shape...)
	data := x.Raw()
	for e, v := range values {
		at := 0
		for m, list := range index {
			at = at*shape[m] + int(list[e])
		}
		data[at] = v
	}
	return x
}

// Finite lists the finite elements of a dense tensor as the known ones.
func Finite(x *tensor.Dense[float64]) (*tensor.Observed, error) {
	shape, data := x.Shape(), x.Data()
	count := 0
	for _, v := range data {
		if v-v == 0 {
			count++
		}
	}
	values := make([]float64, 0, count)
	index := make([][]int32, len(shape))
	for m := range index {
		index[m] = make([]int32, 0, count)
	}
	at := make([]int32, len(shape))
	for _, v := range data {
		if v-v == 0 {
			values = append(values, v)
			for m, i := range at {
				index[m] = append(index[m], i)
			}
		}
		for m := len(at) - 1; m >= 0; m-- {
			if at[m]++; int(at[m]) < shape[m] {
				break
			}
			at[m] = 0
		}
	}
	o, err := tensor.NewObserved(shape, index, values)
	if err != nil {
		return nil, err
	}
	return o, o.SetAxes(x.Axes()...)
}
