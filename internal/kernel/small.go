package kernel

import "fmt"

// Rotate replaces x and y by c*x + s*y and c*y - s*x, on the calling
// goroutine.
func Rotate(c, s float64, x, y []float64) {
	if len(x) != len(y) {
		panic(fmt.Sprintf("kernel: Rotate of vectors of %d and %d elements", len(x), len(y)))
	}
	n := rotateFast(c, s, x, y)
	x, y = x[n:], y[n:]
	for i, a := range x {
		b := y[i]
		x[i], y[i] = float64(c*a)+float64(s*b), float64(c*b)-float64(s*a)
	}
}

// Divide replaces x by a/x, element by element, on the calling goroutine.
func Divide(x, a []float64) {
	if len(x) != len(a) {
		panic(fmt.Sprintf("kernel: Divide of vectors of %d and %d elements", len(x), len(a)))
	}
	for i := divideFast(x, a); i < len(x); i++ {
		x[i] = a[i] / x[i]
	}
}

// Secular computes, with t[j] = z[j]/(d[j] - eta), the sums of z[j]*t[j], of
// t[j]² and of (n-j)*z[j]*t[j] over 0 <= j < n.
func Secular(z, d []float64, eta float64) (sum, squares, weighted float64) {
	n := len(z)
	if len(d) != n {
		panic(fmt.Sprintf("kernel: Secular of vectors of %d and %d elements", n, len(d)))
	}
	var sums [3]float64
	for j := secularFast(z, d, eta, &sums); j < n; j++ {
		t := z[j] / (d[j] - eta)
		zt := float64(z[j] * t)
		sums[0] += zt
		sums[1] += float64(t * t)
		sums[2] += float64(float64(n-j) * zt)
	}
	return sums[0], sums[1], sums[2]
}
