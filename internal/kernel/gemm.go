package kernel

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// Gemm computes C = alpha*A*B + beta*C for A: m×k, B: k×n, C: m×n on any
// strides (a transpose is a view: a.T()). With beta == 0, C is written
// without being read, so a NaN in it does not survive. With alpha == 0, A
// and B are not read. C must not overlap A or B, and no two elements of C
// may share a place.
//
// Every element of C is one sum over k in increasing order, cut at multiples
// of a length that depends on k alone, so the bits of the result depend
// neither on the number of threads nor on how rows and columns are blocked.
func Gemm[T Float](alpha T, a, b Mat[T], beta T, c Mat[T]) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: Gemm shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	a.check("Gemm", "A")
	b.check("Gemm", "B")
	c.check("Gemm", "C")
	gemm(alpha, a, b, beta, c, true)
}

// check panics unless every element of m lies in its data.
func (m *Mat[T]) check(fn, name string) {
	if m.Rows < 0 || m.Cols < 0 || m.RS < 0 || m.CS < 0 {
		panic(fmt.Sprintf("kernel: %s: %s has a negative size or stride (%d×%d, strides %d, %d)",
			fn, name, m.Rows, m.Cols, m.RS, m.CS))
	}
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	if last := (m.Rows-1)*m.RS + (m.Cols-1)*m.CS; last >= len(m.Data) {
		panic(fmt.Sprintf("kernel: %s: the last element of %s (%d×%d, strides %d, %d) is at %d of %d",
			fn, name, m.Rows, m.Cols, m.RS, m.CS, last, len(m.Data)))
	}
}

// gemm is Gemm after the checks; parallel says whether it may use more than
// the calling goroutine.
func gemm[T Float](alpha T, a, b Mat[T], beta T, c Mat[T], parallel bool) {
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if alpha == 0 || a.Cols == 0 {
		scaleMat(beta, c)
		return
	}
	if orient(&a, &b, &c) {
		a, b, c = b.T(), a.T(), c.T()
	}
	v := active
	bl := blockingFor[T](v)
	switch work := float64(c.Rows) * float64(c.Cols) * float64(a.Cols); {
	case splitDepth(c.Rows, c.Cols, a.Cols):
		gemmDeep(v, bl, alpha, a, b, beta, c, parallel)
	case work < parallelWork:
		gemmSmall(v, bl, alpha, a, b, beta, c)
	default:
		threads := 1
		if parallel {
			threads = runtime.GOMAXPROCS(0)
		}
		gemmBlocked(v, bl, alpha, a, b, beta, c, threads)
	}
}

// orient gives axes of size 1 the stride that suits the kernels, for any is
// right, and reports whether C^T = B^T*A^T is the better product: the kernels
// want the rows of B and C contiguous.
func orient[T Float](a, b, c *Mat[T]) bool {
	if c.Cols == 1 {
		b.CS, c.CS = 1, 1
	}
	if c.Rows == 1 {
		a.RS, c.RS = 1, 1
	}
	if a.Cols == 1 {
		a.CS, b.RS = 1, 1
	}
	return fitness(b.CS, b.Cols, c.CS) < fitness(a.RS, a.Rows, c.RS)
}

// fitness ranks an orientation of a product by the column strides of B (with
// n columns) and of C.
func fitness(b, n, c int) int {
	f := 0
	if c == 1 {
		f += 4
	}
	if b == 1 {
		f += 2
		if n > 1 {
			f++ // a vector says nothing about the better direction
		}
	}
	return f
}

// parallelWork is the least number of multiply-adds that is worth the
// blocked loops and a second goroutine.
const parallelWork = 96 * 96 * 96

// scaleMat computes C = beta*C, writing zeros without a read for beta == 0.
func scaleMat[T Float](beta T, c Mat[T]) {
	if beta == 1 {
		return
	}
	if c.CS > c.RS {
		c = c.T()
	}
	for i := range c.Rows {
		for o, j := i*c.RS, 0; j < c.Cols; j++ {
			if beta == 0 {
				c.Data[o] = 0
			} else {
				c.Data[o] *= beta
			}
			o += c.CS
		}
	}
}

// gemmSmall multiplies on the calling goroutine, without packing what need
// not be packed.
func gemmSmall[T Float](v variant, bl blocking, alpha T, a, b Mat[T], beta T, c Mat[T]) {
	if c.CS == 1 && b.CS == 1 && a.Cols <= bl.kc {
		size := int(unsafe.Sizeof(alpha))
		args := panelArgs{
			m: c.Rows, k: a.Cols, alpha: float64(alpha), beta: float64(beta),
			a: unsafe.Pointer(&a.Data[0]), aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
			bRS: b.RS * size, cRS: c.RS * size,
		}
		for p := range bl.panels(c.Cols) {
			j, j1 := bl.panel(p, c.Cols)
			args.cols = j1 - j
			args.b, args.c = unsafe.Pointer(&b.Data[j]), unsafe.Pointer(&c.Data[j])
			runPanel[T](v, &args)
		}
		return
	}
	gemmPanels(v, bl, alpha, a, b, beta, c)
}

