package tensor

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"unsafe"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

func checkMTTKRP(dst *Matrix[float64], shape []int, factors []*Matrix[float64], mode int) {
	if mode < 0 || mode >= len(shape) {
		panic(fmt.Sprintf("tensor: MTTKRP of mode %d of %d", mode, len(shape)))
	}
	if dst.Rows != shape[mode] {
		panic(fmt.Sprintf("tensor: MTTKRP of mode %d of size %d into %d rows", mode, shape[mode], dst.Rows))
	}
	checkFactors("MTTKRP", shape, factors, dst.Cols, mode)
}

// MTTKRP computes the matricized tensor times Khatri-Rao product
//
//	dst[i, r] = sum over entries with i_mode = i of x * prod_{m != mode} factors[m][i_m, r]
//
// dst: I_mode×R, factors[m]: I_m×R. factors[mode] is not read. It panics if
// the shapes do not agree, and for complex elements.
//
// Neither an unfolding nor the whole Khatri-Rao product is formed, and no
// strided view is copied: the modes on one side of the mode are contracted by
// matrix products with blocks of their Khatri-Rao rows that stay in cache,
// and the (much smaller) result with the rows of the other side. Data of
// float32 are multiplied in float32, in blocks whose results are added in
// float64.
//
// Bader & Kolda 2007, https://doi.org/10.1137/060676489; Phan, Tichavský &
// Cichocki 2013, https://doi.org/10.1109/TSP.2013.2269903.
func (x *Dense[T]) MTTKRP(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	checkMTTKRP(dst, x.shape, factors, mode)
	switch y := any(x).(type) {
	case *Dense[float64]:
		mttkrp(y, dst, factors, mode)
	case *Dense[float32]:
		mttkrp(y, dst, factors, mode)
	default:
		panic("tensor: MTTKRP of a complex tensor")
	}
}

const (
	singleRows  = 64      // of dst, from which on making all Khatri-Rao rows of the others costs little beside using them
	krBytes     = 1 << 17 // of a block of Khatri-Rao rows
	panelBytes  = 1 << 18 // of a block of partial contractions
	krFar       = 64      // Khatri-Rao rows in a block if what they multiply lies far apart
	rowBlock    = 512     // rows of dst that one task works on, at most
	reduceTasks = 32      // parts of a sum, at most
	taskFlops   = 1 << 21 // least work of a part of a sum
	maxDepth    = 1 << 11 // terms that are added in the precision of the data
)

func mttkrp[T Float](x *Dense[T], dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	if dst.Rows >= singleRows && dst.Stride == dst.Cols && x.others(mode).even() {
		contractAllBut(x, dst.Data, factors, []int{mode}, dst.Cols, nil)
		return
	}
	for i := range dst.Rows {
		clear(dst.Row(i))
	}
	if x.Len() == 0 || dst.Cols == 0 {
		return
	}
	p := newMTTKRP(x, factors, mode, dst.Cols)
	// The rows of dst are cut in blocks, and the sum in parts if there are
	// few blocks: both by the shapes alone.
	blocks := (dst.Rows + p.rows - 1) / p.rows
	units := p.inner.blocks() * p.outer.blocks()
	flops := 2 * float64(x.Len()) * float64(dst.Cols)
	parts := min(units, max(1, reduceTasks/blocks), max(1, int(flops/taskFlops)))
	sums := []*Matrix[float64]{dst}
	for len(sums) < parts {
		sums = append(sums, NewMatrix[float64](dst.Rows, dst.Cols))
	}
	par.Do(blocks*parts, func(t int) {
		b, g := t/parts, t%parts
		lo, hi := b*p.rows, min((b+1)*p.rows, dst.Rows)
		p.add(sums[g].Sub(lo, hi, 0, dst.Cols), lo, g*units/parts, (g+1)*units/parts)
	})
	for _, s := range sums[1:] {
		for i := range dst.Rows {
			kernel.Axpy(1, s.Row(i), dst.Row(i))
		}
	}
}

// modeGroup is some modes taken as one, the last of them fastest, cut in
// blocks of indices that are evenly spaced in memory.
type modeGroup struct {
	modes []int
	count int // indices
	run   int // neighbours that are evenly spaced; divides count
	step  int // their distance
	size  int // of a block
}

