package kernel

import (
	"math/bits"
	"runtime"
	"strings"
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

// Unset is [Large] for what is written before it is read: the elements hold
// anything. Clearing memory that was in use before takes about as long as
// writing a result of little arithmetic.
func Unset[T Float | Complex](n int) []T {
	const least = 1 << 15 // bytes of what the runtime gives pages of its own
	size := n * int(unsafe.Sizeof(*new(T)))
	if size < least {
		return make([]T, n)
	}
	var b strings.Builder // whose memory is the only one that the runtime does not clear
	b.Grow(size)
	b.WriteByte(0)
	x := unsafe.Slice((*T)(unsafe.Pointer(unsafe.StringData(b.String()))), n)
	hugePages(unsafe.Pointer(&x[0]), size)
	return x
}
