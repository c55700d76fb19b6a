package tensor

import (
	"math"
	"sync"

	"github.com/polyad/polyad/internal/kernel"
)

// Norm is the Frobenius norm sqrt(sum |x_i|²), accumulated in float64
// without overflow or underflow on the way. It reads the memory of a view
// once and copies nothing that lies in a row.
func (x *Dense[T]) Norm() float64 {
	p := newPass(x, nil)
	parts := make([]float64, p.count)
	p.do(func(b, _ int, xs, _ []T) { parts[b] = norm2(xs) })
	return kernel.Nrm2(parts)
}

func norm2[T Number](v []T) float64 {
	switch d := any(v).(type) {
	case []float64:
		return kernel.Nrm2(d)
	case []float32:
		return kernel.Nrm2(d)
	case []complex64:
		s := 0.0 // a square of a float32 is far inside the range of float64
		for _, v := range d {
			s += float64(real(v))*float64(real(v)) + float64(imag(v))*float64(imag(v))
		}
		return math.Sqrt(s)
	case []complex128:
		parts := make([]float64, 0, 2*len(d))
		for _, v := range d {
			parts = append(parts, real(v), imag(v))
		}
		return kernel.Nrm2(parts)
	}
	panic("unreachable")
}

// Norm is the Frobenius norm of the known entries.
func (x *Observed) Norm() float64 { return kernel.Nrm2(x.values) }

// Distance is ||X - Y|| for two tensors of one shape, without the memory of
// the difference.
func Distance[T Number](x, y *Dense[T]) float64 {
	sameShape("Distance", x, y)
	p := newPass(x, y)
	parts := make([]float64, p.count)
	pool := sync.Pool{New: func() any { return new([]T) }}
	p.do(func(b, _ int, xs, ys []T) {
		if wide, ok := any(ys).([]float64); ok {
			parts[b] = kernel.Distance(any(xs).([]float64), wide)
			return
		}
		buf := pool.Get().(*[]T)
		d := append((*buf)[:0], xs...)
		subtract(d, ys)
		parts[b] = norm2(d)
		*buf = d
		pool.Put(buf)
	})
	return kernel.Nrm2(parts)
}

// subtract is d -= v.
func subtract[T Number](d, v []T) {
	switch d := any(d).(type) {
	case []float64:
		kernel.Axpy(-1, any(v).([]float64), d)
		return
	case []float32:
		kernel.Axpy(-1, any(v).([]float32), d)
		return
	}
	for i, y := range v {
		d[i] -= y
	}
}

// Equal reports whether two tensors have the same shape and elements. A NaN
// equals no number, itself included. Axes do not count.
func Equal[T Number](x, y *Dense[T]) bool {
	if len(x.shape) != len(y.shape) {
		return false
	}
	for n, s := range x.shape {
		if s != y.shape[n] {
			return false
		}
	}
	p := newPass(x, y)
	differ := make([]bool, p.count)
	p.do(func(b, _ int, xs, ys []T) {
		for i, v := range xs {
			if v != ys[i] {
				differ[b] = true
				return
			}
		}
	})
	for _, d := range differ {
		if d {
			return false
		}
	}
	return true
}

// CountNonFinite counts the NaN and the infinite elements, with one pass over
// the memory of the view. A complex number with a NaN part counts as NaN.
func (x *Dense[T]) CountNonFinite() (nan, inf int) {
	p := newPass(x, nil)
	parts := make([][2]int, p.count)
	p.do(func(b, _ int, xs, _ []T) {
		for _, v := range xs {
			// v-v is 0 for a finite number and NaN for the others.
			if d := v - v; d == 0 {
				continue
			}
			if isNaN(v) {
				parts[b][0]++
			} else {
				parts[b][1]++
			}
		}
	})
	for _, c := range parts {
		nan += c[0]
		inf += c[1]
	}
	return nan, inf
}

// isNaN tells a NaN from an infinite number.
func isNaN[T Number](v T) bool {
	switch v := any(v).(type) {
	case complex64:
		re, im := float64(real(v)), float64(imag(v))
		return math.IsNaN(re) || math.IsNaN(im)
	case complex128:
		return math.IsNaN(real(v)) || math.IsNaN(imag(v))
	}
	return v != v
}
