package linalg

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
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
//
// Cuppen 1981, https://doi.org/10.1007/BF01396757; Gu & Eisenstat 1995,
// https://doi.org/10.1137/S0895479892241287.
func SymEig[T tensor.Float](a *tensor.Matrix[T]) (w []float64, v *tensor.Matrix[T], err error) {
	return symEig("SymEig", a, a.Rows, largeMatrix[T](a.Rows, a.Rows))
}

// SymEigLeading is SymEig with the vectors of the k largest eigenvalues
// alone, V: n×min(k, n), at about half the cost where k is a small part of n.
// w has all eigenvalues.
func SymEigLeading[T tensor.Float](a *tensor.Matrix[T], k int) (w []float64, v *tensor.Matrix[T], err error) {
	if k < 0 {
		return nil, nil, fmt.Errorf("linalg: SymEigLeading: %d vectors are asked for; the number must not be negative", k)
	}
	k = min(k, a.Rows)
	return symEig("SymEigLeading", a, k, tensor.NewMatrix[T](a.Rows, k))
}

// SymEigInPlace is SymEigLeading in the memory of A: V becomes its first
// min(k, n) columns, and the others are left with anything.
func SymEigInPlace[T tensor.Float](a *tensor.Matrix[T], k int) (w []float64, err error) {
	if k < 0 {
		return nil, fmt.Errorf("linalg: SymEigInPlace: %d vectors are asked for; the number must not be negative", k)
	}
	k = min(k, a.Rows)
	w, _, err = symEig("SymEigInPlace", a, k, a.Sub(0, a.Rows, 0, k))
	return w, err
}

// SymEigValues is SymEig without the vectors.
func SymEigValues[T tensor.Float](a *tensor.Matrix[T]) ([]float64, error) {
	w, _, err := symEig("SymEigValues", a, 0, tensor.NewMatrix[T](a.Rows, 0))
	return w, err
}

// symEig writes the vectors to v, which may share the memory of a.
func symEig[T tensor.Float](method string, a *tensor.Matrix[T], vectors int, v *tensor.Matrix[T]) ([]float64, *tensor.Matrix[T], error) {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: %s of a %d×%d matrix", method, a.Rows, a.Cols))
	}
	n, cols := a.Rows, 2
	if vectors > 0 {
		cols = n
	}
	floats, ints := eigSpace(n, vectors > 0)
	w := reductionWidth(n)
	work := newSpace(n*cols+reductionSpace(n, 3)+max(floats, n*n, 2*w*n), ints)
	defer work.release()
	s := *work
	z := kernel.RowMajor(n, cols, s.takeZeros(n*cols))
	kept := space{floats: s.take(reductionSpace(n, 3))}
	// The copy of A is gone when the eigenvalues are looked for.
	c := tensor.MatrixOf(n, n, s.floats[:n*n])
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
	scale := toUnit(amax) * toUnit(float64(n))
	kernel.Scal(scale, c.Data)
	d, e, q := tridiagonalise(c.View(), &kept)
	tridiagonalEig(d, e, z, vectors > 0, vectors, s)
	slices.Reverse(d)
	unscale(d, scale)
	if vectors == 0 {
		return d, v, nil
	}
	z = z.Sub(n-vectors, n, 0, n)
	q.apply(z.T(), s)
	for j := range vectors {
		for i, x := range z.Data[(vectors-1-j)*n:][:n] {
			v.Data[i*v.Stride+j] = T(x)
		}
	}
	return d, v, nil
}
