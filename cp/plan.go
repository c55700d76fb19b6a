package cp

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// PlanALS predicts what [ALS] needs for complete dense data of a shape, with
// elements of the given size in bytes. The candidates are
//
//   - the ways of [tensor.SweepPlans] to make a sweep, of which
//     [tensor.PlanSweep] takes one: with a pass over the data for each mode
//     ("tiled"), 2*N*R*P operations on P entries and next to no work space; by
//     a tree, 4*R*P or fewer;
//   - sweeps on a compressed core, if the options and the shape allow it.
//     Its operations are those of a run of 30 sweeps, of which 6 are made on
//     the data, divided by 30. Whether the data allow it is found at the run.
//
// Beside the data and the work space of the algorithm there are the factors a
// few times, and partial sums of the size of a factor.
func PlanALS(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	entries, rows, longest := 1.0, 0.0, 0.0
	for n, s := range shape {
		if s < 1 {
			return fit.Plan{}, fmt.Errorf("cp.PlanALS: mode %d has size %d; at least 1 is expected", n, s)
		}
		entries *= float64(s)
		rows += float64(s)
		longest = max(longest, float64(s))
	}
	r := float64(opt.Rank)
	if limit := MaxRank(shape); opt.Rank < 1 || opt.Rank > limit {
		return fit.Plan{}, fmt.Errorf("cp.PlanALS: rank %d: 1 to %d is expected for shape %v", opt.Rank, limit, shape)
	}
	const sums = 32 // partial sums of a pass, at most
	base := entries*float64(elemBytes) + 8*r*(6*rows+sums*longest)
	planned := func(p tensor.SweepPlan) fit.Plan {
		name := fmt.Sprintf("cp.ALS, tree of %.3g passes a sweep", p.Passes)
		if p.Tiled() {
			name = fmt.Sprintf("cp.ALS, tiled, %d passes a sweep", len(shape))
		}
		return fit.Plan{
			Algorithm:  name,
			PeakBytes:  int64(base) + p.WorkBytes,
			Flops:      p.Flops,
			BytesMoved: p.BytesMoved,
			Iterative:  true,
			Parameters: int64(r * (rows + 1)),
		}
	}
	plan := planned(tensor.PlanSweep(shape, elemBytes, opt.Rank))
	var candidates []fit.Plan
	for _, p := range tensor.SweepPlans(shape, elemBytes, opt.Rank) {
		c := planned(p)
		same := func(d fit.Plan) bool { return d.Algorithm == c.Algorithm && d.PeakBytes == c.PeakBytes }
		if !slices.ContainsFunc(candidates, same) {
			candidates = append(candidates, c)
		}
	}
	if c, ok := planCompressed(shape, elemBytes, opt, plan); ok {
		candidates = append(candidates, c)
		plan = c
	}
	plan.Candidates = candidates
	return plan, nil
}

// planCompressed is the plan with sweeps on a core, if that is worth it; the
// others are made as in plan.
func planCompressed(shape []int, elemBytes int, opt Options, plan fit.Plan) (fit.Plan, bool) {
	sizes, order, flops := coreSizes(shape, opt.Rank)
	if !opt.mayCompress() || !worthCompressing(shape, sizes, opt.Rank, flops) {
		return plan, false
	}
	core := tensor.PlanSweep(sizes, 8, opt.Rank)
	// The first projection is the largest array; a sketch is wider than what
	// is kept of it.
	first := order[0]
	width := sizes[first]
	if sketches(shape[first], width) {
		width += sketchMore
	}
	entries := tensor.Cells(shape)
	projected := 8 * entries / float64(shape[first]) * float64(width)
	c := plan
	c.Algorithm = "cp.ALS, compressed to " + times(sizes)
	c.PeakBytes += int64(projected)
	c.Flops = (flops + usualSweeps*core.Flops + usualPolish*plan.Flops) / usualSweeps
	c.BytesMoved = (2*entries*float64(elemBytes) + 2*projected + usualSweeps*core.BytesMoved + usualPolish*plan.BytesMoved) / usualSweeps
	c.Notes = append(slices.Clone(plan.Notes), fmt.Sprintf("if the singular values fall fast enough; otherwise %s", plan.Algorithm))
	return c, true
}
