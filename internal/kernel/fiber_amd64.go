//go:build !purego

package kernel

import "unsafe"

// fiberArgs is what the kernels of fibers are called with; strides are in
// bytes, n is positive. The field order is known to the assembly.
type fiberArgs struct {
	n       int
	index   unsafe.Pointer // of uint32
	last    unsafe.Pointer // of the words that may be read to fetch rows ahead
	y       unsafe.Pointer
	yStride int
	x       unsafe.Pointer
	xStride int
	w       unsafe.Pointer
	wStride int
	mask    uint64         // of the last vector of a row of w
	masks   unsafe.Pointer // the same as a vector, for AVX2
	vecs    int            // in a row
}

// The kernels below do, for rows of 1 to 4 vectors, what [SumScaled],
// [SumProducts] and [AddRowsAt] say.

//go:noescape
func sumScaledF64AVX512(p *fiberArgs)

//go:noescape
func sumScaledF64AVX2(p *fiberArgs)

//go:noescape
func sumProductsF64AVX512(p *fiberArgs)

//go:noescape
func sumProductsF64AVX2(p *fiberArgs)

//go:noescape
func addRowsF64AVX512(p *fiberArgs)

//go:noescape
func addRowsF64AVX2(p *fiberArgs)

// fiberKernel is one of three operations.
type fiberKernel int

const (
	sumScaled fiberKernel = iota
	sumProducts
	addRows
)

// laneMasks[k] is a mask of the first k lanes of four; laneMasks[0] of all.
var laneMasks = [4][4]int64{{-1, -1, -1, -1}, {-1, 0, 0, 0}, {-1, -1, 0, 0}, {-1, -1, -1, 0}}

// fiberLanes is the number of elements to a vector, or 0 without assembly.
func fiberLanes() int {
	switch active {
	case avx512:
		return 8
	case avx2:
		return 4
	}
	return 0
}

// runFibers runs a kernel on the columns [j, j+cols) of the operands, cols
// being at most four vectors, and returns the number of fibers. y is nil for a
// kernel without it.
func runFibers(op fiberKernel, cols, j int, index []uint32, ahead int, y []float64, ys int, x []float64, xs int, w []float64, ws int) int {
	lanes := fiberLanes()
	tail := cols % lanes
	a := fiberArgs{
		n: len(index), index: unsafe.Pointer(&index[0]),
		last: unsafe.Pointer(&index[:ahead:ahead][ahead-1]),
		x:    unsafe.Pointer(&x[0]), xStride: 8 * xs,
		w: unsafe.Pointer(&w[j]), wStride: 8 * ws,
		mask: 1<<lanes - 1, masks: unsafe.Pointer(&laneMasks[tail%4]),
		vecs: ceilDiv(cols, lanes),
	}
	if op != sumScaled {
		a.x = unsafe.Pointer(&x[j])
	}
	if y != nil {
		a.y, a.yStride = unsafe.Pointer(&y[j]), 8*ys
	}
	if tail != 0 {
		a.mask = 1<<tail - 1
	}
	switch wide := active == avx512; {
	case op == sumScaled && wide:
		sumScaledF64AVX512(&a)
	case op == sumScaled:
		sumScaledF64AVX2(&a)
	case op == sumProducts && wide:
		sumProductsF64AVX512(&a)
	case op == sumProducts:
		sumProductsF64AVX2(&a)
	case wide:
		addRowsF64AVX512(&a)
	default:
		addRowsF64AVX2(&a)
	}
	if y == nil {
		return 0
	}
	fibers := int(uintptr(a.y)-uintptr(unsafe.Pointer(&y[j]))) / a.yStride
	if index[len(index)-1] < LastOfFiber {
		fibers++ // the last is not complete
	}
	return fibers
}
