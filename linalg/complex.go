package linalg

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// The complex factorisations are those of the real ones with the same shape
// of code: panels of reflectors in compact WY form, Q = I − V·T·Vᴴ, and
// products of blocks for the rest.

// complexReflector is a product of reflectors I − V·T·Vᴴ; V: m×b is row-major
// or column-major, unit lower trapezoidal.
type complexReflector struct{ v, t kernel.Mat[complex128] }

// apply overwrites C with (I − V·T·Vᴴ)·C, or with the product with the
// conjugate transpose.
func (h complexReflector) apply(adjoint bool, c kernel.Mat[complex128]) {
	if c.Cols == 0 || h.v.Cols == 0 {
		return
	}
	t := h.t
	if adjoint {
		t = t.T()
	}
	w, tw := newComplex(h.v.Cols, c.Cols), newComplex(h.v.Cols, c.Cols)
	kernel.GemmComplex(1, h.v.T(), true, c, false, 0, w)
	kernel.GemmComplex(1, t, adjoint, w, false, 0, tw)
	kernel.GemmComplex(-1, h.v, false, tw, false, 1, c)
}

func newComplex(rows, cols int) kernel.Mat[complex128] {
	return kernel.RowMajor(rows, cols, make([]complex128, rows*cols))
}

// reflectComplex makes H = I − τ·v·vᴴ with v₀ = 1 and Hᴴ·x = (β, 0, …, 0)ᵀ,
// β real. It overwrites x with v.
func reflectComplex(x []complex128) (beta float64, tau complex128) {
	alpha := x[0]
	tail := normComplex(x[1:])
	x[0] = 1
	if tail <= 1e-290 {
		clear(x[1:])
		if imag(alpha) == 0 {
			return real(alpha), 0
		}
		// A phase makes the element real.
		b := -math.Copysign(cmplx.Abs(alpha), real(alpha))
		return b, complex((b-real(alpha))/b, -imag(alpha)/b)
	}
	b := -math.Copysign(math.Hypot(cmplx.Abs(alpha), tail), real(alpha))
	f := 1 / (alpha - complex(b, 0))
	for i := range x[1:] {
		x[1+i] *= f
	}
	return b, complex((b-real(alpha))/b, -imag(alpha)/b)
}

func normComplex(x []complex128) float64 { return kernel.Nrm2(realParts(x)) }

// complexT is the T of the block reflector with the columns of v and these τ.
func complexT(v kernel.Mat[complex128], tau []complex128) kernel.Mat[complex128] {
	k := len(tau)
	g, t := newComplex(k, k), newComplex(k, k)
	kernel.GemmComplex(1, v.T(), true, v, false, 0, g)
	for j := range k {
		for i := range j {
			s := complex128(0)
			for l := i; l < j; l++ {
				s += t.Data[i*k+l] * g.Data[l*k+j]
			}
			t.Data[i*k+j] = -tau[j] * s
		}
		t.Data[j*k+j] = tau[j]
	}
	return t
}

// complexScale checks that the elements are finite and says what power of two
// to multiply them by.
func complexScale(method string, a *tensor.Matrix[complex128]) (float64, error) {
	big := 0.0
	for i := range a.Rows {
		big = max(big, largest(realParts(a.Row(i))))
	}
	if big <= math.MaxFloat64 {
		return scaleFor[float64](big), nil
	}
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			if cmplx.IsNaN(v) || cmplx.IsInf(v) {
				return 0, fmt.Errorf("linalg: %s: element (%d, %d) is %v; every element must be finite", method, i, j, v)
			}
		}
	}
	panic("linalg: the matrix changed while it was read")
}

func scaledComplex(a *tensor.Matrix[complex128], s float64) *tensor.Matrix[complex128] {
	c := a.Clone()
	if s != 1 {
		kernel.Scal(s, realParts(c.Data))
	}
	return c
}

// QRComplex is the thin QR factorisation A = Q·R of a complex matrix A: m×n,
// with Q: m×k of orthonormal columns, R: k×n upper triangular with a real
// diagonal that is not negative, and k = min(m, n). Householder reflectors in
// compact WY form; backward stable.
func QRComplex(a *tensor.Matrix[complex128]) (q, r *tensor.Matrix[complex128], err error) {
	s, err := complexScale("QRComplex", a)
	if err != nil {
		return nil, nil, err
	}
	f := factorComplex(scaledComplex(a, s))
	r = f.r
	k := r.Rows
	q = tensor.NewMatrix[complex128](a.Rows, k)
	for i := range k {
		sign := complex(1, 0)
		if real(r.At(i, i)) < 0 {
			sign = -1
			kernel.Scal(-1, realParts(r.Row(i)[i:]))
			r.Set(i, i, complex(real(r.At(i, i)), 0)) // not −0i
		}
		q.Set(i, i, sign)
	}
	f.expand(q.View())
	if s != 1 {
		kernel.Scal(1/s, realParts(r.Data))
	}
	return q, r, nil
}

