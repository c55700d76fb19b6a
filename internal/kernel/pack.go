package kernel

import "unsafe"

// packPanel copies b to dst and returns the stride of the rows it wrote: the
// columns of b rounded up to a cache line, so that rows are aligned.
func packPanel[T Float](dst []T, b Mat[T]) int {
	w := panelWidth[T](b.Cols)
	if b.CS != 1 {
		transposeInto(dst, w, b)
		return w
	}
	for l := range b.Rows {
		copy(dst[l*w:l*w+b.Cols], b.Data[l*b.RS:])
	}
	return w
}

// panelWidth is the stride of the rows of a packed panel with n columns.
func panelWidth[T Float](n int) int { return roundUp(n, 64/int(unsafe.Sizeof(T(0)))) }

// transposeInto copies b, of any strides, to rows of dst that are ld apart.
func transposeInto[T Float](dst []T, ld int, b Mat[T]) {
	i, j := 0, 0
	if b.RS == 1 && b.Rows > 0 && b.Cols > 0 {
		i, j = transposeFast(unsafe.Pointer(&dst[0]), ld, unsafe.Pointer(&b.Data[0]), b.CS, b.Rows, b.Cols, int(unsafe.Sizeof(dst[0])), nil)
	}
	gather(dst, ld, b.Sub(0, i, j, b.Cols), j)
	gather(dst[i*ld:], ld, b.Sub(i, b.Rows, 0, b.Cols), 0)
}

// gather copies b to the columns of dst from j0 on, walking columns of b
// within blocks that fit the first-level cache.
func gather[T Float](dst []T, ld int, b Mat[T], j0 int) {
	const block = 32
	for l0 := 0; l0 < b.Rows; l0 += block {
		l1 := min(l0+block, b.Rows)
		for j := range b.Cols {
			o := l0*b.RS + j*b.CS
			for l := l0; l < l1; l++ {
				dst[l*ld+j0+j] = b.Data[o]
				o += b.RS
			}
		}
	}
}

// packRows copies a to dst so that the kernels walk it in small steps, and
// returns the copy with the distance between groups of mr rows. Contiguous
// rows stay rows and contiguous columns stay columns of mr elements, so that
// either way whole runs are copied; the kernels take both.
func packRows[T Float](dst []T, a Mat[T], mr int) (Mat[T], int) {
	m, k := a.Rows, a.Cols
	if a.RS != 1 || a.CS == 1 {
		for i := range m {
			row := dst[i*k : (i+1)*k]
			if a.CS == 1 {
				copy(row, a.Data[i*a.RS:])
				continue
			}
			for l := range row {
				row[l] = a.Data[i*a.RS+l*a.CS]
			}
		}
		return Mat[T]{Rows: m, Cols: k, RS: k, CS: 1, Data: dst}, mr * k
	}
	const block = 8 // columns at a time, each on a page of its own
	for l0 := 0; l0 < k; l0 += block {
		l1 := min(l0+block, k)
		for i := 0; i < m; i += mr {
			r := min(mr, m-i)
			out := dst[i*k+l0*mr : i*k+l1*mr]
			if r == 8 {
				for l := l0; l < l1; l++ {
					*(*[8]T)(out) = *(*[8]T)(a.Data[i+l*a.CS:])
					out = out[8:]
				}
				continue
			}
			for l := l0; l < l1; l++ {
				copy(out[:r], a.Data[i+l*a.CS:])
				out = out[mr:]
			}
		}
	}
	return Mat[T]{Rows: m, Cols: k, RS: 1, CS: mr, Data: dst}, mr * k
}
