package cp

import "github.com/polyad/polyad/tensor"

// Tensor is a tensor in CP format: R weights and a factor I_n×R for each
// mode. Modes are the axes of the data it was fitted to.
type Tensor struct {
	Weights []float64
	Factors []*tensor.Matrix[float64]
	Modes   []tensor.Axis
}

// Rank is the number of components.
func (t *Tensor) Rank() int { return len(t.Weights) }

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
