package linalg

import (
	"fmt"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Triangle says which triangle of a square matrix A is meant, and whether A
// or Aᵀ is the matrix of the system. The other triangle is not read.
type Triangle int

const (
	Lower           Triangle = iota // L·X = B
	LowerTransposed                 // Lᵀ·X = B
	Upper                           // U·X = B
	UpperTransposed                 // Uᵀ·X = B
)

// SolveTriangular solves T·X = B by substitution for T: n×n the triangle t of
// A (or its transpose), X and B: n×k. A zero on the diagonal is an error.
func SolveTriangular[T tensor.Float](t Triangle, a, b *tensor.Matrix[T]) (*tensor.Matrix[T], error) {
	if a.Rows != a.Cols || a.Rows != b.Rows {
		panic(fmt.Sprintf("linalg: SolveTriangular of %d×%d and %d×%d", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	if _, err := maxAbs("SolveTriangular", a); err != nil {
		return nil, err
	}
	if _, err := maxAbs("SolveTriangular", b); err != nil {
		return nil, err
	}
	for i := range a.Rows {
		if a.At(i, i) == 0 {
			return nil, fmt.Errorf("linalg: SolveTriangular: diagonal element %d is zero; the matrix is singular", i)
		}
	}
	x := b.Clone()
	substitute(t, a.View(), x.View())
	return x, nil
}

// substitute overwrites the row-major X with the solution of T·Y = X.
func substitute[T tensor.Float](t Triangle, a, x kernel.Mat[T]) {
	if t == LowerTransposed || t == UpperTransposed {
		a = a.T()
	}
	forward := t == Lower || t == UpperTransposed
	diagonalBlocks(a.Rows, 64, forward, func(lo, hi int) {
		diag, rows := a.Sub(lo, hi, lo, hi), x.Sub(lo, hi, 0, x.Cols)
		par.Blocks(x.Cols, 256, func(_, c0, c1 int) {
			substituteBlock(forward, diag, rows.Sub(0, hi-lo, c0, c1))
		})
		eliminate(forward, a, x, lo, hi)
	})
}

// diagonalBlocks cuts [0, n) in pieces and calls body for each, in the order
// of a forward or a backward substitution.
func diagonalBlocks(n, size int, forward bool, body func(lo, hi int)) {
	count := (n + size - 1) / size
	for b := range count {
		if !forward {
			b = count - 1 - b
		}
		body(b*size, min((b+1)*size, n))
	}
}

// eliminate takes the rows lo to hi of X, which are solved, out of the
// equations that are not.
func eliminate[T tensor.Float](forward bool, a, x kernel.Mat[T], lo, hi int) {
	from, to := 0, lo
	if forward {
		from, to = hi, a.Rows
	}
	if from < to {
		kernel.Gemm(-1, a.Sub(from, to, lo, hi), x.Sub(lo, hi, 0, x.Cols), 1, x.Sub(from, to, 0, x.Cols))
	}
}

// substituteBlock is substitute for a strip of X, on one goroutine.
func substituteBlock[T tensor.Float](forward bool, a, x kernel.Mat[T]) {
	diagonalBlocks(a.Rows, 16, forward, func(lo, hi int) {
		substituteRows(forward, a.Sub(lo, hi, lo, hi), x.Sub(lo, hi, 0, x.Cols))
		eliminate(forward, a, x, lo, hi)
	})
}

// substituteRows is substituteBlock row by row.
func substituteRows[T tensor.Float](forward bool, a, x kernel.Mat[T]) {
	n := a.Rows
	row := func(i int) []T { return x.Data[i*x.RS : i*x.RS+x.Cols] }
	for step := range n {
		i, lo, hi := step, step+1, n
		if !forward {
			i = n - 1 - step
			lo, hi = 0, i
		}
		xi, d := row(i), a.At(i, i)
		for c := range xi {
			xi[c] /= d
		}
		for l := lo; l < hi; l++ {
			if f := a.At(l, i); f != 0 {
				kernel.Axpy(-f, xi, row(l))
			}
		}
	}
}
