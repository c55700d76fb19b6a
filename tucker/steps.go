package tucker

import "github.com/polyad/polyad/internal/kernel"

// StepSize is the number of numbers that stand for indices of the modes 0, …,
// mode; see [Tensor.Step].
func (t *Tensor) StepSize(mode int) int {
	size := 1
	for _, r := range t.Ranks()[mode+1:] {
		size *= r
	}
	return size
}

// Step contracts the next mode with a row of its factor, on the way to an
// element: dst becomes the core contracted with rows of the factors of modes
// 0, …, mode, given the same for the modes before (which is not read for mode
// 0). It takes 2*r_mode*len(dst) flops.
func (t *Tensor) Step(dst, src []float64, mode, index int) {
	if mode == 0 {
		src = t.Core.Data()
	}
	clear(dst)
	for j, v := range t.Factors[mode].Row(index) {
		kernel.Axpy(v, src[j*len(dst):(j+1)*len(dst)], dst)
	}
}
