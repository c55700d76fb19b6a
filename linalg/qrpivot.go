package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// PivotedQR is a rank-revealing factorisation: column j of Q·R is column
// Perm[j] of A.
type PivotedQR[T tensor.Float] struct {
	Q    *tensor.Matrix[T] // m×k, orthonormal columns, k = min(m, n)
	R    *tensor.Matrix[T] // k×n, |r_00| ≥ |r_11| ≥ …
	Perm []int             // n
	Rank int               // number of diagonal elements above the tolerance
}

// QRPivot is the QR factorisation with column pivoting (Businger & Golub
// 1965, https://doi.org/10.1007/BF01436084) of A: m×n,
//
//	A·P = Q·R.
//
// Rank counts the |r_ii| > tol·|r_00|; tol ≤ 0 means max(m, n)·ε. A tall
// matrix is reduced to its triangular factor first, which has the same column
// norms.
func QRPivot[T tensor.Float](a *tensor.Matrix[T], tol float64) (*PivotedQR[T], error) {
	amax, err := maxAbs("QRPivot", a)
	if err != nil {
		return nil, err
	}
	s := scaleFor[T](amax)
	a = scaled(a, s)
	m, n := a.Rows, a.Cols
	if tol <= 0 {
		tol = float64(max(m, n)) * Epsilon[T]()
	}
	var f *PivotedQR[T]
	if m > n {
		q, r := thinQR(a)
		f = pivot(r)
		f.Q = tensor.Mul(q, f.Q)
	} else {
		f = pivot(a)
	}
	for i := range min(m, n) {
		if math.Abs(float64(f.R.At(i, i))) > tol*math.Abs(float64(f.R.At(0, 0))) {
			f.Rank++
		}
	}
	unscale(f.R.Data, s)
	return f, nil
}

// pivot factors A: m×n, m ≤ n, by reflectors, taking at each step the column
// with the largest remaining norm. Norms are downdated and, where that has
// lost its digits, computed anew (Drmač & Bujanović 2008,
// https://doi.org/10.1145/1377612.1377616).
func pivot[T tensor.Float](a *tensor.Matrix[T]) *PivotedQR[T] {
	m, n := a.Rows, a.Cols
	w := a.Transpose() // row j is column j of A
	f := &PivotedQR[T]{R: tensor.NewMatrix[T](m, n), Perm: make([]int, n)}
	norm, exact := make([]float64, n), make([]float64, n)
	for j := range n {
		f.Perm[j] = j
		norm[j] = kernel.Nrm2(w.Row(j))
		exact[j] = norm[j]
	}
	lost := math.Sqrt(Epsilon[T]())
	tau := make([]T, m)
	swap := make([]T, m)
	for k := range m {
		p := k
		for j := k + 1; j < n; j++ {
			if norm[j] > norm[p] {
				p = j
			}
		}
		if p != k {
			copy(swap, w.Row(k))
			copy(w.Row(k), w.Row(p))
			copy(w.Row(p), swap)
			f.Perm[k], f.Perm[p] = f.Perm[p], f.Perm[k]
			norm[p], exact[p] = norm[k], exact[k]
		}
		v := w.Row(k)[k:]
		var beta T
		beta, tau[k] = reflect(v)
		f.R.Set(k, k, beta)
		for j := k + 1; j < n; j++ {
			y := w.Row(j)[k:]
			if tau[k] != 0 {
				kernel.Axpy(T(-float64(tau[k])*kernel.Dot(v, y)), v, y)
			}
			if norm[j] == 0 {
				continue
			}
			ratio := math.Abs(float64(y[0])) / norm[j]
			rest := max(0, (1+ratio)*(1-ratio))
			if d := norm[j] / exact[j]; rest*d*d <= lost {
				norm[j] = kernel.Nrm2(y[1:])
				exact[j] = norm[j]
			} else {
				norm[j] *= math.Sqrt(rest)
			}
		}
	}
	for j := 1; j < n; j++ {
		for i := range min(j, m) {
			f.R.Set(i, j, w.At(j, i))
		}
	}
	// Q, one reflector after another on the rows of its transpose.
	qt := tensor.Eye[T](m)
	for k := m - 1; k >= 0; k-- {
		v := w.Row(k)[k:]
		for i := k; i < m; i++ {
			y := qt.Row(i)[k:]
			kernel.Axpy(T(-float64(tau[k])*kernel.Dot(v, y)), v, y)
		}
	}
	f.Q = qt.Transpose()
	return f
}
