package tucker

import (
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// Data is what Tucker methods ask of a tensor. Dense tensors of float32 and
// float64 answer it where they lie, mapped files and views included; nothing
// of the data's size is allocated but truncated products. Sparse tensors
// answer more (see [Listed]).
type Data = tensor.Unfolded

// DataOf is a tensor as data for Tucker methods. Complex tensors and tensors
// with unobserved entries are errors that say what to do instead.
func DataOf(x tensor.Tensor) (Data, error) {
	return lowrank.DataOf("tucker", "Tucker decomposition", x)
}