func (x *Dense[T]) group(modes []int) modeGroup {
	g := modeGroup{modes: modes, count: 1, run: 1}
	even := true
	for i := len(modes) - 1; i >= 0; i-- {
		n := modes[i]
		g.count *= x.shape[n]
		switch {
		case x.shape[n] == 1 || !even:
		case g.run == 1:
			g.run, g.step = x.shape[n], x.strides[n]
		case x.strides[n] == g.run*g.step:
			g.run *= x.shape[n]
		default:
			even = false
		}
	}
	return g
}

// others are all modes but one.
func (x *Dense[T]) others(mode int) modeGroup {
	modes := x.byStride()
	at := slices.Index(modes, mode)
	return x.group(slices.Delete(modes, at, at+1))
}

// even reports whether the indices are evenly spaced from first to last.
func (g modeGroup) even() bool { return g.run == g.count }

func (g *modeGroup) perRun() int { return (g.run + g.size - 1) / g.size }

func (g *modeGroup) blocks() int { return g.count / g.run * g.perRun() }

// block is the indices [lo, hi) of block b.
func (g *modeGroup) block(b int) (lo, hi int) {
	first := b / g.perRun() * g.run
	lo = b % g.perRun() * g.size
	return first + lo, first + min(lo+g.size, g.run)
}

// mttkrpPlan says how one MTTKRP is cut. The modes slower in memory than the
// one that is kept, or those faster, whichever have more indices, are
// contracted by matrix products (inner) and the others after that (outer).
//
// With inner the faster ones, the elements are rows of a matrix, an index of
// (outer, mode) each, that multiply the Khatri-Rao rows; with inner the
// slower ones, they are rows for the indices of inner, of which Khatri-Rao
// columns are the weights.
type mttkrpPlan[T Float] struct {
	x            *Dense[T]
	factors      []*Matrix[float64]
	mode, rank   int
	stride       int // of the mode
	inner, outer modeGroup
	slower       bool // inner is slower in memory than mode and outer
	rows         int  // of dst, that one task works on
	down, up     []float64
}

type mttkrpScratch[T Float] struct {
	kr    []T // a block of Khatri-Rao rows of inner
	part  []T // partial contractions
	outer []float64
}

// mttkrpSpaces keep what is not in use, of float32 and float64.
var mttkrpSpaces [2]sync.Pool

func (p *mttkrpPlan[T]) spaces() *sync.Pool { return &mttkrpSpaces[unsafe.Sizeof(T(0))/8] }

// space is memory for add, of any content.
func (p *mttkrpPlan[T]) space() *mttkrpScratch[T] {
	s, ok := p.spaces().Get().(*mttkrpScratch[T])
	if !ok {
		s = new(mttkrpScratch[T])
	}
	s.kr = grow(s.kr, p.inner.size*p.rank)
	s.part = grow(s.part, p.rows*p.outer.size*p.rank)
	s.outer = grow(s.outer, p.outer.size*p.rank)
	return s
}

func newMTTKRP[T Float](x *Dense[T], factors []*Matrix[float64], mode, rank int) *mttkrpPlan[T] {
	p := &mttkrpPlan[T]{x: x, factors: factors, mode: mode, rank: rank, stride: x.strides[mode]}
	modes := x.byStride()
	at := slices.Index(modes, mode)
	slow, fast := modes[:at], modes[at+1:]
	p.slower = x.group(slow).count > x.group(fast).count
	p.inner, p.outer = x.group(fast), x.group(slow)
	if p.slower {
		p.inner, p.outer = p.outer, p.inner
	}
	if p.outer.count == 1 { // modes of size 1, if any: their factors count nevertheless
		p.inner, p.outer = x.group(slices.Concat(p.outer.modes, p.inner.modes)), x.group(nil)
	}
	wordSize := int(unsafe.Sizeof(T(0)))
	depth := max(64, krBytes/(wordSize*rank))
	room := max(64, panelBytes/(wordSize*rank))
	if p.slower && p.outer.count > 1 {
		depth = krFar
		p.outer.size = min(p.outer.run, room)
		p.rows = min(x.shape[mode], rowBlock, max(1, room/p.outer.size))
	} else {
		p.rows = min(x.shape[mode], rowBlock)
		p.outer.size = min(p.outer.run, max(1, room/p.rows))
	}
	p.inner.size = min(p.inner.run, depth, maxDepth)
	p.down, p.up = ones(rank), ones(rank)
	if wordSize == 4 {
		p.down, p.up = balance(factors, p.inner.modes, rank)
	}
	return p
}

