//go:build !amd64 || purego

package kernel

func hasWords() bool { return false }

func runWords([]byte, int, []uint32, []uint32) int { panic("kernel: no assembly in this build") }
