package tensor

import (
	"sync"
	"unsafe"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// partial is one pass over the data that contracts all modes but some:
//
//	T[k, r] = sum_s x[k, s] * prod_m factors[m][s_m, r]
//
// where k counts the indices of the modes that are kept and s those of the
// others, both in memory order. It is a product of the elements, as a matrix
// k×s where they lie, with Khatri-Rao rows.
type partial[T Float] struct {
	x            *Dense[T]
	factors      []*Matrix[float64]
	rank         int
	kept, summed modeGroup
	kr           []T // all Khatri-Rao rows, if they stay in cache; else nil
	down, up     []float64
	scratch      sync.Pool
}

const (
	krWhole    = 1 << 20 // bytes of Khatri-Rao rows that are made once for all tasks
	keptWhole  = 1024    // kept indices that are not cut in blocks
	keptRows   = 512     // in a block, if what they multiply is contiguous
	keptBytes  = 1 << 10 // of contiguous kept elements in a block
	passTasks  = 64      // tasks of a pass, at most, that take several blocks
	partsBelow = 16      // blocks of kept indices; with fewer, the sum is cut in parts
)

type partialScratch[T Float] struct{ kr, part []T }

// contractAllBut makes the pass. dst: kept×rank, row-major. modes are those
// to keep, in memory order. If there are two, what the pass makes may be summed
// further on the way; sum is nil otherwise.
func contractAllBut[T Float](x *Dense[T], dst []float64, factors []*Matrix[float64], modes []int, rank int, sum *pairSum) {
	if x.Len() == 0 || rank == 0 {
		clear(dst)
		return
	}
	p := newPartial(x, factors, modes, rank, sum)
	flops := 2 * float64(x.Len()) * float64(rank)
	most := max(1, min(passTasks, int(flops/taskFlops)))
	blocks, units := p.kept.blocks(), p.summed.blocks()
	parts := 1
	if blocks < partsBelow && sum == nil {
		parts = min(units, max(1, min(most, reduceTasks)/blocks))
	}
	each := max(1, blocks/most) // blocks of a task
	if sum != nil {
		slices := p.kept.size / sum.fast
		each = max(each, (pairTasks+slices-1)/slices)
	}
	tasks := (blocks + each - 1) / each
	if sum != nil {
		sum.begin(tasks)
	}
	sums := make([][]float64, parts)
	sums[0] = dst
	for g := 1; g < parts; g++ {
		sums[g] = make([]float64, len(dst))
	}
	par.Do(tasks*parts, func(t int) {
		s := p.scratch.Get().(*partialScratch[T])
		defer p.scratch.Put(s)
		b, g := t/parts, t%parts
		for k := b * each; k < min((b+1)*each, blocks); k++ {
			p.block(s, sums[g], k, g*units/parts, (g+1)*units/parts, k+1 < min((b+1)*each, blocks))
			if sum != nil {
				k0, k1 := p.kept.block(k)
				sum.add(b, dst, k0/sum.fast, k1/sum.fast, k == b*each)
			}
		}
	})
	for _, s := range sums[1:] {
		kernel.Axpy(1, s, dst)
	}
	if sum != nil {
		sum.end(tasks)
	}
}

func newPartial[T Float](x *Dense[T], factors []*Matrix[float64], modes []int, rank int, sum *pairSum) *partial[T] {
	p := &partial[T]{x: x, factors: factors, rank: rank, kept: x.group(modes)}
	keep := make([]bool, len(x.shape))
	for _, m := range modes {
		keep[m] = true
	}
	var others []int
	for _, m := range x.byStride() {
		if !keep[m] {
			others = append(others, m)
		}
	}
	p.summed = x.group(others)
	size := int(unsafe.Sizeof(T(0)))
	p.summed.size = min(p.summed.run, max(64, krBytes/(size*rank)), maxDepth)
	switch {
	case sum != nil: // whole slices
		p.kept.size = min(p.kept.run, max(1, keptRows/sum.fast)*sum.fast)
	case p.kept.count <= keptWhole:
		p.kept.size = p.kept.run
	case p.kept.step == 1 && p.summed.step != 1:
		p.kept.size = min(p.kept.run, keptBytes/size)
	default:
		p.kept.size = min(p.kept.run, keptRows)
	}
	p.down, p.up = ones(rank), ones(rank)
	if size == 4 {
		p.down, p.up = balance(factors, others, rank)
	}
	rows := p.summed.size
	if p.summed.count*rank*size <= krWhole {
		rows = 0
		p.kr = make([]T, p.summed.count*rank)
		par.Blocks(p.summed.count, 512, func(_, lo, hi int) {
			fillKR(newKRRows(p.down, factors, others), p.kr[lo*rank:hi*rank], lo, hi)
		})
	}
	part := 0
	if size == 4 {
		part = p.kept.size * rank
	}
	p.scratch.New = func() any {
		return &partialScratch[T]{kr: make([]T, rows*rank), part: make([]T, part)}
	}
	return p
}

// block sums the units [from, to), at least one, for one block of kept
// indices, and writes its rows of out. It may be told that more blocks follow.
func (p *partial[T]) block(s *partialScratch[T], out []float64, block, from, to int, more bool) {
	k0, k1 := p.kept.block(block)
	rows := out[k0*p.rank : k1*p.rank]
	direct, ok := any(rows).([]T)
	if !ok {
		direct = s.part[:len(rows)]
		clear(rows)
	}
	c := kernel.RowMajor(k1-k0, p.rank, direct)
	var kr *krRows
	if p.kr == nil {
		kr = newKRRows(p.down, p.factors, p.summed.modes)
	}
	base := p.x.offsetOf(p.kept.modes, k0)
	have := 0 // terms that are summed up in c
	for u := from; u < to; u++ {
		s0, s1 := p.summed.block(u)
		w := kernel.Mat[T]{Rows: s1 - s0, Cols: p.rank, RS: p.rank, CS: 1}
		if kr == nil {
			w.Data = p.kr[s0*p.rank : s1*p.rank]
		} else {
			w.Data = s.kr[:(s1-s0)*p.rank]
			fillKR(kr, w.Data, s0, s1)
		}
		a := kernel.Mat[T]{
			Rows: k1 - k0, Cols: s1 - s0, RS: p.kept.step, CS: p.summed.step,
			Data: p.x.data[base+p.x.offsetOf(p.summed.modes, s0):],
		}
		var next []T
		if u+1 < to {
			next = p.x.data[base+p.x.offsetOf(p.summed.modes, s1):]
		} else if more {
			first, _ := p.summed.block(from)
			next = p.x.data[p.x.offsetOf(p.kept.modes, k1)+p.x.offsetOf(p.summed.modes, first):]
		}
		beta := T(1)
		if have == 0 {
			beta = 0
		}
		kernel.Stream(a, w, beta, c, next)
		have += s1 - s0
		if !ok && (u+1 == to || have+p.summed.size > maxDepth) {
			p.flush(rows, direct)
			have = 0
		}
	}
}

// flush adds single-precision sums to those in float64.
func (p *partial[T]) flush(rows []float64, part []T) {
	for len(rows) > 0 {
		for r, f := range p.up {
			rows[r] += f * float64(part[r])
		}
		rows, part = rows[p.rank:], part[p.rank:]
	}
}
