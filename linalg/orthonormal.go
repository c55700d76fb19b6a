package linalg

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

const (
	nearPivot  = 0.3  // pivots of the Gram matrix of unit columns from which one step is accurate
	leastPivot = 1e-4 // and from which a second one repairs what the first leaves
)

// Orthonormalize overwrites A: m×n, m ≥ n, with Q of its QR factorisation:
// orthonormal columns with the same span. It is meant for columns that are
// nearly orthogonal already: there, the Cholesky factor L of AᵀA gives
// Q = A·L⁻ᵀ at a fraction of the cost of reflectors. Others are given to [QR].
//
// Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015, Roundoff error analysis of
// the CholeskyQR2 algorithm, Electronic Transactions on Numerical Analysis 44.
func Orthonormalize(a *tensor.Matrix[float64]) error {
	m, n := a.Rows, a.Cols
	if m < n {
		panic(fmt.Sprintf("linalg: Orthonormalize of a %d×%d matrix", m, n))
	}
	if _, err := maxAbs("Orthonormalize", a); err != nil {
		return err
	}
	work := newSpace(n*n+m*n+n, 0)
	defer work.release()
	s := *work
	l := tensor.MatrixOf(n, n, s.take(n*n))
	q, scale := kernel.RowMajor(m, n, s.take(m*n)), s.take(n)
	for again := true; again; {
		kernel.Gemm(1, a.View().T(), a.View(), 0, l.View())
		least := unitCholesky(l, scale)
		if least < leastPivot {
			break
		}
		again = least < nearPivot
		invertLower(l)
		for i := range n {
			row := l.Row(i)
			for j, f := range scale {
				row[j] *= f
			}
		}
		kernel.Gemm(1, a.View(), l.View().T(), 0, q)
		for i := range m {
			copy(a.Row(i), q.Data[i*n:(i+1)*n])
		}
		if !again {
			return nil
		}
	}
	x, _, err := QR(a)
	if err == nil {
		copyMat(a.View(), x.View())
	}
	return err
}

// unitCholesky overwrites a Gram matrix G with the Cholesky factor of
// D·G·D, which has ones on its diagonal, and scale with the diagonal of D. It
// is the least pivot, or 0 if there is none.
func unitCholesky(g *tensor.Matrix[float64], scale []float64) (least float64) {
	for i := range scale {
		d := g.At(i, i)
		if !(d > 1e-280 && d < 1e280) {
			return 0
		}
		scale[i] = 1 / math.Sqrt(d)
	}
	for i, f := range scale {
		row := g.Row(i)
		for j := range row {
			row[j] *= f * scale[j]
		}
	}
	if cholesky(g) != nil {
		return 0
	}
	least = 1
	for i := range scale {
		least = min(least, g.At(i, i))
	}
	return least
}

// invertLower overwrites the lower triangular L, with zeros above its
// diagonal, with its inverse.
func invertLower(l *tensor.Matrix[float64]) {
	for i := range l.Rows {
		row := l.Row(i)[:i+1]
		d := 1 / row[i]
		// Row i of the inverse is −(l_i0·row 0 + … + l_i,i-1·row i−1)/l_ii,
		// with the rows of the inverse. Row j is used before it is written.
		for j := range i {
			f := row[j]
			row[j] = 0
			kernel.Axpy(-f*d, l.Row(j)[:j+1], row[:j+1])
		}
		row[i] = d
	}
}
