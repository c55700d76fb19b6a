package linalg

import (
	"math/cmplx"
	"unsafe"

	"github.com/polyad/polyad/internal/kernel"
)

// realParts is a complex vector as its real and imaginary parts, in turn.
func realParts(x []complex128) []float64 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&x[0])), 2*len(x))
}

// complexWidth is the number of columns that bidiagonaliseComplex eliminates
// between two updates of the rest.
const complexWidth = 32

// bidiagonaliseComplex is [bidiagonalise] for a complex matrix: B = Uᴴ·A·V is
// real.
func bidiagonaliseComplex(a kernel.Mat[complex128]) (d, e []float64, u, v []complexReflector) {
	n := a.Rows
	d, e = make([]float64, n), make([]float64, n)
	for lo := 0; lo < n; lo += complexWidth {
		width := min(complexWidth, n-lo)
		hu, hv := complexBidiagonalPanel(a.Sub(lo, n, lo, n), width, d[lo:], e[lo:])
		u, v = append(u, hu), append(v, hv)
	}
	return d, e, u, v
}

// complexBidiagonalPanel eliminates the first columns and rows of a and
// updates the rest with A − U·Yᴴ − X·Vᴴ, where U and V hold the reflectors
// from the left and from the right. The matrices [U X] and [Y V] are
// row-major, so that what earlier columns do to one is two products with a
// vector.
func complexBidiagonalPanel(a kernel.Mat[complex128], width int, d, e []float64) (hu, hv complexReflector) {
	n := a.Rows
	ux, yv := newComplex(n, 2*width), newComplex(n, 2*width)
	tauU, tauV := make([]complex128, width), make([]complex128, width)
	x, w := make([]complex128, n), make([]complex128, 2*width)
	g := make([]complex128, n)
	store := func(m kernel.Mat[complex128], col, from int, z []complex128) {
		for i, v := range z {
			m.Data[(from+i)*m.RS+col] = v
		}
	}
	for j := range width {
		// Column j of A from the diagonal on.
		u := x[:n-j]
		for i := range u {
			u[i] = a.Data[(j+i)*a.RS+j]
		}
		if j > 0 {
			conjugateRow(w, yv, j, j, j, width)
			subtract(u, ux, j, w)
		}
		d[j], tauU[j] = reflectComplex(u)
		store(ux, j, j, u)
		if j == n-1 {
			break
		}
		// y = τ·(A − U·Yᴴ − X·Vᴴ)ᴴ·u
		y := g[:n-j-1]
		mulAdjoint(a.Sub(j, n, j+1, n), u, y)
		if j > 0 {
			adjointProduct(w, ux, j, u, j, j, width)
			subtract(y, yv, j+1, w)
		}
		for i := range y {
			y[i] *= tauU[j]
		}
		store(yv, j, j+1, y)
		// The conjugate of row j of A right of the diagonal.
		v := y
		for i := range v {
			v[i] = cmplx.Conj(a.Data[j*a.RS+j+1+i])
		}
		conjugateRow(w, ux, j, j+1, j, width)
		subtract(v, yv, j+1, w)
		e[j], tauV[j] = reflectComplex(v)
		store(yv, width+j, j+1, v)
		// x = τ·(A − U·Yᴴ − X·Vᴴ)·v
		z := x[:n-j-1]
		kernel.GemmComplex(1, a.Sub(j+1, n, j+1, n), false, kernel.ColMajor(n-j-1, 1, v), false, 0, kernel.ColMajor(n-j-1, 1, z))
		adjointProduct(w, yv, j+1, v, j+1, j, width)
		subtract(z, ux, j+1, w)
		for i := range z {
			z[i] *= tauV[j]
		}
		store(ux, width+j, j+1, z)
	}
	if width < n {
		kernel.GemmComplex(-1, ux.Sub(width, n, 0, 2*width), false, yv.Sub(width, n, 0, 2*width).T(), true, 1, a.Sub(width, n, width, n))
	}
	mu := ux.Sub(0, n, 0, width)
	if n == 1 {
		return complexReflector{mu, complexT(mu, tauU)}, complexReflector{}
	}
	mv := yv.Sub(1, n, width, 2*width)
	return complexReflector{mu, complexT(mu, tauU)}, complexReflector{mv, complexT(mv, tauV)}
}

// conjugateRow sets w to the conjugate of row i of m: its first nu columns, and nx
// from width on; the others are zero.
func conjugateRow(w []complex128, m kernel.Mat[complex128], i, nu, nx, width int) {
	clear(w)
	for l := range nu {
		w[l] = cmplx.Conj(m.Data[i*m.RS+l])
	}
	for l := range nx {
		w[width+l] = cmplx.Conj(m.Data[i*m.RS+width+l])
	}
}

// adjointProduct sets w to Mᴴ·x for the rows of m from lo on and the columns that
// conjugateRow takes.
func adjointProduct(w []complex128, m kernel.Mat[complex128], lo int, x []complex128, nu, nx, width int) {
	mulAdjoint(m.Sub(lo, m.Rows, 0, m.Cols), x, w)
	clear(w[nu:width])
	clear(w[width+nx:])
}

// subtract computes y −= M·w for the rows of m from lo on.
func subtract(y []complex128, m kernel.Mat[complex128], lo int, w []complex128) {
	kernel.GemmComplex(-1, m.Sub(lo, m.Rows, 0, m.Cols), false, kernel.ColMajor(len(w), 1, w), false, 1, kernel.ColMajor(len(y), 1, y))
}

// mulAdjoint sets y to Aᴴ·x. The parts of x are two rows to multiply A's parts
// by, whose rows are contiguous.
func mulAdjoint(a kernel.Mat[complex128], x, y []complex128) {
	xs := kernel.RowMajor(len(x), 2, realParts(x)).T()
	out := newMat[float64](2, 2*a.Cols)
	kernel.Gemm(1, xs, kernel.Mat[float64]{Rows: a.Rows, Cols: 2 * a.Cols, RS: 2 * a.RS, CS: 1, Data: realParts(a.Data)}, 0, out)
	re, im := out.Data[:2*a.Cols], out.Data[2*a.Cols:]
	for j := range y {
		y[j] = complex(re[2*j]+im[2*j+1], im[2*j]-re[2*j+1])
	}
}
