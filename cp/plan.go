package cp

import (
	"fmt"

	"github.com/polyad/polyad/fit"
)

// PlanALS predicts what [ALS] needs for complete data of a shape, with
// elements of the given size in bytes. A sweep makes N MTTKRPs, each of which
// reads the data once and takes 2*R*P operations on P entries. Beside the
// data it holds the factors a few times, and one partial sum a task.
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
	n := float64(len(shape))
	const sums = 32 // partial sums of an MTTKRP, at most
	work := 8 * r * (6*rows + sums*longest)
	return fit.Plan{
		Algorithm:  "cp.ALS",
		PeakBytes:  int64(entries*float64(elemBytes) + work),
		Flops:      n * 2 * r * entries,
		BytesMoved: n * entries * float64(elemBytes),
		Iterative:  true,
		Parameters: int64(r * (rows + 1)),
	}, nil
}
