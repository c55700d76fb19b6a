package tensor

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// pairSum contracts a branch of two modes further, with the factor of one:
//
//	dst[i, r] = sum_j t[i, j, r] * factor[j, r]    if the slower mode stays, else
//	dst[j, r] = sum_i t[i, j, r] * factor[i, r]
//
// It takes slices of t, some indices i and all j, from tasks that may run at a
// time: of the pass that makes them, when they are in the cache still, or of
// its own.
type pairSum struct {
	slower     bool // stays
	slow, fast int  // sizes
	dst        *Matrix[float64]
	factor     *Matrix[float64] // of the other mode
	sums       []float64        // of the tasks, if the faster mode stays
}

const (
	pairSlices = 64   // least size of the slower mode
	pairTasks  = 4    // least slices of a task, the sums of which are then a quarter of t at most
	pairFast   = 1024 // largest size of the faster mode, whose slices stay in the cache
)

// pairSums reports whether branches of two modes of these sizes are summed by
// slices.
func pairSums(slow, fast int) bool { return slow >= pairSlices && fast <= pairFast }

// pairSumWork is the number of elements that the sums of the tasks have, at
// most.
func pairSumWork(slow, fast, rank int) float64 {
	tasks := min(2*passTasks, (slow+pairTasks-1)/pairTasks)
	return float64(tasks) * float64(fast) * float64(rank)
}

// begin makes room for the sums of some tasks.
func (s *pairSum) begin(tasks int) {
	if !s.slower {
		s.sums = grow(s.sums, tasks*s.fast*s.dst.Cols)
	}
}

// add takes the slices [from, to) of t, in order within a task.
func (s *pairSum) add(task int, t []float64, from, to int, first bool) {
	rank := s.dst.Cols
	if s.slower {
		for i := from; i < to; i++ {
			clear(s.dst.Row(i))
			kernel.MulAddRows(s.fast, rank, s.dst.Row(i), 0, t[i*s.fast*rank:], rank, s.factor.Data, s.factor.Stride)
		}
		return
	}
	sum := s.sums[task*s.fast*rank:][:s.fast*rank]
	if first {
		clear(sum)
	}
	for i := from; i < to; i++ {
		kernel.MulAddRows(s.fast, rank, sum, rank, t[i*s.fast*rank:], rank, s.factor.Row(i), 0)
	}
}

// end adds up the sums of the tasks.
func (s *pairSum) end(tasks int) {
	if s.slower {
		return
	}
	rank := s.dst.Cols
	one := ones(rank)
	par.Blocks(s.fast, max(1, reduceWork/(tasks*rank)), func(_, lo, hi int) {
		for j := lo; j < hi; j++ {
			copy(s.dst.Row(j), s.sums[j*rank:])
		}
		for t := 1; t < tasks; t++ {
			kernel.MulAddRows(hi-lo, rank, s.dst.Data[lo*s.dst.Stride:], s.dst.Stride, s.sums[(t*s.fast+lo)*rank:], rank, one, 0)
		}
	})
}

// all takes t whole.
func (s *pairSum) all(t []float64) {
	each := max(pairTasks, (s.slow+passTasks-1)/passTasks)
	tasks := (s.slow + each - 1) / each
	s.begin(tasks)
	par.Do(tasks, func(k int) { s.add(k, t, k*each, min((k+1)*each, s.slow), true) })
	s.end(tasks)
}
