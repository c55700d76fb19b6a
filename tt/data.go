package tt

import (
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// Data is what TT-SVD asks of a tensor. Dense tensors of float32 and float64
// answer it where they lie, mapped files and views included. Of sparse tensors
// the entries are read.
type Data = tensor.Unfolded

// DataOf is a tensor as data for TT-SVD. Complex tensors and those with
// unobserved entries are errors that say what to do instead.
func DataOf(x tensor.Tensor) (Data, error) {
	return lowrank.DataOf("tt", "tensor-train decomposition", x)
}
