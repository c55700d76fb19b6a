package linalg

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// SPDPath is the way in which [SolveSPD] solved a system.
type SPDPath int

const (
	PathCholesky SPDPath = iota // the matrix is safely positive definite
	PathEigen                   // it is singular to working precision: pseudo-inverse
)

func (p SPDPath) String() string {
	if p == PathCholesky {
		return "cholesky"
	}
	return "eigen"
}

// SPDInfo tells how [SolveSPD] came to its answer.
type SPDInfo struct {
	Path SPDPath
	Rank int // of G + ridge·I, to working precision
	// MinPivot is the smallest Cholesky pivot of the matrix scaled to unit
	// diagonal: the share of a column's squared norm that the columns before
	// it do not explain. 0 when a pivot was not positive.
	MinPivot float64
}

// SolveSPD solves
//
//	X·(G + ridge·I) = M
//
// for the rows of X: m×n, given the symmetric positive semi-definite G: n×n
// (a Gram matrix; only its lower triangle is read), M: m×n and ridge ≥ 0. It
// is the inner step of an alternating least-squares sweep.
//
// The matrix is scaled to unit diagonal and factored by Cholesky. If a pivot
// shows that it is singular to working precision, X = M·(G + ridge·I)⁺
// instead, with the pseudo-inverse from the eigenvalues above n·ε·λ₁. The
// system is solved in float64 whatever the type of M.
func SolveSPD[T tensor.Float](g *tensor.Matrix[float64], m *tensor.Matrix[T], ridge float64) (*tensor.Matrix[T], SPDInfo, error) {
	n := g.Rows
	if g.Cols != n || m.Cols != n {
		panic(fmt.Sprintf("linalg: SolveSPD with G of %d×%d and M of %d×%d", g.Rows, g.Cols, m.Rows, m.Cols))
	}
	if !(ridge >= 0) || math.IsInf(ridge, 1) {
		return nil, SPDInfo{}, fmt.Errorf("linalg: SolveSPD: ridge is %g; it must be a finite number, zero or positive", ridge)
	}
	if _, err := maxAbs("SolveSPD", g); err != nil {
		return nil, SPDInfo{}, err
	}
	if _, err := maxAbs("SolveSPD", m); err != nil {
		return nil, SPDInfo{}, err
	}
	a := tensor.NewMatrix[float64](n, n)
	for i := range n {
		copy(a.Row(i)[:i+1], g.Row(i))
		a.Data[i*n+i] += ridge
	}
	x := tensor.NewMatrix[T](m.Rows, n)
	l, d, pivot := equilibrated(a)
	info := SPDInfo{Path: PathCholesky, Rank: n, MinPivot: pivot}
	if n == 0 || pivot > 8*float64(n)*0x1p-52 {
		solveRows(l, d, m, x)
		return x, info, nil
	}
	info.Path = PathEigen
	w, v, err := SymEig(a)
	if err != nil {
		return nil, info, err
	}
	info.Rank = 0
	for info.Rank < n && w[info.Rank] > float64(n)*0x1p-52*w[0] {
		info.Rank++
	}
	v = v.Sub(0, n, 0, info.Rank)
	y := tensor.Mul(tensor.Convert[float64](m), v)
	for i := range y.Rows {
		row := y.Row(i)
		for j := range row {
			row[j] /= w[j]
		}
	}
	z := newMat[float64](m.Rows, n)
	kernel.Gemm(1, y.View(), v.View().T(), 0, z)
	for i, f := range z.Data {
		x.Data[i] = T(f)
	}
	return x, info, nil
}

// equilibrated is the Cholesky factor of D·A·D for D = diag(A)^(-1/2), with
// the diagonal of D and the smallest pivot; the pivot is 0 if there is no
// factor. A is lower triangular.
func equilibrated(a *tensor.Matrix[float64]) (l *tensor.Matrix[float64], d []float64, pivot float64) {
	n := a.Rows
	d = make([]float64, n)
	for i := range n {
		if !(a.At(i, i) > 0) {
			return nil, d, 0
		}
		d[i] = 1 / math.Sqrt(a.At(i, i))
	}
	l = tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j := range i {
			l.Data[i*n+j] = a.At(i, j) * d[i] * d[j]
		}
		l.Data[i*n+i] = 1
	}
	if cholesky(l) != nil {
		return nil, d, 0
	}
	pivot = math.Inf(1)
	for i := range n {
		pivot = min(pivot, l.At(i, i)*l.At(i, i))
	}
	return l, d, pivot
}

// solveRows sets x to the solution of x·A = m, where D·A·D = L·Lᵀ. A block of
// rows is transposed, so that each step of the substitution is one long
// vector operation.
func solveRows[T tensor.Float](l *tensor.Matrix[float64], d []float64, m, x *tensor.Matrix[T]) {
	const size = 128
	n := len(d)
	lv := l.View()
	block := func(lo, hi int) {
		y := newMat[float64](n, hi-lo)
		for i := lo; i < hi; i++ {
			for j, v := range m.Row(i) {
				y.Data[j*y.RS+i-lo] = float64(v) * d[j]
			}
		}
		substituteBlock(true, lv, y)
		substituteBlock(false, lv.T(), y)
		for i := lo; i < hi; i++ {
			row := x.Row(i)
			for j := range row {
				row[j] = T(y.Data[j*y.RS+i-lo] * d[j])
			}
		}
	}
	par.Rows(m.Rows, 2*n*n+4*n, func(lo, hi int) {
		for ; lo < hi; lo += size {
			block(lo, min(lo+size, hi))
		}
	})
}
