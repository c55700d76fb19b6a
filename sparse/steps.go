package sparse

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Stepwise is a model whose elements are found mode after mode, the first
// first, as those of the Tucker and tensor-train formats are: cells that share
// their first indices share the first steps.
type Stepwise interface {
	Shape() []int

	// StepSize is the number of numbers that stand for the indices of the
	// modes 0, …, mode. After the last mode it is 1, the element.
	StepSize(mode int) int

	// Step writes what stands for the indices of the modes 0, …, mode to dst,
	// of StepSize(mode) numbers, given an index of the last of them and what
	// stands for the others; src is empty for mode 0.
	Step(dst, src []float64, mode, index int)
}

// steps hands over the values of a model at the listed entries, a block at a
// time: m[k] belongs to entry lo+k.
func (x *COO[T]) steps(model Stepwise, visit func(b, lo int, m []float64)) {
	if !slices.Equal(model.Shape(), x.shape) {
		panic(fmt.Sprintf("sparse: a model of shape %v for a tensor of shape %v", model.Shape(), x.shape))
	}
	order := len(x.shape)
	par.Blocks(len(x.values), evalBlock, func(b, lo, hi int) {
		state := make([][]float64, order+1)
		for n := range order {
			state[n+1] = make([]float64, model.StepSize(n))
		}
		m := make([]float64, hi-lo)
		for e := lo; e < hi; e++ {
			n := 0
			if e > lo {
				for n < order-1 && x.index[n][e] == x.index[n][e-1] {
					n++
				}
			}
			for ; n < order; n++ {
				model.Step(state[n+1], state[n], n, int(x.index[n][e]))
			}
			m[e-lo] = state[order][0]
		}
		visit(b, lo, m)
	})
}

// Distance is ||X - M|| over all cells, zeros included, for a model of the
// given norm, by the identity of [COO.ResidualNorm]. Where that has lost its
// digits, the model is asked for in slabs (see [COO.Residual]), up to 2^27
// cells. It panics if the shapes differ.
func (x *COO[T]) Distance(m Stepwise, norm float64, model func(mode, lo, hi int) *tensor.Dense[float64]) float64 {
	square, ok := x.identity(norm*norm, func(visit func(b, lo int, m []float64)) { x.steps(m, visit) })
	if !ok && x.Cells() <= walked {
		return x.Residual(model)
	}
	return math.Sqrt(square)
}