// complexQR holds Q as a block reflector a panel; panel p acts on the rows
// from p*panelColumns on.
type complexQR struct {
	panels []complexReflector
	r      *tensor.Matrix[complex128]
}

// factorComplex factors a, which it may overwrite.
func factorComplex(a *tensor.Matrix[complex128]) *complexQR {
	m, n := a.Rows, a.Cols
	k := min(m, n)
	f := &complexQR{r: tensor.NewMatrix[complex128](k, n)}
	w := a.View()
	for j := 0; j < k; j += panelColumns {
		e := min(j+panelColumns, k)
		v := kernel.ColMajor(m-j, e-j, make([]complex128, (m-j)*(e-j)))
		kernel.Permute(v.Data, a.Data[j*a.Stride+j:], []int{e - j, m - j}, []int{1, a.Stride})
		h := complexReflector{v, newComplex(e-j, e-j)}
		complexPanel(v, h.t, f.r.View().Sub(j, e, j, e))
		rest := w.Sub(j, m, e, n)
		h.apply(true, rest)
		for i := range e - j {
			copy(f.r.Row(j + i)[e:], a.Row(j + i)[e:])
		}
		f.panels = append(f.panels, h)
	}
	return f
}

// expand overwrites C, whose rows beyond those of R are zero, with Q·C.
func (f *complexQR) expand(c kernel.Mat[complex128]) {
	for p := len(f.panels) - 1; p >= 0; p-- {
		f.panels[p].apply(false, c.Sub(p*panelColumns, c.Rows, 0, c.Cols))
	}
}

// complexPanel is [panelQR] for a column-major complex panel, m ≥ n.
func complexPanel(a, t, r kernel.Mat[complex128]) {
	m, n := a.Rows, a.Cols
	if n <= 4 {
		complexLeaf(a, t, r)
		return
	}
	h := n / 2
	left, right := a.Sub(0, m, 0, h), a.Sub(0, m, h, n)
	t1, t2 := t.Sub(0, h, 0, h), t.Sub(h, n, h, n)
	complexPanel(left, t1, r.Sub(0, h, 0, h))
	complexReflector{left, t1}.apply(true, right)
	for i := range h {
		for j := range n - h {
			r.Data[i*r.RS+(h+j)*r.CS] = right.At(i, j)
			right.Data[i*right.RS+j*right.CS] = 0
		}
	}
	complexPanel(right.Sub(h, m, 0, n-h), t2, r.Sub(h, n, h, n))
	// The product of the two block reflectors has T₁₂ = −T₁·(V₁ᴴ·V₂)·T₂.
	x, y := newComplex(h, n-h), newComplex(h, n-h)
	kernel.GemmComplex(1, left.Sub(h, m, 0, h).T(), true, right.Sub(h, m, 0, n-h), false, 0, x)
	kernel.GemmComplex(1, x, false, t2, false, 0, y)
	kernel.GemmComplex(-1, t1, false, y, false, 0, t.Sub(0, h, h, n))
}

// complexLeaf is complexPanel one column at a time.
func complexLeaf(a, t, r kernel.Mat[complex128]) {
	m, n := a.Rows, a.Cols
	col := func(j int) []complex128 { return a.Data[j*a.CS : j*a.CS+m] }
	for j := range n {
		x := col(j)
		for i := range j {
			r.Data[i*r.RS+j*r.CS] = x[i]
			x[i] = 0
		}
		v := x[j:]
		beta, tau := reflectComplex(v)
		r.Data[j*r.RS+j*r.CS] = complex(beta, 0)
		for l := j + 1; l < n; l++ {
			y := col(l)[j:]
			f := -cmplx.Conj(tau) * dotComplex(v, y)
			for i, w := range v {
				y[i] += f * w
			}
		}
		// Column j of T is −τ·T·(Vᴴ·v) above the diagonal.
		var w [4]complex128
		for i := range j {
			w[i] = dotComplex(col(i)[j:], v)
		}
		for i := range j {
			s := complex128(0)
			for l := i; l < j; l++ {
				s += t.At(i, l) * w[l]
			}
			t.Data[i*t.RS+j*t.CS] = -tau * s
		}
		t.Data[j*t.RS+j*t.CS] = tau
	}
}

