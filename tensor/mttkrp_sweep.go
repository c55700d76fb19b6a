package tensor

import (
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// SweepMTTKRP returns a function like [Dense.MTTKRP] for alternating methods,
// which ask for mode 0, 1, …, N-1, 0, 1, … and change between two calls the
// factor of the mode that they asked for last, and no other. (A call for
// another mode than the next one in turn starts anew.) The results are the
// same within rounding, but one pass over the data serves several modes: it
// contracts the others, and what is left, a small array, is contracted
// further for one mode after the other, by a tree of halves. [PlanSweep] says
// which modes share a pass. The function keeps that array for the next call
// and is not safe for concurrent use. It panics if the shapes do not agree,
// and for complex elements.
//
// Phan, Tichavský & Cichocki 2013, https://doi.org/10.1109/TSP.2013.2269903;
// sharing beyond the end of a sweep: Ma & Solomonik 2021,
// IPDPS, arXiv:2010.12056.
func (x *Dense[T]) SweepMTTKRP(rank int) func(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	return x.SweepMTTKRPIn(nil, rank)
}

// SweepMTTKRPIn is [Dense.SweepMTTKRP] with what is left of a pass in the
// memory buf, whose content is lost, if that is long enough.
func (x *Dense[T]) SweepMTTKRPIn(buf []float64, rank int) func(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	switch y := any(x).(type) {
	case *Dense[float64]:
		return newTree(y, buf, rank).mttkrp
	case *Dense[float32]:
		return newTree(y, buf, rank).mttkrp
	}
	panic("tensor: SweepMTTKRP of a complex tensor")
}

// tree holds the contractions that the next modes can share.
type tree[T Float] struct {
	x       *Dense[T]
	rank    int
	runs    []int
	next    int         // the mode in turn
	path    []branch    // from the pass over the data down
	buffers [][]float64 // of the branches, by depth
	pair    pairSum
}

// branch is the data contracted with the factors of all modes but some.
type branch struct {
	modes  []int     // that are left, in the order of their turns
	layout []int     // the same modes in memory order, as they lie in data
	data   []float64 // an element for each index of layout and each component
}

func newTree[T Float](x *Dense[T], buf []float64, rank int) *tree[T] {
	elem := 8
	if _, single := any(x).(*Dense[float32]); single {
		elem = 4
	}
	t := &tree[T]{x: x, rank: rank, runs: PlanSweep(x.shape, elem, rank).Runs, next: -1}
	most := 0 // that is left of a pass
	for n, count := range t.runs {
		size := rank
		for i := range count {
			size *= x.shape[(n+i)%len(x.shape)]
		}
		most = max(most, size)
	}
	if most <= len(buf) {
		t.buffers = [][]float64{buf[:most:most]}
		t.pair.sums = buf[most:]
	}
	return t
}

func (t *tree[T]) mttkrp(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	checkMTTKRP(dst, t.x.shape, factors, mode)
	if dst.Cols != t.rank {
		panic("tensor: SweepMTTKRP of another rank")
	}
	if mode != t.next {
		t.path = t.path[:0]
	}
	order := len(t.x.shape)
	t.next = (mode + 1) % order
	for len(t.path) > 0 && !slices.Contains(t.path[len(t.path)-1].modes, mode) {
		t.path = t.path[:len(t.path)-1]
	}
	if len(t.path) == 0 {
		run := make([]int, t.runs[mode])
		for i := range run {
			run[i] = (mode + i) % order
		}
		if len(run) == 1 {
			mttkrp(t.x, dst, factors, mode)
			return
		}
		b := t.push(run)
		sum := t.pairSum(dst, b, factors, mode)
		contractAllBut(t.x, b.data, factors, b.layout, t.rank, sum)
		if sum != nil {
			return
		}
	}
	for {
		top := t.path[len(t.path)-1]
		if sum := t.pairSum(dst, top, factors, mode); sum != nil {
			sum.all(top.data)
			return
		}
		half := len(top.modes) / 2
		child := top.modes[half:]
		if slices.Contains(top.modes[:half], mode) {
			child = top.modes[:half]
		}
		if len(child) == 1 {
			t.reduce(dst, top, factors, child)
			return
		}
		b := t.push(child)
		t.reduce(MatrixOf(len(b.data)/max(1, t.rank), t.rank, b.data), top, factors, b.layout)
	}
}

// pairSum is how the MTTKRP of a mode is summed from a branch of two, or nil if
// that is for reduce.
func (t *tree[T]) pairSum(dst *Matrix[float64], b branch, factors []*Matrix[float64], mode int) *pairSum {
	if len(b.layout) != 2 || len(b.data) == 0 {
		return nil
	}
	slow, fast := b.layout[0], b.layout[1]
	if !pairSums(t.x.shape[slow], t.x.shape[fast]) {
		return nil
	}
	t.pair.dst, t.pair.slow, t.pair.fast, t.pair.slower = dst, t.x.shape[slow], t.x.shape[fast], mode == slow
	t.pair.factor = factors[slow]
	if t.pair.slower {
		t.pair.factor = factors[fast]
	}
	return &t.pair
}

// push adds a branch, with memory of any content.
func (t *tree[T]) push(modes []int) branch {
	b := branch{modes: modes}
	size := t.rank
	for _, m := range t.x.byStride() {
		if slices.Contains(modes, m) {
			b.layout = append(b.layout, m)
			size *= t.x.shape[m]
		}
	}
	depth := len(t.path)
	if depth == len(t.buffers) {
		t.buffers = append(t.buffers, nil)
	}
	t.buffers[depth] = grow(t.buffers[depth], size)
	b.data = t.buffers[depth]
	t.path = append(t.path, b)
	return b
}

// reduce contracts a branch with the factors of all its modes but some:
//
//	dst[k, r] = sum_s data[k, s, r] * prod_m factors[m][s_m, r]
func (t *tree[T]) reduce(dst *Matrix[float64], b branch, factors []*Matrix[float64], keep []int) {
	rank := t.rank
	if len(b.data) == 0 {
		for k := range dst.Rows {
			clear(dst.Row(k))
		}
		return
	}
	var summed []int
	for _, m := range b.layout {
		if !slices.Contains(keep, m) {
			summed = append(summed, m)
		}
	}
	atKept, atSummed := t.places(b, keep), t.places(b, summed)
	w := make([]float64, len(atSummed)*rank)
	newKRRows(ones(rank), factors, summed).fill(w, 0, len(atSummed))
	rows := max(1, reduceWork/(len(atSummed)*rank))
	rows = max(rows, (dst.Rows+reduceTasks-1)/reduceTasks)
	// Walk the data in memory order.
	within := len(atSummed) == 1 || len(atKept) > 1 && atSummed[1] < atKept[1]
	par.Blocks(dst.Rows, rows, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			clear(dst.Row(k))
		}
		if within {
			for k := lo; k < hi; k++ {
				for s := 0; s < len(atSummed); {
					at, n, step := evenRun(atSummed[s:])
					kernel.MulAddRows(n, rank, dst.Row(k), 0, b.data[(atKept[k]+at)*rank:], step*rank, w[s*rank:], rank)
					s += n
				}
			}
			return
		}
		for s, at := range atSummed {
			for k := lo; k < hi; {
				first, n, step := evenRun(atKept[k:hi])
				kernel.MulAddRows(n, rank, dst.Data[k*dst.Stride:], dst.Stride, b.data[(first+at)*rank:], step*rank, w[s*rank:], 0)
				k += n
			}
		}
	})
}

// evenRun returns the first place of a list, how many are evenly spaced from
// there on, and their distance.
func evenRun(places []int) (first, n, step int) {
	first, n = places[0], 1
	if len(places) > 1 {
		step = places[1] - first
	}
	for n < len(places) && places[n] == first+n*step {
		n++
	}
	return first, n, step
}

// reduceWork is the least number of products of a task of reduce.
const reduceWork = 1 << 15

// places lists where each index of some modes of a branch lies, in rows.
func (t *tree[T]) places(b branch, modes []int) []int {
	list := []int{0}
	for _, m := range b.layout {
		if !slices.Contains(modes, m) {
			for i := range list {
				list[i] *= t.x.shape[m]
			}
			continue
		}
		next := make([]int, 0, len(list)*t.x.shape[m])
		for _, at := range list {
			for i := range t.x.shape[m] {
				next = append(next, at*t.x.shape[m]+i)
			}
		}
		list = next
	}
	return list
}
