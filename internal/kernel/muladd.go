package kernel

import "fmt"

// MulAddRows computes, row after row on the calling goroutine,
//
//	y[i*ys+j] += x[i*xs+j] * w[i*ws+j],  0 <= i < rows, 0 <= j < n
//
// A stride of 0 uses one row of x or w for all, or adds all rows up in one of
// y. y must not overlap x or w.
func MulAddRows(rows, n int, y []float64, ys int, x []float64, xs int, w []float64, ws int) {
	if rows <= 0 || n <= 0 {
		return
	}
	last := rows - 1
	if ys < 0 || xs < 0 || ws < 0 || last*ys+n > len(y) || last*xs+n > len(x) || last*ws+n > len(w) {
		panic(fmt.Sprintf("kernel: MulAddRows of %d rows of %d elements with strides %d, %d, %d in vectors of %d, %d and %d",
			rows, n, ys, xs, ws, len(y), len(x), len(w)))
	}
	done := mulAddFast(rows, n, y, ys, x, xs, w, ws)
	if done == n {
		return
	}
	for i := range rows {
		a, b, c := y[i*ys:][done:n], x[i*xs:][done:n], w[i*ws:][done:n]
		b, c = b[:len(a)], c[:len(a)]
		for j := range a {
			a[j] += float64(b[j] * c[j])
		}
	}
}
