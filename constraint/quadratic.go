package constraint

import (
	"github.com/polyad/polyad/tensor"
)

// Quadratic is the penalty
//
//	½ * tr(A^T*Q*A),  Q = L2*I + Smooth*D1^T*D1 + Smooth2*D2^T*D2
//
// where D1 and D2 take first and second differences down a column.
type Quadratic struct{ L2, Smooth, Smooth2 float64 }

// first and second are the coefficients of differences.
var (
	first  = []float64{-1, 1}
	second = []float64{1, -2, 1}
)

// Couples reports whether rows are coupled: Q is not diagonal.
func (q Quadratic) Couples() bool { return q.Smooth > 0 || q.Smooth2 > 0 }

// Width is the number of diagonals of Q on each side of the main one: 0, 1
// or 2.
func (q Quadratic) Width() int {
	switch {
	case q.Smooth2 > 0:
		return 2
	case q.Smooth > 0:
		return 1
	}
	return 0
}

// Band is the lower triangle of Q: n×n, as n rows of width+1: entry (i, k)
// is Q[i, i-width+k]. Entries before the first column are zero.
func (q Quadratic) Band(n, width int) *tensor.Matrix[float64] {
	b := tensor.NewMatrix[float64](n, width+1)
	for i := range n {
		b.Set(i, width, q.L2)
	}
	add := func(weight float64, d []float64) {
		if weight == 0 {
			return
		}
		for i := 0; i+len(d) <= n; i++ {
			for j, x := range d {
				for k, y := range d[:j+1] {
					row := b.Row(i + j)
					row[width-j+k] += weight * x * y
				}
			}
		}
	}
	add(q.Smooth, first)
	add(q.Smooth2, second)
	return b
}

// Value is the penalty of a factor.
func (q Quadratic) Value(a *tensor.Matrix[float64]) float64 {
	sum := 0.0
	add := func(weight float64, d []float64) {
		if weight == 0 {
			return
		}
		for i := 0; i+len(d) <= a.Rows; i++ {
			for r := range a.Cols {
				v := 0.0
				for k, c := range d {
					v += c * a.At(i+k, r)
				}
				sum += weight * v * v
			}
		}
	}
	add(q.L2, []float64{1})
	add(q.Smooth, first)
	add(q.Smooth2, second)
	return sum / 2
}

// AddProduct adds Q*A to dst.
func (q Quadratic) AddProduct(dst, a *tensor.Matrix[float64]) {
	add := func(weight float64, d []float64) {
		if weight == 0 {
			return
		}
		for i := 0; i+len(d) <= a.Rows; i++ {
			for r := range a.Cols {
				v := 0.0
				for k, c := range d {
					v += c * a.At(i+k, r)
				}
				for k, c := range d {
					dst.Set(i+k, r, dst.At(i+k, r)+weight*c*v)
				}
			}
		}
	}
	add(q.L2, []float64{1})
	add(q.Smooth, first)
	add(q.Smooth2, second)
}
