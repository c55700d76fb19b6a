//go:build !amd64 || purego

package kernel

// callThin is never called: isThin is false for the portable kernels.
func callThin[T Complex](*thinArgs) { panic("kernel: no kernel for thin products") }
