// Package field is what kernel and linalg have for real and for complex
// matrices, chosen by the type of the elements, so that one piece of code can
// work on both.
package field

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Scalar is what matrices are made of.
type Scalar interface{ float64 | complex128 }

// Real is a real number as a scalar.
func Real[T Scalar](v float64) T {
	var z T
	switch p := any(&z).(type) {
	case *float64:
		*p = v
	case *complex128:
		*p = complex(v, 0)
	}
	return z
}

// Scale multiplies x by a real number.
func Scale[T Scalar](f float64, x []T) {
	g := Real[T](f)
	for i := range x {
		x[i] *= g
	}
}

// Gemm is C = alpha*A*B + beta*C, of the conjugates of A and B where said.
func Gemm[T Scalar](alpha T, a kernel.Mat[T], conjA bool, b kernel.Mat[T], conjB bool, beta T, c kernel.Mat[T]) {
	switch a := any(a).(type) {
	case kernel.Mat[float64]:
		kernel.Gemm(any(alpha).(float64), a, any(b).(kernel.Mat[float64]), any(beta).(float64), any(c).(kernel.Mat[float64]))
	case kernel.Mat[complex128]:
		kernel.GemmComplex(any(alpha).(complex128), a, conjA, any(b).(kernel.Mat[complex128]), conjB, any(beta).(complex128), any(c).(kernel.Mat[complex128]))
	}
}

// Mul is A·B.
func Mul[T Scalar](a, b kernel.Mat[T]) *tensor.Matrix[T] {
	c := tensor.NewMatrix[T](a.Rows, b.Cols)
	Gemm(1, a, false, b, false, 0, c.View())
	return c
}

// QR is that of linalg.
func QR[T Scalar](a *tensor.Matrix[T]) (q, r *tensor.Matrix[T], err error) {
	if a, ok := any(a).(*tensor.Matrix[complex128]); ok {
		x, y, err := linalg.QRComplex(a)
		return any(x).(*tensor.Matrix[T]), any(y).(*tensor.Matrix[T]), err
	}
	x, y, err := linalg.QR(any(a).(*tensor.Matrix[float64]))
	return any(x).(*tensor.Matrix[T]), any(y).(*tensor.Matrix[T]), err
}

// SVD is that of linalg.
func SVD[T Scalar](a *tensor.Matrix[T]) (u *tensor.Matrix[T], s []float64, vh *tensor.Matrix[T], err error) {
	if a, ok := any(a).(*tensor.Matrix[complex128]); ok {
		x, s, y, err := linalg.SVDComplex(a)
		return any(x).(*tensor.Matrix[T]), s, any(y).(*tensor.Matrix[T]), err
	}
	x, s, y, err := linalg.SVD(any(a).(*tensor.Matrix[float64]))
	return any(x).(*tensor.Matrix[T]), s, any(y).(*tensor.Matrix[T]), err
}
