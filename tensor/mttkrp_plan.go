package tensor

import (
	"math"
	"slices"
)

// SweepPlan says how the MTTKRPs of one sweep over all modes share passes
// over dense data; see [Dense.SweepMTTKRP].
type SweepPlan struct {
	Runs       []int   // one pass serves Runs[n] modes if mode n is the first of them
	Passes     float64 // over the data, for a sweep
	Flops      float64 // of a sweep
	BytesMoved float64 // of a sweep, between caches and memory: the data once a pass, and what a pass leaves
	WorkBytes  int64   // of what lies between a pass and the MTTKRPs, beside the data and the factors
}

// Tiled reports whether each mode has a pass of its own, which needs no
// memory but for blocks that stay in cache and sums of the size of a factor.
func (p SweepPlan) Tiled() bool {
	for _, n := range p.Runs {
		if n > 1 {
			return false
		}
	}
	return true
}

// PlanSweep chooses what is expected to be the fastest of the plans of
// [SweepPlans] for which the work space is at most a quarter of the data, or
// 4 MiB.
func PlanSweep(shape []int, elemBytes, rank int) SweepPlan {
	plans := SweepPlans(shape, elemBytes, rank)
	limit := max(4<<20, float64(Size(shape))*float64(elemBytes)/4)
	best := plans[0]
	for _, p := range plans[1:] {
		if float64(p.WorkBytes) <= limit && p.cost(elemBytes) < best.cost(elemBytes) {
			best = p
		}
	}
	return best
}

// SweepPlans lists the ways to share passes that are considered for dense
// data of a shape, with elements of the given size in bytes:
//
//   - a pass for each mode: 2*N*R*P operations on P entries, no work space
//     to speak of (the first of the list);
//   - the modes in two parts, at each place: 4*R*P operations;
//   - L modes a pass, L < N, going on beyond the end of the sweep:
//     2*N/L*R*P operations.
//
// A part of several modes, P_T indices together, leaves an array of R*P_T
// numbers in float64 between the pass and the MTTKRPs.
func SweepPlans(shape []int, elemBytes, rank int) []SweepPlan {
	n := len(shape)
	same := func(length int) []int {
		runs := make([]int, n)
		for i := range runs {
			runs[i] = length
		}
		return runs
	}
	plans := []SweepPlan{newSweepPlan(shape, elemBytes, rank, same(1))}
	if n < 3 {
		return plans
	}
	for at := 1; at < n; at++ {
		runs := make([]int, n)
		for i := range runs {
			if runs[i] = at - i; i >= at {
				runs[i] = n - i
			}
		}
		plans = append(plans, newSweepPlan(shape, elemBytes, rank, runs))
	}
	for length := 2; length < n; length++ {
		plans = append(plans, newSweepPlan(shape, elemBytes, rank, same(length)))
	}
	return plans
}

// newSweepPlan adds up passes until one starts at mode 0 again.
func newSweepPlan(shape []int, elemBytes, rank int, runs []int) SweepPlan {
	p := SweepPlan{Runs: runs}
	if len(shape) == 0 {
		return p
	}
	entries := float64(Size(shape))
	passes, served := 0.0, 0
	for {
		first := served % len(shape)
		var run, modes []int
		for i := range runs[first] {
			n := (first + i) % len(shape)
			run, modes = append(run, shape[n]), append(modes, n)
		}
		passes++
		served += len(run)
		p.Flops += 2 * entries * float64(rank)
		p.BytesMoved += entries * float64(elemBytes)
		if len(run) > 1 {
			flops, bytes, work := branchCost(run, float64(rank))
			if slow, fast := shape[slices.Min(modes)], shape[slices.Max(modes)]; len(run) == 2 && pairSums(slow, fast) {
				// It is summed for one mode as it is made.
				bytes -= 8 * float64(slow) * float64(fast) * float64(rank)
				work += 8 * pairSumWork(slow, fast, rank)
			}
			p.Flops += flops
			p.BytesMoved += bytes
			p.WorkBytes = max(p.WorkBytes, int64(work))
		}
		if served%len(shape) == 0 {
			break
		}
	}
	sweeps := float64(served / len(shape))
	p.Passes = passes / sweeps
	p.Flops /= sweeps
	p.BytesMoved /= sweeps
	return p
}

// branchCost is what the array of a branch costs: to be written, and to be
// read for each of its halves, with the branches below it.
func branchCost(sizes []int, rank float64) (flops, bytes, work float64) {
	words := float64(Size(sizes)) * rank
	flops, bytes, work = 4*words, 3*8*words, 8*words
	half := len(sizes) / 2
	below := 0.0
	for _, child := range [][]int{sizes[:half], sizes[half:]} {
		if len(child) > 1 {
			f, b, w := branchCost(child, rank)
			flops += f
			bytes += b
			below = max(below, w)
		}
	}
	return flops, bytes, work + below
}

// cost weighs bytes against operations: a machine does some operations in the
// time that it takes to read a byte.
func (p SweepPlan) cost(elemBytes int) float64 {
	perByte := 32 / float64(elemBytes)
	return math.Max(p.BytesMoved, p.Flops/perByte)
}
