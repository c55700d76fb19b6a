//go:build !linux

package kernel

import "unsafe"

// allocate returns n bytes, 64-byte aligned, and what to call when they are
// no longer reachable.
func allocate(n int) ([]byte, func()) { return aligned(n), nil }

// Large is make([]T, n), in huge pages where the system has them.
func Large[T any](n int) []T { return make([]T, n) }

func hugePages(unsafe.Pointer, int) {}
