package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// rowMax is the largest order for which SolveSPDRow has room on the stack.
const rowMax = 128

// dotMin is the length from which a sum of products is left to the kernel.
const dotMin = 24

// SolveSPDRow solves G*x = b for one right-hand side, as [SolveSPD] does but
// without allocating: b becomes x, and the lower triangle of G (n×n,
// symmetric, both triangles given) is overwritten. A G that is singular to
// working precision, not finite, or larger than 64×64 goes to SolveSPD.
func SolveSPDRow(g *tensor.Matrix[float64], b []float64) error {
	n := g.Rows
	if n > rowMax || !factorRow(g, b) {
		// The upper triangle and the diagonal of G are as they were.
		full := tensor.NewMatrix[float64](n, n)
		for i := range n {
			for j := i; j < n; j++ {
				full.Data[j*n+i], full.Data[i*n+j] = g.At(i, j), g.At(i, j)
			}
		}
		x, _, err := SolveSPD(full, tensor.MatrixOf(1, n, append([]float64(nil), b...)), 0)
		if err != nil {
			return err
		}
		copy(b, x.Data)
	}
	return nil
}

// factorRow solves by the Cholesky factor of D*G*D, D = diag(G)^(-1/2), whose
// strictly lower triangle it keeps in that of G. It reports false, with b as
// it was, if a pivot is too small or anything is not finite.
func factorRow(g *tensor.Matrix[float64], b []float64) bool {
	n := g.Rows
	var scale, diag, x [rowMax]float64
	for i := range n {
		v := g.Data[i*g.Stride+i]
		if !(v > 0) || math.IsInf(v, 1) {
			return false
		}
		scale[i] = 1 / math.Sqrt(v)
	}
	tiny := 8 * float64(n) * 0x1p-52
	for i := range n {
		li := g.Data[i*g.Stride:][:i]
		pivot := 1.0
		for j := range i {
			lj := g.Data[j*g.Stride:][:j]
			s := g.Data[j*g.Stride+i] * scale[i] * scale[j]
			if j >= dotMin {
				s -= kernel.Dot(li[:j], lj)
			} else {
				for k, v := range lj {
					s -= li[k] * v
				}
			}
			li[j] = s / diag[j]
			pivot -= li[j] * li[j]
		}
		if !(pivot > tiny) {
			return false
		}
		diag[i] = math.Sqrt(pivot)
	}
	for i := range n { // forward
		s := b[i] * scale[i]
		for k, v := range g.Data[i*g.Stride:][:i] {
			s -= v * x[k]
		}
		x[i] = s / diag[i]
	}
	for i := n - 1; i >= 0; i-- { // backward
		s := x[i]
		for k := i + 1; k < n; k++ {
			s -= g.Data[k*g.Stride+i] * x[k]
		}
		x[i] = s / diag[i]
	}
	for i := range n {
		x[i] *= scale[i]
		if math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
			return false
		}
	}
	copy(b, x[:n])
	return true
}
