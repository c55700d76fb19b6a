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
