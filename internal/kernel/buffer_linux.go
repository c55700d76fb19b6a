package kernel

import (
	"syscall"
	"unsafe"
)

const hugePage = 2 << 20

// allocate returns n bytes, 64-byte aligned, and what to call when they are
// no longer reachable. Large blocks ask for huge pages: packed panels are
// walked by several streams at once, more than the first-level TLB holds.
func allocate(n int) ([]byte, func()) {
	if n < hugePage/2 {
		return aligned(n), nil
	}
	mem, err := syscall.Mmap(-1, 0, n+hugePage, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return aligned(n), nil
	}
	// Without huge pages the memory serves as well, only slower.
	_ = syscall.Madvise(mem, syscall.MADV_HUGEPAGE)
	skip := -int(uintptr(unsafe.Pointer(&mem[0]))) & (hugePage - 1)
	return mem[skip : skip+n : skip+n], func() { _ = syscall.Munmap(mem) }
}

// hugeFrom is the number of bytes from which on Large asks for huge pages.
const hugeFrom = 2 * hugePage

// Large is make([]T, n), in huge pages where the array is large and the system
// has them: touching new memory a small page at a time takes longer than
// computing what is written to it.
func Large[T any](n int) []T {
	x := make([]T, n)
	if n > 0 {
		hugePages(unsafe.Pointer(&x[0]), n*int(unsafe.Sizeof(x[0])))
	}
	return x
}

// hugePages asks for huge pages for the n bytes from p on, if they are many.
func hugePages(p unsafe.Pointer, n int) {
	if n < hugeFrom {
		return
	}
	all := unsafe.Slice((*byte)(p), n)
	skip := -int(uintptr(p)) & (hugePage - 1)
	if end := skip + (n-skip)&^(hugePage-1); end > skip {
		_ = syscall.Madvise(all[skip:end], syscall.MADV_HUGEPAGE) // advice; without it all is well, only slower
	}
}
