package tucker

import (
	"fmt"

	"github.com/polyad/polyad/fit"
)

// PlanSTHOSVD predicts what [STHOSVD] needs to cut complete data of a shape,
// with elements of the given size in bytes, to opt.Ranks. On the P entries
// that are left when a mode of size I is cut to r, the Gram matrix takes
// P*I operations, its eigenvectors about 9*I³ and the projection 2*P*r.
// Beside the data it holds the first projection (float64) and one Gram
// matrix with its eigenvectors.
//
// With Eps instead of ranks the need depends on the data; the plan then is
// for ranks of half of each mode, and says so in a note.
func PlanSTHOSVD(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	plan := fit.Plan{Algorithm: "tucker.STHOSVD"}
	ranks := opt.Ranks
	switch {
	case ranks == nil && opt.Eps > 0:
		for _, s := range shape {
			ranks = append(ranks, (s+1)/2)
		}
		plan.Notes = append(plan.Notes, "eps decides the ranks; half of each mode was assumed")
	case len(ranks) != len(shape):
		return plan, fmt.Errorf("tucker.PlanSTHOSVD: %d ranks for %d modes: one for each mode is expected", len(ranks), len(shape))
	}
	for n, s := range shape {
		if s < 1 || ranks[n] < 1 {
			return plan, fmt.Errorf("tucker.PlanSTHOSVD: mode %d has size %d and rank %d; at least 1 is expected", n, s, ranks[n])
		}
	}
	ranks = usable(ranks, shape)

	entries := 1.0
	for _, s := range shape {
		entries *= float64(s)
	}
	data := entries * float64(elemBytes)
	elem, before := float64(elemBytes), 0.0 // bytes of the projection that is read
	core, parameters := 1.0, 0.0
	for _, n := range modeOrder(shape, ranks) {
		i, r := float64(shape[n]), float64(ranks[n])
		after := entries * r / i * 8
		plan.PeakBytes = max(plan.PeakBytes, int64(data+before+max(after, 4*8*i*i)))
		plan.Flops += entries*i + 9*i*i*i + 2*entries*r
		plan.BytesMoved += 2*entries*elem + after
		entries, elem, before = entries*r/i, 8, after
		core *= r
		parameters += i * r
	}
	plan.Parameters = int64(core + parameters)
	return plan, nil
}
