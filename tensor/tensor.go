package tensor

// Tensor is what every kind of data can say of itself. Formats ask for more
// through interfaces of their own (see cp.Data and [Unfolded]).
type Tensor interface {
	// Shape is the size of each mode.
	Shape() []int
	// Axes are the names and labels of the modes.
	Axes() []Axis
	// Norm is the Frobenius norm, over the known entries.
	Norm() float64
}

// Unfolded is data that Tucker and tensor-train methods can decompose: it
// answers products of its unfoldings X_(n), whose columns are the mode-n
// fibres. Dense tensors of float32 and float64 are such data, and so are
// sparse ones and files.
type Unfolded interface {
	Tensor

	// ModeGram is X_(n)*X_(n)ᵀ: I_n×I_n.
	ModeGram(mode int) *Matrix[float64]

	// Fibers hands over the mode-n fibres, about count at a time, as rows;
	// those of zeros may be left out.
	Fibers(mode, count int, visit func(rows *Matrix[float64]) error) error

	// Project is X ×_n Uᵀ, for U: I_n×J.
	Project(u *Matrix[float64], mode int) *Dense[float64]

	// Residual is ||X - M||, for a model that is handed over in slabs:
	// model(mode, lo, hi) is M at the indices lo, …, hi-1 of a mode.
	Residual(model func(mode, lo, hi int) *Dense[float64]) float64
}

var (
	_ Unfolded = (*Dense[float64])(nil)
	_ Unfolded = (*Dense[float32])(nil)
)

// Sequential is data whose elements follow each other, in memory or in a
// file, so that the same elements can be taken for a tensor of another shape.
// What comes back answers the contractions that the data answer.
type Sequential interface {
	Tensor
	// IsContiguous reports whether the elements lie in C order without gaps.
	IsContiguous() bool
	// Reshaped is the tensor with another shape of the same size, in C order.
	Reshaped(shape ...int) Sequential
	// Transposed is the tensor with the modes in the opposite order.
	Transposed() Sequential
}

// Reshaped is [Dense.Reshape] for data of any kind.
func (x *Dense[T]) Reshaped(shape ...int) Sequential { return x.Reshape(shape...) }

// Transposed is the tensor with the modes in the opposite order, without a
// copy.
func (x *Dense[T]) Transposed() Sequential {
	order := make([]int, len(x.shape))
	for n := range order {
		order[n] = len(order) - 1 - n
	}
	return x.Permute(order...)
}

// Err is the fault that data met while they answered a contraction, for
// kinds of data that may meet one: reading a file can fail. Their answers are
// then NaN.
func Err(x Tensor) error {
	if f, ok := x.(interface{ Err() error }); ok {
		return f.Err()
	}
	return nil
}
