package tensor

// As copies a real tensor to another precision, axes included, in the same
// memory order. Numbers beyond the range of float32 become infinite.
func As[To, From Float](x *Dense[From]) *Dense[To] {
	p := newPass(x, nil)
	z := newLike[To](x.shape, p.order)
	z.axes = CloneAxes(x.axes)
	p.do(func(_, lo int, xs, _ []From) {
		dst := z.data[lo : lo+len(xs)]
		for i, v := range xs {
			dst[i] = To(v)
		}
	})
	return z
}

// AsComplex is a real tensor as a complex one, axes included.
func AsComplex[To complex64 | complex128, From Float](x *Dense[From]) *Dense[To] {
	p := newPass(x, nil)
	z := newLike[To](x.shape, p.order)
	z.axes = CloneAxes(x.axes)
	p.do(func(_, lo int, xs, _ []From) {
		dst := z.data[lo : lo+len(xs)]
		for i, v := range xs {
			dst[i] = To(complex(float64(v), 0))
		}
	})
	return z
}
