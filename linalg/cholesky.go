package linalg

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// NotPositiveDefiniteError says that a matrix has no Cholesky factor.
type NotPositiveDefiniteError struct {
	Pivot int     // the leading block of this many rows and columns is positive definite, the next is not
	Value float64 // what was left on the diagonal: not positive
}

func (e *NotPositiveDefiniteError) Error() string {
	return fmt.Sprintf("linalg: the matrix is not positive definite: pivot %d is %g", e.Pivot, e.Value)
}

// Cholesky is the factorisation
//
//	A = L·Lᵀ
//
// of a symmetric positive definite A: n×n, of which only the lower triangle
// is read, with L lower triangular and a positive diagonal. The error is a
// [*NotPositiveDefiniteError] if a pivot is not positive.
func Cholesky[T tensor.Float](a *tensor.Matrix[T]) (*tensor.Matrix[T], error) {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: Cholesky of a %d×%d matrix", a.Rows, a.Cols))
	}
	n := a.Rows
	l := tensor.NewMatrix[T](n, n)
	for i := range n {
		copy(l.Row(i)[:i+1], a.Row(i))
	}
	if err := choleskyInPlace("Cholesky", l); err != nil {
		return nil, err
	}
	return l, nil
}

// CholeskyInPlace is [Cholesky] in the memory of A, which becomes L, with
// zeros above the diagonal. After an error A holds neither.
func CholeskyInPlace[T tensor.Float](a *tensor.Matrix[T]) error {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: CholeskyInPlace of a %d×%d matrix", a.Rows, a.Cols))
	}
	clearUpper(a)
	return choleskyInPlace("CholeskyInPlace", a)
}

func choleskyInPlace[T tensor.Float](method string, a *tensor.Matrix[T]) error {
	if _, err := maxAbs(method, a); err != nil {
		return err
	}
	return cholesky(a)
}

// cholesky overwrites the lower triangle of a with L and the other one with
// zeros; after an error, with anything.
func cholesky[T tensor.Float](a *tensor.Matrix[T]) error {
	size := 16
	if a.Rows > 160 {
		size = 64
	}
	if err := choleskyPanels(a, size, 0); err != nil {
		return err
	}
	clearUpper(a)
	return nil
}

func clearUpper[T tensor.Float](a *tensor.Matrix[T]) {
	for i := range a.Rows {
		clear(a.Row(i)[i+1:])
	}
}

// choleskyPanels is cholesky by panels of so many columns. The first pivot has
// number first. What is above the diagonal is left with anything.
func choleskyPanels[T tensor.Float](a *tensor.Matrix[T], size, first int) error {
	n, v := a.Rows, a.View()
	for j := 0; j < n; j += size {
		e := min(j+size, n)
		block := a.Sub(j, e, j, e)
		var err error
		if size > 16 {
			err = choleskyPanels(block, 16, first+j)
		} else {
			err = choleskyBlock(block, first+j)
		}
		if err != nil {
			return err
		}
		// The rows below: L₂₁·L₁₁ᵀ = A₂₁, by substitution in L₂₁ᵀ, where it
		// runs along rows, in the place above the diagonal that is free.
		par.Blocks(n-e, 8192/size, func(_, lo, hi int) {
			below, above := v.Sub(e+lo, e+hi, j, e), v.Sub(j, e, e+lo, e+hi)
			transposeMat(above, below)
			substituteBlock(true, block.View(), above)
			transposeMat(below, above)
		})
		// A₂₂ -= L₂₁·L₂₁ᵀ, on and below the diagonal.
		stripe := 4 * size
		for lo := e; lo < n; lo += stripe {
			hi := min(lo+stripe, n)
			kernel.Gemm(-1, v.Sub(lo, n, j, e), v.Sub(j, e, lo, hi), 1, v.Sub(lo, n, lo, hi))
		}
	}
	return nil
}

// transposeMat sets dst to the transpose of src; both are row-major.
func transposeMat[T tensor.Float](dst, src kernel.Mat[T]) {
	const block = 8
	for i0 := 0; i0 < src.Rows; i0 += block {
		i1 := min(i0+block, src.Rows)
		for j := range src.Cols {
			out := dst.Data[j*dst.RS+i0 : j*dst.RS+i1]
			o := i0*src.RS + j
			for i := range out {
				out[i] = src.Data[o]
				o += src.RS
			}
		}
	}
}

// choleskyBlock factors a small block, whose first pivot has number first.
func choleskyBlock[T tensor.Float](a *tensor.Matrix[T], first int) error {
	for i := range a.Rows {
		row := a.Row(i)
		solveRow(a.Sub(0, i, 0, i), row[:i])
		d := float64(row[i]) - kernel.Dot(row[:i], row[:i])
		if !(d > 0) {
			return &NotPositiveDefiniteError{Pivot: first + i, Value: d}
		}
		row[i] = T(math.Sqrt(d))
	}
	return nil
}

// solveRow overwrites x with the solution y of y·Lᵀ = x.
func solveRow[T tensor.Float](l *tensor.Matrix[T], x []T) {
	for j := range x {
		lj := l.Row(j)
		x[j] = T((float64(x[j]) - kernel.Dot(lj[:j], x[:j])) / float64(lj[j]))
	}
}
