package tucker

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// STHOSVD is the sequentially truncated higher-order singular value
// decomposition: for one mode n after another, with Y = X at first,
//
//	A_n = the r_n leading left singular vectors of Y_(n),  Y ← Y ×_n A_nᵀ,
//
// and what is left in the end is the core r_0×…×r_{N-1}. Given Eps, the relative error ||X-M||/||X|| is at most Eps; given
// ranks, it is at most sqrt(N) times the least possible.
//
// The squared errors of the modes add up, so each may use an equal share of
// what Eps² allows, and what one leaves goes to the next; what is left in the
// end pays for the smallest leading block of the core. Singular vectors
// come from the Gram matrix where Eps is comfortably above what it resolves
// (about 1e-6), and from a QR factorisation elsewhere. Modes are taken in the
// order of least work; but on large data a mode that keeps more than half of
// its indices waits for one that keeps less, so that the first product, the
// only one beside the data, stays small. The data are never copied. Given
// Randomized, all this happens to the data reduced to random ranges.
//
// Errors: options at fault, data that are not finite, a step beyond
// Room (*[fit.RoomError]), and ctx's after a cancellation.
//
// Vannieuwenhoven, Vandebril & Meerbergen 2012,
// https://doi.org/10.1137/110836067.
func STHOSVD(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	const method = "tucker.STHOSVD"
	if opt.Initial != nil {
		return nil, fit.Result{Method: method}, fmt.Errorf("%s: an initial model is given, and this method is direct; use HOOI", method)
	}
	opt, norm, notes, err := opt.prepare(method, x)
	if err != nil {
		return nil, fit.Result{Method: method}, err
	}
	r := fit.Result{Method: method, Stop: fit.Direct, Seed: opt.Seed, Starts: 1, Notes: notes}
	var clock fit.Clock
	report := func(done int, e float64) {
		r.Iterations = done
		r.Trace = append(r.Trace, e)
		if opt.Progress != nil {
			opt.Progress(fit.Event{Method: method, Starts: 1, Iteration: done, MaxIters: len(x.Shape()), RelativeError: e})
		}
	}
	var t *Tensor
	if opt.Randomized {
		t, err = randomized(ctx, x, norm, opt, &r, &clock, report)
	} else {
		t, err = sthosvd(ctx, x, norm, opt, new(lowrank.Memory), &clock, report)
	}
	if err == nil {
		err = t.finish(x, norm, &r, &clock)
	}
	if err == nil {
		if opt.Eps > 0 && !(r.RelativeError <= opt.Eps) {
			r.Notes = append(r.Notes, fmt.Sprintf("the relative error %.3g exceeds eps %.3g: %s", r.RelativeError, opt.Eps, why(opt)))
		}
	}
	r.Phases = clock.Phases()
	if err != nil {
		if ctx.Err() != nil {
			r.Stop = fit.Cancelled
		}
		return nil, r, fmt.Errorf("%s: %w", method, err)
	}
	return t, r, nil
}

// why an error that was asked for was not reached.
func why(opt Options) string {
	if opt.Ranks != nil {
		return "the ranks were limited"
	}
	return "eps is at the level of rounding errors"
}

// largeData is the number of elements from which on the first mode is chosen
// for the size of its product.
const largeData = 1 << 22

