//go:build !purego

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// supported lists the variants that run here, best first.
func supported() []variant {
	var list []variant
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX2 && x.HasFMA {
		list = append(list, avx512)
	}
	if x.HasAVX2 && x.HasFMA {
		list = append(list, avx2)
	}
	return append(list, portable)
}

// blockings of the assembly, for float64; float32 has twice the nr and vec.
//
// The A block and two B panels fit a second-level cache of 1 MiB (AVX-512)
// or 512 KiB (AVX2), nc*kc of B a few MiB of the third.
var blockings = [...]blocking{
	portable: goBlocking,
	avx2:     {mr: 6, nr: 8, vec: 4, mc: 96, kc: 256, nc: 2048},
	avx512:   {mr: 8, nr: 24, vec: 8, mc: 144, kc: 512, nc: 4104},
}

func blockingFor[T Float](v variant) blocking {
	bl := blockings[v]
	if v != portable && unsafe.Sizeof(T(0)) == 4 {
		bl.nr *= 2
		bl.vec *= 2
	}
	return bl
}

// runPanel computes what p describes with the kernels of v.
func runPanel[T Float](v variant, p *panelArgs) {
	wide := unsafe.Sizeof(T(0)) == 8
	switch {
	case v == avx512 && wide:
		panelF64AVX512(p)
	case v == avx512:
		panelF32AVX512(p)
	case v == avx2 && wide:
		panelF64AVX2(p)
	case v == avx2:
		panelF32AVX2(p)
	default:
		panelGo[T](p)
	}
}

// runStream computes what p describes with the kernels of v, whole tiles.
func runStream[T Float](v variant, p *streamArgs) {
	wide := unsafe.Sizeof(T(0)) == 8
	switch {
	case v == avx512 && wide:
		streamF64AVX512(p)
	case v == avx512:
		streamF32AVX512(p)
	case v == avx2 && wide:
		streamF64AVX2(p)
	case v == avx2:
		streamF32AVX2(p)
	default:
		panelGo[T](&p.panelArgs)
	}
}

// vecStep is the number of elements that the lengths of the vector kernels
// are multiples of.
func (v variant) vecStep() int {
	switch v {
	case avx512:
		return 64
	case avx2:
		return 32
	}
	return 1
}

func dotBlock[T Float](x, y []T) float64 {
	v := active
	n := len(x) &^ (v.vecStep() - 1)
	if v == portable {
		return dotGo(x, y)
	}
	if n == 0 {
		return dotTail(v, x, y)
	}
	px, py := unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0])
	wide := unsafe.Sizeof(T(0)) == 8
	var s float64
	switch {
	case v == avx512 && wide:
		s = dotF64AVX512(px, py, n)
	case v == avx512:
		s = dotF32AVX512(px, py, n)
	case wide:
		s = dotF64AVX2(px, py, n)
	default:
		s = dotF32AVX2(px, py, n)
	}
	return s + dotTail(v, x[n:], y[n:])
}

func sumBlock[T Float](x []T) float64 {
	v := active
	n := len(x) &^ (v.vecStep() - 1)
	if v == portable || n == 0 {
		return sumGo(x)
	}
	px := unsafe.Pointer(&x[0])
	wide := unsafe.Sizeof(T(0)) == 8
	var s float64
	switch {
	case v == avx512 && wide:
		s = sumF64AVX512(px, n)
	case v == avx512:
		s = sumF32AVX512(px, n)
	case wide:
		s = sumF64AVX2(px, n)
	default:
		s = sumF32AVX2(px, n)
	}
	return s + sumGo(x[n:])
}

func distBlock[T Float](x []T, y []float64) float64 {
	v := active
	n := len(x) &^ (v.vecStep() - 1)
	if v == portable || n == 0 {
		return distGo(x, y)
	}
	px, py := unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0])
	wide := unsafe.Sizeof(x[0]) == 8
	var s float64
	switch {
	case v == avx512 && wide:
		s = distF64AVX512(px, py, n)
	case v == avx512:
		s = distF32AVX512(px, py, n)
	case wide:
		s = distF64AVX2(px, py, n)
	default:
		s = distF32AVX2(px, py, n)
	}
	return s + distGo(x[n:], y[n:])
}

func axpyBlock[T Float](alpha T, x, y []T) {
	v := active
	n := len(x) &^ (v.vecStep() - 1)
	if v == portable {
		axpyGo(alpha, x, y)
		return
	}
	if n == 0 {
		axpyTail(v, alpha, x, y)
		return
	}
	px, py := unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0])
	wide := unsafe.Sizeof(T(0)) == 8
	switch {
	case v == avx512 && wide:
		axpyF64AVX512(float64(alpha), px, py, n)
	case v == avx512:
		axpyF32AVX512(float32(alpha), px, py, n)
	case wide:
		axpyF64AVX2(float64(alpha), px, py, n)
	default:
		axpyF32AVX2(float32(alpha), px, py, n)
	}
	axpyTail(v, alpha, x[n:], y[n:])
}

func scalBlock[T Float](alpha T, x []T) {
	v := active
	n := len(x) &^ (v.vecStep() - 1)
	if v == portable || n == 0 {
		scalGo(alpha, x)
		return
	}
	px := unsafe.Pointer(&x[0])
	wide := unsafe.Sizeof(T(0)) == 8
	switch {
	case v == avx512 && wide:
		scalF64AVX512(float64(alpha), px, n)
	case v == avx512:
		scalF32AVX512(float32(alpha), px, n)
	case wide:
		scalF64AVX2(float64(alpha), px, n)
	default:
		scalF32AVX2(float32(alpha), px, n)
	}
	scalGo(alpha, x[n:])
}

// widen converts src to float64.
func widen(dst []float64, src []float32) {
	n := 0
	switch v := active; {
	case v == avx512 && len(src) >= 8:
		n = len(src) &^ 7
		widenF32AVX512(unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), n)
	case v == avx2 && len(src) >= 4:
		n = len(src) &^ 3
		widenF32AVX2(unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), n)
	}
	widenGo(dst[n:], src[n:])
}

// transposeFast transposes as many whole tiles of
//
//	for i := range rows { for j := range cols { dst[i*ld+j] = src[j*ls+i] } }
//
// as there are, for elements without pointers of the given size, and returns
// the rows and columns that are done. The src of the next call begins at after.
func transposeFast(dst unsafe.Pointer, ld int, src unsafe.Pointer, ls, rows, cols, size int, after unsafe.Pointer) (int, int) {
	if active == portable || size != 8 && size != 4 {
		return 0, 0
	}
	n := 32 / size
	rows, cols = rows&^(n-1), cols&^(n-1)
	whole := active == avx512 && rows%(2*n) == 0 && cols%(2*n) == 0
	switch {
	case whole && size == 8:
		transpose64AVX512(dst, ld*8, src, ls*8, rows, cols, after)
	case whole:
		transpose32AVX512(dst, ld*4, src, ls*4, rows, cols, after)
	case size == 8:
		transpose64AVX2(dst, ld*8, src, ls*8, rows, cols)
	default:
		transpose32AVX2(dst, ld*4, src, ls*4, rows, cols)
	}
	return rows, cols
}

// prefetch asks for n bytes from p on to be brought into the cache.
func prefetch(p unsafe.Pointer, n int) {
	if active != portable {
		prefetchAMD64(p, n)
	}
}
