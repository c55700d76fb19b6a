package tensor

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
)

// Norm is the Frobenius norm sqrt(sum |x_i|^2), accumulated in float64.
func (x *Dense[T]) Norm() float64 {
	switch d := any(x.Data()).(type) {
	case []float64:
		return kernel.Nrm2(d)
	case []float32:
		return kernel.Nrm2(d)
	case []complex64:
		s := 0.0
		for _, v := range d {
			s += float64(real(v))*float64(real(v)) + float64(imag(v))*float64(imag(v))
		}
		return math.Sqrt(s)
	case []complex128:
		n := 0.0
		for _, v := range d {
			n = math.Hypot(n, math.Hypot(real(v), imag(v)))
		}
		return n
	}
	panic("unreachable")
}

// Norm is the Frobenius norm of the known entries.
func (x *Observed) Norm() float64 { return kernel.Nrm2(x.values) }