// gemmPanels is gemmSmall for any strides and any k.
func gemmPanels[T Float](v variant, bl blocking, alpha T, a, b Mat[T], beta T, c Mat[T]) {
	size := int(unsafe.Sizeof(alpha))
	kc := depth(a.Cols, bl.kc)
	args := panelArgs{
		alpha: float64(alpha),
		aRS:   a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
	}
	buf := getBuffer((kc + bl.mc) * bl.nr * size)
	packed, tile := split[T](buf, kc*bl.nr, bl.mc*bl.nr)
	for l := 0; l < a.Cols; l += kc {
		args.k = min(kc, a.Cols-l)
		for p := range bl.panels(c.Cols) {
			j, j1 := bl.panel(p, c.Cols)
			args.cols = j1 - j
			if b.CS == 1 {
				args.b, args.bRS = unsafe.Pointer(&b.Data[l*b.RS+j]), b.RS*size
			} else {
				args.b, args.bRS = unsafe.Pointer(&packed[0]), size*packPanel(packed, b.Sub(l, l+args.k, j, j1))
			}
			for i := 0; i < c.Rows; i += bl.mc {
				args.m = min(bl.mc, c.Rows-i)
				args.a = unsafe.Pointer(&a.Data[i*a.RS+l*a.CS])
				storePanel(v, &args, c.Sub(i, i+args.m, j, j1), beta, tile)
			}
		}
		beta = 1
	}
	putBuffer(buf)
}

// depth is the length that k is cut at, at most kc: the pieces are about equal.
func depth(k, kc int) int { return roundUp(ceilDiv(k, ceilDiv(k, kc)), 4) }

// storePanel runs a panel whose result goes to c, through tile if the rows of
// c are not contiguous.
func storePanel[T Float](v variant, args *panelArgs, c Mat[T], beta T, tile []T) {
	size := int(unsafe.Sizeof(beta))
	if c.CS == 1 {
		args.c, args.cRS = unsafe.Pointer(&c.Data[0]), c.RS*size
		args.beta = float64(beta)
		runPanel[T](v, args)
		return
	}
	w := c.Cols
	args.c, args.cRS, args.beta = unsafe.Pointer(&tile[0]), w*size, 0
	runPanel[T](v, args)
	for i := range c.Rows {
		row := tile[i*w : (i+1)*w]
		o := i * c.RS
		for _, t := range row {
			if beta == 0 {
				c.Data[o] = t
			} else {
				c.Data[o] = beta*c.Data[o] + t
			}
			o += c.CS
		}
	}
}

// deepSlab is the length of the pieces of k that are summed apart when C is
// small and k is long.
const deepSlab = 4096

// splitDepth reports whether C is so small beside k that the work has to be
// split along k. It looks at the shape alone.
func splitDepth(m, n, k int) bool {
	return m <= 96 && n <= 96 && k >= 4*deepSlab
}

// gemmDeep multiplies fixed slabs of k apart and adds the products in order.
func gemmDeep[T Float](v variant, bl blocking, alpha T, a, b Mat[T], beta T, c Mat[T], parallel bool) {
	m, n, k := c.Rows, c.Cols, a.Cols
	slabs := (k + deepSlab - 1) / deepSlab
	parts := make([]T, slabs*m*n)
	body := func(s int) {
		lo := s * deepSlab
		hi := min(lo+deepSlab, k)
		part := RowMajor(m, n, parts[s*m*n:(s+1)*m*n])
		gemmSmall(v, bl, 1, a.Sub(0, m, lo, hi), b.Sub(lo, hi, 0, n), 0, part)
	}
	if parallel {
		par.Do(slabs, body)
	} else {
		for s := range slabs {
			body(s)
		}
	}
	sum := parts[:m*n]
	for s := 1; s < slabs; s++ {
		for i, p := range parts[s*m*n : (s+1)*m*n] {
			sum[i] += p
		}
	}
	scaleMat(beta, c)
	for i := range m {
		for j := range n {
			if p := &c.Data[i*c.RS+j*c.CS]; beta == 0 {
				*p = alpha * sum[i*n+j]
			} else {
				*p += alpha * sum[i*n+j]
			}
		}
	}
}
