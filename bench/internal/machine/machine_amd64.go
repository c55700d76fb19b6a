package machine

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// Twelve independent chains of multiply-adds on registers, n times.
//
//go:noescape
func fma512(n int)

//go:noescape
func fma256(n int)

// a[i] = b[i] + s*c[i] past the caches, for lengths that are multiples of 16
// and an a that is aligned to 32 bytes.
//
//go:noescape
func triad256(a, b, c *float64, n int, s float64)

func spin(n int) {
	switch {
	case cpu.X86.HasAVX512F:
		fma512(n)
	case cpu.X86.HasFMA:
		fma256(n)
	}
}

// spinFlops are the operations of spin(1).
func spinFlops() float64 {
	switch {
	case cpu.X86.HasAVX512F:
		return 12 * 2 * 8
	case cpu.X86.HasFMA:
		return 12 * 2 * 4
	}
	return 0
}

func triad(a, b, c []float64, s float64) {
	if cpu.X86.HasFMA && uintptr(unsafe.Pointer(&a[0]))%32 == 0 {
		triad256(&a[0], &b[0], &c[0], len(a), s)
		return
	}
	for i := range a {
		a[i] = b[i] + s*c[i]
	}
}
