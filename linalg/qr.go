package linalg

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// panelColumns is the width of the block reflectors of a QR factorisation.
const panelColumns = 32

// QR is the thin QR factorisation
//
//	A = Q·R
//
// of A: m×n, with Q: m×k of orthonormal columns, R: k×n upper triangular (or
// trapezoidal, when m < n) and k = min(m, n). The diagonal of R is not
// negative, which makes the factors of a matrix of full column rank unique.
//
// It is backward stable for any A. Blocks of Householder reflectors in
// compact WY form do the work; a tall matrix is cut in blocks of rows that
// are factored side by side and joined (TSQR: Demmel, Grigori, Hoemmen &
// Langou 2012, https://doi.org/10.1137/080731992).
func QR[T tensor.Float](a *tensor.Matrix[T]) (q, r *tensor.Matrix[T], err error) {
	amax, err := maxAbs("QR", a)
	if err != nil {
		return nil, nil, err
	}
	s := scaleFor[T](amax)
	q, r = thinQR(scaled(a, s))
	unscale(r.Data, s)
	return q, r, nil
}

// QRTriangle is the R of [QR] alone, at about half the cost.
func QRTriangle[T tensor.Float](a *tensor.Matrix[T]) (r *tensor.Matrix[T], err error) {
	amax, err := maxAbs("QRTriangle", a)
	if err != nil {
		return nil, err
	}
	s := scaleFor[T](amax)
	r = factor(scaled(a, s)).r()
	for i := range r.Rows {
		if r.At(i, i) < 0 {
			kernel.Scal(-1, r.Row(i)[i:])
		}
	}
	unscale(r.Data, s)
	return r, nil
}

// LQ is the thin LQ factorisation A = L·Q of A: m×n, with L: m×k lower
// triangular, Q: k×n of orthonormal rows and k = min(m, n). It is the QR
// factorisation of Aᵀ, transposed.
func LQ[T tensor.Float](a *tensor.Matrix[T]) (l, q *tensor.Matrix[T], err error) {
	qt, lt, err := QR(a.Transpose())
	if err != nil {
		return nil, nil, err
	}
	return lt.Transpose(), qt.Transpose(), nil
}

// thinQR is QR for a finite matrix that needs no scaling.
func thinQR[T tensor.Float](a *tensor.Matrix[T]) (q, r *tensor.Matrix[T]) {
	f := factor(a)
	k := min(a.Rows, a.Cols)
	r = f.r()
	signs := tensor.Eye[T](k)
	for i := range k {
		if r.At(i, i) < 0 {
			signs.Set(i, i, -1)
			kernel.Scal(-1, r.Row(i)[i:])
		}
	}
	q = largeMatrix[T](a.Rows, k)
	f.expand(signs.View(), q.View(), true)
	return q, r
}

// factored is a QR factorisation of A: m×n, k = min(m, n), whose Q is kept as
// reflectors. Q is the thin one, m×k.
type factored[T tensor.Float] interface {
	// r is R: k×n, its diagonal of any sign.
	r() *tensor.Matrix[T]
	// expand sets out: m×p, zero on entry, to Q·X for X: k×p. If upper is
	// set, X is known to be upper triangular.
	expand(x, out kernel.Mat[T], upper bool)
	// project is Qᵀ·C: k×p for C: m×p.
	project(c kernel.Mat[T]) kernel.Mat[T]
}

func factor[T tensor.Float](a *tensor.Matrix[T]) factored[T] {
	if rows := tallBlock(a.Cols); a.Cols > 0 && a.Rows >= 2*rows {
		return factorTall(a, rows)
	}
	return factorBlocked(a, kernel.Large[T](a.Rows*a.Cols))
}

// blockedQR holds Q as one block reflector per panel; panel p starts at row
// p*panelColumns.
type blockedQR[T tensor.Float] struct {
	panels []blockReflector[T]
	rr     *tensor.Matrix[T]
}

