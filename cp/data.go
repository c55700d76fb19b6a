package cp

import "github.com/polyad/polyad/tensor"

// Data is what a CP sweep asks of a tensor. Dense and Observed tensors
// answer it.
type Data interface {
	tensor.Tensor
	// MTTKRP writes the matricized tensor times Khatri-Rao product of all
	// factors but one into dst: I_mode×R.
	MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
}
