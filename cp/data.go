package cp

import "github.com/polyad/polyad/tensor"

// Data is what a CP sweep asks of a tensor. Dense and Observed tensors
// answer it.
//
// The inner product with a model needs no method of its own: it is the sum
// of MTTKRP(mode) times the factor of that mode times the weights; see
// [Inner].
type Data interface {
	tensor.Tensor

	// MTTKRP writes the matricized tensor times Khatri-Rao product of all
	// factors but one into dst: I_mode×R.
	MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)

	// ResidualNorm is the norm of the difference from the model with these
	// weights and factors, over the known entries, computed entry by entry.
	ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64
}

// Contractor is complete data for which the MTTKRPs of a sweep can share
// work. Data that are none are asked for one MTTKRP after another.
type Contractor interface {
	Data

	// SweepMTTKRP returns a function that does what MTTKRP does, for calls
	// with mode 0, 1, …, N-1, 0, … between two of which only the factor of
	// the first one's mode changes. A call for another mode than the next in
	// turn must be right as well.
	SweepMTTKRP(rank int) func(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
}

// Incomplete is data of which some entries are unknown. Least squares over
// the known entries alone has a system of its own for each row of a factor.
type Incomplete interface {
	Data

	// RowSystems calls visit once for each index i of the mode that has
	// known entries, with their number, and with the normal equations of row
	// i of the factor,
	//
	//	gram = sum_e k_e*k_e^T   (R×R)
	//	rhs  = sum_e x_e*k_e     (R)
	//
	// where k_e[r] = prod_{m != mode} factors[m][e_m, r]. Calls for different
	// rows may be concurrent; gram and rhs are the callee's until it returns.
	RowSystems(factors []*tensor.Matrix[float64], mode int, visit func(i, count int, gram *tensor.Matrix[float64], rhs []float64))

	// Empty lists the indices of a mode that have no known entry.
	Empty(mode int) []int
}

// Elementwise is data of which sums over the known cells can be asked, as the
// methods for losses other than least squares need them.
type Elementwise interface {
	Data

	// LossGradient is the sum of f(x, m) over the known cells x, with m those
	// of the CP model of the factors. grads[n]: I_n×R becomes the gradient in
	// factor n; grads may be nil, and any of them. f sets d to the
	// derivatives in m and returns the sum of the losses; d may be m, and
	// calls of f may be concurrent. The bits of the result do not depend on
	// the number of threads.
	LossGradient(factors, grads []*tensor.Matrix[float64], f func(x, m, d []float64) float64) float64

	// FindCell is the first known cell, in an order of the data's own, whose
	// value has a property. It asks about the cells in turn.
	FindCell(has func(v float64) bool) (at []int, value float64, found bool)
}

// Sparse is complete data most of whose cells are zero. Sums over the zeros
// that have a closed form need no walk over them.
type Sparse interface {
	Elementwise

	// Observed lists the cells that are not zero. All others are.
	Observed() (*tensor.Observed, error)
}

// listed is complete data that can list the cells that are not zero.
type listed interface {
	NonZeros() (*tensor.Observed, error)
}

// moded is data that can say which subspace its mode-n unfolding spans, as
// the "nvecs" start needs it.
type moded interface {
	// ModeGram is X_(mode)*X_(mode)^T: I_mode×I_mode.
	ModeGram(mode int) *tensor.Matrix[float64]
}

// precise is data that knows the relative rounding error of its elements;
// other data are taken to be float64.
type precise interface{ Epsilon() float64 }
