// Package cells turns lists of indices and values, as text files and tables
// hold them, into tensors: it sorts them in C order and finds or joins the
// entries that share a cell.
package cells

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

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

// A Duplicate says that two entries share a cell.
type Duplicate struct{ First, Second int }

func (d *Duplicate) Error() string {
	return fmt.Sprintf("entries %d and %d share a cell", d.First, d.Second)
}

// Merge sorts the entries of a tensor in C order. Entries of one cell are
// joined by the aggregate; if there is none, they are a [*Duplicate] error
// that holds the entry which first repeats another. Size(shape) must be
// known to fit. The lists may be changed and are used in the result.
func Merge(shape []int, index [][]int32, values []float64, aggregate string) ([][]int32, []float64, error) {
	n := len(values)
	if n > math.MaxInt32 {
		return nil, nil, fmt.Errorf("%d entries: at most %d can be read", n, math.MaxInt32)
	}
	keys := make([]uint64, n)
	for m, list := range index {
		size := uint64(shape[m])
		for e, i := range list {
			keys[e] = keys[e]*size + uint64(i)
		}
	}
	if aggregate == "count" {
		for e := range values {
			values[e] = 1
		}
		aggregate = "sum"
	}
	if increasing(keys) {
		return index, values, nil
	}
	total, _ := Size(shape)
	keys, order := sortKeys(keys, uint64(total))
	if aggregate == "" {
		if d := firstRepeat(keys, order); d != nil {
			return nil, nil, d
		}
	}
	// Groups are runs of equal keys; in a run the entries keep their order.
	out := make([]float64, 0, n)
	first := order[:0] // an entry of each group: overwrites what was read
	for lo := 0; lo < n; {
		hi := lo + 1
		for hi < n && keys[hi] == keys[lo] {
			hi++
		}
		entry := order[lo]
		out = append(out, join(values, order[lo:hi], aggregate))
		first = append(first, entry)
		lo = hi
	}
	sorted := make([][]int32, len(index))
	for m, list := range index {
		sorted[m] = make([]int32, len(first))
		for g, e := range first {
			sorted[m][g] = list[e]
		}
	}
	return sorted, out, nil
}

func increasing(keys []uint64) bool {
	for e := 1; e < len(keys); e++ {
		if keys[e] <= keys[e-1] {
			return false
		}
	}
	return true
}

// firstRepeat finds the entry with the lowest number whose cell an earlier
// entry has, and the last such earlier entry.
func firstRepeat(keys []uint64, order []int32) *Duplicate {
	var d *Duplicate
	for e := 1; e < len(keys); e++ {
		if keys[e] == keys[e-1] && (d == nil || int(order[e]) < d.Second) {
			d = &Duplicate{First: int(order[e-1]), Second: int(order[e])}
		}
	}
	return d
}

func join(values []float64, group []int32, aggregate string) float64 {
	v := values[group[0]]
	switch aggregate {
	case "sum", "mean":
		for _, e := range group[1:] {
			v += values[e]
		}
		if aggregate == "mean" {
			v /= float64(len(group))
		}
	case "min":
		for _, e := range group[1:] {
			v = min(v, values[e])
		}
	case "max":
		for _, e := range group[1:] {
			v = max(v, values[e])
		}
	case "last":
		v = values[group[len(group)-1]]
	}
	return v
}

// sortKeys is a stable radix sort of keys below limit, eleven bits a pass,
// and the order that sorts them.
func sortKeys(keys []uint64, limit uint64) ([]uint64, []int32) {
	const digit = 11
	order := make([]int32, len(keys))
	for e := range order {
		order[e] = int32(e)
	}
	keys2, order2 := make([]uint64, len(keys)), make([]int32, len(keys))
	for shift := 0; shift < bits.Len64(limit-1); shift += digit {
		var start [1 << digit]int
		for _, k := range keys {
			start[k>>shift&(1<<digit-1)]++
		}
		sum := 0
		for d, c := range start {
			start[d] = sum
			sum += c
		}
		for e, k := range keys {
			d := k >> shift & (1<<digit - 1)
			keys2[start[d]], order2[start[d]] = k, order[e]
			start[d]++
		}
		keys, keys2, order, order2 = keys2, keys, order2, order
	}
	return keys, order
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
