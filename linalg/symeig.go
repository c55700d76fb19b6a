package linalg

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// SymEig is the eigenvalue decomposition
//
//	A = V·diag(w)·Vᵀ
//
// of a symmetric A: n×n, of which only the lower triangle is read. The
// eigenvalues w come in descending order (the largest first, negative ones
// last), and column j of V: n×n belongs to w[j]. A float32 matrix is
// decomposed in float64.
//
// Blocked reduction to tridiagonal form, then divide and conquer; backward
// stable, and the vectors are orthogonal to working precision however close
// the eigenvalues are.
func SymEig[T tensor.Float](a *tensor.Matrix[T]) (w []float64, v *tensor.Matrix[T], err error) {
	return symEig("SymEig", a, a.Rows)
}

// SymEigLeading is SymEig with the vectors of the k largest eigenvalues
// alone, V: n×min(k, n), at about half the cost where k is a small part of n.
// w has all eigenvalues.
func SymEigLeading[T tensor.Float](a *tensor.Matrix[T], k int) (w []float64, v *tensor.Matrix[T], err error) {
	if k < 0 {
		return nil, nil, fmt.Errorf("linalg: SymEigLeading: %d vectors are asked for; the number must not be negative", k)
	}
	return symEig("SymEigLeading", a, min(k, a.Rows))
}

// SymEigValues is SymEig without the vectors.
func SymEigValues[T tensor.Float](a *tensor.Matrix[T]) ([]float64, error) {
	w, _, err := symEig("SymEigValues", a, 0)
	return w, err
}

func symEig[T tensor.Float](method string, a *tensor.Matrix[T], vectors int) ([]float64, *tensor.Matrix[T], error) {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: %s of a %d×%d matrix", method, a.Rows, a.Cols))
	}
	n := a.Rows
	c := tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j, x := range a.Row(i)[:i+1] {
			c.Data[i*n+j], c.Data[j*n+i] = float64(x), float64(x)
		}
	}
	amax, err := maxAbs(method, c)
	if err != nil {
		return nil, nil, err
	}
	// A largest element of about 1/n keeps the eigenvalues near 1.
	s := toUnit(amax) * toUnit(float64(n))
	c = scaled(c, s)
	d, e, q := tridiagonalise(c.View())
	z := newMat[float64](n, 2)
	if vectors > 0 {
		z = newMat[float64](n, n)
	}
	work := newEigSpace(n, vectors > 0)
	tridiagonalEig(d, e, z, vectors > 0, vectors, *work)
	work.release()
	slices.Reverse(d)
	unscale(d, s)
	if vectors == 0 {
		return d, tensor.NewMatrix[T](n, 0), nil
	}
	z = z.Sub(n-vectors, n, 0, n)
	applyReduction(q, 1, z.T())
	v := tensor.NewMatrix[T](n, vectors)
	for i := range n {
		for j := range vectors {
			v.Data[i*vectors+j] = T(z.Data[(vectors-1-j)*n+i])
		}
	}
	return d, v, nil
}
