package lowrank

import (
	"fmt"

	"github.com/polyad/polyad/tensor"
)

// DataOf is a tensor as data for the methods of a package that make a kind of
// model. Complex tensors and those with unobserved entries are errors that say
// what to do instead.
func DataOf(in, model string, x tensor.Tensor) (tensor.Unfolded, error) {
	switch x := x.(type) {
	case *tensor.Dense[complex64], *tensor.Dense[complex128]:
		return nil, fmt.Errorf("%s: the data are complex; a %s needs real numbers", in, model)
	case *tensor.Observed:
		return nil, fmt.Errorf("%s: %d of %d entries are unobserved, and a %s needs them all; use CP, which fits the known entries alone, or fill in zeros where an absent entry means 0 (--missing zero)",
			in, tensor.Size(x.Shape())-x.Count(), tensor.Size(x.Shape()), model)
	case tensor.Unfolded:
		return x, nil
	}
	return nil, fmt.Errorf("%s: data of type %T do not answer the contractions that a %s needs", in, x, model)
}
