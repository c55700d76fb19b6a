package cp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Solver names the way in which [Constrained] updates a factor.
type Solver string

// The solvers there are.
const (
	// SolverAuto takes coordinate descent where what is asked of a factor is
	// asked of each entry alone, and ADMM elsewhere.
	SolverAuto Solver = "auto"
	// SolverADMM takes ADMM for every factor that is not free.
	SolverADMM Solver = "admm"
)

// ConstrainedOptions of [Constrained]. Rank is needed (unless Initial gives
// it); the zero value of everything else works.
type ConstrainedOptions struct {
	fit.Options

	// Rank, Init and Initial are as in [Options]. The first start is put on
	// the constraints, whatever it is.
	Rank    int
	Init    Init
	Initial *Tensor
	// Constraints are what is asked of the factor of each mode, in order;
	// nothing is asked of those beyond the end of the list.
	Constraints []constraint.Set
	// Solver updates factors. Default SolverAuto.
	Solver Solver
}

// Constrained fits a CP model whose factors satisfy constraints, each its
// own. With the data and the model in units of ||X|| it lowers
//
//	½*||X - M||^2 + sum_n g_n(A_n),  M = [[A_0, …, A_{N-1}]]
//
// where g_n are the penalties of the constraints (see package constraint).
// Of incomplete data only the known entries count. A factor at a time is
// updated, from one MTTKRP or, where entries are missing, from the equations
// of its rows:
//
//   - without constraints, or with smooth and l2 alone: by least squares;
//   - with bounds, l1 and l2: by coordinate descent ([HALS]);
//   - orthonormal: by the polar factor of the MTTKRP, where entries are
//     missing or smoothness is asked for by a few steps of that kind;
//   - shapes, the simplex, smooth with bounds: by ADMM (AO-ADMM), in which
//     smoothness is part of the least squares and the rest one exact
//     proximal step, with multipliers that are kept from sweep to sweep;
//   - tied: all modes of a tie at once, by such a step from the sum of their
//     equations, shortened until the objective falls.
//
// No update raises the objective. The trace is sqrt(2*objective), which is
// the relative error if nothing is penalised; RelativeError is that of the
// model alone, computed from the residual.
//
// Penalties would be evaded if a penalised factor could shrink and another
// grow. Where a penalty counts the scale of a factor, the columns of free
// ones are therefore kept within norm 1 (as with the constraint unit).
// Without penalties, the norms of the columns are moved to the weights.
//
// The model satisfies its constraints exactly, as far as rounding allows.
// Columns have norm 1 and weights take their scale only where that keeps the
// constraints; box, simplex and fixed factors stay in their own units. Signs
// are fixed and components ordered by weight where the constraints leave that
// open.
//
// A slice without known entries keeps its row of Initial, or zeros where that
// is allowed; smooth, monotone and unimodal factors fill it from its
// neighbours. Errors are those of [ALS], and sets that no factor of its
// shape can satisfy.
//
// Huang, Sidiropoulos & Liavas 2016, https://doi.org/10.1109/TSP.2016.2576427;
// smoothness and scale: Roald et al. 2022, https://doi.org/10.1137/21M1450033.
func Constrained(ctx context.Context, x Data, opt ConstrainedOptions) (*Tensor, fit.Result, error) {
	const method = "cp.Constrained"
	res := fit.Result{Method: method, Seed: opt.Seed}
	o, norm, err := Options{Options: opt.Options, Rank: opt.Rank, Init: opt.Init, Initial: opt.Initial, Compress: Never}.prepare(method, x)
	if err != nil {
		return nil, res, err
	}
	sets, err := opt.sets(x.Shape(), o)
	if err != nil {
		return nil, res, fmt.Errorf("%s: %w", method, err)
	}
	clock := new(fit.Clock)
	first, err := newConstrained(x, o, norm, sets, opt.Solver == SolverADMM, clock)
	if err != nil {
		return nil, res, fmt.Errorf("%s: %w", method, err)
	}
	res.Notes = first.notes()
	best, err := fit.Starts(ctx, o.Options, &res, func(r *fit.Result) (*Tensor, error) {
		s := *first
		stop := clock.Time("init")
		err := s.start(o, r.Start)
		stop()
		if err != nil {
			return nil, err
		}
		err = fit.Run(ctx, o.Options, r, func(int) (float64, error) { return s.sweep() })
		if fault := tensor.Err(x); fault != nil {
			return nil, fmt.Errorf("%s: %w", method, fault)
		}
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		t := s.finished()
		stop = clock.Time("fit")
		r.SetError(x.ResidualNorm(t.Weights, t.Factors) / norm)
		stop()
		return t, err
	})
	res.Phases = clock.Phases()
	return best, res, err
}

