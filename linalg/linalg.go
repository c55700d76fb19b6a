package linalg

import (
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// ErrNoConvergence is wrapped by the errors of iterations that reached their
// limit.
var ErrNoConvergence = errors.New("no convergence")

// Epsilon is the distance from 1 to the next larger number of type T:
// 2⁻⁵² for float64, 2⁻²³ for float32.
func Epsilon[T tensor.Float]() float64 {
	if isSingle[T]() {
		return 0x1p-23
	}
	return 0x1p-52
}

func isSingle[T tensor.Float]() bool {
	var v T
	_, ok := any(v).(float32)
	return ok
}

// maxAbs is the largest |a_ij|, or an error that names the first element
// that is not finite.
func maxAbs[T tensor.Float](method string, a *tensor.Matrix[T]) (float64, error) {
	size := max(1, 1<<16/max(a.Cols, 1))
	parts := make([]float64, (a.Rows+size-1)/size)
	par.Blocks(a.Rows, size, func(b, lo, hi int) {
		if a.Stride == a.Cols {
			parts[b] = largest(a.Data[lo*a.Cols : hi*a.Cols])
			return
		}
		for i := lo; i < hi; i++ {
			parts[b] = max(parts[b], largest(a.Row(i)))
		}
	})
	big := 0.0
	for _, p := range parts {
		big = max(big, p)
	}
	if big <= math.MaxFloat64 {
		return big, nil
	}
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return 0, fmt.Errorf("linalg: %s: element (%d, %d) is %v; every element must be finite", method, i, j, v)
			}
		}
	}
	panic("linalg: the matrix changed while it was read")
}

// largest is the largest |x_i|; NaN counts as larger than infinity. Without
// their sign, floating-point numbers are ordered as their bits are.
func largest[T tensor.Float](x []T) float64 {
	switch x := any(x).(type) {
	case []float64:
		var m [4]uint64
		for ; len(x) >= 4; x = x[4:] {
			m[0] = max(m[0], math.Float64bits(x[0])<<1)
			m[1] = max(m[1], math.Float64bits(x[1])<<1)
			m[2] = max(m[2], math.Float64bits(x[2])<<1)
			m[3] = max(m[3], math.Float64bits(x[3])<<1)
		}
		for _, v := range x {
			m[0] = max(m[0], math.Float64bits(v)<<1)
		}
		return math.Float64frombits(max(m[0], m[1], m[2], m[3]) >> 1)
	case []float32:
		var m [4]uint32
		for ; len(x) >= 4; x = x[4:] {
			m[0] = max(m[0], math.Float32bits(x[0])<<1)
			m[1] = max(m[1], math.Float32bits(x[1])<<1)
			m[2] = max(m[2], math.Float32bits(x[2])<<1)
			m[3] = max(m[3], math.Float32bits(x[3])<<1)
		}
		for _, v := range x {
			m[0] = max(m[0], math.Float32bits(v)<<1)
		}
		return float64(math.Float32frombits(max(m[0], m[1], m[2], m[3]) >> 1))
	}
	return 0
}

// scaleFor is the power of two to multiply a matrix by, whose largest element
// is amax, so that squares of elements neither overflow nor vanish. It is 1
// for most matrices.
func scaleFor[T tensor.Float](amax float64) float64 {
	limit := 200
	if isSingle[T]() {
		limit = 20
	}
	if _, e := math.Frexp(amax); e >= -limit && e <= limit {
		return 1
	}
	return toUnit(amax)
}

// toUnit is the power of two that brings x into [1/2, 1); 1 for zero. For the
// least and the largest numbers it stays short of that, to be finite itself.
func toUnit(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, -max(-1000, min(e, 1000)))
}

// scaled is a multiplied by s, or a itself when s is 1.
func scaled[T tensor.Float](a *tensor.Matrix[T], s float64) *tensor.Matrix[T] {
	if s == 1 {
		return a
	}
	c := a.Clone()
	// A float32 can need a factor that is no float32 (2^-149 is one, 2^149
	// is not); the product of the two is representable.
	for i, v := range c.Data {
		c.Data[i] = T(float64(v) * s)
	}
	return c
}

// unscale divides x by s in place.
func unscale[T tensor.Float](x []T, s float64) {
	if s == 1 {
		return
	}
	for i, v := range x {
		x[i] = T(float64(v) / s)
	}
}

// copyMat copies src to dst, element by element.
func copyMat[T tensor.Float](dst, src kernel.Mat[T]) {
	for i := range src.Rows {
		for j := range src.Cols {
			dst.Data[i*dst.RS+j*dst.CS] = src.Data[i*src.RS+j*src.CS]
		}
	}
}

// newMat is a rows×cols matrix of zeros for the kernels.
func newMat[T tensor.Float](rows, cols int) kernel.Mat[T] {
	return kernel.RowMajor(rows, cols, kernel.Large[T](rows*cols))
}

// largeMatrix is tensor.NewMatrix, in huge pages where it is large.
func largeMatrix[T tensor.Float](rows, cols int) *tensor.Matrix[T] {
	return tensor.MatrixOf(rows, cols, kernel.Large[T](rows*cols))
}