// balance chooses powers of two, and their inverses, that keep Khatri-Rao
// products of some modes in float32 within their range, whatever the scale of
// the factors.
func balance(factors []*Matrix[float64], modes []int, rank int) (down, up []float64) {
	down, up = ones(rank), ones(rank)
	for r := range rank {
		e := 0
		for _, m := range modes {
			big := 0.0
			for i := range factors[m].Rows {
				big = max(big, math.Abs(factors[m].At(i, r)))
			}
			if big > 0 && !math.IsInf(big, 1) {
				_, k := math.Frexp(big)
				e += k
			}
		}
		e = max(-1000, min(e, 1000))
		down[r], up[r] = math.Ldexp(1, -e), math.Ldexp(1, e)
	}
	return down, up
}

// add adds the units [from, to) of the sum to the rows of dst, the first of
// which is row i0 of the whole. A unit is a block of outer and one of inner,
// the latter fastest. Partial contractions are summed over the units of one
// block of outer, up to maxDepth terms.
func (p *mttkrpPlan[T]) add(dst *Matrix[float64], i0, from, to int) {
	s := p.space()
	defer p.spaces().Put(s)
	inner := newKRRows(p.down, p.factors, p.inner.modes)
	outer := newKRRows(p.up, p.factors, p.outer.modes)
	perOuter := p.inner.blocks()
	have, depth := -1, 0
	for u := from; u < to; u++ {
		o0, o1 := p.outer.block(u / perOuter)
		k0, k1 := p.inner.block(u % perOuter)
		kr := kernel.RowMajor(k1-k0, p.rank, s.kr[:(k1-k0)*p.rank])
		if b := u % perOuter; b != have {
			fillKR(inner, kr.Data, k0, k1)
			have = b
		}
		base := i0*p.stride + p.x.offsetOf(p.inner.modes, k0) + p.x.offsetOf(p.outer.modes, o0)
		p.contract(s.part, kr, base, dst.Rows, o1-o0, depth > 0)
		depth += k1 - k0
		if u+1 == to || (u+1)%perOuter == 0 || depth+p.inner.size > maxDepth {
			w := s.outer[:(o1-o0)*p.rank]
			outer.fill(w, o0, o1)
			p.scatter(dst, s.part, w, o1-o0)
			depth = 0
		}
	}
}

// contract is the product of the elements from base on, for rows indices of
// the mode and count of outer, with the Khatri-Rao rows; it is added to part
// or replaces it. part is an array (outer, mode, rank) with the faster modes
// in inner, else (mode, outer) after rank.
func (p *mttkrpPlan[T]) contract(part []T, kr kernel.Mat[T], base, rows, count int, more bool) {
	beta := T(0)
	if more {
		beta = 1
	}
	slow, slowStep, fast, fastStep := count, p.outer.step, rows, p.stride
	if p.slower && count > 1 {
		slow, slowStep, fast, fastStep = fast, fastStep, slow, slowStep
	}
	if slow > 1 && slowStep == fast*fastStep {
		slow, fast = 1, slow*fast
	}
	a := kernel.Mat[T]{Rows: fast, Cols: kr.Rows, RS: fastStep, CS: p.inner.step, Data: p.x.data[base:]}
	c, cStep := kernel.RowMajor(fast, p.rank, part), fast*p.rank
	if p.slower {
		c, cStep = kernel.Mat[T]{Rows: fast, Cols: p.rank, RS: 1, CS: rows * count, Data: part}, fast
	}
	if slow == 1 {
		kernel.Gemm(1, a, kr, beta, c)
		return
	}
	kernel.GemmBatch(slow, 1, a, slowStep, kr, 0, beta, c, cStep)
}

// scatter adds the partial contractions, times the rows w of outer, to dst.
func (p *mttkrpPlan[T]) scatter(dst *Matrix[float64], part []T, w []float64, count int) {
	for i := range dst.Rows {
		sum := dst.Row(i)
		if !p.slower {
			for o := range count {
				t := part[(o*dst.Rows+i)*p.rank:][:len(sum)]
				f := w[o*p.rank:][:len(sum)]
				for r := range sum {
					sum[r] += float64(t[r]) * f[r]
				}
			}
			continue
		}
		for r := range sum {
			t := part[(r*dst.Rows+i)*count:][:count]
			s, at := 0.0, r
			for _, v := range t {
				s += float64(v) * w[at]
				at += p.rank
			}
			sum[r] += s
		}
	}
}
