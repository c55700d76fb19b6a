package tucker

import (
	"fmt"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// PlanSTHOSVD predicts what [STHOSVD] needs for data of a shape, with elements
// of the given size in bytes. Where Eps decides the ranks, half of each mode
// is taken to be kept; the notes say what the peak would be if nothing could
// be cut, and Parameters is that of the full ranks. [HOOI] takes as much
// memory, and about the flops of the products and the residual again for each
// sweep of the data.
func PlanSTHOSVD(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	const method = "tucker.PlanSTHOSVD"
	for n, s := range shape {
		if s < 1 {
			return fit.Plan{}, fmt.Errorf("%s: mode %d has size %d; at least 1 is expected", method, n, s)
		}
	}
	p := fit.Plan{Algorithm: "tucker.STHOSVD"}
	var ranks []int
	switch {
	case opt.Ranks != nil:
		if len(opt.Ranks) != len(shape) {
			return p, fmt.Errorf("%s: %d ranks for %d modes", method, len(opt.Ranks), len(shape))
		}
		for n, r := range opt.Ranks {
			if r < 1 {
				return p, fmt.Errorf("%s: rank %d of mode %d: a positive number is expected", method, r, n)
			}
		}
		ranks = usable(opt.Ranks, shape)
		p.Parameters = parameters(shape, ranks)
	case opt.Eps > 0:
		for _, s := range shape {
			ranks = append(ranks, (s+1)/2)
		}
		p.Parameters = parameters(shape, shape)
	default:
		return p, fmt.Errorf("%s: no ranks and no eps", method)
	}
	p.PeakBytes, p.Flops, p.BytesMoved = predict(shape, elemBytes, ranks, opt)
	if opt.Ranks == nil {
		worst, _, _ := predict(shape, elemBytes, shape, opt)
		p.Notes = append(p.Notes, fmt.Sprintf("eps decides the ranks: half of each mode is assumed; if nothing can be cut, the peak is %.3g GB", float64(worst)/1e9))
	}
	return p, nil
}

func parameters(shape, ranks []int) int64 {
	p := 1.0
	for _, r := range ranks {
		p *= float64(r)
	}
	for n, s := range shape {
		p += float64(s) * float64(ranks[n])
	}
	return int64(p)
}

// predict adds up the steps of STHOSVD.
func predict(shape []int, elemBytes int, ranks []int, opt Options) (peak int64, flops, moved float64) {
	data := float64(elemBytes)
	for _, s := range shape {
		data *= float64(s)
	}
	now := data // bytes of what is left; the data themselves stay
	size := data / float64(elemBytes)
	most, kept := 0.0, 0.0
	known := ranks
	if opt.Ranks == nil {
		known = nil
	}
	for _, n := range modeOrder(shape, known) {
		s, r := float64(shape[n]), float64(ranks[n])
		next := size * r / s
		if l := r + float64(opt.oversample()); opt.Randomized && l < s {
			// The sketch, the power iterations and the product.
			next = size * l / s
			q := float64(opt.power())
			flops += size*(16+4*q*l+2*l) + 8*s*l*l*(1+q)
			moved += (2+q)*now + 8*next
		} else {
			flops += size*(s+2*r) + 9*s*s*s
			moved += 2*now + 8*next
		}
		most = max(most, kept+lowrank.WorkBytes(s, size/s), kept+8*next)
		now, size, kept = 8*next, next, 8*next
	}
	// The residual: the model by slabs.
	slab := min(data/float64(elemBytes), float64(max(1<<20, tensor.Size(shape)/max(1, shape[0]))))
	most = max(most, kept+3*8*slab)
	if len(shape) > 0 {
		flops += 2 * data / float64(elemBytes) * float64(ranks[len(ranks)-1])
	}
	moved += data
	return int64(data + most), flops, moved
}
