package lowrank

import (
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Listed is sparse data, which are multiplied in several modes at once.
type Listed interface {
	Shape() []int
	// ProjectAll is X ×_m A_mᵀ over the modes that have a factor A_m.
	ProjectAll(factors []*tensor.Matrix[float64]) *tensor.Dense[float64]
	// GramTimes is X_(n)*X_(n)ᵀ*Q.
	GramTimes(q *tensor.Matrix[float64], mode int) *tensor.Matrix[float64]
}

// RangeListed is [Range] of sparse data projected on bases of some modes (nil
// for the others). Powers are those of the data themselves.
func RangeListed(x Listed, bases []*tensor.Matrix[float64], mode, columns, power int, rng *rand.Rand) (*tensor.Matrix[float64], error) {
	shape := slices.Clone(x.Shape())
	for m, b := range bases {
		if b != nil {
			shape[m] = b.Cols
		}
	}
	factors := slices.Clone(bases)
	for _, m := range kroneckerOrder(shape, mode, columns) {
		omega := tensor.NormalMatrix(rng, shape[m.mode], m.columns)
		if b := bases[m.mode]; b != nil {
			omega = tensor.Mul(b, omega)
		}
		factors[m.mode] = omega
	}
	order := []int{mode}
	for m := range shape {
		if m == mode {
			continue
		}
		order = append(order, m)
		if factors[m] == nil {
			factors[m] = tensor.Eye[float64](shape[m]) // a short mode, kept whole
		}
	}
	factors[mode] = nil
	y := x.ProjectAll(factors).Permute(order...).Contiguous()
	w := tensor.MatrixOf(shape[mode], y.Len()/shape[mode], y.Data())
	q, _, err := linalg.QR(w)
	for range power {
		if err == nil {
			q, _, err = linalg.QR(x.GramTimes(q, mode))
		}
	}
	return q, err
}