// factorBlocked works on a column-major copy of A, in the room for m*n elements
// that is given: column operations within a panel are contiguous, and the copy
// ends up as V.
func factorBlocked[T tensor.Float](a *tensor.Matrix[T], room []T) *blockedQR[T] {
	m, n := a.Rows, a.Cols
	k := min(m, n)
	w := kernel.ColMajor(m, n, room)
	kernel.Permute(w.Data, a.Data, []int{n, m}, []int{1, a.Stride})
	f := &blockedQR[T]{rr: tensor.NewMatrix[T](k, n)}
	r := f.rr.View()
	for j := 0; j < k; j += panelColumns {
		e := min(j+panelColumns, k)
		h := blockReflector[T]{w.Sub(j, m, j, e), newMat[T](e-j, e-j)}
		panelQR(h.v, h.t, r.Sub(j, e, j, e))
		rest := w.Sub(j, m, e, n)
		h.apply(true, rest)
		copyMat(r.Sub(j, e, e, n), rest.Sub(0, e-j, 0, n-e))
		f.panels = append(f.panels, h)
	}
	return f
}

func (f *blockedQR[T]) r() *tensor.Matrix[T] { return f.rr }

func (f *blockedQR[T]) expand(x, out kernel.Mat[T], upper bool) {
	copyMat(out, x)
	for p := len(f.panels) - 1; p >= 0; p-- {
		j, first := p*panelColumns, 0
		if upper {
			first = j
		}
		f.panels[p].apply(false, out.Sub(j, out.Rows, first, out.Cols))
	}
}

func (f *blockedQR[T]) project(c kernel.Mat[T]) kernel.Mat[T] {
	w := newMat[T](c.Rows, c.Cols)
	copyMat(w, c)
	for p, h := range f.panels {
		h.apply(true, w.Sub(p*panelColumns, w.Rows, 0, w.Cols))
	}
	return w.Sub(0, f.rr.Rows, 0, w.Cols)
}

// tallQR is a QR factorisation by blocks of rows: block b is Q_b·R_b, and the
// R_b, one under another, are factored in turn.
type tallQR[T tensor.Float] struct {
	cols   int
	starts []int // block b has the rows from starts[b] to starts[b+1]
	blocks []*blockedQR[T]
	top    factored[T]
}

// tallBlock is the number of rows of a block of a tall matrix with n columns:
// about a megabyte of float64, and at least 4n, so that each level leaves a
// quarter of the rows or less.
func tallBlock(n int) int {
	return max(1<<17/max(n, 1), 4*n)
}

func factorTall[T tensor.Float](a *tensor.Matrix[T], rows int) *tallQR[T] {
	n, count := a.Cols, a.Rows/rows
	f := &tallQR[T]{cols: n, starts: make([]int, count+1), blocks: make([]*blockedQR[T], count)}
	for b := range count {
		f.starts[b] = b * rows
	}
	f.starts[count] = a.Rows // the last block takes what is left over
	stack := tensor.NewMatrix[T](count*n, n)
	room := kernel.Large[T](a.Rows * n) // one array: small ones would be of small pages
	par.Do(count, func(b int) {
		lo, hi := f.starts[b], f.starts[b+1]
		f.blocks[b] = factorBlocked(a.Sub(lo, hi, 0, n), room[lo*n:hi*n])
		copy(stack.Data[b*n*n:(b+1)*n*n], f.blocks[b].rr.Data)
	})
	f.top = factor(stack)
	return f
}

func (f *tallQR[T]) r() *tensor.Matrix[T] { return f.top.r() }

func (f *tallQR[T]) expand(x, out kernel.Mat[T], upper bool) {
	n, p := f.cols, x.Cols
	y := newMat[T](len(f.blocks)*n, p)
	f.top.expand(x, y, upper)
	par.Do(len(f.blocks), func(b int) {
		f.blocks[b].expand(y.Sub(b*n, (b+1)*n, 0, p), out.Sub(f.starts[b], f.starts[b+1], 0, p), false)
	})
}

func (f *tallQR[T]) project(c kernel.Mat[T]) kernel.Mat[T] {
	n, p := f.cols, c.Cols
	y := newMat[T](len(f.blocks)*n, p)
	par.Do(len(f.blocks), func(b int) {
		copyMat(y.Sub(b*n, (b+1)*n, 0, p), f.blocks[b].project(c.Sub(f.starts[b], f.starts[b+1], 0, p)))
	})
	return f.top.project(y)
}
