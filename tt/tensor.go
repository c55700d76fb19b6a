package tt

import "github.com/polyad/polyad/tensor"

// Tensor is a tensor in tensor-train format: core k is r_k×I_k×r_{k+1}. Modes are
// the axes of the data it was fitted to.
type Tensor struct {
	Cores []*tensor.Dense[float64]
	Modes []tensor.Axis
}

// Ranks are r_0 … r_d, the first and last of which are 1.
func (t *Tensor) Ranks() []int {
	r := []int{1}
	for _, g := range t.Cores {
		r = append(r, g.Shape()[2])
	}
	return r
}

// Shape is the size of each mode.
func (t *Tensor) Shape() []int {
	s := make([]int, len(t.Cores))
	for k, g := range t.Cores {
		s[k] = g.Shape()[1]
	}
	return s
}

// Axes are the names and labels of the modes.
func (t *Tensor) Axes() []tensor.Axis { return t.Modes }
