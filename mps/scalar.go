package mps

import (
	"math"
	"math/cmplx"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// scalar is what cores are made of. States are complex; what goes on inside
// a method is real where all operators are.
type scalar interface{ float64 | complex128 }

func gemmBatch[T scalar](count int, alpha T, a kernel.Mat[T], conjA bool, aStep int, b kernel.Mat[T], conjB bool, bStep int, beta T, c kernel.Mat[T], cStep int) {
	switch a := any(a).(type) {
	case kernel.Mat[float64]:
		kernel.GemmBatch(count, any(alpha).(float64), a, aStep, any(b).(kernel.Mat[float64]), bStep, any(beta).(float64), any(c).(kernel.Mat[float64]), cStep)
	case kernel.Mat[complex128]:
		kernel.GemmBatchComplex(count, any(alpha).(complex128), a, conjA, aStep, any(b).(kernel.Mat[complex128]), conjB, bStep, any(beta).(complex128), any(c).(kernel.Mat[complex128]), cStep)
	}
}

// dot is the sum of conj(x_i)·y_i.
func dot[T scalar](x, y []T) T {
	var z T
	switch p := any(&z).(type) {
	case *float64:
		*p = kernel.Dot(any(x).([]float64), any(y).([]float64))
	case *complex128:
		re, im := 0.0, 0.0
		ys := any(y).([]complex128)
		for i, v := range any(x).([]complex128) {
			w := ys[i]
			re += real(v)*real(w) + imag(v)*imag(w)
			im += real(v)*imag(w) - imag(v)*real(w)
		}
		*p = complex(re, im)
	}
	return z
}

// norm2 is the Euclidean norm, without overflow or underflow on the way.
func norm2[T scalar](x []T) float64 {
	if y, ok := any(x).([]float64); ok {
		return kernel.Nrm2(y)
	}
	y := any(x).([]complex128)
	big := 0.0
	for _, v := range y {
		big = math.Max(big, math.Max(math.Abs(real(v)), math.Abs(imag(v))))
	}
	if big == 0 || math.IsNaN(big) || math.IsInf(big, 0) {
		return big
	}
	_, e := math.Frexp(big)
	f, sum := math.Ldexp(1, -e), 0.0
	for _, v := range y {
		re, im := real(v)*f, imag(v)*f
		sum += re*re + im*im
	}
	return math.Ldexp(math.Sqrt(sum), e)
}

// adjoint is a copy of the conjugate transpose.
func adjoint[T scalar](a *tensor.Matrix[T]) *tensor.Matrix[T] {
	t := a.Transpose()
	if z, ok := any(t.Data).([]complex128); ok {
		for i, v := range z {
			z[i] = cmplx.Conj(v)
		}
	}
	return t
}

func newMat[T scalar](rows, cols int) kernel.Mat[T] {
	return kernel.RowMajor(rows, cols, make([]T, rows*cols))
}

// mul is A·B.
func mul[T scalar](a, b kernel.Mat[T]) kernel.Mat[T] {
	c := newMat[T](a.Rows, b.Cols)
	field.Gemm(1, a, false, b, false, 0, c)
	return c
}

// eigLeading is all eigenvalues of a Hermitian matrix, descending, and the
// vectors of the first k.
func eigLeading[T scalar](a *tensor.Matrix[T], k int) (w []float64, v *tensor.Matrix[T], err error) {
	switch a := any(a).(type) {
	case *tensor.Matrix[float64]:
		w, x, e := linalg.SymEigLeading(a, k)
		return w, any(x).(*tensor.Matrix[T]), e
	case *tensor.Matrix[complex128]:
		w, x, e := linalg.HermEigLeading(a, k)
		return w, any(x).(*tensor.Matrix[T]), e
	}
	panic("mps: unreachable")
}

// fromComplex is numbers, which are real where T is, as those of type T.
func fromComplex[T scalar](x []complex128) []T {
	switch y := any(x).(type) {
	case []T:
		return y
	}
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = field.Real[T](real(v))
	}
	return y
}

func toComplex[T scalar](x []T) []complex128 {
	if y, ok := any(x).([]complex128); ok {
		return y
	}
	y := make([]complex128, len(x))
	for i, v := range any(x).([]float64) {
		y[i] = complex(v, 0)
	}
	return y
}

func realPart[T scalar](v T) float64 {
	if z, ok := any(v).(complex128); ok {
		return real(z)
	}
	return any(v).(float64)
}
