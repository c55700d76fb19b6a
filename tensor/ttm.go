package tensor

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
)

// TTM is the mode-n product
//
//	Y = X ×_n M,  Y_(n) = M*X_(n),  y[…, j, …] = sum_i m[j, i] * x[…, i, …]
//
// with M: J×I_n. Mode n of Y has size J; its axis keeps the name and loses
// the labels. Y is laid out in the memory order of X, and X is read where it
// lies, whatever its strides: the product is a batch of matrix products on
// strided panels. Kolda & Bader 2009, https://doi.org/10.1137/07070111X.
func TTM[T Float](x *Dense[T], m *Matrix[T], mode int) *Dense[T] {
	return ttm(x, m.View(), mode)
}

// TTMT is the mode-n product with a transposed factor, Y = X ×_n Mᵀ, with
// M: I_n×J. It is how a tensor is projected on the columns of a factor.
func TTMT[T Float](x *Dense[T], m *Matrix[T], mode int) *Dense[T] {
	return ttm(x, m.View().T(), mode)
}

// TTMChain is X ×_0 ms[0] ×_1 ms[1] …, where a nil matrix leaves its mode
// alone. The products are made in the order that needs the fewest
// multiplications.
func TTMChain[T Float](x *Dense[T], ms []*Matrix[T]) *Dense[T] {
	return ttmChain(x, ms, false)
}

// TTMChainT is [TTMChain] with transposed factors, X ×_0 ms[0]ᵀ ×_1 ms[1]ᵀ ….
func TTMChainT[T Float](x *Dense[T], ms []*Matrix[T]) *Dense[T] {
	return ttmChain(x, ms, true)
}

func ttmChain[T Float](x *Dense[T], ms []*Matrix[T], transposed bool) *Dense[T] {
	if len(ms) != len(x.shape) {
		panic(fmt.Sprintf("tensor: %d factors for a tensor of order %d", len(ms), len(x.shape)))
	}
	// Applied first, mode a of size I and result J turns P elements into
	// P*J/I at a cost of P*J. Of two modes, the one with the smaller
	// 1/I - 1/J goes first; an exchange of neighbours shows that this order
	// is the best.
	var modes []int
	key := make([]float64, len(ms))
	for n, m := range ms {
		if m == nil {
			continue
		}
		modes = append(modes, n)
		from, to := m.Cols, m.Rows
		if transposed {
			from, to = to, from
		}
		if from > 0 && to > 0 {
			key[n] = 1/float64(from) - 1/float64(to)
		}
	}
	slices.SortStableFunc(modes, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
	y := x
	for _, n := range modes {
		v := ms[n].View()
		if transposed {
			v = v.T()
		}
		y = ttm(y, v, n)
	}
	if len(modes) == 0 {
		return x.Clone()
	}
	return y
}

func ttm[T Float](x *Dense[T], m kernel.Mat[T], mode int) *Dense[T] { return ttmIn(nil, x, m, mode) }

// ttmIn is ttm with the result in the memory buf, if that is long enough.
func ttmIn[T Float](buf []T, x *Dense[T], m kernel.Mat[T], mode int) *Dense[T] {
	y, loops := ttmResult(buf, x, m.Rows, m.Cols, mode)
	if y.Len() > 0 && x.Len() > 0 {
		product(m, x.data, x.strides[mode], y.data, y.strides[mode], loops)
	}
	return y
}

// ttmResult makes the result of a mode product, in the memory buf if that is
// long enough, and the loops over the other modes in memory order.
func ttmResult[To, From Number](buf []To, x *Dense[From], rows, cols, mode int) (*Dense[To], []loop) {
	x.checkMode("TTM", mode)
	if cols != x.shape[mode] {
		panic(fmt.Sprintf("tensor: TTM of a %d×%d matrix with mode %d of size %d", rows, cols, mode, x.shape[mode]))
	}
	shape := slices.Clone(x.shape)
	shape[mode] = rows
	order := x.memoryOrder()
	if x.Len() == 0 {
		buf = nil // zeros are wanted
	}
	y := newIn(buf, shape, order)
	y.axes = CloneAxes(x.axes)
	y.axes[mode] = Axis{Name: x.axes[mode].Name}
	var loops []loop
	for _, n := range order {
		if n != mode {
			loops = append(loops, loop{x.shape[n], x.strides[n], y.strides[n]})
		}
	}
	return y, merge(loops)
}

// product computes y[j, …] = sum_i m[j, i]*x[i, …]: xs and ys are the strides
// of the mode, loops those of everything else. One loop becomes the columns
// of a matrix product, one the batch; any others are walked.
func product[T Float](m kernel.Mat[T], x []T, xs int, y []T, ys int, loops []loop) {
	if len(loops) == 0 {
		loops = []loop{{1, 1, 1}}
	}
	if productStream(m, x, xs, y, ys, loops) {
		return
	}
	// The last loop has the smallest strides and makes the best columns,
	// unless it is too short to fill a register tile.
	c := len(loops) - 1
	for k, l := range loops {
		if loops[c].size < 16 && l.size > loops[c].size {
			c = k
		}
	}
	cols := loops[c]
	rest := slices.Delete(slices.Clone(loops), c, c+1)
	batch := loop{size: 1}
	if len(rest) > 0 {
		b := 0
		for k, l := range rest {
			if l.size > rest[b].size {
				b = k
			}
		}
		batch = rest[b]
		rest = slices.Delete(rest, b, b+1)
	}
	// A long row of columns, times a short factor, is cut into pieces whose
	// rows stay within a few pages.
	if cols.x == 1 && cols.size >= 4*columnPiece && m.Rows <= 64 {
		rest = append(rest, batch)
		batch = loop{cols.size / columnPiece, columnPiece * cols.x, columnPiece * cols.y}
		tail := cols.size % columnPiece
		if tail > 0 {
			done := cols.size - tail
			product(m, x[done*cols.x:], xs, y[done*cols.y:], ys, append(slices.Clone(rest), loop{tail, cols.x, cols.y}))
		}
		cols.size = columnPiece
	}
	walk(rest, 0, 0, func(xo, yo int) {
		in := kernel.Mat[T]{Rows: m.Cols, Cols: cols.size, RS: xs, CS: cols.x, Data: x[xo:]}
		out := kernel.Mat[T]{Rows: m.Rows, Cols: cols.size, RS: ys, CS: cols.y, Data: y[yo:]}
		kernel.GemmBatch(batch.size, 1, m, 0, in, batch.x, 0, out, batch.y)
	})
}

// columnPiece is the number of columns of a strided panel that are multiplied
// together.
const columnPiece = 256

// walk calls body with the two offsets of every index of the loops.
func walk(loops []loop, x, y int, body func(x, y int)) {
	if len(loops) == 0 {
		body(x, y)
		return
	}
	for i := range loops[0].size {
		walk(loops[1:], x+i*loops[0].x, y+i*loops[0].y, body)
	}
}
