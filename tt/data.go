package tt

import (
	"fmt"

	"github.com/polyad/polyad/tensor"
)

// Data is what TT-SVD asks of a tensor. Dense tensors of float32 and float64
// answer it where they lie, mapped files and views included. Of sparse tensors
// the entries are read.
type Data interface {
	tensor.Tensor

	// ModeGram is X_(n)*X_(n)ᵀ: I_n×I_n.
	ModeGram(mode int) *tensor.Matrix[float64]

	// Fibers hands over the mode-n fibres, about count at a time, as rows.
	Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error

	// Project is X ×_n Uᵀ, for U: I_n×J.
	Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]

	// Residual is ||X - M||, for a model that is handed over in slabs:
	// model(mode, lo, hi) is M at the indices lo, …, hi-1 of a mode.
	Residual(model func(mode, lo, hi int) *tensor.Dense[float64]) float64
}

var (
	_ Data = (*tensor.Dense[float64])(nil)
	_ Data = (*tensor.Dense[float32])(nil)
)

// DataOf is a tensor as data for TT-SVD. Complex tensors and those with
// unobserved entries are errors that say what to do instead.
func DataOf(x tensor.Tensor) (Data, error) {
	switch x := x.(type) {
	case *tensor.Dense[complex64], *tensor.Dense[complex128]:
		return nil, fmt.Errorf("tt: the data are complex; a tensor-train decomposition needs real numbers")
	case *tensor.Observed:
		return nil, fmt.Errorf("tt: %d of %d entries are unobserved, and a tensor-train decomposition needs them all; use CP, which fits the known entries alone, or fill in zeros where an absent entry means 0 (--missing zero)",
			tensor.Size(x.Shape())-x.Count(), tensor.Size(x.Shape()))
	case Data:
		return x, nil
	}
	return nil, fmt.Errorf("tt: data of type %T do not answer the contractions that a tensor-train decomposition needs", x)
}
