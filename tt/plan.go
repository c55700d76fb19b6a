package tt

import (
	"fmt"

	"github.com/polyad/polyad/fit"
)

// PlanSVD predicts what [SVD] needs to cut complete data of a shape, with
// elements of the given size in bytes, to opt.Ranks. On the P entries that
// are left when m = r_k*I_k rows are cut to r_{k+1}, the Gram matrix takes
// P*m operations, its eigenvectors about 9*m³ and the projection
// 2*P*r_{k+1}. Beside the data it holds two remainders (float64) and one Gram
// matrix with its eigenvectors.
//
// With Eps instead of ranks the need depends on the data; the plan then is
// for ranks of half of what each unfolding allows, and says so in a note.
func PlanSVD(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	plan := fit.Plan{Algorithm: "tt.SVD"}
	if len(shape) == 0 {
		return plan, fmt.Errorf("tt.PlanSVD: the tensor is a single number; at least one mode is needed")
	}
	entries := 1.0
	for n, s := range shape {
		if s < 1 {
			return plan, fmt.Errorf("tt.PlanSVD: mode %d has size %d; at least 1 is expected", n, s)
		}
		entries *= float64(s)
	}
	d := len(shape)
	ranks := opt.Ranks
	switch {
	case ranks == nil && opt.Eps > 0:
		left := 1.0
		for k := range d - 1 {
			left *= float64(shape[k])
			ranks = append(ranks, max(1, int(min(left, entries/left)/2)))
		}
		plan.Notes = append(plan.Notes, "eps decides the ranks; half of what each unfolding allows was assumed")
	case len(ranks) != d-1:
		return plan, fmt.Errorf("tt.PlanSVD: %d ranks for %d modes: one between neighbouring modes is expected", len(ranks), d)
	}
	for k, r := range ranks {
		if r < 1 {
			return plan, fmt.Errorf("tt.PlanSVD: rank %d of cut %d: a positive number is expected", r, k)
		}
	}
	ranks = usable(ranks, shape)

	data := entries * float64(elemBytes)
	elem, before, rank, parameters := float64(elemBytes), 0.0, 1.0, 0.0
	plan.PeakBytes = int64(data)
	for k := range d - 1 {
		m, r := rank*float64(shape[k]), float64(ranks[k])
		after := entries * r / m * 8
		plan.PeakBytes = max(plan.PeakBytes, int64(data+before+max(after, 4*8*m*m)))
		plan.Flops += entries*m + 9*m*m*m + 2*entries*r
		plan.BytesMoved += 2*entries*elem + after
		parameters += m * r
		entries, elem, before, rank = entries*r/m, 8, after, r
	}
	plan.Parameters = int64(parameters + rank*float64(shape[d-1]))
	return plan, nil
}