// sets are the constraints of all modes, with fixed factors filled in.
func (opt ConstrainedOptions) sets(shape []int, o Options) ([]constraint.Set, error) {
	var errs []error
	switch opt.Solver {
	case "", SolverAuto, SolverADMM:
	default:
		errs = append(errs, fmt.Errorf("solver %q: auto or admm is expected", opt.Solver))
	}
	if len(opt.Constraints) > len(shape) {
		errs = append(errs, fmt.Errorf("%d constraints for %d modes", len(opt.Constraints), len(shape)))
		return nil, errors.Join(errs...)
	}
	sets := make([]constraint.Set, len(shape))
	copy(sets, opt.Constraints)
	given := 0
	for n, set := range sets {
		fault := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("mode %d: %w", n, fmt.Errorf(format, args...)))
		}
		if factor, ok := set.IsFixed(); ok {
			given++
			if factor == nil {
				if o.Initial == nil {
					fault("fixed: no factor is given; give it to constraint.Fixed, or an initial model")
					continue
				}
				var err error
				if set, err = constraint.Of(constraint.Fixed(o.Initial.Factors[n])); err != nil {
					fault("%w", err)
				}
				sets[n] = set
			}
		}
		if m, ok := set.IsTied(); ok {
			switch {
			case m >= len(shape) || m == n:
				fault("tied:%d: another mode, from 0 to %d, is expected", m, len(shape)-1)
			case shape[m] != shape[n]:
				fault("tied:%d: mode %d has size %d and mode %d size %d; one factor cannot serve both", m, n, shape[n], m, shape[m])
			default:
				if k, also := sets[m].IsTied(); also {
					fault("tied:%d: mode %d is tied itself, to mode %d; tie this one to that", m, m, k)
				} else if _, also := sets[m].IsFixed(); also {
					fault("tied:%d: the factor of mode %d is fixed; fix this one to the same", m, m)
				}
			}
		}
		if err := set.Check(shape[n], o.Rank); err != nil {
			fault("%w", err)
		}
	}
	if given == len(shape) {
		errs = append(errs, errors.New("every factor is fixed; there is nothing to fit"))
	}
	if !slices.ContainsFunc(sets, func(s constraint.Set) bool { return !s.IsSimplex() }) {
		errs = append(errs, fmt.Errorf("simplex in every mode makes the entries of the model sum to the rank, %d; ask one mode for nonneg instead, which takes the scale", o.Rank))
	}
	return sets, errors.Join(errs...)
}

