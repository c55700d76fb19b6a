//go:build !amd64

// Package peak measures how many multiply-adds a processor does when nothing
// is loaded or stored.
package peak

// GFlops is not known here.
func GFlops(int, bool) (float64, int) { return 0, 0 }
