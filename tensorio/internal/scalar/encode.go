package scalar

import (
	"fmt"
	"io"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// chunk is how many elements of a tensor that is not contiguous are gathered
// at a time.
const chunk = 1 << 20

// Of is the type of the elements of a dense tensor, little-endian; ok is
// false for a tensor that is not dense.
func Of(x tensor.Tensor) (t Type, ok bool) {
	switch x.(type) {
	case *tensor.Dense[float32]:
		return Type{Kind: Float, Size: 4}, true
	case *tensor.Dense[float64]:
		return Type{Kind: Float, Size: 8}, true
	case *tensor.Dense[complex64]:
		return Type{Kind: Complex, Size: 8}, true
	case *tensor.Dense[complex128]:
		return Type{Kind: Complex, Size: 16}, true
	}
	return Type{}, false
}

// Write writes the elements of a dense tensor in C order, little-endian. The
// memory it needs does not grow with the tensor.
func Write(w io.Writer, x tensor.Tensor) error {
	switch x := x.(type) {
	case *tensor.Dense[float32]:
		return write(w, x, 4)
	case *tensor.Dense[float64]:
		return write(w, x, 8)
	case *tensor.Dense[complex64]:
		return write(w, x, 4)
	case *tensor.Dense[complex128]:
		return write(w, x, 8)
	}
	return fmt.Errorf("a dense tensor is needed, this is a %T", x)
}

func write[T tensor.Number](w io.Writer, x *tensor.Dense[T], word int) error {
	bare := tensor.Strided(x.Raw(), x.Shape(), x.Strides()) // views copy axes, labels and all
	return visit(bare, func(data []T) error { return WriteSlice(w, data, word) })
}

// WriteSlice writes numbers little-endian; word is the size of what a byte
// order applies to (half the size of a complex number).
func WriteSlice[T any](w io.Writer, data []T, word int) error {
	b := Raw(data)
	if hostBigEndian {
		b = slices.Clone(b)
		swap(b, word)
	}
	_, err := w.Write(b)
	return err
}

// visit calls f with consecutive pieces of the tensor in C order.
func visit[T tensor.Number](x *tensor.Dense[T], f func([]T) error) error {
	switch {
	case x.Len() == 0:
		return nil
	case x.IsContiguous(), x.Len() <= chunk:
		return f(x.Data())
	}
	rows := x.Shape()[0]
	step := max(1, chunk/(x.Len()/rows))
	for lo := 0; lo < rows; lo += step {
		y := x.Slice(0, lo, min(lo+step, rows), 1)
		if step == 1 {
			y = y.Index(0, 0)
		}
		if err := visit(y, f); err != nil {
			return err
		}
	}
	return nil
}