// dotComplex is xᴴ·y.
func dotComplex(x, y []complex128) complex128 {
	re, im := 0.0, 0.0
	y = y[:len(x)]
	for i, v := range x {
		w := y[i]
		re += real(v)*real(w) + imag(v)*imag(w)
		im += real(v)*imag(w) - imag(v)*real(w)
	}
	return complex(re, im)
}

// SVDComplex is the thin singular value decomposition
//
//	A = U·diag(s)·Vᴴ
//
// of a complex matrix A: m×n, with U: m×k of orthonormal columns, Vᴴ: k×n of
// orthonormal rows, s real, descending and not negative, and k = min(m, n).
//
// As [SVD] does, it reduces A to its triangular factor and that to a real
// bidiagonal matrix, which is decomposed by divide and conquer.
func SVDComplex(a *tensor.Matrix[complex128]) (u *tensor.Matrix[complex128], s []float64, vh *tensor.Matrix[complex128], err error) {
	scale, err := complexScale("SVDComplex", a)
	if err != nil {
		return nil, nil, nil, err
	}
	if a.Rows < a.Cols {
		v, s, uh, err := SVDComplex(adjoint(a))
		if err != nil {
			return nil, nil, nil, err
		}
		return adjoint(uh), s, adjoint(v), nil
	}
	m, n := a.Rows, a.Cols
	if n == 0 {
		return tensor.NewMatrix[complex128](m, 0), nil, tensor.NewMatrix[complex128](0, 0), nil
	}
	c := scaledComplex(a, scale)
	if m == n {
		u, s, vh = squareComplex(c)
	} else {
		f := factorComplex(c)
		var top *tensor.Matrix[complex128]
		top, s, vh = squareComplex(f.r)
		u = tensor.NewMatrix[complex128](m, n)
		copy(u.Data, top.Data)
		f.expand(u.View())
	}
	unscale(s, scale)
	return u, s, vh, nil
}

// SVDTruncatedComplex is [SVDTruncated] for a complex matrix.
func SVDTruncatedComplex(a *tensor.Matrix[complex128], maxRank int, tol float64) (u *tensor.Matrix[complex128], s []float64, vh *tensor.Matrix[complex128], tail float64, err error) {
	u, s, vh, err = SVDComplex(a)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	r, tail := TruncationRank(s, maxRank, tol)
	return u.Sub(0, u.Rows, 0, r).Clone(), s[:r:r], vh.Sub(0, r, 0, vh.Cols).Clone(), tail, nil
}

// squareComplex is the SVD of A: n×n, which it overwrites.
func squareComplex(a *tensor.Matrix[complex128]) (u *tensor.Matrix[complex128], s []float64, vh *tensor.Matrix[complex128]) {
	n := a.Rows
	scale := toUnit(largest(realParts(a.Data))) * toUnit(float64(n))
	kernel.Scal(scale, realParts(a.Data))
	s, e, hu, hv := bidiagonaliseComplex(a.View())
	ru, rv := newMat[float64](n, n), newMat[float64](n+1, n+1)
	work := newSpace(svdSpace(n, true))
	bidiagonalSVD(s, e, ru, rv, true, *work)
	work.release()
	slices.Reverse(s)
	unscale(s, scale)
	// Left vectors are the columns of U = H·ruᵀ, ascending.
	u, v := tensor.NewMatrix[complex128](n, n), tensor.NewMatrix[complex128](n, n)
	for i := range n {
		for j := range n {
			u.Data[i*n+j] = complex(ru.Data[(n-1-j)*n+i], 0)
			v.Data[i*n+j] = complex(rv.Data[(n-1-j)*rv.RS+i], 0)
		}
	}
	for p := len(hu) - 1; p >= 0; p-- {
		lo := p * complexWidth
		hu[p].apply(false, u.View().Sub(lo, n, 0, n))
		hv[p].apply(false, v.View().Sub(lo+min(1, n-lo), n, 0, n))
	}
	return u, s, adjoint(v)
}

// adjoint is a copy of the conjugate transpose.
func adjoint(a *tensor.Matrix[complex128]) *tensor.Matrix[complex128] {
	t := a.Transpose()
	for i, v := range t.Data {
		t.Data[i] = cmplx.Conj(v)
	}
	return t
}
