package kernel

import (
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

	kc, nc    int // the lengths k and n are cut at
	mc, wide  int // the rows and columns of C in a chunk
	packGroup int // the columns of B in a piece of packing
	packA     bool
	slabs     int // the pieces of k
	packed    []T // packed B: panels of nr columns by kc rows, one after another
	scratch   [][]T
}

// gemmBlocked multiplies with packed operands on up to the given number of
// goroutines.
func gemmBlocked[T Float](v variant, bl blocking, alpha T, a, b Mat[T], beta T, c Mat[T], threads int) {
	size := int(unsafe.Sizeof(alpha))
	p := &product[T]{v: v, bl: bl, alpha: alpha, beta: beta, a: a, b: b, c: c}
	m, n, k := c.Rows, c.Cols, a.Cols
	p.kc = depth(k, bl.kc)
	p.slabs = ceilDiv(k, p.kc)
	strips := ceilDiv(n, bl.nc)
	p.nc = roundUp(ceilDiv(n, strips), bl.nr)
	strips = ceilDiv(n, p.nc)
	p.mc = min(bl.mc, roundUp(ceilDiv(m, 8), bl.mr))
	p.wide = p.nc
	if chunks := ceilDiv(m, p.mc); chunks < 2*threads {
		p.wide = roundUp(ceilDiv(p.nc, ceilDiv(2*threads, chunks)), bl.nr)
	}
	p.packGroup = bl.nr * max(1, 192/bl.nr)
	p.packA = p.useA()

	rowsA := 0
	if p.packA {
		rowsA = p.mc * p.kc
	}
	lens := []int{p.nc * p.kc}
	for range threads {
		lens = append(lens, roundUp(rowsA, 64), p.mc*bl.nr)
	}
	total := 0
	for _, l := range lens {
		total += l
	}
	buf := getBuffer(total * size)
	p.packed, _ = split[T](buf, lens[0], 0)
	at := lens[0]
	for w := range threads {
		l := lens[1+2*w] + lens[2+2*w]
		all, _ := split[T](buf, at+l, 0)
		p.scratch = append(p.scratch, all[at:])
		at += l
	}

	phases := make([]int, 0, 2*strips*p.slabs)
	for s := range strips {
		cols := min(p.nc, n-s*p.nc)
		for range p.slabs {
			phases = append(phases, ceilDiv(cols, p.packGroup), ceilDiv(m, p.mc)*ceilDiv(cols, p.wide))
		}
	}
	par.Phases(threads, phases, func(worker, phase, i int) {
		strip, slab := phase/2/p.slabs, phase/2%p.slabs
		if phase%2 == 0 {
			p.packB(strip, slab, i)
		} else {
			p.multiply(worker, strip, slab, i)
		}
	})
	putBuffer(buf)
}

// useA reports whether packing A pays: not if it can be walked as it is.
func (p *product[T]) useA() bool {
	return true
}

// packB packs piece i of the given slab of B.
func (p *product[T]) packB(strip, slab, i int) {
	l0 := slab * p.kc
	l1 := min(l0+p.kc, p.b.Rows)
	j0 := strip*p.nc + i*p.packGroup
	j1 := min(j0+p.packGroup, (strip+1)*p.nc, p.b.Cols)
	for j := j0; j < j1; j += p.bl.nr {
		packPanel(p.packed[(j-strip*p.nc)*p.kc:], p.b.Sub(l0, l1, j, min(j+p.bl.nr, j1)))
	}
}

// multiply computes chunk i of C for the given slab.
func (p *product[T]) multiply(worker, strip, slab, i int) {
	size := int(unsafe.Sizeof(p.alpha))
	n0, n1 := strip*p.nc, min((strip+1)*p.nc, p.c.Cols)
	groups := ceilDiv(n1-n0, p.wide)
	i0, j0 := i/groups*p.mc, n0+i%groups*p.wide
	i1, j1 := min(i0+p.mc, p.c.Rows), min(j0+p.wide, n1)
	l0 := slab * p.kc
	l1 := min(l0+p.kc, p.a.Cols)
	beta := p.beta
	if slab > 0 {
		beta = 1
	}
	tile := p.scratch[worker][:p.mc*p.bl.nr]
	args := panelArgs{m: i1 - i0, k: l1 - l0, alpha: float64(p.alpha)}
	a := p.a.Sub(i0, i1, l0, l1)
	if p.packA {
		var step int
		a, step = packRows(p.scratch[worker][p.mc*p.bl.nr:], a, p.bl.mr)
		args.aStep = step * size
	} else {
		args.aStep = p.bl.mr * a.RS * size
	}
	args.a, args.aRS, args.aCS = unsafe.Pointer(&a.Data[0]), a.RS*size, a.CS*size
	for j := j0; j < j1; j += p.bl.nr {
		args.cols = min(p.bl.nr, j1-j)
		args.bRS = panelWidth[T](args.cols) * size
		at := (j - n0) * p.kc
		args.b = unsafe.Pointer(&p.packed[at])
		args.next = uintptr(args.b) + uintptr(args.k*args.bRS)
		args.nextEnd = args.next
		if j+p.bl.nr < j1 {
			args.nextEnd += uintptr(args.k * args.bRS)
		}
		storePanel(p.v, &args, p.c.Sub(i0, i1, j, j+args.cols), beta, tile)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func roundUp(a, b int) int { return ceilDiv(a, b) * b }
