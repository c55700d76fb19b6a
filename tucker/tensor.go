package tucker

import "github.com/polyad/polyad/tensor"

// Tensor is a tensor in Tucker format: a core r_0×…×r_{N-1} and a factor
// I_n×r_n for each mode. Modes are the axes of the data it was fitted to.
type Tensor struct {
	Core    *tensor.Dense[float64]
	Factors []*tensor.Matrix[float64]
	Modes   []tensor.Axis
}

// Ranks are the sizes of the core.
func (t *Tensor) Ranks() []int { return t.Core.Shape() }

// Shape is the size of each mode.
func (t *Tensor) Shape() []int {
	s := make([]int, len(t.Factors))
	for n, f := range t.Factors {
		s[n] = f.Rows
	}
	return s
}

// Axes are the names and labels of the modes.
func (t *Tensor) Axes() []tensor.Axis { return t.Modes }
