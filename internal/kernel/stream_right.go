package kernel

import (
	"fmt"
	"unsafe"
)

// StreamRight computes C = A*B + beta*C on the calling goroutine, for A: m×k
// on any strides, B: k×n and C: m×n with contiguous rows. It is [Stream] for
// the other operand: B comes from memory, its rows far apart, and is used
// once, beside an A and a C that stay in the second-level cache. Some rows of
// B are multiplied while the next are fetched. With beta == 0, C is written
// without being read.
//
// The bits of the result depend on the shape alone.
func StreamRight[T Float](a, b Mat[T], beta T, c Mat[T]) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: StreamRight shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	a.check("StreamRight", "A")
	b.check("StreamRight", "B")
	c.check("StreamRight", "C")
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if b.CS != 1 && b.Cols > 1 || c.CS != 1 && c.Cols > 1 {
		panic("kernel: StreamRight needs contiguous rows of B and C")
	}
	if a.Cols == 0 {
		scaleMat(beta, c)
		return
	}
	size := int(unsafe.Sizeof(beta))
	v := active
	bl := blockingFor[T](v)
	m, n, k := c.Rows, c.Cols, a.Cols
	args := panelArgs{
		m: m, alpha: 1, beta: float64(beta), aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
		bRS: b.RS * size, cRS: c.RS * size,
	}
	panels := bl.panels(n)
	rows := depth(k, streamRight/size)
	for l := 0; l < k; l += rows {
		l1 := min(l+rows, k)
		args.k = l1 - l
		args.a = unsafe.Pointer(&a.Data[l*a.CS])
		next, end := l1, min(l1+rows, k)
		for p := range panels {
			// As much of the next rows as is done of these.
			for ; next < end && (next-l1)*panels <= p*rows; next++ {
				prefetch(unsafe.Pointer(&b.Data[next*b.RS]), n*size)
			}
			j, j1 := bl.panel(p, n)
			args.cols = j1 - j
			args.b = unsafe.Pointer(&b.Data[l*b.RS+j])
			args.c = unsafe.Pointer(&c.Data[j])
			runPanel[T](v, &args)
		}
		args.beta = 1
	}
}

// streamRight is the rows of B in a block, times the size of an element.
const streamRight = 128
