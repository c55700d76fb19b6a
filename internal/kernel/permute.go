package kernel

// Permute copies a strided N-way array into dst in C order: dst holds the
// elements of the array of the given shape whose element (i_0, …) is
// src[sum i_n*strides[n]]. T may be any type; 4-, 8- and 16-byte elements
// are what it is tuned for.
func Permute[T any](dst, src []T, shape, strides []int) {
	if len(dst) == 0 {
		return
	}
	idx := make([]int, len(shape))
	off := 0
	for o := range dst {
		dst[o] = src[off]
		for n := len(shape) - 1; n >= 0; n-- {
			idx[n]++
			off += strides[n]
			if idx[n] < shape[n] {
				break
			}
			off -= idx[n] * strides[n]
			idx[n] = 0
		}
	}
}
