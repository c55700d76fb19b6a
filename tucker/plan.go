package tucker

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// PlanSTHOSVD predicts what [STHOSVD] needs for data of a shape, with elements
// of the given size in bytes. Where Eps decides the ranks, half of each mode
// is taken to be kept; the notes say what the peak would be if nothing could
// be cut, and Parameters is that of the full ranks.
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

// PlanSpectra is [PlanSTHOSVD] where Eps decides the ranks and something is
// known of the spectra, from samples for one: tails[n][r] is the norm, relative
// to that of the data, of what the r leading left singular vectors of the mode-n
// unfolding leave of it, for r from 0 to the size of the mode. It gives the
// ranks at which the modes are cut in turn, before the core is trimmed. What
// the modes before have cut off is taken to be spread evenly over the vectors
// of the next, as noise is.
func PlanSpectra(shape []int, elemBytes int, opt Options, tails [][]float64) (p fit.Plan, ranks []int, err error) {
	opt.Ranks = nil
	if p, err = PlanSTHOSVD(shape, elemBytes, opt); err != nil {
		return p, nil, err
	}
	if len(tails) != len(shape) {
		return p, nil, fmt.Errorf("tucker.PlanSpectra: %d spectra for %d modes", len(tails), len(shape))
	}
	for n, s := range shape {
		if len(tails[n]) != s+1 {
			return p, nil, fmt.Errorf("tucker.PlanSpectra: the spectrum of mode %d has %d values; %d are expected, for ranks from 0 to %d", n, len(tails[n]), s+1, s)
		}
	}
	ranks = make([]int, len(shape))
	left := modeOrder(shape, nil, reductionFor(shape, opt.Eps))
	order := make([]int, 0, len(left))
	budget, cut := opt.Eps*opt.Eps, 0.0
	for len(left) > 0 {
		tail := func(n, r int) float64 { // squared
			return max(0, tails[n][r]*tails[n][r]-cut*(1-float64(r)/float64(shape[n])))
		}
		rank := func(n int) int {
			r := shape[n]
			for r > 1 && tail(n, r-1) <= budget/float64(len(left)) {
				r--
			}
			return r
		}
		share := func(n int) float64 { return float64(rank(n)) / float64(shape[n]) }
		pick := 0
		if len(order) == 0 && cells(shape) >= largeData && share(left[0]) > 0.5 {
			for k := range left {
				if share(left[k]) < share(left[pick]) {
					pick = k
				}
			}
		}
		n := left[pick]
		ranks[n] = rank(n)
		lost := tail(n, ranks[n])
		budget, cut = max(0, budget-lost), cut+lost
		left, order = slices.Delete(left, pick, pick+1), append(order, n)
	}
	p.PeakBytes, p.Flops, p.BytesMoved = predictOrder(shape, elemBytes, ranks, opt, order)
	p.Parameters, p.Notes = parameters(shape, ranks), nil
	return p, ranks, nil
}

// PlanHOOI predicts what [HOOI] needs for data of a shape, with elements of
// the given size in bytes, and says how it will begin: with a compression by
// random ranges, by an ST-HOSVD, or with neither. After a compression, two
// sweeps of the data are counted; without one, the operations are those of a
// sweep. Where Eps decides the ranks, half of each mode is taken to be kept.
func PlanHOOI(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	p, err := PlanSTHOSVD(shape, elemBytes, opt)
	if err != nil {
		return p, fmt.Errorf("tucker.PlanHOOI: %w", err)
	}
	p.Algorithm = "tucker.HOOI"
	ranks := usable(opt.Ranks, shape)
	if opt.Ranks == nil {
		for _, s := range shape {
			ranks = append(ranks, (s+1)/2)
		}
	}
	opt.Ranks = ranks
	data := float64(elemBytes) * float64(tensor.Size(shape))
	work, flops, moved := predictSweep(shape, elemBytes, ranks)
	if p.Notes != nil || !opt.compressible(shape) {
		// The start is an ST-HOSVD of the data, and all sweeps are on them.
		p.PeakBytes = max(p.PeakBytes, int64(data+work))
		p.Flops, p.BytesMoved, p.Iterative = flops, moved, true
		return p, nil
	}
	first := opt
	if opt.sketches(shape) {
		first.Randomized = true
		if first.Power == 0 {
			first.Power = -1
		}
		ranks = slices.Clone(ranks)
		for n := range ranks {
			ranks[n] = min(ranks[n]+opt.oversample(), shape[n])
		}
		p.Algorithm += ", compressed by random ranges"
	} else {
		ranks = compressedRanks(ranks, shape)
		first.Ranks = ranks
		p.Algorithm += ", compressed by an ST-HOSVD"
	}
	p.PeakBytes, p.Flops, p.BytesMoved = predict(shape, elemBytes, first.Ranks, first)
	// The sweeps work in the memory of the compression.
	work = max(work, float64(p.PeakBytes)-data)
	p.PeakBytes = int64(data + work)
	p.Flops += polishSweeps * flops
	p.BytesMoved += polishSweeps * moved
	p.Notes = append(p.Notes, fmt.Sprintf("most sweeps are on a core of %v, and about %d on the data", ranks, polishSweeps))
	return p, nil
}

