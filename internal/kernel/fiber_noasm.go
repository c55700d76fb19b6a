//go:build !amd64 || purego

package kernel

// fiberKernel is one of three operations.
type fiberKernel int

const (
	sumScaled fiberKernel = iota
	sumProducts
	addRows
)

func fiberLanes() int { return 0 }

func runFibers(fiberKernel, int, int, []uint32, int, []float64, int, []float64, int, []float64, int) int {
	panic("kernel: no assembly in this build")
}
