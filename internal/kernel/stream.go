package kernel

import (
	"fmt"
	"unsafe"
)

// Stream computes C = A*B + beta*C on the calling goroutine, for A: m×k on
// any strides, B: k×n and C: m×n with contiguous rows. It is for an A that
// comes from memory and is used once, beside a B and a C that stay in the
// second-level cache: A is walked where it lies, and each step of the product
// fetches a cache line of what is multiplied two tiles later. After A comes
// what next begins with, on the same strides, the A of the next call; nil if
// there is none. With beta == 0, C is written without being read.
//
// The bits of the result depend on the shape and the strides of A.
func Stream[T Float](a, b Mat[T], beta T, c Mat[T], next []T) {
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
	s := streaming[T]{v: active, bl: bl, size: size, a: a, b: b, c: c, args: streamArgs{panelArgs: panelArgs{
		alpha: 1, aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
		bRS: b.RS * size, cRS: c.RS * size,
	}}}
	if len(next) > 0 {
		s.next = uintptr(unsafe.Pointer(&next[0]))
	}
	if a.CS == 1 || a.Cols == 1 {
		s.rows(beta)
	} else {
		s.cols(beta)
	}
}

const (
	streamDepth = 512     // of A in a block
	streamAhead = 2       // tiles
	cacheTurn   = 1 << 16 // bytes after which addresses share a set of the second-level cache
	cacheWays   = 8       // lines in a set, at least
)

// streamArgs is what the kernels of Stream are called with: m is a multiple of
// mr, and during the product of a tile, each step over k fetches the cache
// line at next, which grows by nextStep, and after each nextLen steps by
// nextJump; from tile to tile it grows by nextTile. The field order is known
// to the assembly.
type streamArgs struct {
	panelArgs
	nextStep, nextLen, nextJump, nextTile int
}

type streaming[T Float] struct {
	v       variant
	bl      blocking
	size    int
	a, b, c Mat[T]
	next    uintptr // 0 if nothing follows
	args    streamArgs
}

// rows walks an A with contiguous rows: a tile of rows after the other, and
// blocks of long rows one after the other in each.
func (s *streaming[T]) rows(beta T) {
	m, k := s.a.Rows, s.a.Cols
	step := depth(k, streamDepth)
	// A tile of what is fetched has mr pieces of rows.
	length := ceilDiv(step, s.bl.mr)
	s.args.nextStep, s.args.nextLen = s.bl.mr*s.size, length
	s.args.nextJump = s.args.aRS - length*s.args.nextStep
	if step >= k {
		s.tiles(0, k, beta, s.next)
		return
	}
	for i := 0; i < m; i += s.bl.mr {
		i1 := min(i+s.bl.mr, m)
		for l := 0; l < k; l += step {
			after := s.next
			if l+step < k {
				after = s.address(i, l+step)
			} else if i1 < m {
				after = s.address(i1, 0)
			}
			s.multiply(i, i1, l, min(l+step, k), beta, after)
		}
	}
}

// cols walks an A with contiguous columns, some columns after the others: as
// many as stay in the cache from being fetched until they are multiplied.
func (s *streaming[T]) cols(beta T) {
	k := s.a.Cols
	turn := cacheTurn / gcd(s.args.aCS, cacheTurn)
	step := depth(k, min(streamDepth, max(2*cacheWays, cacheWays*min(turn, cacheTurn/64))))
	s.args.nextStep, s.args.nextLen = s.args.aCS, step
	for l := 0; l < k; l += step {
		after := s.next
		if l+step < k {
			after = s.address(0, l+step)
		}
		s.tiles(l, min(l+step, k), beta, after)
	}
}

// tiles adds the product of columns [l, l1) of A, tile after tile. After them
// comes what is at the address after, if it is not 0.
func (s *streaming[T]) tiles(l, l1 int, beta T, after uintptr) {
	m, mr := s.a.Rows, s.bl.mr
	lead := max(0, ceilDiv(m, mr)-streamAhead) * mr // rows of the tiles that are followed by others of A
	s.multiply(0, lead, l, l1, beta, s.address(streamAhead*mr, l))
	whole := m / mr * mr
	s.multiply(lead, whole, l, l1, beta, after)
	if whole == m {
		return
	}
	if l == 0 && beta == 0 && whole > 0 {
		// Compute some rows once more, to have a whole tile.
		whole = m - mr
		if after != 0 {
			after += uintptr(s.args.aStep)
		}
	}
	s.multiply(whole, m, l, l1, beta, after)
}

func (s *streaming[T]) address(i, l int) uintptr {
	return uintptr(unsafe.Pointer(&s.a.Data[0])) + uintptr((i*s.a.RS+l*s.a.CS)*s.size)
}

// multiply adds the product of rows [i, i1) and columns [l, l1) of A, and
// fetches what is at the address next, unless it is 0.
func (s *streaming[T]) multiply(i, i1, l, l1 int, beta T, next uintptr) {
	if i1 <= i {
		return
	}
	args := &s.args
	args.k, args.beta = l1-l, 1
	if l == 0 {
		args.beta = float64(beta)
	}
	panels, rows := s.bl.panels(s.c.Cols), i1-i
	if panels > 1 {
		rows = s.bl.mr // B has its turns with a tile before the next is read
	}
	for ; i < i1; i += rows {
		args.m = min(rows, i1-i)
		args.a = unsafe.Pointer(&s.a.Data[i*s.a.RS+l*s.a.CS])
		for p := range panels {
			j, j1 := s.bl.panel(p, s.c.Cols)
			args.cols = j1 - j
			args.b = unsafe.Pointer(&s.b.Data[l*s.b.RS+j])
			args.c = unsafe.Pointer(&s.c.Data[i*s.c.RS+j])
			if p > 0 || next == 0 || args.m%s.bl.mr != 0 {
				runPanel[T](s.v, &args.panelArgs)
				continue
			}
			args.next, args.nextTile = next, args.aStep
			runStream[T](s.v, args)
			args.next = 0
			next += uintptr(rows / s.bl.mr * args.aStep)
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
