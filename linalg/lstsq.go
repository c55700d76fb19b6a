package linalg

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/tensor"
)

// LeastSquares finds the X: n×p that minimises ‖A·X − B‖_F for A: m×n and
// B: m×p, and among several such X the one with the least norm. rank is the
// numerical rank of A: the number of pivots above max(m, n)·ε times the first.
//
// A is factored by QR with column pivoting; if it is rank deficient, R is
// reduced from the right as well (complete orthogonal decomposition: Golub &
// Van Loan, Matrix Computations, 4th ed. 2013, section 5.4.7).
func LeastSquares[T tensor.Float](a, b *tensor.Matrix[T]) (x *tensor.Matrix[T], rank int, err error) {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("linalg: LeastSquares with A of %d×%d and B of %d×%d", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	amax, err := maxAbs("LeastSquares", a)
	if err != nil {
		return nil, 0, err
	}
	bmax, err := maxAbs("LeastSquares", b)
	if err != nil {
		return nil, 0, err
	}
	sa, sb := scaleFor[T](amax), scaleFor[T](bmax)
	a, b = scaled(a, sa), scaled(b, sb)
	m, n := a.Rows, a.Cols
	tol := float64(max(m, n)) * Epsilon[T]()

	var f *PivotedQR[T]
	if m > n {
		q := factor(a)
		c := q.project(b.View())
		f = pivot(q.r())
		b = &tensor.Matrix[T]{Rows: n, Cols: b.Cols, Stride: c.RS, Data: c.Data}
	} else {
		f = pivot(a)
	}
	k := min(m, n)
	for rank < k && math.Abs(float64(f.R.At(rank, rank))) > tol*math.Abs(float64(f.R.At(0, 0))) {
		rank++
	}
	// The leading rows of R and of Qᵀ·B are what counts.
	y := tensor.Mul(f.Q.Sub(0, k, 0, rank).Transpose(), b)
	r := f.R.Sub(0, rank, 0, n)
	if rank == n {
		substitute(Upper, r.View(), y.View())
	} else {
		zt, lt := thinQR(r.Transpose()) // Rᵀ = Z·L, so R = Lᵀ·Zᵀ
		substitute(UpperTransposed, lt.View(), y.View())
		y = tensor.Mul(zt, y)
	}
	x = tensor.NewMatrix[T](n, b.Cols)
	for i, p := range f.Perm {
		copy(x.Row(p), y.Row(i))
	}
	if sa != sb {
		for i, v := range x.Data {
			x.Data[i] = T(float64(v) / sb * sa)
		}
	}
	return x, rank, nil
}