// PlanSparse predicts what [HOOI] needs beside the entries of sparse data of a
// shape, so many of them, for given ranks: a tree of the entries for each mode,
// and the products of all modes but one, which are dense. Operations are those
// of a sweep.
func PlanSparse(shape []int, entries int64, opt Options) (fit.Plan, error) {
	if opt.Ranks == nil {
		return fit.Plan{}, fmt.Errorf("tucker.PlanSparse: which ranks eps %v chooses is not known before; give ranks", opt.Eps)
	}
	p, err := PlanSTHOSVD(shape, 8, Options{Ranks: opt.Ranks})
	if err != nil {
		return p, fmt.Errorf("tucker.PlanSparse: %w", err)
	}
	whole := float64(p.PeakBytes)
	ranks := usable(opt.Ranks, shape)
	p = fit.Plan{Algorithm: "tucker.HOOI by trees of the entries", Iterative: true, Parameters: p.Parameters}
	opt.listed = true
	n := float64(entries)
	// Unfoldings: the numbers of the entries, sorted, and lists of them.
	work := sortedBytes * n
	if cells(shape) < largeData {
		work += whole
	}
	wide := slices.Clone(ranks)
	core := math.Inf(1)
	factors := 0.0
	for m := range wide {
		wide[m] = min(wide[m]+opt.oversample(), shape[m])
		factors += 4 * 8 * float64(shape[m]) * float64(wide[m])
	}
	for m, s := range shape {
		core = min(core, listedProduct(shape, wide, m))
		rows, cols := float64(s), 1.0
		for k, r := range ranks {
			if k != m {
				cols *= float64(r)
			}
		}
		work = max(work, listedProduct(shape, ranks, m)+lowrank.WorkBytes(rows, cols, 0), 8*8*rows*float64(wide[m]))
		p.Flops += 2 * n * (float64(slices.Max(ranks)) + cols)
		p.BytesMoved += n*(12+8*float64(slices.Max(ranks))) + 8*rows*cols
	}
	p.PeakBytes = int64(float64(sparse.TreesPeak(shape, int(entries), 8)) + max(work, core) + factors)
	return p, nil
}

// sortedBytes is what an unfolding of sparse data takes an entry: records of 16
// bytes twice, the entries once more, and a place and a fiber each.
const sortedBytes = 72

// polishSweeps is how many sweeps of the data a run is taken to need after a
// compression.
const polishSweeps = 2

// predictSweep adds up a sweep of HOOI on the data: a projection of them for
// each half of the modes, and what follows on the result.
func predictSweep(shape []int, elemBytes int, ranks []int) (work, flops, moved float64) {
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = &tensor.Matrix[float64]{Rows: s, Cols: ranks[n]}
	}
	size := float64(tensor.Size(shape))
	modes := all(len(shape))
	for _, half := range [][]int{modes[:len(modes)/2], modes[len(modes)/2:]} {
		left := size
		for k, n := range byShrinking(half, factors) {
			next := left / float64(shape[n]) * float64(ranks[n])
			flops += 2 * left * float64(ranks[n])
			if k == 0 {
				moved += size*float64(elemBytes) + 8*next
				work = max(work, 8*next)
			}
			left = next
		}
	}
	for n, s := range shape {
		rest := 1.0
		for m, r := range ranks {
			if m != n {
				rest *= float64(r)
			}
		}
		flops += rest * float64(s) * float64(s)
	}
	return work, flops, moved
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
	known := ranks
	if opt.Ranks == nil {
		known = nil
	}
	by := reductionFor(shape, opt.Eps)
	if opt.Randomized {
		by = bySketch
	}
	return predictOrder(shape, elemBytes, ranks, opt, modeOrder(shape, known, by))
}

// predictOrder is predict for an order of the modes.
func predictOrder(shape []int, elemBytes int, ranks []int, opt Options, order []int) (peak int64, flops, moved float64) {
	data := float64(elemBytes)
	for _, s := range shape {
		data *= float64(s)
	}
	now := data // bytes of what is left; the data themselves stay
	size := data / float64(elemBytes)
	most, kept := 0.0, 0.0
	tol := 0.0
	if opt.Eps > 0 {
		tol = opt.Eps / math.Sqrt(float64(len(shape)))
	}
	by := reductionFor(shape, opt.Eps)
	if opt.Randomized {
		by = bySketch
	}
	for _, n := range order {
		s, r := float64(shape[n]), float64(ranks[n])
		next := size * r / s
		if l := r + float64(opt.oversample()); opt.Randomized && l < s {
			// The sketch, the power iterations and the product.
			next = size * l / s
			q := float64(opt.power())
			flops += size*(16+4*q*l+2*l) + 8*s*l*l*(1+q)
			moved += (2+q)*now + 8*next
		} else {
			flops += size*(by.flops(s)+2*r) + 9*s*s*s
			moved += 2*now + 8*next
		}
		most = max(most, kept+lowrank.WorkBytes(s, size/s, tol))
		// The first product is made beside the data, and the next in its place.
		kept = max(kept, 8*next)
		most = max(most, kept)
		now, size = 8*next, next
	}
	// The core moves out of the memory of the products.
	core := 8 * size
	most = max(most, kept+core)
	// The residual: the model by slabs, from all of the products but the first
	// and the last.
	slab := min(data/float64(elemBytes), float64(max(1<<18, tensor.Size(shape)/max(1, shape[0]))))
	whole := core
	for n := 1; n < len(shape)-1; n++ {
		whole *= float64(shape[n]) / float64(ranks[n])
	}
	if len(shape) < 3 {
		whole = 0 // the core itself
	}
	most = max(most, core+whole+3*8*slab)
	if len(shape) > 0 {
		flops += 2 * data / float64(elemBytes) * float64(ranks[len(ranks)-1])
	}
	moved += data
	return int64(data + most), flops, moved
}
