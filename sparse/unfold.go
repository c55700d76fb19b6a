package sparse

import (
	"fmt"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// unfolding is X_(n), its columns being the fibers that have entries, as a
// sparse matrix that can be read by columns and by rows.
type unfolding[T tensor.Float] struct {
	rows   int
	starts []int   // of the fibers, and the number of entries
	index  []int32 // of an entry on the mode, fiber after fiber
	values []T

	rowStarts []int
	places    []int // entries of a row after the other: their place in index
	fibers    []int // likewise: their fiber
}

func (x *COO[T]) unfold(mode int) *unfolding[T] {
	modes := append(without(natural(len(x.shape)), mode), mode)
	records := x.sortLong(pack(x.shape, modes))
	n := len(records)
	u := &unfolding[T]{rows: x.shape[mode], index: make([]int32, n), values: make([]T, n)}
	starts, repeated := groupStarts(n, func(k int) bool {
		a, b := records[k-1].value, records[k].value
		for _, m := range modes[:len(modes)-1] {
			if x.index[m][a] != x.index[m][b] {
				return false
			}
		}
		return true
	})
	if repeated < 0 {
		starts = natural(n + 1)
	}
	u.starts = starts
	par.Blocks(n, entryBlock, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			e := records[k].value
			u.index[k], u.values[k] = x.index[mode][e], x.values[e]
		}
	})
	return u
}

// without is a list without one of its elements.
func without(list []int, gone int) []int {
	out := make([]int, 0, len(list))
	for _, v := range list {
		if v != gone {
			out = append(out, v)
		}
	}
	return out
}

// columns is the number of fibers that have entries.
func (u *unfolding[T]) columns() int { return len(u.starts) - 1 }

// byRows finds the entries of each row, in the order of the fibers.
func (u *unfolding[T]) byRows() {
	u.rowStarts = make([]int, u.rows+1)
	for _, i := range u.index {
		u.rowStarts[i+1]++
	}
	for i := range u.rows {
		u.rowStarts[i+1] += u.rowStarts[i]
	}
	at := append([]int(nil), u.rowStarts...)
	u.places, u.fibers = make([]int, len(u.index)), make([]int, len(u.index))
	for f := range u.columns() {
		for k := u.starts[f]; k < u.starts[f+1]; k++ {
			i := u.index[k]
			u.places[at[i]], u.fibers[at[i]] = k, f
			at[i]++
		}
	}
}

// rowBlock is the number of rows of a result that one goroutine makes.
const rowBlock = 8

// ModeGram is X_(n)*X_(n)ᵀ: I_n×I_n. It takes two operations for each pair of
// entries that share a fiber, and panics if the matrix cannot be addressed.
func (x *COO[T]) ModeGram(mode int) *tensor.Matrix[float64] {
	u := x.unfold(mode)
	u.byRows()
	g := tensor.NewMatrix[float64](u.rows, u.rows)
	par.Blocks(u.rows, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := g.Row(i)
			for p := u.rowStarts[i]; p < u.rowStarts[i+1]; p++ {
				// Indices of a fiber increase: the lower triangle ends here.
				v := float64(u.values[u.places[p]])
				for k := u.starts[u.fibers[p]]; k <= u.places[p]; k++ {
					row[u.index[k]] += v * float64(u.values[k])
				}
			}
		}
	})
	for i := range u.rows {
		for j := range i {
			g.Set(j, i, g.At(i, j))
		}
	}
	return g
}

// gramRoom is the number of elements of X_(n)ᵀ*Q that are held at a time.
const gramRoom = 1 << 23

// GramTimes is X_(n)*X_(n)ᵀ*Q for Q: I_n×J, without the Gram matrix.
func (x *COO[T]) GramTimes(q *tensor.Matrix[float64], mode int) *tensor.Matrix[float64] {
	if q.Rows != x.shape[mode] {
		panic(fmt.Sprintf("sparse: GramTimes: a matrix of %d rows for mode %d of size %d", q.Rows, mode, x.shape[mode]))
	}
	u := x.unfold(mode)
	u.byRows()
	out := tensor.NewMatrix[float64](q.Rows, q.Cols)
	width := max(1, min(q.Cols, gramRoom/max(1, u.columns())))
	p := make([]float64, u.columns()*width)
	for from := 0; from < q.Cols; from += width {
		n := min(width, q.Cols-from)
		part, sums := q.Sub(0, q.Rows, from, from+n), out.Sub(0, out.Rows, from, from+n)
		par.Blocks(u.columns(), 1<<10, func(_, lo, hi int) {
			clear(p[lo*n : hi*n])
			for f := lo; f < hi; f++ {
				for k := u.starts[f]; k < u.starts[f+1]; k++ {
					kernel.Axpy(float64(u.values[k]), part.Row(int(u.index[k])), p[f*n:(f+1)*n])
				}
			}
		})
		par.Blocks(u.rows, rowBlock, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				for k := u.rowStarts[i]; k < u.rowStarts[i+1]; k++ {
					f := u.fibers[k]
					kernel.Axpy(float64(u.values[u.places[k]]), p[f*n:(f+1)*n], sums.Row(i))
				}
			}
		})
	}
	return out
}

// Fibers hands over the mode-n fibers that have entries, count at a time, as
// the rows of a matrix. The matrix is used again for the next call of visit,
// one at a time; visiting ends with the first error, which is returned. A
// tensor without entries has one fiber of zeros.
func (x *COO[T]) Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error {
	u := x.unfold(mode)
	if u.columns() == 0 {
		return visit(tensor.NewMatrix[float64](1, u.rows))
	}
	count = max(1, min(count, u.columns()))
	data := make([]float64, count*u.rows)
	for lo := 0; lo < u.columns(); lo += count {
		hi := min(lo+count, u.columns())
		clear(data)
		for f := lo; f < hi; f++ {
			row := data[(f-lo)*u.rows:]
			for k := u.starts[f]; k < u.starts[f+1]; k++ {
				row[u.index[k]] = float64(u.values[k])
			}
		}
		if err := visit(tensor.MatrixOf(hi-lo, u.rows, data[:(hi-lo)*u.rows])); err != nil {
			return err
		}
	}
	return nil
}
