package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// BandCholesky factors a symmetric positive definite band matrix A = L·Lᵀ: n×n
// with w diagonals on each side of the main one, in O(n·w²). Its lower
// triangle comes as n rows of w+1 entries, entry (i, k) being A[i, i−w+k];
// entries before the first column are not read. L comes back in the same
// form. The error is a *NotPositiveDefiniteError if a pivot is not positive.
func BandCholesky(a *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	l := a.Clone()
	w := a.Cols - 1
	for i := range l.Rows {
		row := l.Row(i)
		first := max(0, w-i) // the entry of column 0, or of column i-w
		for k := first; k < w; k++ {
			// Column j = i-w+k: the rows of i and j share columns from the
			// first of i up to j.
			other := l.Row(i - w + k)
			s := row[k] - kernel.Dot(row[first:k], other[w-k+first:w])
			row[k] = s / other[w]
		}
		clear(row[:first])
		d := row[w] - kernel.Dot(row[first:w], row[first:w])
		if !(d > 0) {
			return nil, &NotPositiveDefiniteError{Pivot: i, Value: d}
		}
		row[w] = math.Sqrt(d)
	}
	return l, nil
}

// SolveBand overwrites b by the x of L·Lᵀ·x = b, for an L of [BandCholesky].
func SolveBand(l *tensor.Matrix[float64], b []float64) {
	w := l.Cols - 1
	for i := range b {
		row := l.Row(i)
		first := max(0, w-i)
		b[i] = (b[i] - kernel.Dot(row[first:w], b[i-w+first:i])) / row[w]
	}
	for i := len(b) - 1; i >= 0; i-- {
		row := l.Row(i)
		first := max(0, w-i)
		b[i] /= row[w]
		kernel.Axpy(-b[i], row[first:w], b[i-w+first:i])
	}
}
