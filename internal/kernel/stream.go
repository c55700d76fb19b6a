package kernel

import (
	"fmt"
	"unsafe"
)

// Stream computes C = A*B + beta*C on the calling goroutine, for A: m×k on
// any strides, B: k×n and C: m×n with contiguous rows. It is for an A that
// comes from memory and is used once, beside a B and a C that stay in the
// second-level cache: A is walked in small blocks where it lies, and while one
// is multiplied the next is fetched. With beta == 0, C is written without
// being read.
//
// The bits of the result depend on the shape and on whether the rows of A are
// contiguous.
func Stream[T Float](a, b Mat[T], beta T, c Mat[T]) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: Stream shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	a.check("Stream", "A")
	b.check("Stream", "B")
	c.check("Stream", "C")
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if b.CS != 1 && b.Cols > 1 || c.CS != 1 && c.Cols > 1 {
		panic("kernel: Stream needs contiguous rows of B and C")
	}
	if a.Cols == 0 {
		scaleMat(beta, c)
		return
	}
	size := int(unsafe.Sizeof(beta))
	bl := blockingFor[T](active)
	s := streaming[T]{v: active, bl: bl, a: a, b: b, c: c, args: panelArgs{
		alpha: 1, aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
		bRS: b.RS * size, cRS: c.RS * size,
	}}
	if a.CS == 1 || a.Cols == 1 {
		s.rows(beta)
	} else {
		s.cols(beta)
	}
}

const (
	streamDepth = 512     // contiguous elements of a row in a block
	streamAhead = 4 << 10 // bytes of a row up to which the next rows are fetched; the processor itself follows longer ones
	streamRows  = 128     // rows of A^T in a block, times the size of an element
)

type streaming[T Float] struct {
	v       variant
	bl      blocking
	a, b, c Mat[T]
	args    panelArgs
}

// rows walks an A with contiguous rows, a tile of rows after the other.
func (s *streaming[T]) rows(beta T) {
	m, k := s.a.Rows, s.a.Cols
	size := int(unsafe.Sizeof(beta))
	step := depth(k, streamDepth)
	ahead := k*size <= streamAhead
	for i := 0; i < m; i += s.bl.mr {
		if ahead {
			for r := i + s.bl.mr; r < min(i+2*s.bl.mr, m); r++ {
				prefetch(unsafe.Pointer(&s.a.Data[r*s.a.RS]), k*size)
			}
		}
		for l := 0; l < k; l += step {
			s.multiply(i, min(i+s.bl.mr, m), l, min(l+step, k), beta)
		}
	}
}

// cols walks an A with contiguous columns, some columns after the others.
func (s *streaming[T]) cols(beta T) {
	m, k := s.a.Rows, s.a.Cols
	size := int(unsafe.Sizeof(beta))
	group, rows := s.bl.mr, streamRows/size
	for l := 0; l < k; l += rows {
		l1 := min(l+rows, k)
		next, end := l1, min(l1+rows, k)
		for i := 0; i < m; i += group {
			// As much of the next columns as is done of these.
			for ; s.a.RS == 1 && next < end && (next-l1)*m <= i*rows; next++ {
				prefetch(unsafe.Pointer(&s.a.Data[next*s.a.CS]), m*size)
			}
			s.multiply(i, min(i+group, m), l, l1, beta)
		}
	}
}

// multiply adds the product of rows [i, i1) and columns [l, l1) of A.
func (s *streaming[T]) multiply(i, i1, l, l1 int, beta T) {
	args := &s.args
	args.m, args.k = i1-i, l1-l
	args.beta = 1
	if l == 0 {
		args.beta = float64(beta)
	}
	args.a = unsafe.Pointer(&s.a.Data[i*s.a.RS+l*s.a.CS])
	for p := range s.bl.panels(s.c.Cols) {
		j, j1 := s.bl.panel(p, s.c.Cols)
		args.cols = j1 - j
		args.b = unsafe.Pointer(&s.b.Data[l*s.b.RS+j])
		args.c = unsafe.Pointer(&s.c.Data[i*s.c.RS+j])
		runPanel[T](s.v, args)
	}
}
