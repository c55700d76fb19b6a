package mps

import (
	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// env is what ⟨a|O|b⟩ comes to on one side of a bond. From the left its modes
// are (bond of a, of O, of b), from the right (bond of b, of O, of a): the
// order in which products with the next site need no copies.
type env[T scalar] struct {
	first, w, last int
	a              []T
}

// edge is the environment beyond either end of the chain.
func edge[T scalar]() *env[T] { return &env[T]{1, 1, 1, []T{1}} }

// stepRight takes the environment from the left over one more site:
//
//	sum conj(a[p, i, p'])·E[p, w, q]·W[w, i, j, w']·b[q, j, q'].
func (e *env[T]) stepRight(a core[T], w *tensor.Dense[T], b core[T]) *env[T] {
	d, wr := w.Shape()[1], w.Shape()[3]
	y := e.meetRight(w, b)
	out := &env[T]{a.r, wr, b.r, make([]T, a.r*wr*b.r)}
	field.Gemm(1, a.tall().View().T(), true, kernel.RowMajor(e.first*d, wr*b.r, y), false, 0, kernel.RowMajor(a.r, wr*b.r, out.a))
	return out
}

// stepLeft takes the environment from the right over one more site:
//
//	sum b[q, j, q']·W[w, i, j, w']·E[q', w', p']·conj(a[p, i, p']).
func (e *env[T]) stepLeft(a core[T], w *tensor.Dense[T], b core[T]) *env[T] {
	wl, d := w.Shape()[0], w.Shape()[1]
	y := e.meetLeft(w, b)
	out := &env[T]{b.l, wl, a.l, make([]T, b.l*wl*a.l)}
	field.Gemm(1, kernel.RowMajor(b.l*wl, d*e.last, y), false, a.wide().View().T(), true, 0, kernel.RowMajor(b.l*wl, a.l, out.a))
	return out
}

// meetRight is the environment from the left with the core of O and of b, but
// not of a: p × i × w' × q'.
func (e *env[T]) meetRight(w *tensor.Dense[T], b core[T]) []T {
	x := mul(kernel.RowMajor(e.first*e.w, e.last, e.a), b.wide().View()) // (p, w) × (j, q')
	return mulOperator(e.first, turned(w), x.Data, b.r)
}

// meetLeft is the environment from the right with the core of O and of b, but
// not of a: q × w × i × p'.
func (e *env[T]) meetLeft(w *tensor.Dense[T], b core[T]) []T {
	x := mul(b.tall().View(), kernel.RowMajor(e.first, e.w*e.last, e.a)) // (q, j) × (w', p')
	wl, d := w.Shape()[0], w.Shape()[1]
	return mulOperator(b.l, kernel.RowMajor(wl*d, d*e.w, w.Data()), x.Data, e.last)
}

// turned is the core of an operator as the matrix (i, w') × (w, j).
func turned[T scalar](w *tensor.Dense[T]) kernel.Mat[T] {
	sh := w.Shape()
	wl, d, dj, wr := sh[0], sh[1], sh[2], sh[3]
	m := newMat[T](d*wr, wl*dj)
	kernel.Permute(m.Data, w.Data(), []int{d, wr, wl, dj}, []int{dj * wr, 1, d * dj * wr, wr})
	return m
}

// mulOperator multiplies each of count matrices m.Cols×cols, which lie one
// after the other in x, by m.
func mulOperator[T scalar](count int, m kernel.Mat[T], x []T, cols int) []T {
	y := make([]T, count*m.Rows*cols)
	gemmBatch(count, 1, m, false, 0, kernel.RowMajor(m.Cols, cols, x), false, m.Cols*cols, 0, kernel.RowMajor(m.Rows, cols, y), m.Rows*cols)
	return y
}
