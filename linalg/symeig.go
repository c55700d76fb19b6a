package linalg

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/polyad/polyad/tensor"
)

// SymEig is the eigenvalue decomposition
//
//	A = V·diag(w)·Vᵀ
//
// of a symmetric A: n×n, of which only the lower triangle is read. The
// eigenvalues w come in descending order (the largest first, negative ones
// last), and column j of V: n×n belongs to w[j].
func SymEig[T tensor.Float](a *tensor.Matrix[T]) (w []float64, v *tensor.Matrix[T], err error) {
	return symEig("SymEig", a, true)
}

// SymEigValues is SymEig without the vectors.
func SymEigValues[T tensor.Float](a *tensor.Matrix[T]) ([]float64, error) {
	w, _, err := symEig("SymEigValues", a, false)
	return w, err
}

func symEig[T tensor.Float](method string, a *tensor.Matrix[T], vectors bool) ([]float64, *tensor.Matrix[T], error) {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: %s of a %d×%d matrix", method, a.Rows, a.Cols))
	}
	n := a.Rows
	c := tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j, x := range a.Row(i)[:i+1] {
			c.Data[i*n+j] = float64(x)
		}
	}
	amax, err := maxAbs(method, c)
	if err != nil {
		return nil, nil, err
	}
	s := scaleFor[float64](amax)
	c = scaled(c, s)
	sym := mat.NewSymDense(max(n, 1), nil)
	for i := range n {
		for j := range i + 1 {
			sym.SetSym(i, j, c.Data[i*n+j])
		}
	}
	w, v := make([]float64, n), tensor.NewMatrix[T](n, n)
	if n == 0 {
		return w, v, nil
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, vectors) {
		return nil, nil, fmt.Errorf("linalg: %s: %w", method, ErrNoConvergence)
	}
	eig.Values(w)
	for i, j := 0, n-1; i < j; i, j = i+1, j-1 {
		w[i], w[j] = w[j], w[i]
	}
	unscale(w, s)
	if !vectors {
		return w, nil, nil
	}
	var q mat.Dense
	eig.VectorsTo(&q)
	for i := range n {
		for j := range n {
			v.Set(i, j, T(q.At(i, n-1-j)))
		}
	}
	return w, v, nil
}
