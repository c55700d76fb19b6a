package tensor

// Tensor is what every kind of data can say of itself. Formats ask for more
// through interfaces of their own (see cp.Data, tucker.Data, tt.Data).
type Tensor interface {
	// Shape is the size of each mode.
	Shape() []int
	// Axes are the names and labels of the modes.
	Axes() []Axis
	// Norm is the Frobenius norm, over the known entries.
	Norm() float64
}
