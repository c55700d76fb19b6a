package linalg

import (
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// SVD is the thin singular value decomposition
//
//	A = U·diag(s)·Vᵀ
//
// of A: m×n, with U: m×k of orthonormal columns, Vᵀ: k×n of orthonormal rows,
// s descending and not negative, and k = min(m, n). Each singular value is
// right to a small multiple of ε·s[0].
//
// A matrix that is not square is first reduced to its triangular factor; that
// is reduced to bidiagonal form, and decomposed by divide and conquer, in
// float64 for either type. Backward stable; the vectors are orthogonal to
// working precision however close or small the singular values are.
//
// Dongarra, Sorensen & Hammarling 1989,
// https://doi.org/10.1016/0377-0427(89)90367-1; Gu & Eisenstat 1995,
// https://doi.org/10.1137/S0895479892242232.
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
// exceeds tol only where maxRank forced it to. Eckart & Young 1936,
// https://doi.org/10.1007/BF02288367.
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
	u, s, vt = tallSVD(a, vectors)
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
func tallSVD[T tensor.Float](a *tensor.Matrix[T], vectors bool) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T]) {
	m, n := a.Rows, a.Cols
	if n == 0 {
		return tensor.NewMatrix[T](m, 0), nil, tensor.NewMatrix[T](0, 0)
	}
	if m == n {
		return squareSVD(a, vectors)
	}
	f := factor(a)
	ur, s, vt := squareSVD(f.r(), vectors)
	if !vectors {
		return nil, s, nil
	}
	u = largeMatrix[T](m, n)
	f.expand(ur.View(), u.View(), false)
	return u, s, vt
}

// squareSVD is the SVD of A: n×n by reduction to bidiagonal form and divide
// and conquer, in float64.
func squareSVD[T tensor.Float](a *tensor.Matrix[T], vectors bool) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T]) {
	n, rows, cols := a.Rows, 0, 2
	if vectors {
		rows, cols = n, n+1
	}
	floats, ints := svdSpace(n, vectors)
	w := reductionWidth(n)
	work := newSpace(rows*n+(n+1)*cols+reductionSpace(n, 4)+max(floats, n*n, 2*w*n), ints)
	defer work.release()
	rest := *work
	ru := kernel.RowMajor(rows, rows, rest.takeZeros(rows*n))
	rv := kernel.RowMajor(n+1, cols, rest.takeZeros((n+1)*cols))
	kept := space{floats: rest.take(reductionSpace(n, 4))}
	// The copy of A is gone when the singular values are looked for.
	c := kernel.RowMajor(n, n, rest.floats[:n*n])
	amax := 0.0
	for i := range n {
		amax = max(amax, largest(a.Row(i)))
	}
	// A largest element of about 1/n keeps the singular values near 1.
	scale := toUnit(amax) * toUnit(float64(n))
	for i := range n {
		for j, v := range a.Row(i) {
			c.Data[i*n+j] = float64(v) * scale
		}
	}
	s, e, hu, hv := bidiagonalise(c, &kept)
	bidiagonalSVD(s, e, ru, rv, vectors, rest)
	slices.Reverse(s)
	unscale(s, scale)
	if !vectors {
		return nil, s, nil
	}
	rv = rv.Sub(0, n, 0, n)
	hu.apply(ru.T(), rest)
	hv.apply(rv.T(), rest)
	u, vt = largeMatrix[T](n, n), largeMatrix[T](n, n)
	for j := range n {
		for i, x := range ru.Data[(n-1-j)*n:][:n] {
			u.Data[i*n+j] = T(x)
		}
		for i, x := range rv.Data[(n-1-j)*rv.RS:][:n] {
			vt.Data[j*n+i] = T(x)
		}
	}
	return u, s, vt
}
