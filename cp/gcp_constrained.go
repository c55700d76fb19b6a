package cp

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/tensor"
)

// lossUnder is a sum of losses of which factors are asked for constraints.
// The factors are kept in the units that constrained has for them.
type lossUnder struct {
	constrained
	p     *lossProblem
	scale float64 // of the sum of losses in the objective
	moves []int   // modes whose factors are variables
	bears int     // the one of these that is multiplied by the unit of the data
}

// fitLossConstrained is GCP with constraints.
func fitLossConstrained(ctx context.Context, method string, x Elementwise, opt GCPOptions) (*Tensor, fit.Result, error) {
	res := fit.Result{Method: method, Seed: opt.Seed, Loss: opt.Loss.String()}
	clock := new(fit.Clock)
	stop := clock.Time("init")
	first, err := newLossUnder(method, x, opt, clock)
	stop()
	if err != nil {
		return nil, res, err
	}
	p := first.p
	res.Notes = append(first.notes(), p.notes...)
	best, err := fit.Starts(ctx, p.opt.Options, &res, func(r *fit.Result) (*Tensor, error) {
		u := *first
		if err := u.run(ctx, r); err != nil && (u.factors == nil || ctx.Err() == nil) {
			return nil, err
		}
		if fault := tensor.Err(x); fault != nil {
			return nil, fmt.Errorf("%s: %w", method, fault)
		}
		t := u.finished()
		stop := clock.Time("fit")
		r.Deviance = p.deviance(t)
		stop()
		if math.IsNaN(r.Deviance) || math.IsInf(r.Deviance, 0) {
			return nil, fmt.Errorf("%s: the loss of the model is not a number; the data or the start may be too large", method)
		}
		r.SetError(math.Sqrt(max(0, r.Deviance) / p.null))
		return t, ctx.Err()
	})
	res.Phases = clock.Phases()
	return best, res, err
}

