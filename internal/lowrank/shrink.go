package lowrank

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// shrinkBlock is the number of entries of what is made at a time by [Shrink].
const shrinkBlock = 1 << 18

// Shrink is X ×_n Uᵀ for U: I_n×J, J ≤ I_n, in the memory of X, which is
// overwritten: the product is made block by block, and each block is put where
// entries lie that are used up. The result keeps all of that memory alive. Of
// an X that is not in C order, the product is a new tensor.
func Shrink(x *tensor.Dense[float64], u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	if !x.IsContiguous() || u.Cols > u.Rows {
		return x.Project(u, mode)
	}
	shape := append([]int(nil), x.Shape()...)
	outer, size, inner := tensor.Size(shape[:mode]), shape[mode], tensor.Size(shape[mode+1:])
	shape[mode] = u.Cols
	data, end := x.Data(), tensor.Size(shape)
	if outer == 1 {
		// Columns of a matrix: those of a block are read before any is written,
		// and row i < J ends up where row i of the same columns was.
		block := max(64, shrinkBlock/max(1, u.Cols))
		tmp := make([]float64, u.Cols*min(block, inner))
		for lo := 0; lo < inner; lo += block {
			hi := min(lo+block, inner)
			y := kernel.RowMajor(u.Cols, hi-lo, tmp[:u.Cols*(hi-lo)])
			kernel.Gemm(1, u.View().T(), kernel.Mat[float64]{Rows: size, Cols: hi - lo, RS: inner, CS: 1, Data: data[lo:]}, 0, y)
			for i := range u.Cols {
				copy(data[i*inner+lo:i*inner+hi], y.Data[i*(hi-lo):(i+1)*(hi-lo)])
			}
		}
		return tensor.FromSlice(data[:end], shape...)
	}
	block := max(1, shrinkBlock/max(1, size*inner))
	tmp := make([]float64, min(block, outer)*u.Cols*inner)
	for lo := 0; lo < outer; lo += block {
		hi := min(lo+block, outer)
		y := tensor.FromSlice(data[lo*size*inner:hi*size*inner], hi-lo, size, inner).ProjectIn(tmp, u, 1)
		copy(data[lo*u.Cols*inner:], y.Data())
	}
	return tensor.FromSlice(data[:end], shape...)
}