// constrained is a model while it is fitted. Data and model are in units of
// the norm of the data.
type constrained struct {
	model
	x    Data
	inc  Incomplete // x, if entries are missing; else nil
	norm float64    // of x

	sets    []constraint.Set
	ties    [][]int // the modes that share a factor with a mode and follow it
	absorb  []bool  // modes whose columns have norm 1, the weights being free
	admm    bool    // for all factors that are not free
	penalty []float64
	duals   []*tensor.Matrix[float64] // multipliers of ADMM; nil before the first
	rhs     []*tensor.Matrix[float64]
	mttkrp  func(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
	clock   *fit.Clock
}

func newConstrained(x Data, o Options, norm float64, sets []constraint.Set, admm bool, clock *fit.Clock) (*constrained, error) {
	s := &constrained{x: x, norm: norm, sets: sets, admm: admm, clock: clock}
	s.inc, _ = x.(Incomplete)
	order := len(sets)
	s.ties, s.absorb = make([][]int, order), make([]bool, order)
	penalised := false
	for n, set := range sets {
		if m, ok := set.IsTied(); ok {
			s.ties[m] = append(s.ties[m], n)
		}
		// A simplex or an orthonormal factor cannot shrink.
		penalised = penalised || set.Penalised() && !set.IsSimplex() && !set.IsOrthonormal()
	}
	for n, set := range sets {
		if _, tied := set.IsTied(); tied || !set.Scalable() || set.Penalised() {
			continue
		}
		if !penalised {
			s.absorb[n] = true
			continue
		}
		var err error
		if s.sets[n], err = set.With(constraint.Unit); err != nil {
			return nil, fmt.Errorf("mode %d: %w", n, err)
		}
	}
	for _, size := range x.Shape() {
		s.rhs = append(s.rhs, tensor.NewMatrix[float64](size, o.Rank))
	}
	return s, nil
}

// notes say what is missing.
func (s *constrained) notes() []string {
	return emptyNotes(s.x, func(mode int) string {
		switch {
		case s.sets[mode].Quadratic().Couples() || !s.sets[mode].Separable():
			return "the model takes them from their neighbours or the constraint"
		}
		return emptyPrior
	})
}

// start draws the factors of a start and puts them on the constraints.
func (s *constrained) start(o Options, start int) error {
	if s.inc == nil {
		s.mttkrp = s.x.MTTKRP
		// In a tie, several factors change between two calls.
		tied := slices.ContainsFunc(s.ties, func(t []int) bool { return len(t) > 0 })
		if c, ok := s.x.(Contractor); ok && !tied {
			s.mttkrp = c.SweepMTTKRP(o.Rank)
		}
	}
	order := len(s.sets)
	s.duals = make([]*tensor.Matrix[float64], order)
	s.penalty = make([]float64, order)
	s.weights = slices.Repeat([]float64{1}, o.Rank)
	given := start == 0 && o.Initial != nil
	if given {
		s.factors = cloneAll(o.Initial.Factors)
		for r, w := range o.Initial.Weights {
			if w < 0 {
				flip(s.factors[order-1], r)
			}
		}
	} else {
		m, err := firstGuess(s.x, o, 1, start, s.signed())
		if err != nil {
			return err
		}
		s.factors = m.factors
	}
	free := slices.Contains(s.absorb, true)
	if !free && !s.rigid() {
		s.spread(o, given)
	}
	if err := s.project(given); err != nil {
		return err
	}
	switch {
	case free:
		for r := range s.weights {
			s.weights[r] = 1 / math.Sqrt(float64(o.Rank))
			if given {
				s.weights[r] = math.Abs(o.Initial.Weights[r]) / s.norm
			}
		}
		for n := range s.sets {
			if s.absorb[n] {
				s.pull(n)
			}
		}
		if !given {
			for r := range s.weights {
				s.weights[r] = 1 / math.Sqrt(float64(o.Rank))
			}
		}
	case s.rigid():
		// The units of the data are those of the factors.
		for r := range s.weights {
			s.weights[r] = 1 / s.norm
		}
	}
	s.setGrams()
	return nil
}

// project puts the factors of a start on the constraints.
func (s *constrained) project(given bool) error {
	for n, set := range s.sets {
		if factor, ok := set.IsFixed(); ok {
			s.factors[n] = factor.Clone()
			continue
		}
		if lo, hi := set.Bounds(); !given && !math.IsInf(lo, -1) && !math.IsInf(hi, 1) {
			f := s.factors[n] // within the box, rather than at its edges
			top := 0.0
			for _, v := range f.Data {
				top = max(top, math.Abs(v))
			}
			for i, v := range f.Data {
				if top > 0 {
					f.Data[i] = lo + (hi-lo)*math.Abs(v)/top
				}
			}
		}
		if err := set.Prox(s.factors[n], math.Inf(1)); err != nil {
			return fmt.Errorf("mode %d: %w", n, err)
		}
	}
	for n := range s.sets {
		for _, m := range s.ties[n] {
			s.factors[m] = s.factors[n].Clone()
		}
		s.penalty[n] = s.sets[n].Penalty(s.factors[n])
	}
	return nil
}

// signed reports whether a constraint gives some factor its signs; the first
// factors are then drawn without negative entries.
func (s *constrained) signed() bool {
	return slices.ContainsFunc(s.sets, func(set constraint.Set) bool {
		_, fixed := set.IsFixed()
		return !set.Reversible() && !fixed
	})
}

// rigid reports whether no factor can take the scale of the data: the weights
// are then 1.
func (s *constrained) rigid() bool {
	for _, set := range s.sets {
		if _, tied := set.IsTied(); !tied && set.Scalable() {
			return false
		}
	}
	return true
}

// spread gives the scale of a start to the factors that take it.
func (s *constrained) spread(o Options, given bool) {
	var takers []int
	for n, set := range s.sets {
		if _, tied := set.IsTied(); set.Scalable() || tied {
			takers = append(takers, n)
		}
	}
	for r := range o.Rank {
		w := 1 / math.Sqrt(float64(o.Rank))
		if given {
			w = math.Abs(o.Initial.Weights[r]) / s.norm
		}
		w = math.Pow(w, 1/float64(len(takers)))
		for _, n := range takers {
			scaleColumn(s.factors[n], r, w)
		}
	}
}

func scaleColumn(f *tensor.Matrix[float64], r int, c float64) {
	for i := range f.Rows {
		f.Data[i*f.Stride+r] *= c
	}
}

// pull moves the norms of the columns of a mode, and of those tied to it, to
// the weights.
func (s *constrained) pull(n int) {
	for r := range s.weights {
		c := normalizeColumn(s.factors[n], r)
		for range 1 + len(s.ties[n]) {
			s.weights[r] *= c
		}
	}
	for _, m := range s.ties[n] {
		s.factors[m] = s.factors[n].Clone()
	}
}

// push is the factor of a mode with its share of the weights. The weights
// become 1 if the mode takes them.
func (s *constrained) push(n int) *tensor.Matrix[float64] {
	f := s.factors[n].Clone()
	if !s.absorb[n] {
		return f
	}
	for r, w := range s.weights {
		scaleColumn(f, r, math.Pow(w, 1/float64(1+len(s.ties[n]))))
		s.weights[r] = 1
	}
	return f
}

// finished is the model in the form that methods return.
func (s *constrained) finished() *Tensor {
	t := &Tensor{Weights: slices.Clone(s.weights), Factors: cloneAll(s.factors), Modes: tensor.CloneAxes(s.x.Axes())}
	for r := range t.Weights {
		t.Weights[r] *= s.norm
		if s.rigid() {
			t.Weights[r] = 1
		}
	}
	var reversible []int
	ordered := true
	for n, set := range s.sets {
		if m, ok := set.IsTied(); ok {
			set = s.sets[m]
		} else if set.Reversible() && len(s.ties[n]) == 0 {
			reversible = append(reversible, n)
		}
		if _, ok := set.IsFixed(); ok {
			ordered = false
		}
		if set.Scalable() || set.IsOrthonormal() || s.limited(n) {
			for r := range t.Weights {
				t.Weights[r] *= normalizeColumn(t.Factors[n], r)
			}
		}
	}
	if ordered {
		t.Arrange()
	}
	if k := len(reversible) - 1; k > 0 {
		some := &Tensor{Weights: t.Weights}
		for _, n := range reversible {
			some.Factors = append(some.Factors, t.Factors[n])
		}
		some.FixSigns()
	}
	return t
}

// limited reports whether a set keeps norms within 1, and nothing else of the
// scale.
func (s *constrained) limited(n int) bool {
	set := s.sets[n]
	_, fixed := set.IsFixed()
	lo, hi := set.Bounds()
	return !set.Scalable() && !fixed && !set.IsSimplex() && (lo == 0 || math.IsInf(lo, -1)) && (hi == 0 || math.IsInf(hi, 1))
}