func newLossUnder(method string, x Elementwise, opt GCPOptions, clock *fit.Clock) (*lossUnder, error) {
	if opt.Ridge != 0 {
		return nil, fmt.Errorf("%s: a ridge beside constraints; the constraint l2 does the same", method)
	}
	asked := opt.Constraints
	if opt.Nonneg || opt.Loss.Lower() == 0 {
		var errs []error
		asked = make([]constraint.Set, max(len(asked), len(x.Shape())))
		copy(asked, opt.Constraints)
		for n, set := range asked {
			given, fixed := set.IsFixed()
			_, tied := set.IsTied()
			switch {
			case fixed:
				errs = append(errs, negative(n, given))
			case !tied:
				var err error
				if asked[n], err = set.With(constraint.Nonneg); err != nil {
					errs = append(errs, fmt.Errorf("mode %d: the loss %s bounds the model by 0, so that every factor is nonneg: %w", n, opt.Loss, err))
				}
			}
		}
		if err := errors.Join(errs...); err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
	}
	initial := opt.Initial
	opt.Initial = nil // its signs are those of the constraints
	if initial != nil && opt.Rank == 0 {
		opt.Rank = initial.Rank()
	}
	p, err := newLossProblem(method, x, opt, clock)
	if err != nil {
		return nil, err
	}
	o, _, err := Options{Options: p.opt.Options, Rank: p.opt.Rank, Initial: initial}.prepare(method, x)
	if err != nil {
		return nil, err
	}
	p.opt.Initial = initial
	sets, err := ConstrainedOptions{Constraints: asked}.sets(x.Shape(), o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	c, err := newConstrained(x, o, p.unit(), sets, true, clock)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	u := &lossUnder{constrained: *c, p: p, scale: p.loss.DevianceScale() / (2 * p.null)}
	for n, set := range u.sets {
		_, fixed := set.IsFixed()
		if _, tied := set.IsTied(); !fixed && !tied {
			u.moves = append(u.moves, n)
		}
	}
	u.bears = u.moves[0]
	return u, nil
}

// negative is an error if a given factor has a negative entry.
func negative(mode int, factor *tensor.Matrix[float64]) error {
	if factor == nil {
		return nil
	}
	for i := range factor.Rows {
		for r, v := range factor.Row(i) {
			if v < 0 {
				return fmt.Errorf("mode %d: the factor that is given holds %v at (%d, %d), but none may be negative here", mode, v, i, r)
			}
		}
	}
	return nil
}

// unit is the norm of models that are as large as the data.
func (p *lossProblem) unit() float64 {
	if p.nonneg {
		return p.size / math.Sqrt(p.cells)
	}
	return math.Sqrt(p.size)
}

// run fits one start.
func (u *lossUnder) run(ctx context.Context, r *fit.Result) error {
	stop := u.clock.Time("init")
	if err := u.begin(r.Start); err != nil {
		stop()
		return err
	}
	var like []*tensor.Matrix[float64]
	for _, n := range u.moves {
		like = append(like, u.factors[n])
	}
	v, _ := pack(like)
	stop()
	b, err := optimize.NewProximal(
		func(v, g []float64) float64 { return u.value(unpack(v, like), g, like) },
		func(v []float64, step float64) (h float64, err error) {
			defer u.clock.Time("step")()
			for k, f := range unpack(v, like) {
				set := u.sets[u.moves[k]]
				if err := set.Prox(f, 1/step); err != nil {
					return 0, fmt.Errorf("mode %d: %w", u.moves[k], err)
				}
				h += set.Penalty(f) - set.Quadratic().Value(f)
			}
			return h, nil
		}, v, gcpMemory)
	if err != nil {
		return err
	}
	err = fit.Run(ctx, u.p.opt.Options, r, func(int) (float64, error) {
		moved, err := b.Step()
		if err == nil && !moved {
			err = fit.ErrNoProgress
		}
		return math.Sqrt(2 * max(0, b.F)), err
	})
	u.place(unpack(b.X, like))
	return err
}

// place makes matrices the factors of the modes that move, and of those tied
// to them.
func (u *lossUnder) place(list []*tensor.Matrix[float64]) {
	for k, n := range u.moves {
		u.factors[n] = list[k]
		for _, m := range u.ties[n] {
			u.factors[m] = list[k]
		}
	}
}

// models are the factors with the unit of the data.
func (u *lossUnder) models() []*tensor.Matrix[float64] {
	factors := append([]*tensor.Matrix[float64](nil), u.factors...)
	if !u.rigid() {
		f := factors[u.bears].Clone()
		kernel.Scal(u.norm, f.Data)
		factors[u.bears] = f
	}
	return factors
}

// value is the objective without what proximal steps are for, with its
// gradient in g.
func (u *lossUnder) value(list []*tensor.Matrix[float64], g []float64, like []*tensor.Matrix[float64]) float64 {
	defer u.clock.Time("gradient")()
	u.place(list)
	grads := make([]*tensor.Matrix[float64], len(u.sets))
	for k, m := range unpack(g, like) {
		n := u.moves[k]
		grads[n] = m
		for _, m := range u.ties[n] {
			grads[m] = tensor.NewMatrix[float64](like[k].Rows, like[k].Cols)
		}
	}
	f := u.scale * (u.p.losses(u.models(), grads) - u.p.saturated)
	for k, n := range u.moves {
		quad := u.sets[n].Quadratic()
		f += quad.Value(list[k])
		own := grads[n]
		if n == u.bears && !u.rigid() {
			kernel.Scal(u.norm, own.Data)
		}
		for _, m := range u.ties[n] {
			kernel.Axpy(1, grads[m].Data, own.Data)
		}
		kernel.Scal(u.scale, own.Data)
		quad.AddProduct(own, list[k])
	}
	return f
}

// begin draws the factors of a start.
func (u *lossUnder) begin(start int) error {
	rank, initial := u.p.opt.Rank, u.p.opt.Initial
	u.weights, u.penalty = ones(rank), make([]float64, len(u.sets))
	given := start == 0 && initial != nil
	if given {
		u.factors = cloneAll(initial.Factors)
		for r, w := range initial.Weights {
			if w < 0 {
				flip(u.factors[len(u.factors)-1], r)
			}
		}
	} else {
		rng := generator(u.p.opt.Seed, start)
		u.factors = nil
		for n, rows := range u.x.Shape() {
			f := randomFactor(rng, rows, rank, u.p.nonneg || u.signed())
			if u.inc != nil {
				for _, i := range u.inc.Empty(n) {
					clear(f.Row(i))
				}
			}
			for r := range rank {
				normalizeColumn(f, r)
				if u.sets[n].IsSimplex() { // inside of it, rather than at its edges
					scaleColumn(f, r, 1/kernel.Sum(f.Col(r)))
				}
			}
			u.factors = append(u.factors, f)
		}
	}
	if u.rigid() {
		if err := u.project(given); err != nil || given {
			return err
		}
		u.shrink()
		return nil
	}
	u.spread(Options{Rank: rank, Initial: initial}, given)
	if err := u.project(given); err != nil || given {
		return err
	}
	size, takers := u.p.sizeOf(u.models()), 0
	for n, set := range u.sets {
		if _, tied := set.IsTied(); set.Scalable() && !tied {
			takers += 1 + len(u.ties[n])
		}
	}
	power := 2.0
	if u.p.nonneg {
		power = 1
	}
	if !(size > 0) {
		return errors.New("the random start is zero at all known cells")
	}
	c := math.Pow(u.p.size/size, 1/(power*float64(takers)))
	for n, set := range u.sets {
		if _, tied := set.IsTied(); set.Scalable() && !tied {
			kernel.Scal(c, u.factors[n].Data)
			for _, m := range u.ties[n] {
				u.factors[m] = u.factors[n]
			}
		}
	}
	return nil
}

// shrink brings the factors of a start that lie in boxes nearer to zero until
// the loss is finite: nothing else takes the scale, and a box may be wide.
func (u *lossUnder) shrink() {
	const tries, part = 16, 0.25
	for range tries {
		if f := u.p.losses(u.models(), nil); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return
		}
		for n, set := range u.sets {
			lo, hi := set.Bounds()
			if _, fixed := set.IsFixed(); fixed || math.IsInf(lo, -1) || math.IsInf(hi, 1) || set.IsSimplex() {
				continue
			}
			near := min(max(0, lo), hi)
			for i, v := range u.factors[n].Data {
				u.factors[n].Data[i] = near + part*(v-near)
			}
			for _, m := range u.ties[n] {
				u.factors[m] = u.factors[n]
			}
		}
	}
}
