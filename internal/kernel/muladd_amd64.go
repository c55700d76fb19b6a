//go:build !purego

package kernel

import "unsafe"

// The kernels below take rows of n > 0 elements, a multiple of a vector;
// strides are in bytes.
//
//	for i := range rows { for j := range n { y[i,j] += x[i,j] * w[i,j] } }

//go:noescape
func mulAddF64AVX512(rows, n int, y unsafe.Pointer, ys int, x unsafe.Pointer, xs int, w unsafe.Pointer, ws int)

//go:noescape
func mulAddF64AVX2(rows, n int, y unsafe.Pointer, ys int, x unsafe.Pointer, xs int, w unsafe.Pointer, ws int)

// mulAddFast does as many leading elements of each row as there are whole
// vectors, and returns their number.
func mulAddFast(rows, n int, y []float64, ys int, x []float64, xs int, w []float64, ws int) int {
	switch {
	case active == avx512 && n >= 8:
		n &^= 7
		mulAddF64AVX512(rows, n, unsafe.Pointer(&y[0]), 8*ys, unsafe.Pointer(&x[0]), 8*xs, unsafe.Pointer(&w[0]), 8*ws)
	case active != portable && n >= 4:
		n &^= 3
		mulAddF64AVX2(rows, n, unsafe.Pointer(&y[0]), 8*ys, unsafe.Pointer(&x[0]), 8*xs, unsafe.Pointer(&w[0]), 8*ws)
	default:
		return 0
	}
	return n
}
