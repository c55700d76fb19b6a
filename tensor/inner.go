package tensor

import "github.com/polyad/polyad/internal/kernel"

// Inner is the inner product <X, Y> = sum x_i*y_i of two real tensors of one
// shape, accumulated in float64. See [InnerComplex] for complex tensors.
func Inner[T Float](x, y *Dense[T]) float64 {
	sameShape("Inner", x, y)
	p := newPass(x, y)
	parts := make([]float64, p.count)
	p.do(func(b, _ int, xs, ys []T) { parts[b] = kernel.Dot(xs, ys) })
	return kernel.Sum(parts)
}

// InnerComplex is the inner product of two complex tensors of one shape,
//
//	<X, Y> = sum conj(x_i)*y_i,
//
// conjugate in the first argument (as numpy.vdot and BLAS dotc have it), so
// that <X, X> = ||X||². It is accumulated in complex128.
func InnerComplex[T complex64 | complex128](x, y *Dense[T]) complex128 {
	sameShape("InnerComplex", x, y)
	p := newPass(x, y)
	parts := make([]complex128, p.count)
	p.do(func(b, _ int, xs, ys []T) {
		var s complex128
		for i, v := range xs {
			a, c := complex128(v), complex128(ys[i])
			s += complex(real(a)*real(c)+imag(a)*imag(c), real(a)*imag(c)-imag(a)*real(c))
		}
		parts[b] = s
	})
	var s complex128
	for _, v := range parts {
		s += v
	}
	return s
}
