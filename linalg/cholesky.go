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
	if _, err := maxAbs("Cholesky", l); err != nil {
		return nil, err
	}
	if err := cholesky(l); err != nil {
		return nil, err
	}
	return l, nil
}

// cholesky overwrites the lower triangle of a with L.
func cholesky[T tensor.Float](a *tensor.Matrix[T]) error {
	const size = 64
	n := a.Rows
	v := a.View()
	for j := 0; j < n; j += size {
		e := min(j+size, n)
		if err := choleskyBlock(a.Sub(j, e, j, e), j); err != nil {
			return err
		}
		// The rows below: L₂₁·L₁₁ᵀ = A₂₁, by substitution in a transposed
		// copy, where it runs along rows; then A₂₂ -= L₂₁·L₂₁ᵀ, where only
		// the blocks on and below the diagonal are touched.
		diag := v.Sub(j, e, j, e)
		par.Blocks(n-e, 2*size, func(_, lo, hi int) {
			below := v.Sub(e+lo, e+hi, j, e)
			x := newMat[T](e-j, hi-lo)
			kernel.Permute(x.Data, below.Data, []int{e - j, hi - lo}, []int{1, below.RS})
			substituteBlock(true, diag, x)
			copyMat(below, x.T())
		})
		const stripe = 4 * size
		for lo := e; lo < n; lo += stripe {
			hi := min(lo+stripe, n)
			kernel.Gemm(-1, v.Sub(lo, n, j, e), v.Sub(lo, hi, j, e).T(), 1, v.Sub(lo, n, lo, hi))
		}
	}
	for i := range n {
		clear(a.Row(i)[i+1:])
	}
	return nil
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
