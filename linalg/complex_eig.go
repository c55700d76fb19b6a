package linalg

import (
	"fmt"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// HermEig is the eigenvalue decomposition
//
//	A = V·diag(w)·Vᴴ
//
// of a Hermitian A: n×n, of which only the lower triangle and the real parts
// of the diagonal are read. The eigenvalues w come in descending order, and
// column j of V: n×n belongs to w[j].
//
// As [SymEig] does, it reduces A to a real tridiagonal matrix, which is
// decomposed by divide and conquer.
func HermEig(a *tensor.Matrix[complex128]) (w []float64, v *tensor.Matrix[complex128], err error) {
	return hermEig("HermEig", a, a.Rows)
}

// HermEigLeading is HermEig with the vectors of the k largest eigenvalues
// alone, V: n×min(k, n). w has all eigenvalues.
func HermEigLeading(a *tensor.Matrix[complex128], k int) (w []float64, v *tensor.Matrix[complex128], err error) {
	if k < 0 {
		return nil, nil, fmt.Errorf("linalg: HermEigLeading: %d vectors are asked for; the number must not be negative", k)
	}
	return hermEig("HermEigLeading", a, min(k, a.Rows))
}

func hermEig(method string, a *tensor.Matrix[complex128], vectors int) ([]float64, *tensor.Matrix[complex128], error) {
	if a.Rows != a.Cols {
		panic(fmt.Sprintf("linalg: %s of a %d×%d matrix", method, a.Rows, a.Cols))
	}
	n := a.Rows
	c := tensor.NewMatrix[complex128](n, n)
	for i := range n {
		for j, x := range a.Row(i)[:i] {
			c.Data[i*n+j], c.Data[j*n+i] = x, cmplx.Conj(x)
		}
		c.Data[i*n+i] = complex(real(a.At(i, i)), 0)
	}
	if _, err := complexScale(method, c); err != nil {
		return nil, nil, err
	}
	// A largest element of about 1/n keeps the eigenvalues near 1.
	scale := toUnit(largest(realParts(c.Data))) * toUnit(float64(n))
	kernel.Scal(scale, realParts(c.Data))
	d, e, q := tridiagonaliseComplex(c.View())
	cols := 2
	if vectors > 0 {
		cols = n
	}
	z := newMat[float64](n, cols)
	work := newSpace(eigSpace(n, vectors > 0))
	tridiagonalEig(d, e, z, vectors > 0, vectors, *work)
	work.release()
	slices.Reverse(d)
	unscale(d, scale)
	v := tensor.NewMatrix[complex128](n, vectors)
	for j := range vectors {
		for i, x := range z.Data[(n-1-j)*n:][:n] {
			v.Data[i*vectors+j] = complex(x, 0)
		}
	}
	for p := len(q) - 1; p >= 0; p-- {
		q[p].apply(false, v.View().Sub(1+p*reductionWidth(n), n, 0, vectors))
	}
	return d, v, nil
}

// tridiagonaliseComplex is [tridiagonalise] for a Hermitian matrix: T = Qᴴ·A·Q
// is real. Reflector block p of Q acts on the rows from 1+p*reductionWidth(n)
// on.
func tridiagonaliseComplex(a kernel.Mat[complex128]) (d, e []float64, q []complexReflector) {
	n := a.Rows
	d, e = make([]float64, n), make([]float64, max(n-1, 0))
	for lo := 0; lo < n-1; lo += reductionWidth(n) {
		width := min(reductionWidth(n), n-1-lo)
		q = append(q, complexTridiagonalPanel(a.Sub(lo, n, lo, n), width, d[lo:], e[lo:]))
	}
	if n > 0 {
		d[n-1] = real(a.At(n-1, n-1))
	}
	return d, e, q
}

// complexTridiagonalPanel eliminates the first columns of a and updates the
// rest with A − V·Wᴴ − W·Vᴴ. The matrices [v₀ w₀ v₁ w₁ …] and
// [w₀ v₀ w₁ v₁ …] are row-major, so that what earlier columns do to one is two
// products with a vector.
func complexTridiagonalPanel(a kernel.Mat[complex128], width int, d, e []float64) complexReflector {
	n := a.Rows
	vw, wv := newComplex(n, 2*width), newComplex(n, 2*width)
	tau := make([]complex128, width)
	x, y, coef := make([]complex128, n), make([]complex128, n), make([]complex128, 2*width)
	for j := range width {
		before := vw.Sub(0, n, 0, 2*j)
		// Column j of A from the diagonal on.
		c := x[:n-j]
		for i := range c {
			c[i] = cmplx.Conj(a.Data[j*a.RS+j+i])
		}
		if j > 0 {
			for l := range 2 * j {
				coef[l] = cmplx.Conj(wv.Data[j*wv.RS+l])
			}
			subtract(c, before, j, coef[:2*j])
		}
		d[j] = real(c[0])
		v := c[1:]
		e[j], tau[j] = reflectComplex(v)
		// p = τ·(A − V·Wᴴ − W·Vᴴ)·v, less half its part along v.
		p := y[:n-j-1]
		if tau[j] == 0 {
			clear(p)
		} else {
			mulAdjoint(a.Sub(j+1, n, j+1, n), v, p)
			if j > 0 {
				mulAdjoint(wv.Sub(j+1, n, 0, 2*j), v, coef[:2*j])
				subtract(p, before, j+1, coef[:2*j])
			}
			for i := range p {
				p[i] *= tau[j]
			}
			f := complex(real(cmplx.Conj(tau[j])*dotComplex(v, p))/2, 0)
			for i, u := range v {
				p[i] -= f * u
			}
		}
		for i, u := range v {
			r := (j+1+i)*vw.RS + 2*j
			vw.Data[r], vw.Data[r+1] = u, p[i]
			wv.Data[r], wv.Data[r+1] = p[i], u
		}
	}
	if width < n {
		kernel.GemmComplex(-1, vw.Sub(width, n, 0, 2*width), false, wv.Sub(width, n, 0, 2*width).T(), true, 1, a.Sub(width, n, width, n))
	}
	v := newComplex(n-1, width)
	kernel.Permute(v.Data, vw.Data[vw.RS:], []int{n - 1, width}, []int{vw.RS, 2})
	return complexReflector{v, complexT(v, tau)}
}
