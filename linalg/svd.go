package linalg

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/polyad/polyad/tensor"
)

// SVD is the thin singular value decomposition
//
//	A = U·diag(s)·Vᵀ
//
// of A: m×n, with U: m×k of orthonormal columns, Vᵀ: k×n of orthonormal rows,
// s descending and not negative, and k = min(m, n). Each singular value is
// right to a small multiple of ε·s[0]. A tall or wide matrix is first reduced
// to its triangular factor.
func SVD[T tensor.Float](a *tensor.Matrix[T]) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], err error) {
	return svd("SVD", a, true)
}

// SingularValues is SVD without the vectors.
func SingularValues[T tensor.Float](a *tensor.Matrix[T]) ([]float64, error) {
	_, s, _, err := svd("SingularValues", a, false)
	return s, err
}

// SVDTruncated is the SVD cut after the first r singular values, the best
// approximation of A of rank r in the Frobenius and the spectral norm. r is
// chosen as [TruncationRank] does, for at most maxRank terms (0 or less: no
// limit) and a Frobenius error of at most tol (in the units of A). The error
// that was made,
//
//	tail = ‖A − U·diag(s)·Vᵀ‖_F,
//
// exceeds tol only where maxRank forced it to.
func SVDTruncated[T tensor.Float](a *tensor.Matrix[T], maxRank int, tol float64) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], tail float64, err error) {
	u, s, vt, err = svd("SVDTruncated", a, true)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	r, tail := TruncationRank(s, maxRank, tol)
	return u.Sub(0, u.Rows, 0, r).Clone(), s[:r:r], vt.Sub(0, r, 0, vt.Cols).Clone(), tail, nil
}

// TruncationRank is the least r ≤ maxRank (0 or less: no limit) for which the
// tail sqrt(s[r]² + s[r+1]² + …) of the descending singular values s is at
// most tol, or maxRank if there is none, together with that tail.
func TruncationRank(s []float64, maxRank int, tol float64) (r int, tail float64) {
	r = len(s)
	if maxRank > 0 {
		r = min(r, maxRank)
	}
	for _, x := range s[r:] {
		tail = math.Hypot(tail, x)
	}
	for r > 0 {
		t := math.Hypot(tail, s[r-1])
		if !(t <= tol) {
			break
		}
		r, tail = r-1, t
	}
	return r, tail
}

func svd[T tensor.Float](method string, a *tensor.Matrix[T], vectors bool) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], err error) {
	amax, err := maxAbs(method, a)
	if err != nil {
		return nil, nil, nil, err
	}
	scale := scaleFor[T](amax)
	a = scaled(a, scale)
	wide := a.Rows < a.Cols
	if wide {
		a = a.Transpose()
	}
	u, s, vt, err = tallSVD(a, vectors)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("linalg: %s: %w", method, err)
	}
	unscale(s, scale)
	if !vectors {
		return nil, s, nil, nil
	}
	if wide {
		u, vt = vt.Transpose(), u.Transpose()
	}
	return u, s, vt, nil
}

// tallSVD is the SVD of A: m×n, m ≥ n.
func tallSVD[T tensor.Float](a *tensor.Matrix[T], vectors bool) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], err error) {
	m, n := a.Rows, a.Cols
	if n == 0 {
		return tensor.NewMatrix[T](m, 0), nil, tensor.NewMatrix[T](0, 0), nil
	}
	// Beyond this shape the reduction to R saves more than it costs.
	if 5*m < 6*n {
		return squareSVD(a, vectors)
	}
	f := factor(a)
	ur, s, vt, err := squareSVD(f.r(), vectors)
	if err != nil || !vectors {
		return nil, s, nil, err
	}
	u = tensor.NewMatrix[T](m, n)
	f.expand(ur.View(), u.View(), false)
	return u, s, vt, nil
}

func squareSVD[T tensor.Float](a *tensor.Matrix[T], vectors bool) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], err error) {
	m, n := a.Rows, a.Cols
	kind := mat.SVDNone
	if vectors {
		kind = mat.SVDThin
	}
	var f mat.SVD
	if !f.Factorize(mat.NewDense(m, n, tensor.Convert[float64](a).Data), kind) {
		return nil, nil, nil, ErrNoConvergence
	}
	s = f.Values(nil)
	if !vectors {
		return nil, s, nil, nil
	}
	var du, dv mat.Dense
	f.UTo(&du)
	f.VTo(&dv)
	u, vt = tensor.NewMatrix[T](m, n), tensor.NewMatrix[T](n, n)
	for j := range n {
		for i := range m {
			u.Set(i, j, T(du.At(i, j)))
		}
		for i := range n {
			vt.Set(j, i, T(dv.At(i, j)))
		}
	}
	return u, s, vt, nil
}
