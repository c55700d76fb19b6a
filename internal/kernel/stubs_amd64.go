//go:build !purego

package kernel

import "unsafe"

//go:generate go -C _asm run . ..

// The panel kernels compute what panelArgs says:
//
//	for i := range m {
//		for j := range cols {
//			var s T
//			for l := range k {
//				s = fma(A[i,l], B[l,j], s)
//			}
//			C[i,j] = alpha*s            // if beta == 0
//			C[i,j] = fma(beta, C[i,j], alpha*s)
//		}
//	}
//
// in tiles of 8 rows of 3 vectors (AVX-512) or 6 rows of 2 (AVX2). k and cols
// are positive; cols is at most the width of a tile.

//go:noescape
func panelF64AVX512(p *panelArgs)

//go:noescape
func panelF32AVX512(p *panelArgs)

//go:noescape
func panelF64AVX2(p *panelArgs)

//go:noescape
func panelF32AVX2(p *panelArgs)

// The kernels of Stream do the same for whole tiles, and fetch what streamArgs
// says.

//go:noescape
func streamF64AVX512(p *streamArgs)

//go:noescape
func streamF32AVX512(p *streamArgs)

//go:noescape
func streamF64AVX2(p *streamArgs)

//go:noescape
func streamF32AVX2(p *streamArgs)

// The vector kernels take a multiple of vecStep() elements. Sums run in 8
// vectors of float64, added pairwise at the end.

// for i := range n { s += float64(x[i]) * float64(y[i]) }
//
//go:noescape
func dotF64AVX512(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func dotF32AVX512(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func dotF64AVX2(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func dotF32AVX2(x, y unsafe.Pointer, n int) (s float64)

// for i := range n { s += float64(x[i]) }
//
//go:noescape
func sumF64AVX512(x unsafe.Pointer, n int) (s float64)

//go:noescape
func sumF32AVX512(x unsafe.Pointer, n int) (s float64)

//go:noescape
func sumF64AVX2(x unsafe.Pointer, n int) (s float64)

//go:noescape
func sumF32AVX2(x unsafe.Pointer, n int) (s float64)

// for i := range n { d := float64(x[i]) - y[i]; s += d * d }
//
//go:noescape
func distF64AVX512(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func distF32AVX512(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func distF64AVX2(x, y unsafe.Pointer, n int) (s float64)

//go:noescape
func distF32AVX2(x, y unsafe.Pointer, n int) (s float64)

// for i := range n { y[i] += alpha * x[i] }
//
//go:noescape
func axpyF64AVX512(alpha float64, x, y unsafe.Pointer, n int)

//go:noescape
func axpyF32AVX512(alpha float32, x, y unsafe.Pointer, n int)

//go:noescape
func axpyF64AVX2(alpha float64, x, y unsafe.Pointer, n int)

//go:noescape
func axpyF32AVX2(alpha float32, x, y unsafe.Pointer, n int)

// for i := range n { x[i] *= alpha }
//
//go:noescape
func scalF64AVX512(alpha float64, x unsafe.Pointer, n int)

//go:noescape
func scalF32AVX512(alpha float32, x unsafe.Pointer, n int)

//go:noescape
func scalF64AVX2(alpha float64, x unsafe.Pointer, n int)

//go:noescape
func scalF32AVX2(alpha float32, x unsafe.Pointer, n int)

// for i := range n { dst[i] = float64(src[i]) }, n a multiple of 8.
//
//go:noescape
func widenF32AVX512(dst, src unsafe.Pointer, n int)

// for i := range n { dst[i] = float64(src[i]) }, n a multiple of 4.
//
//go:noescape
func widenF32AVX2(dst, src unsafe.Pointer, n int)

// for i := range rows { for j := range cols { dst[i,j] = src[j,i] } }, of
// 8-byte elements; rows and cols are multiples of 4, strides are in bytes.
//
//go:noescape
func transpose64AVX2(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int)

// for i := range rows { for j := range cols { dst[i,j] = src[j,i] } }, of
// 4-byte elements; rows and cols are multiples of 8, strides are in bytes.
//
//go:noescape
func transpose32AVX2(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int)

// transpose64AVX2 for rows and cols that are multiples of 8. What lies at
// after, in rows srcStride apart, is fetched for the next call.
//
//go:noescape
func transpose64AVX512(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int, after unsafe.Pointer)

// transpose32AVX2 for rows and cols that are multiples of 16, likewise.
//
//go:noescape
func transpose32AVX512(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int, after unsafe.Pointer)

// for i := 0; i+64 <= n; i += 64 { fetch the cache line of p[i] }
//
//go:noescape
func prefetchAMD64(p unsafe.Pointer, n int)
