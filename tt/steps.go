package tt

import "github.com/polyad/polyad/internal/kernel"

// StepSize is the number of numbers that stand for indices of the modes 0, …,
// mode: the rank behind that mode; see [Tensor.Step].
func (t *Tensor) StepSize(mode int) int { return t.Cores[mode].Shape()[2] }

// Step multiplies by the next matrix on the way to an element: dst becomes
// G_0[:, i_0, :] … G_mode[:, index, :], given the product of the matrices
// before (which is not read for mode 0).
func (t *Tensor) Step(dst, src []float64, mode, index int) {
	s := t.Cores[mode].Shape()
	data := t.Cores[mode].Data()
	if mode == 0 {
		copy(dst, data[index*s[2]:(index+1)*s[2]])
		return
	}
	clear(dst)
	for a, v := range src {
		at := (a*s[1] + index) * s[2]
		kernel.Axpy(v, data[at:at+s[2]], dst)
	}
}
