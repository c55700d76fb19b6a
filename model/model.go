package model

import (
	"fmt"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// Model is what every format can do.
type Model interface {
	tensor.Tensor
	// At is one entry of the tensor that the model stands for.
	At(idx ...int) float64
	// Dense is the whole of it.
	Dense() *tensor.Dense[float64]
	// Parameters is the number of numbers that the model holds.
	Parameters() int
}

// Method is the short name of a model's format: cp, tucker or tt.
func Method(m Model) string {
	switch m.(type) {
	case *cp.Tensor:
		return "cp"
	case *tucker.Tensor:
		return "tucker"
	case *tt.Tensor:
		return "tt"
	}
	panic(fmt.Sprintf("model: %T is no known format", m))
}

// Ranks are the rank of a CP model (one number), the core's sizes of a Tucker
// model, or the inner ranks r_1 … r_{d-1} of a tensor train.
func Ranks(m Model) []int {
	switch m := m.(type) {
	case *cp.Tensor:
		return []int{m.Rank()}
	case *tucker.Tensor:
		return m.Ranks()
	case *tt.Tensor:
		r := m.Ranks()
		return r[1 : len(r)-1]
	}
	panic(fmt.Sprintf("model: %T is no known format", m))
}