// sthosvd does the work, its products in the memory space. After each mode it
// reports how many are done and the relative error so far.
func sthosvd(ctx context.Context, x Data, norm float64, opt Options, space *lowrank.Memory, clock *fit.Clock, report func(done int, e float64)) (*Tensor, error) {
	shape := x.Shape()
	t := &Tensor{Factors: make([]*tensor.Matrix[float64], len(shape)), Modes: tensor.CloneAxes(x.Axes())}
	left := modeOrder(shape, opt.Ranks, reductionFor(shape, opt.Eps))
	budget := opt.Eps * opt.Eps // what the modes that are left may cut, squared, relative to the norm
	cutSoFar := 0.0             // likewise, not squared
	var y Data = x
	done := 0
	// The first product is made beside the data, and the next in its place: of
	// so many bytes.
	kept := 0.0

	leading := func(mode int) (lowrank.Basis, error) {
		defer clock.Time("singular vectors")()
		lim := lowrank.Limit{Tol: norm * math.Sqrt(budget/float64(len(left)))}
		if opt.Ranks != nil {
			lim.Rank = opt.Ranks[mode]
		}
		if err := fit.Afford(opt.Room, kept+lowrank.WorkBytes(float64(shape[mode]), cells(y.Shape())/float64(shape[mode]), opt.Eps/math.Sqrt(float64(len(shape)))), "the unfolding of mode %d of size %d", mode, shape[mode]); err != nil {
			return lowrank.Basis{}, err
		}
		return lowrank.Leading(y, mode, norm, lim)
	}
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pick := 0
		best, err := leading(left[0])
		if err != nil {
			return nil, err
		}
		if done == 0 && cells(shape) >= largeData {
			share := func(b lowrank.Basis) float64 { return float64(b.Rank()) / float64(b.U.Rows) }
			for k := 1; k < len(left) && share(best) > 0.5; k++ {
				b, err := leading(left[k])
				if err != nil {
					return nil, err
				}
				if share(b) < share(best) {
					pick, best = k, b
				}
			}
		}
		mode := left[pick]
		left = slices.Delete(left, pick, pick+1)
		stop := clock.Time("mode products")
		t.Factors[mode] = best.U
		if t.Core != nil {
			t.Core = lowrank.Shrink(t.Core, best.U, mode)
		} else {
			kept = 8 * cells(shape) / float64(shape[mode]) * float64(best.Rank())
			if err := fit.Afford(opt.Room, kept, "the projection of mode %d on %d of %d vectors", mode, best.Rank(), shape[mode]); err != nil {
				return nil, err
			}
			t.Core = space.Project(y, best.U, mode)
		}
		stop()
		if err := tensor.Err(x); err != nil {
			return nil, err
		}
		y = t.Core
		if norm > 0 {
			share := best.Tail / norm
			budget = max(0, budget-share*share)
			cutSoFar = math.Hypot(cutSoFar, share)
		}
		if len(left) == 0 && opt.Eps >= trimLeastEps && norm > 0 && t.Core.Len() <= trimMostCore {
			stop := clock.Time("trim")
			tol := norm * math.Sqrt(max(0, opt.Eps*opt.Eps-cutSoFar*cutSoFar)) * (1 - 1e-6)
			cutSoFar = math.Hypot(cutSoFar, t.trim(tol)/norm)
			stop()
		}
		done++
		if report != nil {
			report(done, cutSoFar)
		}
	}
	t.Core = t.Core.Clone() // out of the space
	return t, nil
}

// reduction is how the vectors of a mode are found.
type reduction int

const (
	byGram reduction = iota
	byTriangle
	bySketch
)

// reductionFor is what [lowrank.Leading] will do to reach an error of eps.
func reductionFor(shape []int, eps float64) reduction {
	if eps == 0 {
		return byGram
	}
	for _, s := range shape {
		if !lowrank.GramResolves(s, eps/math.Sqrt(float64(len(shape)))) {
			return byTriangle
		}
	}
	return byGram
}

// flops is the operations for each element of the data that finding the
// vectors of a mode takes.
func (r reduction) flops(size float64) float64 {
	switch r {
	case byTriangle:
		return 4 * size
	case bySketch:
		return 16
	}
	return size
}

// modeOrder sorts the modes by the work of treating them first: a mode of
// size I cut to r costs P*(f+2*r) operations on P elements, f of them for the
// vectors, and leaves P*r/I. An exchange of neighbours shows that
// (f+2*r)/(1-r/I) sorts them best. Unknown ranks are taken to be the same
// share of each mode. Of equals the last comes first, which as a rule is the
// fastest in memory.
func modeOrder(shape, ranks []int, by reduction) []int {
	order := make([]int, len(shape))
	key := make([]float64, len(shape))
	for n, s := range shape {
		order[n] = n
		size, keep := float64(s), float64(s)/2
		if ranks != nil {
			keep = float64(ranks[n])
		}
		key[n] = (by.flops(size) + 2*keep) / (1 - keep/size) // +Inf for a mode that is kept whole
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(key[a], key[b]), cmp.Compare(b, a)) })
	return order
}

// finish computes the exact error of the model.
func (t *Tensor) finish(x Data, norm float64, r *fit.Result, clock *fit.Clock) error {
	defer clock.Time("residual")()
	if norm == 0 {
		r.SetError(0)
		return nil
	}
	r.SetError(t.residual(x) / norm)
	return tensor.Err(x)
}
