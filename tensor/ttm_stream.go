package tensor

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

const (
	streamData = 1 << 18 // elements from which on a tensor is streamed rather than kept in cache
	streamKeep = 64      // rows of a factor, at most: the product is bound by memory, and factor and result stay in cache
	streamTake = 32      // columns of a factor, at least
	streamCols = 512     // of a strided panel that are multiplied together
	streamWork = 1 << 17 // elements of a task whose rows are contiguous
)

// productStream is product for a large tensor and a short factor, which read
// the tensor as fast as memory gives it. It reports false, and does nothing,
// for other operands.
func productStream[T Float](m kernel.Mat[T], x []T, xs int, y []T, ys int, loops []loop) bool {
	count := 1
	for _, l := range loops {
		count *= l.size
	}
	if m.Rows > streamKeep || m.Cols < streamTake || count*m.Cols < streamData {
		return false
	}
	last := loops[len(loops)-1]
	switch {
	case xs == 1 && ys == 1:
		// Rows of x times the columns of a factor that lie side by side.
		f := m.T()
		if f.CS != 1 {
			f = kernel.RowMajor(f.Rows, f.Cols, make([]T, f.Rows*f.Cols))
			kernel.Permute(f.Data, m.Data, []int{m.Cols, m.Rows}, []int{m.CS, m.RS})
		}
		c := cut(loops, max(1, streamWork/m.Cols))
		par.Do(c.count, func(b int) {
			p := c.part(b)
			walk(p.loops[:len(p.loops)-1], p.x, p.y, func(xo, yo int) {
				l := p.loops[len(p.loops)-1]
				kernel.Stream(
					kernel.Mat[T]{Rows: l.size, Cols: m.Cols, RS: l.x, CS: 1, Data: x[xo:]}, f, 0,
					kernel.Mat[T]{Rows: l.size, Cols: m.Rows, RS: l.y, CS: 1, Data: y[yo:]}, nil)
			})
		})
	case last.x == 1 && last.y == 1 && last.size >= 64:
		c := cut(loops, streamCols)
		par.Do(c.count, func(b int) {
			p := c.part(b)
			walk(p.loops[:len(p.loops)-1], p.x, p.y, func(xo, yo int) {
				l := p.loops[len(p.loops)-1]
				kernel.StreamRight(
					m, kernel.Mat[T]{Rows: m.Cols, Cols: l.size, RS: xs, CS: 1, Data: x[xo:]}, 0,
					kernel.Mat[T]{Rows: m.Rows, Cols: l.size, RS: ys, CS: 1, Data: y[yo:]})
			})
		})
	default:
		return false
	}
	return true
}
