package tucker

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// HOOI is the higher-order orthogonal iteration for the best Tucker model of
// given ranks: in a sweep, for n = 0, 1, …, N-1, factor n becomes the r_n
// leading left singular vectors of mode n of
//
//	X ×_0 A_0ᵀ … ×_{n-1} A_{n-1}ᵀ ×_{n+1} A_{n+1}ᵀ …,
//
// which lowers ||X - M|| or leaves it. It starts from [STHOSVD] (which
// chooses the ranks if Eps is given; the error then only falls), or from
// Initial; further starts (see Starts) are random. Products that several
// modes share are made once a sweep, by a tree over the modes.
//
// Given Ranks that are small beside the data, the iteration works on the core
// of a compression, where a sweep costs next to nothing, and then goes on with
// the data from where it converged: that is the same fixed point, reached by
// one or two sweeps of the data. The compression is an ST-HOSVD of half as
// large ranks again; or, where the ranks of large data are far below the sizes
// of the modes, random ranges (see Randomized), which are found in two passes
// over the data and are drawn from Seed. What they miss, the sweeps of the
// data find. If the core holds all of the data, these are left out. The notes
// of the result say what was done.
//
// After a cancellation HOOI returns the best model so far, a result with the
// stop reason Cancelled, and ctx's error. Other errors, which are those of
// [STHOSVD], come without a model.
//
// De Lathauwer, De Moor & Vandewalle 2000,
// https://doi.org/10.1137/S0895479898346995.
func HOOI(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	const method = "tucker.HOOI"
	opt, norm, notes, err := opt.prepare(method, x)
	res := fit.Result{Method: method, Seed: opt.Seed, Notes: notes}
	if err != nil {
		return nil, res, err
	}
	clock := new(fit.Clock)
	var small *compressed
	best, err := fit.Starts(ctx, opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		if r.Start == 0 && opt.compressible(x.Shape()) {
			if small, err = compress(ctx, x, norm, opt, clock); err != nil {
				return nil, err
			}
		}
		h := &hooi{x: x, norm: norm, clock: clock, space: make([]lowrank.Memory, len(x.Shape()))}
		if small != nil {
			h.x, h.lost, h.space[0] = small.core, small.lost, small.space
		}
		if err := h.start(ctx, opt, r, small != nil); err != nil {
			return nil, err
		}
		if err := h.afford(opt.Room); err != nil {
			return nil, err
		}
		// The ranks that Eps chose hold for the other starts too.
		opt.Ranks = h.t.Ranks()
		sweep := func(int) (float64, error) { return h.sweep() }
		control := opt.Options
		var err error
		if small != nil {
			polish := small.lost > polishLoss*norm
			if polish {
				control.MaxIters--
			}
			if control.MaxIters > 0 {
				err = fit.Run(ctx, control, r, sweep)
			}
			h.lift(x, small)
			inner := r.Iterations
			what := "an ST-HOSVD"
			if opt.sketches(x.Shape()) {
				what = "random ranges"
			}
			control.MaxIters = opt.MaxIters - inner
			if polish && err == nil {
				err = fit.Run(ctx, control, r, sweep)
			}
			r.Notes = append(r.Notes, fmt.Sprintf("%d sweeps of the core of %s of ranks %v, whose relative error is %.3g, and %d of the data", inner, what, small.core.Shape(), small.lost/norm, r.Iterations-inner))
		} else {
			err = fit.Run(ctx, control, r, sweep)
		}
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if fault := h.t.finish(x, norm, r, clock); fault != nil {
			return nil, fault
		}
		return h.t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}

// polishLoss is the relative error of a compression from which on the
// iteration has to go on with the data.
const polishLoss = 1e-10

// compressed is the data in the coordinates of an ST-HOSVD.
type compressed struct {
	core    *tensor.Dense[float64]
	factors []*tensor.Matrix[float64]
	lost    float64        // norm of what it leaves out
	space   lowrank.Memory // in which it was made
}

// compressedRanks are the ranks of the compression for a model of these ranks.
func compressedRanks(ranks, shape []int) []int {
	wide := slices.Clone(ranks)
	for n, r := range wide {
		wide[n] = r + max(4, r/2)
	}
	return usable(wide, shape)
}

// compressible tells whether HOOI may begin with a compression, and whether
// that makes the data much smaller.
func (o Options) compressible(shape []int) bool {
	if o.Initial != nil || o.Ranks == nil || o.Eps > 0 {
		return false
	}
	return o.sketches(shape) || 16*cells(compressedRanks(o.Ranks, shape)) <= cells(shape)
}

// sketchShare is how many times as large a mode is as its random range, at
// least, for HOOI to take random ranges unasked.
const sketchShare = 3

// sketches tells whether the compression of HOOI is by random ranges.
func (o Options) sketches(shape []int) bool {
	if o.Randomized || o.listed && cells(shape) >= largeData {
		return true
	}
	for n, r := range o.Ranks {
		if r < shape[n] && sketchShare*(r+o.oversample()) > shape[n] {
			return false
		}
	}
	return cells(shape) >= largeData
}

func compress(ctx context.Context, x Data, norm float64, opt Options, clock *fit.Clock) (*compressed, error) {
	if opt.sketches(x.Shape()) {
		if opt.Power == 0 {
			opt.Power = -1
		}
		return sketch(ctx, x, norm, opt.Ranks, opt, clock)
	}
	c := new(compressed)
	opt.Ranks = compressedRanks(opt.Ranks, x.Shape())
	t, err := sthosvd(ctx, x, norm, opt, &c.space, clock, func(_ int, e float64) { c.lost = e * norm })
	if err != nil {
		return nil, err
	}
	c.core, c.factors = t.Core, t.Factors
	return c, nil
}

// lift turns a model of the compressed data into one of the data.
func (h *hooi) lift(x Data, c *compressed) {
	h.x, h.lost = x, 0
	h.t.multiply(c.factors)
	h.t.Modes = tensor.CloneAxes(x.Axes())
}

// hooi is one start of the iteration.
type hooi struct {
	x     Data    // the data, or their compression
	norm  float64 // of the data
	lost  float64 // norm of what the compression leaves out
	t     *Tensor
	clock *fit.Clock
	space []lowrank.Memory // of projections, by how many halvings of the modes led to them
}

// start makes the first model, of data that are compressed already or not.
func (h *hooi) start(ctx context.Context, opt Options, r *fit.Result, compressed bool) (err error) {
	number := r.Start
	if number == 0 && opt.Initial == nil {
		if opt.Randomized && !compressed {
			h.t, err = randomized(ctx, h.x, h.norm, opt, r, h.clock, nil)
			return err
		}
		h.t, err = sthosvd(ctx, h.x, h.norm, opt, &h.space[0], h.clock, nil)
		return err
	}
	defer h.clock.Time("start")()
	shape := h.x.Shape()
	h.t = &Tensor{Modes: tensor.CloneAxes(h.x.Axes())}
	rng := rand.New(rand.NewPCG(opt.Seed, uint64(number)))
	for n, s := range shape {
		var f *tensor.Matrix[float64]
		if number == 0 {
			f = opt.Initial.Factors[n].Sub(0, s, 0, opt.Ranks[n])
		} else {
			f = tensor.NormalMatrix(rng, s, opt.Ranks[n])
		}
		q, _, err := linalg.QR(f)
		if err != nil {
			return err
		}
		h.t.Factors = append(h.t.Factors, q)
	}
	h.t.Core = project(h.x, all(len(shape)), h.t.Factors, &h.space[0]).Contiguous().Clone()
	return nil
}

// afford checks the products that a sweep makes of the data.
func (h *hooi) afford(room int64) error {
	modes := all(len(h.t.Factors))
	if len(modes) < 2 {
		return nil
	}
	if _, ok := h.x.(Listed); ok {
		return affordListed(room, h.x.Shape(), h.t.Ranks())
	}
	for _, half := range [][]int{modes[:len(modes)/2], modes[len(modes)/2:]} {
		n := byShrinking(half, h.t.Factors)[0]
		f := h.t.Factors[n]
		need := 8 * float64(tensor.Size(h.x.Shape())) / float64(f.Rows) * float64(f.Cols)
		if err := fit.Afford(room, need, "the projection of mode %d on %d of %d vectors", n, f.Cols, f.Rows); err != nil {
			return err
		}
	}
	return nil
}

// rememberer is data that keep the outcome of passes over them, so that an
// interrupted run need not repeat them.
type rememberer interface {
	Remember(what string, compute func() (*tensor.Matrix[float64], error)) (*tensor.Matrix[float64], error)
}

// sweep updates every factor and the core, and returns the relative error.
func (h *hooi) sweep() (float64, error) {
	r, ok := h.x.(rememberer)
	if !ok {
		return h.improve()
	}
	state, err := r.Remember("sweep", func() (*tensor.Matrix[float64], error) {
		e, err := h.improve()
		state := append([]float64{e}, h.t.Core.Data()...)
		for _, f := range h.t.Factors {
			state = append(state, f.Data...)
		}
		return tensor.MatrixOf(1, len(state), state), err
	})
	if err != nil {
		return 0, err
	}
	at := 1 + copy(h.t.Core.Data(), state.Data[1:])
	for _, f := range h.t.Factors {
		at += copy(f.Data, state.Data[at:])
	}
	return state.Data[0], nil
}

func (h *hooi) improve() (float64, error) {
	if h.norm == 0 {
		return 0, nil
	}
	var err error
	if x, ok := h.x.(Listed); ok {
		err = h.updateListed(x)
	} else {
		err = h.update(h.x, all(len(h.t.Factors)), 0)
	}
	if err != nil {
		return 0, err
	}
	c := h.t.Core.Norm() / h.norm
	e := math.Sqrt(max(0, (1-c)*(1+c)))
	if e < 1e-6 {
		// ||X||² - ||core||² has cancelled.
		defer h.clock.Time("residual")()
		e = math.Hypot(h.lost, h.t.residual(h.x)) / h.norm
	}
	return e, nil
}

// update treats some modes, in order, given the data projected on the factors
// of all others, which took depth halvings.
func (h *hooi) update(y Data, modes []int, depth int) error {
	if len(modes) == 1 {
		n := modes[0]
		stop := h.clock.Time("singular vectors")
		u, err := lowrank.LeadingNear(y, n, y.Norm(), h.t.Factors[n])
		stop()
		if err != nil {
			return err
		}
		h.t.Factors[n] = u
		if n == len(h.t.Factors)-1 {
			defer h.clock.Time("mode products")()
			h.t.Core = y.Project(u, n).Contiguous()
		}
		return nil
	}
	first, second := modes[:len(modes)/2], modes[len(modes)/2:]
	for _, half := range [][2][]int{{first, second}, {second, first}} {
		stop := h.clock.Time("mode products")
		p := project(y, half[1], h.t.Factors, &h.space[depth])
		stop()
		if err := tensor.Err(y); err != nil {
			return err
		}
		if err := h.update(p, half[0], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// project is X ×_n A_nᵀ over some modes, the one that shrinks most first.
func project(x Data, modes []int, factors []*tensor.Matrix[float64], space *lowrank.Memory) *tensor.Dense[float64] {
	if l, ok := x.(Listed); ok {
		some := make([]*tensor.Matrix[float64], len(factors))
		for _, n := range modes {
			some[n] = factors[n]
		}
		return l.ProjectAll(some)
	}
	modes = byShrinking(modes, factors)
	y := space.Project(x, factors[modes[0]], modes[0])
	for _, n := range modes[1:] {
		y = lowrank.Shrink(y, factors[n], n)
	}
	return y
}

// byShrinking sorts modes, the one whose projection shrinks most first.
func byShrinking(modes []int, factors []*tensor.Matrix[float64]) []int {
	modes = slices.Clone(modes)
	key := func(n int) float64 { return 1/float64(factors[n].Rows) - 1/float64(factors[n].Cols) }
	slices.SortStableFunc(modes, func(a, b int) int {
		switch ka, kb := key(a), key(b); {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
	return modes
}

// all is the modes 0, …, order-1.
func all(order int) []int {
	out := make([]int, order)
	for n := range out {
		out[n] = n
	}
	return out
}
