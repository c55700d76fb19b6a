//go:build !purego

package kernel

import "unsafe"

// The kernels below take a multiple of small() elements.

//go:noescape
func dotShortF64AVX512(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func dotShortF64AVX2(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func axpyShortF64AVX512(alpha float64, x, y unsafe.Pointer, n int)

//go:noescape
func axpyShortF64AVX2(alpha float64, x, y unsafe.Pointer, n int)

// for i := range n { x[i], y[i] = c*x[i] + s*y[i], c*y[i] - s*x[i] }
//
//go:noescape
func rotateF64AVX512(c, s float64, x, y unsafe.Pointer, n int)

//go:noescape
func rotateF64AVX2(c, s float64, x, y unsafe.Pointer, n int)

// for i := range n { x[i] = a[i] / x[i] }
//
//go:noescape
func divideF64AVX512(x, a unsafe.Pointer, n int)

//go:noescape
func divideF64AVX2(x, a unsafe.Pointer, n int)

// The sums of Secular, with weights first, first-1, …; descent points to
// 0, 1, …, followed by the number of lanes.
//
//go:noescape
func secularF64AVX512(z, d unsafe.Pointer, n int, eta, first float64, descent, sums unsafe.Pointer)

//go:noescape
func secularF64AVX2(z, d unsafe.Pointer, n int, eta, first float64, descent, sums unsafe.Pointer)

// small is the number of elements of a vector.
func (v variant) small() int {
	if v == avx512 {
		return 8
	}
	return 4
}

// dotTail is the sum of x[i]*y[i] for what is too short for dotBlock's loop.
func dotTail[T Float](v variant, x, y []T) float64 {
	n := len(x) &^ (v.small() - 1)
	if n == 0 || unsafe.Sizeof(T(0)) != 8 {
		return dotGo(x, y)
	}
	var s float64
	if v == avx512 {
		s = dotShortF64AVX512(unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	} else {
		s = dotShortF64AVX2(unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	}
	if n == len(x) {
		return s
	}
	return s + dotGo(x[n:], y[n:])
}

// axpyTail adds alpha*x to y for what is too short for axpyBlock's loop.
func axpyTail[T Float](v variant, alpha T, x, y []T) {
	n := len(x) &^ (v.small() - 1)
	if n == 0 || unsafe.Sizeof(T(0)) != 8 {
		axpyGo(alpha, x, y)
		return
	}
	if v == avx512 {
		axpyShortF64AVX512(float64(alpha), unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	} else {
		axpyShortF64AVX2(float64(alpha), unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	}
	axpyGo(alpha, x[n:], y[n:])
}

// rotateFast, divideFast and secularFast do as many leading elements as there
// are whole vectors, and return their number.

func rotateFast(c, s float64, x, y []float64) int {
	v := active
	n := len(x) &^ (v.small() - 1)
	switch {
	case v == portable || n == 0:
		return 0
	case v == avx512:
		rotateF64AVX512(c, s, unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	default:
		rotateF64AVX2(c, s, unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	}
	return n
}

func divideFast(x, a []float64) int {
	v := active
	n := len(x) &^ (v.small() - 1)
	switch {
	case v == portable || n == 0:
		return 0
	case v == avx512:
		divideF64AVX512(unsafe.Pointer(&x[0]), unsafe.Pointer(&a[0]), n)
	default:
		divideF64AVX2(unsafe.Pointer(&x[0]), unsafe.Pointer(&a[0]), n)
	}
	return n
}

var (
	descent8 = [9]float64{0, 1, 2, 3, 4, 5, 6, 7, 8}
	descent4 = [5]float64{0, 1, 2, 3, 4}
)

func secularFast(z, d []float64, eta float64, sums *[3]float64) int {
	v := active
	n := len(z) &^ (v.small() - 1)
	switch {
	case v == portable || n == 0:
		return 0
	case v == avx512:
		secularF64AVX512(unsafe.Pointer(&z[0]), unsafe.Pointer(&d[0]), n, eta, float64(len(z)), unsafe.Pointer(&descent8), unsafe.Pointer(sums))
	default:
		secularF64AVX2(unsafe.Pointer(&z[0]), unsafe.Pointer(&d[0]), n, eta, float64(len(z)), unsafe.Pointer(&descent4), unsafe.Pointer(sums))
	}
	return n
}
