package linalg

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// reductionWidth is the number of columns of an n×n matrix that the reductions
// to tridiagonal and bidiagonal form eliminate between two updates of the rest.
func reductionWidth(n int) int {
	if n <= 400 {
		return 16 // what a panel does to itself is in products of vectors
	}
	return 32
}

// reduction is the orthogonal matrix of a reduction. Its reflector block p acts
// on the rows from first+p*width on.
type reduction struct {
	blocks       []blockReflector[float64]
	first, width int
}

// apply overwrites C with Q·C.
func (q reduction) apply(c kernel.Mat[float64], s space) {
	for p := len(q.blocks) - 1; p >= 0; p-- {
		h := q.blocks[p]
		w := kernel.RowMajor(h.v.Cols, c.Cols, s.floats[:h.v.Cols*c.Cols])
		tw := kernel.RowMajor(h.v.Cols, c.Cols, s.floats[len(w.Data):][:len(w.Data)])
		h.applyIn(false, c.Sub(q.first+p*q.width, c.Rows, 0, c.Cols), w, tw)
	}
}

// reductionSpace is the work space of a reduction of an n×n matrix, with so
// many vectors for each column.
func reductionSpace(n, vectors int) int {
	w := reductionWidth(n)
	panels := (n + w - 1) / w
	return vectors*(n*(n+w)/2) + panels*(4*w*w+4*w)
}

// tridiagonalise overwrites the symmetric a: n×n (row-major, both triangles)
// and gives the tridiagonal matrix T = Qᵀ·A·Q, with d on the diagonal and e
// beside it. Q stays in the work space, of reductionSpace(n, 3).
//
// Half of the work is in products of blocks: Dongarra, Sorensen & Hammarling
// 1989, https://doi.org/10.1016/0377-0427(89)90367-1.
func tridiagonalise(a kernel.Mat[float64], s *space) (d, e []float64, q reduction) {
	n := a.Rows
	d, e = make([]float64, n), make([]float64, max(n-1, 0))
	q = reduction{first: 1, width: reductionWidth(n)}
	for lo := 0; lo < n-1; lo += q.width {
		width := min(q.width, n-1-lo)
		q.blocks = append(q.blocks, tridiagonalPanel(a.Sub(lo, n, lo, n), width, d[lo:], e[lo:], s))
	}
	if n > 0 {
		d[n-1] = a.At(n-1, n-1)
	}
	return d, e, q
}

// tridiagonalPanel eliminates the first columns of a and updates the rest
// with A − V·Wᵀ − W·Vᵀ.
func tridiagonalPanel(a kernel.Mat[float64], width int, d, e []float64, s *space) blockReflector[float64] {
	n := a.Rows
	// Columns of V and W, one after another, then V again: [V W] and [W V]
	// are both contiguous.
	rows := n - 1
	store := s.takeZeros(3 * rows * width)
	col := func(block, j int) []float64 {
		return store[(block*width+j)*rows:][:rows]
	}
	tau, coef := s.takeZeros(width), s.takeZeros(2*width)
	for j := range width {
		// Row j of A, from the diagonal on, with the updates of this panel.
		row := a.Data[j*a.RS+j : j*a.RS+n]
		if j > 0 {
			for l := range j {
				coef[l], coef[width+l] = col(1, l)[j-1], col(0, l)[j-1]
			}
			addRows(-1, coef[:j], store[j-1:], rows, row)
			addRows(-1, coef[width:width+j], store[width*rows+j-1:], rows, row)
		}
		d[j] = row[0]
		v, w := col(0, j)[j:], col(1, j)[j:]
		copy(v, row[1:])
		e[j], tau[j] = reflect(v)
		if tau[j] == 0 {
			continue
		}
		// w = τ·(A − V·Wᵀ − W·Vᵀ)·v, less its part along v.
		mulSymmetric(a.Sub(j+1, n, j+1, n), v, w)
		if j > 0 {
			for l := range j {
				coef[l], coef[width+l] = kernel.Dot(col(1, l)[j:], v), kernel.Dot(col(0, l)[j:], v)
			}
			addRows(-1, coef[:j], store[j:], rows, w)
			addRows(-1, coef[width:width+j], store[width*rows+j:], rows, w)
		}
		kernel.Scal(tau[j], w)
		kernel.Axpy(-tau[j]/2*kernel.Dot(w, v), v, w)
	}
	copy(store[2*width*rows:], store[:width*rows])
	vw := kernel.ColMajor(rows, 2*width, store[:2*width*rows]).Sub(width-1, rows, 0, 2*width)
	wv := kernel.ColMajor(rows, 2*width, store[width*rows:]).Sub(width-1, rows, 0, 2*width)
	rest := a.Sub(width, n, width, n)
	if rest.Rows > 0 {
		kernel.Gemm(-1, vw, wv.T(), 1, rest)
	}
	v := kernel.ColMajor(rows, width, store[:width*rows:width*rows])
	return blockReflector[float64]{v, triangularFactor(v, tau, s)}
}

// gemvSize is the size up to which a product of a vector with a matrix is best
// made as one of matrices.
const gemvSize = 400

// mulSymmetric sets y to A·x for a symmetric A.
func mulSymmetric(a kernel.Mat[float64], x, y []float64) {
	if a.Rows > gemvSize {
		mulVec(a, x, y)
		return
	}
	kernel.Gemm(1, kernel.RowMajor(1, len(x), x), a, 0, kernel.RowMajor(1, len(y), y))
}

// addRows adds alpha·Σ_l coef[l]·x_l to y, where x_l are the elements of data
// from l·stride on.
func addRows(alpha float64, coef, data []float64, stride int, y []float64) {
	x := kernel.Mat[float64]{Rows: len(coef), Cols: len(y), RS: stride, CS: 1, Data: data}
	kernel.Gemm(alpha, kernel.RowMajor(1, len(coef), coef), x, 1, kernel.RowMajor(1, len(y), y))
}

// mulVec sets y to A·x.
func mulVec(a kernel.Mat[float64], x, y []float64) {
	par.Blocks(a.Rows, max(64, 1<<16/max(a.Cols, 1)), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			y[i] = kernel.Dot(a.Data[i*a.RS:i*a.RS+a.Cols], x)
		}
	})
}

// triangularFactor is the T of the block reflector I − V·T·Vᵀ that is the
// product of the reflectors in the columns of V.
func triangularFactor(v kernel.Mat[float64], tau []float64, s *space) kernel.Mat[float64] {
	k := len(tau)
	g, t := kernel.RowMajor(k, k, s.take(k*k)), kernel.RowMajor(k, k, s.takeZeros(k*k))
	kernel.Gemm(1, v.T(), v, 0, g)
	for j := range k {
		for i := range j {
			s := 0.0
			for l := i; l < j; l++ {
				s += t.Data[i*k+l] * g.Data[l*k+j]
			}
			t.Data[i*k+j] = -tau[j] * s
		}
		t.Data[j*k+j] = tau[j]
	}
	return t
}
