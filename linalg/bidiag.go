package linalg

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// bidiagonalise overwrites the square a: n×n (row-major) and gives the upper
// bidiagonal B = Uᵀ·A·V, with d on the diagonal and e above it. U and V stay
// in the work space, of reductionSpace(n, 4).
//
// Half of the work is in products of blocks, as in [tridiagonalise].
func bidiagonalise(a kernel.Mat[float64], s *space) (d, e []float64, u, v reduction) {
	n := a.Rows
	d, e = make([]float64, n), make([]float64, n)
	w := reductionWidth(n)
	u, v = reduction{first: 0, width: w}, reduction{first: 1, width: w}
	for lo := 0; lo < n; lo += w {
		hu, hv := bidiagonalPanel(a.Sub(lo, n, lo, n), min(w, n-lo), d[lo:], e[lo:], s)
		u.blocks, v.blocks = append(u.blocks, hu), append(v.blocks, hv)
	}
	return d, e, u, v
}

// bidiagonalPanel eliminates the first columns and rows of a and updates the
// rest with A − U·Yᵀ − X·Vᵀ, where U and V hold the reflectors from the left
// and from the right. The last e is zero.
func bidiagonalPanel(a kernel.Mat[float64], width int, d, e []float64, s *space) (hu, hv blockReflector[float64]) {
	n := a.Rows
	// [U X] and [Y V] are both contiguous.
	ux, yv := s.takeZeros(2*n*width), s.takeZeros(2*n*width)
	colU := func(j int) []float64 { return ux[j*n : (j+1)*n] }
	colX := func(j int) []float64 { return ux[(width+j)*n : (width+j+1)*n] }
	colY := func(j int) []float64 { return yv[j*n : (j+1)*n] }
	colV := func(j int) []float64 { return yv[(width+j)*n : (width+j+1)*n] }
	tauU, tauV := s.takeZeros(width), s.takeZeros(width)
	for j := range width {
		// Column j of A from the diagonal on.
		u := colU(j)[j:]
		for i := range u {
			u[i] = a.Data[(j+i)*a.RS+j]
		}
		for l := range j {
			kernel.Axpy(-colY(l)[j], colU(l)[j:], u)
			kernel.Axpy(-colV(l)[j], colX(l)[j:], u)
		}
		d[j], tauU[j] = reflect(u)
		if j == n-1 {
			break
		}
		// y = τ·(A − U·Yᵀ − X·Vᵀ)ᵀ·u
		y := colY(j)[j+1:]
		if tauU[j] != 0 {
			mulTransposed(a.Sub(j, n, j+1, n), u, y)
			for l := range j {
				kernel.Axpy(-kernel.Dot(colU(l)[j:], u), colY(l)[j+1:], y)
				kernel.Axpy(-kernel.Dot(colX(l)[j:], u), colV(l)[j+1:], y)
			}
			kernel.Scal(tauU[j], y)
		}
		// Row j of A right of the diagonal.
		v := colV(j)[j+1:]
		copy(v, a.Data[j*a.RS+j+1:j*a.RS+n])
		for l := range j + 1 {
			kernel.Axpy(-colU(l)[j], colY(l)[j+1:], v)
			if l < j {
				kernel.Axpy(-colX(l)[j], colV(l)[j+1:], v)
			}
		}
		e[j], tauV[j] = reflect(v)
		// x = τ·(A − U·Yᵀ − X·Vᵀ)·v
		if tauV[j] != 0 {
			x := colX(j)[j+1:]
			mulVec(a.Sub(j+1, n, j+1, n), v, x)
			for l := range j + 1 {
				kernel.Axpy(-kernel.Dot(colY(l)[j+1:], v), colU(l)[j+1:], x)
				if l < j {
					kernel.Axpy(-kernel.Dot(colV(l)[j+1:], v), colX(l)[j+1:], x)
				}
			}
			kernel.Scal(tauV[j], x)
		}
	}
	if width < n {
		kernel.Gemm(-1, kernel.ColMajor(n, 2*width, ux).Sub(width, n, 0, 2*width),
			kernel.ColMajor(n, 2*width, yv).Sub(width, n, 0, 2*width).T(), 1, a.Sub(width, n, width, n))
	}
	mu := kernel.ColMajor(n, width, ux[:n*width:n*width])
	mv := kernel.ColMajor(n, width, yv[n*width:]).Sub(1, n, 0, width)
	if n == 1 {
		mv = kernel.Mat[float64]{}
		tauV = nil
	}
	return blockReflector[float64]{mu, triangularFactor(mu, tauU, s)}, blockReflector[float64]{mv, triangularFactor(mv, tauV, s)}
}

// mulTransposed sets y, zero on entry, to Aᵀ·x.
func mulTransposed(a kernel.Mat[float64], x, y []float64) {
	if max(a.Rows, a.Cols) <= gemvSize {
		kernel.Gemm(1, kernel.RowMajor(1, len(x), x), a, 0, kernel.RowMajor(1, len(y), y))
		return
	}
	par.Blocks(a.Cols, max(128, 1<<17/max(a.Rows, 1)), func(_, lo, hi int) {
		for i, f := range x {
			kernel.Axpy(f, a.Data[i*a.RS+lo:i*a.RS+hi], y[lo:hi])
		}
	})
}
