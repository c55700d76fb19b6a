package kernel

import "math"

// Dot is the sum of x[i]*y[i], accumulated in float64.
func Dot[T Float](x, y []T) float64 {
	s := 0.0
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return s
}

// Axpy adds alpha*x to y.
func Axpy[T Float](alpha T, x, y []T) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

// Scal multiplies x by alpha.
func Scal[T Float](alpha T, x []T) {
	for i := range x {
		x[i] *= alpha
	}
}

// Sum is the sum of x[i], accumulated in float64.
func Sum[T Float](x []T) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return s
}

// Nrm2 is the Euclidean norm of x, without overflow or underflow on the way.
func Nrm2[T Float](x []T) float64 {
	scale, ssq := 0.0, 1.0
	for _, v := range x {
		a := math.Abs(float64(v))
		if math.IsNaN(a) || math.IsInf(a, 0) {
			return a
		}
		if a == 0 {
			continue
		}
		if scale < a {
			ssq = 1 + ssq*(scale/a)*(scale/a)
			scale = a
		} else {
			ssq += (a / scale) * (a / scale)
		}
	}
	return scale * math.Sqrt(ssq)
}
