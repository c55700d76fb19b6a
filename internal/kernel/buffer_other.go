//go:build !linux

package kernel

// allocate returns n bytes, 64-byte aligned, and what to call when they are
// no longer reachable.
func allocate(n int) ([]byte, func()) { return aligned(n), nil }
