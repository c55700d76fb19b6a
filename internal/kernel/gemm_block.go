package kernel

import (
	"sync"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// product is a matrix product on its way through the blocked loops
//
//	for each nc columns of C        (B's share of the third-level cache)
//	  for each kc of k              (a slab: packed B, one pass over C)
//	    pack B, in pieces           (phase, shared by the threads)
//	    for each mc×(some) of C     (phase, shared by the threads)
//	      pack mc×kc of A           (the thread's second-level cache)
//	      for each nr columns       (a panel kernel call)
//
// after Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication", ACM TOMS 34(3), 2008, doi:10.1145/1356052.1356053.
type product[T Float] struct {
	v           variant
	bl          blocking
	alpha, beta T
	a, b, c     Mat[T]

	kc, nc    int  // the lengths k and n are cut at
	mc, wide  int  // the rows and columns of C in a chunk
	packGroup int  // the columns of B in a piece of packing
	packA     bool // whether A and B are copied; else they are walked as they are
	packB     bool
	slabs     int // the pieces of k
	packed    []T // packed B: panels of nr columns by kc rows, one after another
	scratch   []scratch[T]
	run       func(worker, phase, i int)
}

// products keeps products that are done, of float32 and of float64: small ones
// come in great numbers.
var products [2]sync.Pool

// newProduct is a product whose fields hold anything; run is set.
func newProduct[T Float](pool *sync.Pool) *product[T] {
	if p, ok := pool.Get().(*product[T]); ok {
		return p
	}
	p := &product[T]{}
	p.run = func(worker, phase, i int) {
		strip, slab := phase/2/p.slabs, phase/2%p.slabs
		if phase%2 == 0 {
			p.pack(strip, slab, i)
		} else {
			p.multiply(worker, strip, slab, i)
		}
	}
	return p
}

// release lets go of the operands and keeps the rest for another product.
func (p *product[T]) release(pool *sync.Pool) {
	clear(p.scratch)
	*p = product[T]{scratch: p.scratch[:0], run: p.run}
	pool.Put(p)
}

// gemmBlocked multiplies with packed operands on up to the given number of
// goroutines.
func gemmBlocked[T Float](v variant, bl blocking, alpha T, a, b Mat[T], beta T, c Mat[T], threads int) {
	size := int(unsafe.Sizeof(alpha))
	pool := &products[size/8]
	p := newProduct[T](pool)
	defer p.release(pool)
	p.v, p.bl, p.alpha, p.beta, p.a, p.b, p.c = v, bl, alpha, beta, a, b, c
	m, n, k := c.Rows, c.Cols, a.Cols
	p.kc = depth(k, bl.kc)
	p.slabs = ceilDiv(k, p.kc)
	strips := ceilDiv(n, bl.nc)
	p.nc = roundUp(ceilDiv(n, strips), bl.nr)
	strips = ceilDiv(n, p.nc)
	// Rows are cut in a multiple of 8 about equal pieces, for few threads to
	// end a slab at about the same time.
	p.mc = roundUp(ceilDiv(m, roundUp(ceilDiv(m, bl.mc), 8)), bl.mr)
	p.wide = bl.panels(p.nc)
	if chunks := ceilDiv(m, p.mc); chunks < 2*threads {
		p.wide = ceilDiv(p.wide, ceilDiv(2*threads, chunks))
	}
	threads = min(threads, ceilDiv(m, p.mc)*ceilDiv(bl.panels(p.nc), p.wide))
	p.packGroup = max(1, 192/bl.nr)
	p.packA = packsA(a, bl, n)
	p.packB = packsB(b, m)

	lenB, lenA, lenTile := 0, 0, 0
	if p.packB {
		lenB = p.nc * p.kc
	}
	if p.packA {
		lenA = roundUp(p.mc*p.kc, 64)
	}
	if c.CS != 1 {
		lenTile = p.mc * bl.nr
	}
	if total := lenB + threads*(lenA+lenTile); total > 0 {
		buf := getBuffer(total * size)
		defer putBuffer(buf)
		var rest []T
		p.packed, rest = split[T](buf, lenB, total-lenB)
		for range threads {
			p.scratch = append(p.scratch, scratch[T]{rest[:lenA], rest[lenA : lenA+lenTile]})
			rest = rest[lenA+lenTile:]
		}
	} else {
		for range threads {
			p.scratch = append(p.scratch, scratch[T]{})
		}
	}

	// Not kept: a helper that comes late looks at it.
	phases := make([]int, 0, 2*strips*p.slabs)
	for s := range strips {
		panels := bl.panels(min(p.nc, n-s*p.nc))
		for range p.slabs {
			pieces := 0
			if p.packB {
				pieces = ceilDiv(panels, p.packGroup)
			}
			phases = append(phases, pieces, ceilDiv(m, p.mc)*ceilDiv(panels, p.wide))
		}
	}
	par.Phases(threads, phases, p.run)
}

// scratch is the memory of one worker: a block of A, and a panel of C if its
// rows are not contiguous.
type scratch[T Float] struct{ a, tile []T }

// packsA reports whether a is to be copied. It is not as long as the kernels
// walk it well where it is: not too large, and without columns (or rows) that
// fall in the same sets of the cache. For few columns of C, n, the copy is not
// worth its time.
func packsA[T Float](a Mat[T], bl blocking, n int) bool {
	size := int(unsafe.Sizeof(a.Data[0]))
	if a.CS == 1 && n < 4 {
		return false
	}
	if a.RS != 1 && a.CS != 1 {
		return true
	}
	return a.Cols > 32 && (a.Rows*a.Cols*size >= 3<<20 || max(a.RS, a.CS)*size%4096 == 0 && a.Rows > bl.mr)
}

// packsB reports whether b is to be copied for a product with m rows: it is
// not if its rows are contiguous and it fits the second-level cache, or if
// the copy would hardly be used.
func packsB[T Float](b Mat[T], m int) bool {
	size := int(unsafe.Sizeof(b.Data[0]))
	return b.CS != 1 || b.Rows*b.Cols*size > 512<<10 && m > 32
}

// pack packs piece i of the given slab of B.
func (p *product[T]) pack(strip, slab, i int) {
	l0 := slab * p.kc
	l1 := min(l0+p.kc, p.b.Rows)
	n0, n := p.strip(strip)
	for q := i * p.packGroup; q < min((i+1)*p.packGroup, p.bl.panels(n)); q++ {
		j0, j1 := p.bl.panel(q, n)
		packPanel(p.packed[j0*p.kc:], p.b.Sub(l0, l1, n0+j0, n0+j1))
	}
}

// strip returns the first column of a strip of C and the number of columns.
func (p *product[T]) strip(strip int) (n0, n int) {
	n0 = strip * p.nc
	return n0, min(p.nc, p.c.Cols-n0)
}

// multiply computes chunk i of C for the given slab.
func (p *product[T]) multiply(worker, strip, slab, i int) {
	size := int(unsafe.Sizeof(p.alpha))
	n0, n := p.strip(strip)
	panels := p.bl.panels(n)
	groups := ceilDiv(panels, p.wide)
	i0, q0 := i/groups*p.mc, i%groups*p.wide
	i1, q1 := min(i0+p.mc, p.c.Rows), min(q0+p.wide, panels)
	l0 := slab * p.kc
	l1 := min(l0+p.kc, p.a.Cols)
	beta := p.beta
	if slab > 0 {
		beta = 1
	}
	mem := &p.scratch[worker]
	args := panelArgs{m: i1 - i0, k: l1 - l0, alpha: float64(p.alpha)}
	a := p.a.Sub(i0, i1, l0, l1)
	if p.packA {
		var step int
		a, step = packRows(mem.a, a, p.bl.mr)
		args.aStep = step * size
	} else {
		args.aStep = p.bl.mr * a.RS * size
	}
	args.a, args.aRS, args.aCS = unsafe.Pointer(&a.Data[0]), a.RS*size, a.CS*size
	for q := q0; q < q1; q++ {
		j0, j1 := p.bl.panel(q, n)
		args.cols = j1 - j0
		if p.packB {
			args.bRS = panelWidth[T](args.cols) * size
			args.b = unsafe.Pointer(&p.packed[j0*p.kc])
			args.next = uintptr(args.b) + uintptr(args.k*args.bRS)
			args.nextEnd = args.next
			if q+1 < q1 {
				args.nextEnd += uintptr(args.k * args.bRS)
			}
		} else {
			args.bRS = p.b.RS * size
			args.b = unsafe.Pointer(&p.b.Data[l0*p.b.RS+n0+j0])
		}
		storePanel(p.v, &args, p.c.Sub(i0, i1, n0+j0, n0+j1), beta, mem.tile)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func roundUp(a, b int) int { return ceilDiv(a, b) * b }
