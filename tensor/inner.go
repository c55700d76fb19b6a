package tensor

import "github.com/polyad/polyad/internal/kernel"

// Inner is the inner product sum x_i*y_i of two real tensors of one shape,
// accumulated in float64.
func Inner[T Float](x, y *Dense[T]) float64 {
	return kernel.Dot(x.Data(), y.Data())
}
