package sparse

import (
	"sort"

	"github.com/polyad/polyad/tensor"
)

// LossGradient is the sum of f(x, m) over all cells, zeros included, with m
// those of the CP model of the factors, and its gradient: see
// [tensor.Dense.LossGradient]. It walks over every cell and costs as much as
// on dense data, without their memory; methods take the sum over the zeros
// in closed form where a loss has one.
func (x *COO[T]) LossGradient(factors, grads []*tensor.Matrix[float64], f tensor.Elementwise) float64 {
	return tensor.LossOfCells(x.shape, factors, grads, f, func(cols int) func(dst []float64, r0, r1, c0, c1 int) {
		h := len(x.shape) // modes before h are rows
		for inner := 1; inner < cols || h == len(x.shape); {
			h--
			inner *= x.shape[h]
		}
		return func(dst []float64, r0, r1, c0, c1 int) {
			clear(dst)
			// The entries lie in C order, row after row.
			from, to := x.firstFrom(h, r0, 0), x.firstFrom(h, r1, 0)
			for e := from; e < to; e++ {
				row, col := x.at(0, h, e), x.at(h, len(x.shape), e)
				switch {
				case col < c0:
					e += sort.Search(to-e, func(k int) bool { return x.reached(h, e+k, row, c0) }) - 1
				case col >= c1:
					e += sort.Search(to-e, func(k int) bool { return x.reached(h, e+k, row+1, c0) }) - 1
				default:
					dst[(row-r0)*(c1-c0)+col-c0] = float64(x.values[e])
				}
			}
		}
	})
}

// at is the number of the index of entry e on modes [from, to), in C order.
func (x *COO[T]) at(from, to, e int) int {
	k := 0
	for n := from; n < to; n++ {
		k = k*x.shape[n] + int(x.index[n][e])
	}
	return k
}

// reached reports whether entry e is at or after a row and column, where the
// modes before h are rows.
func (x *COO[T]) reached(h, e, row, col int) bool {
	r := x.at(0, h, e)
	return r > row || r == row && x.at(h, len(x.shape), e) >= col
}

// firstFrom is the first entry at or after a row and column.
func (x *COO[T]) firstFrom(h, row, col int) int {
	return sort.Search(len(x.values), func(e int) bool { return x.reached(h, e, row, col) })
}

// FindCell is the first cell whose value has a property: a zero, if that has
// it and there is one, else the first of the entries.
func (x *COO[T]) FindCell(has func(v float64) bool) (at []int, value float64, found bool) {
	at = make([]int, len(x.shape))
	if x.Cells() > float64(len(x.values)) && has(0) {
		// The entries count up through the cells: the first that is ahead
		// leaves a zero behind.
		for e := range x.values {
			for n, list := range x.index {
				if int(list[e]) != at[n] {
					return at, 0, true
				}
			}
			for n := len(at) - 1; n >= 0; n-- {
				if at[n]++; at[n] < x.shape[n] {
					break
				}
				at[n] = 0
			}
		}
		return at, 0, true
	}
	for e, v := range x.values {
		if has(float64(v)) {
			for n, list := range x.index {
				at[n] = int(list[e])
			}
			return at, float64(v), true
		}
	}
	return nil, 0, false
}
