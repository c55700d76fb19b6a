package kernel

import (
	"math/bits"
	"runtime"
	"sync"
	"unsafe"
)

// buffer is memory for packed blocks, a power of two of bytes.
type buffer struct {
	mem   []byte
	class int
}

const minClass = 16 // 64 KiB

// buffers keeps buffers that are not in use, by the logarithm of their size.
var buffers [64]sync.Pool

// getBuffer returns a buffer of at least n bytes, 64-byte aligned, of any
// content. It is the caller's until putBuffer.
func getBuffer(n int) *buffer {
	class := max(minClass, bits.Len(uint(n-1)))
	if b, ok := buffers[class].Get().(*buffer); ok {
		return b
	}
	b := &buffer{class: class}
	mem, free := allocate(1 << class)
	b.mem = mem
	if free != nil {
		runtime.AddCleanup(b, func(free func()) { free() }, free)
	}
	return b
}

func putBuffer(b *buffer) { buffers[b.class].Put(b) }

// split views the start of a buffer as two slices.
func split[T Float](b *buffer, n0, n1 int) ([]T, []T) {
	all := unsafe.Slice((*T)(unsafe.Pointer(&b.mem[0])), n0+n1)
	return all[:n0:n0], all[n0:]
}

// aligned allocates n bytes on the heap, 64-byte aligned.
func aligned(n int) []byte {
	mem := make([]byte, n+64)
	skip := -int(uintptr(unsafe.Pointer(&mem[0]))) & 63
	return mem[skip : skip+n]
}
