package kernel

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n elements that end where memory ends: touching what follows
// stops the process.
func fenced[T Float](t *testing.T, r *rand.Rand, n int) []T {
	t.Helper()
	page := syscall.Getpagesize()
	size := n * int(unsafe.Sizeof(T(0)))
	mem, err := syscall.Mmap(-1, 0, roundUp(size, page)+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(mem) })
	end := roundUp(size, page)
	if err := syscall.Mprotect(mem[end:], syscall.PROT_NONE); err != nil {
		t.Skip(err)
	}
	x := unsafe.Slice((*T)(unsafe.Pointer(&mem[end-size])), n)
	for i := range x {
		x[i] = T(r.Float64() - 0.5)
	}
	return x
}

// TestNothingPastTheEnd runs every kernel on operands at the end of memory.
func TestNothingPastTheEnd(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", testFenced[float64])
		t.Run("float32", testFenced[float32])
	})
}

func testFenced[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	const most = 52
	a, b, c := fenced[T](t, r, most*most), fenced[T](t, r, most*most), fenced[T](t, r, most*most)
	wide, moved := fenced[float64](t, r, most*most), fenced[T](t, r, most*most)
	tail := func(x []T, n int) []T { return x[len(x)-n:] }
	for m := 1; m <= 18; m++ {
		for n := 1; n <= most; n++ {
			k := 1 + r.IntN(9)
			at, bt, ct := tail(a, m*k), tail(b, k*n), tail(c, m*n)
			Gemm(1, RowMajor(m, k, at), RowMajor(k, n, bt), 0, RowMajor(m, n, ct))
			Gemm(1, ColMajor(m, k, at), ColMajor(k, n, bt), 1, ColMajor(m, n, ct))
			Gemm(1, ColMajor(m, k, at), ColMajor(k, n, bt), 1, RowMajor(m, n, ct))
			Gram(RowMajor(k, n, bt), RowMajor(n, n, wide[len(wide)-n*n:]))
			Gram(ColMajor(k, n, bt), RowMajor(n, n, wide[len(wide)-n*n:]))
			Permute(tail(moved, m*n), ct, []int{n, m}, []int{1, n})
		}
	}
	for n := range 300 {
		x, y := tail(a, n), tail(b, n)
		Dot(x, y)
		Sum(x)
		Axpy(0.5, x, y)
		Scal(0.5, y)
		Nrm2(x)
		if x, ok := any(x).([]float64); ok {
			y := any(y).([]float64)
			Rotate(0.5, 0.5, x, y)
			Divide(x, y)
			Secular(x, y, 2)
		}
	}
	text := unsafe.Slice((*byte)(unsafe.Pointer(&moved[0])), len(moved)*int(unsafe.Sizeof(T(0))))
	copy(text, strings.Repeat("1 2345\n", len(text)/7+1))
	numbers := unsafe.Slice((*uint32)(unsafe.Pointer(&wide[0])), 2*len(wide))
	for n := range 300 {
		Words(text[len(text)-7*n:], 2, numbers[len(numbers)-2*n:], numbers[:2*n])
	}
	// Packed, in blocks.
	x, y, z := fenced[T](t, r, 150*301), fenced[T](t, r, 301*190), fenced[T](t, r, 150*190)
	Gemm(1, RowMajor(150, 301, x), ColMajor(301, 190, y), 0, RowMajor(150, 190, z))
	Gemm(1, ColMajor(150, 301, x), RowMajor(301, 190, y), 0, ColMajor(150, 190, z))
}
