package tucker

import (
	"context"
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
// After a cancellation HOOI returns the best model so far, a result with the
// stop reason Cancelled, and ctx's error. Other errors come without a model.
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
	best, err := fit.Starts(ctx, opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		h := &hooi{x: x, norm: norm, clock: clock}
		if err := h.start(ctx, opt, r.Start); err != nil {
			return nil, err
		}
		// The ranks that Eps chose hold for the other starts too.
		opt.Ranks = h.t.Ranks()
		err := fit.Run(ctx, opt.Options, r, func(int) (float64, error) { return h.sweep() })
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		h.t.finish(x, norm, r, clock)
		return h.t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}

// hooi is one start of the iteration.
type hooi struct {
	x     Data
	norm  float64
	t     *Tensor
	clock *fit.Clock
}

// start makes the first model.
func (h *hooi) start(ctx context.Context, opt Options, number int) (err error) {
	if number == 0 && opt.Initial == nil {
		h.t, err = sthosvd(ctx, h.x, h.norm, opt, h.clock, nil)
		return err
	}
	defer h.clock.Time("start")()
	shape := h.x.Shape()
	h.t = &Tensor{Modes: tensor.CloneAxes(h.x.Axes())}
	rng := rand.New(rand.NewPCG(opt.Seed, uint64(number)))
	for n, s := range shape {
		f := tensor.NewMatrix[float64](s, opt.Ranks[n])
		if number == 0 {
			f = opt.Initial.Factors[n].Sub(0, s, 0, opt.Ranks[n])
		} else {
			for i := range f.Data {
				f.Data[i] = rng.NormFloat64()
			}
		}
		q, _, err := linalg.QR(f)
		if err != nil {
			return err
		}
		h.t.Factors = append(h.t.Factors, q)
	}
	h.t.Core = project(h.x, all(len(shape)), h.t.Factors).Contiguous()
	return nil
}

// sweep updates every factor and the core, and returns the relative error.
func (h *hooi) sweep() (float64, error) {
	if h.norm == 0 {
		return 0, nil
	}
	if err := h.update(h.x, all(len(h.t.Factors))); err != nil {
		return 0, err
	}
	c := h.t.Core.Norm() / h.norm
	e := math.Sqrt(max(0, (1-c)*(1+c)))
	if e < 1e-6 {
		// ||X||² - ||core||² has cancelled.
		defer h.clock.Time("residual")()
		e = h.x.Residual(h.t.slabs()) / h.norm
	}
	return e, nil
}

// update treats some modes, in order, given the data projected on the factors
// of all others.
func (h *hooi) update(y Data, modes []int) error {
	if len(modes) == 1 {
		n := modes[0]
		stop := h.clock.Time("singular vectors")
		b, err := lowrank.Leading(y, n, y.Norm(), lowrank.Limit{Rank: h.t.Factors[n].Cols})
		stop()
		if err != nil {
			return err
		}
		h.t.Factors[n] = b.U
		if n == len(h.t.Factors)-1 {
			defer h.clock.Time("mode products")()
			h.t.Core = y.Project(b.U, n).Contiguous()
		}
		return nil
	}
	first, second := modes[:len(modes)/2], modes[len(modes)/2:]
	for _, half := range [][2][]int{{first, second}, {second, first}} {
		stop := h.clock.Time("mode products")
		p := project(y, half[1], h.t.Factors)
		stop()
		if err := h.update(p, half[0]); err != nil {
			return err
		}
	}
	return nil
}

// project is X ×_n A_nᵀ over some modes, the one that shrinks most first.
func project(x Data, modes []int, factors []*tensor.Matrix[float64]) *tensor.Dense[float64] {
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
	y := x.Project(factors[modes[0]], modes[0])
	for _, n := range modes[1:] {
		y = y.Project(factors[n], n)
	}
	return y
}

// all is the modes 0, …, order-1.
func all(order int) []int {
	out := make([]int, order)
	for n := range out {
		out[n] = n
	}
	return out
}
