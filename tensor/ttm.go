package tensor

import (
	"fmt"

	"github.com/polyad/polyad/internal/kernel"
)

// TTM is the mode-n product Y = X ×_n M: Y_(n) = M*X_(n), with M: J×I_n. The
// result has size J on the mode; its axis keeps the name and loses the
// labels. Kolda & Bader 2009, https://doi.org/10.1137/07070111X.
func TTM[T Float](x *Dense[T], m *Matrix[T], mode int) *Dense[T] {
	if m.Cols != x.shape[mode] {
		panic(fmt.Sprintf("tensor: TTM of a %d×%d matrix with mode %d of size %d", m.Rows, m.Cols, mode, x.shape[mode]))
	}
	x = x.Contiguous()
	before, after := Size(x.shape[:mode]), Size(x.shape[mode+1:])
	shape := append([]int(nil), x.shape...)
	shape[mode] = m.Rows
	y := New[T](shape...)
	for b := range before {
		in := kernel.RowMajor(m.Cols, after, x.data[b*m.Cols*after:])
		out := kernel.RowMajor(m.Rows, after, y.data[b*m.Rows*after:])
		kernel.Gemm(1, m.View(), in, 0, out)
	}
	y.axes = CloneAxes(x.axes)
	y.axes[mode] = Axis{Name: x.axes[mode].Name}
	return y
}
