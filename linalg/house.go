package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// reflect makes the elementary reflector H = I − τ·v·vᵀ with v₀ = 1 that maps
// x to (β, 0, …, 0)ᵀ. It overwrites x with v and returns β and τ; τ is 0 (H
// is the identity) when x is (β, 0, …, 0)ᵀ already.
func reflect[T tensor.Float](x []T) (beta, tau T) {
	alpha := float64(x[0])
	tail := kernel.Nrm2(x[1:])
	x[0] = 1
	// Below this, 1/(α-β) overflows. The matrix was scaled beforehand, so
	// that such a tail is far under the rounding errors.
	tiny := 1e-290
	if isSingle[T]() {
		tiny = 1e-36
	}
	if tail <= tiny {
		clear(x[1:])
		return T(alpha), 0
	}
	b := -math.Copysign(math.Hypot(alpha, tail), alpha)
	kernel.Scal(T(1/(alpha-b)), x[1:])
	// 2/‖v‖² is (β−α)/β up to rounding; taken from v as it was rounded, it
	// keeps H orthogonal, so that errors of many reflectors do not add up.
	return T(b), T(2 / (1 + kernel.Dot(x[1:], x[1:])))
}

// blockReflector is a product of reflectors in compact WY form (Schreiber &
// Van Loan 1989, https://doi.org/10.1137/0910005):
//
//	H_1·H_2·…·H_b = I − V·T·Vᵀ
//
// with V: m×b unit lower trapezoidal (its zeros and ones stored) and T: b×b
// upper triangular (its zeros stored).
type blockReflector[T tensor.Float] struct {
	v, t kernel.Mat[T]
}

// apply overwrites C with (I − V·T·Vᵀ)·C, or with the transposed product.
func (h blockReflector[T]) apply(transposed bool, c kernel.Mat[T]) {
	if c.Cols > 0 && h.v.Cols > 0 {
		h.applyIn(transposed, c, newMat[T](h.v.Cols, c.Cols), newMat[T](h.v.Cols, c.Cols))
	}
}

// applyIn is apply in the work space of w and tw, of as many rows as V has
// columns and as many columns as C.
func (h blockReflector[T]) applyIn(transposed bool, c, w, tw kernel.Mat[T]) {
	t := h.t
	if transposed {
		t = t.T()
	}
	kernel.Gemm(1, h.v.T(), c, 0, w)
	kernel.Gemm(1, t, w, 0, tw)
	kernel.Gemm(-1, h.v, tw, 1, c)
}

// leafColumns is the width at which panelQR stops halving the panel.
const leafColumns = 8

// panelQR factors the column-major m×n panel a, m ≥ n, into a block
// reflector and R. It overwrites a with V and fills t and r (both n×n, zero
// on entry). The halving follows Elmroth & Gustavson (2000,
// https://doi.org/10.1147/rd.444.0605): most of the work is in products.
func panelQR[T tensor.Float](a, t, r kernel.Mat[T]) {
	m, n := a.Rows, a.Cols
	if n <= leafColumns {
		leafQR(a, t, r)
		return
	}
	h := n / 2
	left, right := a.Sub(0, m, 0, h), a.Sub(0, m, h, n)
	t1, t2 := t.Sub(0, h, 0, h), t.Sub(h, n, h, n)
	panelQR(left, t1, r.Sub(0, h, 0, h))
	blockReflector[T]{left, t1}.apply(true, right)
	copyMat(r.Sub(0, h, h, n), right.Sub(0, h, 0, n-h))
	for j := range n - h {
		clear(right.Data[j*right.CS : j*right.CS+h])
	}
	panelQR(right.Sub(h, m, 0, n-h), t2, r.Sub(h, n, h, n))
	// The product of the two block reflectors has T₁₂ = −T₁·(V₁ᵀ·V₂)·T₂.
	x, y := newMat[T](h, n-h), newMat[T](h, n-h)
	kernel.Gemm(1, left.Sub(h, m, 0, h).T(), right.Sub(h, m, 0, n-h), 0, x)
	kernel.Gemm(1, x, t2, 0, y)
	kernel.Gemm(-1, t1, y, 0, t.Sub(0, h, h, n))
}

// leafQR is panelQR one column at a time.
func leafQR[T tensor.Float](a, t, r kernel.Mat[T]) {
	m, n := a.Rows, a.Cols
	col := func(j int) []T { return a.Data[j*a.CS : j*a.CS+m] }
	for j := range n {
		x := col(j)
		for i := range j {
			r.Data[i*r.RS+j*r.CS] = x[i]
			x[i] = 0
		}
		v := x[j:]
		beta, tau := reflect(v)
		r.Data[j*r.RS+j*r.CS] = beta
		for l := j + 1; l < n; l++ {
			y := col(l)[j:]
			kernel.Axpy(T(-float64(tau)*kernel.Dot(v, y)), v, y)
		}
		// Column j of T is −τ·T·(Vᵀ·v) above the diagonal.
		var w [leafColumns]float64
		for i := range j {
			w[i] = kernel.Dot(col(i)[j:], v)
		}
		for i := range j {
			s := 0.0
			for l := i; l < j; l++ {
				s += float64(t.At(i, l)) * w[l]
			}
			t.Data[i*t.RS+j*t.CS] = T(-float64(tau) * s)
		}
		t.Data[j*t.RS+j*t.CS] = tau
	}
}
