package cp

import (
	"fmt"
	"math"
	"sync"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	admmUsual   = 20   // inner iterations of an update of a factor
	admmMost    = 400  // until the objective is no higher than before
	admmLittle  = 1e-6 // residuals, relative to the factor and its multiplier
	polarSteps  = 20   // of an orthonormal factor, at most
	tieHalvings = 12
)

// sweep updates every factor once and returns sqrt(2*objective).
func (s *constrained) sweep() (float64, error) {
	e := math.NaN()
	for n, set := range s.sets {
		if _, fixed := set.IsFixed(); fixed {
			continue
		}
		if _, tied := set.IsTied(); tied {
			continue
		}
		var err error
		if len(s.ties[n]) > 0 {
			e, err = s.updateTied(n)
		} else {
			e, err = s.update(n)
		}
		if err != nil {
			return 0, fmt.Errorf("mode %d: %w", n, err)
		}
	}
	defer s.clock.Time("fit")()
	if !(e > exactBelow(s.x)) {
		e = s.exact()
	}
	return s.total(e), nil
}

// exact is the relative error from the residual itself.
func (s *constrained) exact() float64 {
	w := make([]float64, len(s.weights))
	for r, v := range s.weights {
		w[r] = v * s.norm
	}
	return s.x.ResidualNorm(w, s.factors) / s.norm
}

// total adds the penalties to a relative error.
func (s *constrained) total(e float64) float64 {
	sum := e * e
	for _, p := range s.penalty {
		sum += 2 * p
	}
	return math.Sqrt(sum)
}

// update improves the factor of a mode and returns the relative error, or NaN
// where that is not at hand.
func (s *constrained) update(n int) (float64, error) {
	set := s.sets[n]
	cur := s.push(n)
	if s.inc != nil && set.Separable() && !set.Quadratic().Couples() && (!s.admm || set.Plain()) {
		if err := s.updateRows(n, cur); err != nil {
			return 0, err
		}
		s.accept(n, cur)
		return math.NaN(), nil
	}
	sys := s.system(n)
	defer s.clock.Time("solve")()
	next, err := s.solve(n, sys, cur)
	if err != nil {
		return 0, err
	}
	// ||X - M||^2 without the quadratic penalty, in units of ||X||.
	sys.quad = constraint.Quadratic{}
	square := 1 + 2*sys.value(next)
	s.accept(n, next)
	return math.Sqrt(max(0, square)), nil
}

// accept makes w the factor of a mode. Where the weights are free, a column
// of zeros leaves the old direction with weight 0, so that the component can
// come back.
func (s *constrained) accept(n int, w *tensor.Matrix[float64]) {
	s.penalty[n] = s.sets[n].Penalty(w)
	old := s.factors[n]
	s.factors[n] = w
	if s.absorb[n] {
		s.pull(n)
		for r, v := range s.weights {
			if v == 0 && kernel.Nrm2(w.Col(r)) == 0 {
				for i := range w.Rows {
					w.Set(i, r, old.At(i, r))
				}
				normalizeColumn(w, r)
			}
		}
	}
	for _, m := range s.ties[n] {
		s.factors[m] = w.Clone()
		s.grams[m] = tensor.Gram(w)
	}
	s.grams[n] = tensor.Gram(w)
}

// weigh multiplies equations for a factor whose partners carry the weights.
func (s *constrained) weigh(gram *tensor.Matrix[float64], rhs []float64) {
	for r, w := range s.weights {
		rhs[r] *= w / s.norm
		row := gram.Row(r)
		for q, v := range s.weights {
			row[q] *= w * v
		}
	}
}

// updateRows solves for one row after another, where nothing couples them.
func (s *constrained) updateRows(n int, cur *tensor.Matrix[float64]) error {
	defer s.clock.Time("rows")()
	set := s.sets[n]
	ridge := constant(set.Quadratic().L2, cur.Cols)
	rule := leastSquares.row
	if !set.Plain() {
		rule = coordinatesOf(set).row
	}
	var (
		mu    sync.Mutex
		first error
	)
	s.inc.RowSystems(s.factors, n, func(i, _ int, gram *tensor.Matrix[float64], rhs []float64) {
		s.weigh(gram, rhs)
		addDiagonal(gram, ridge)
		if err := rule(gram, rhs, cur.Row(i)); err != nil {
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = fmt.Errorf("row %d: %w", i, err)
			}
		}
	})
	return first
}

func constant(v float64, n int) []float64 {
	c := make([]float64, n)
	for i := range c {
		c[i] = v
	}
	return c
}

// system makes the equations of a factor.
func (s *constrained) system(n int) *system {
	sys := &system{rhs: s.rhs[n], quad: s.sets[n].Quadratic()}
	rank := len(s.weights)
	if s.inc == nil {
		defer s.clock.Time("mttkrp")()
		s.mttkrp(sys.rhs, s.factors, n)
		sys.gram = s.gram(n)
		for i := range sys.rhs.Rows {
			row := sys.rhs.Row(i)
			for r, w := range s.weights {
				row[r] *= w / s.norm
			}
		}
		for r, w := range s.weights {
			for q, v := range s.weights {
				sys.gram.Data[r*rank+q] *= w * v
			}
		}
		return sys
	}
	defer s.clock.Time("rows")()
	clear(sys.rhs.Data)
	sys.grams = make([]*tensor.Matrix[float64], sys.rhs.Rows)
	s.inc.RowSystems(s.factors, n, func(i, _ int, gram *tensor.Matrix[float64], rhs []float64) {
		s.weigh(gram, rhs)
		sys.grams[i] = gram.Clone()
		copy(sys.rhs.Row(i), rhs)
	})
	return sys
}

// solve is the factor of a mode, given its equations and the present factor,
// with an objective that is no higher.
func (s *constrained) solve(n int, sys *system, cur *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	set := s.sets[n]
	switch {
	case set.IsOrthonormal():
		return stiefel(set, sys, cur)
	case set.Plain():
		next := sys.rhs.Clone()
		solve, err := sys.solver(0)
		if err != nil {
			return nil, err
		}
		return next, solve(next)
	case !s.admm && set.Separable() && !sys.quad.Couples() && sys.gram != nil:
		g := sys.gram.Clone()
		addDiagonal(g, constant(sys.quad.L2, g.Rows))
		return coordinatesOf(set).all(g, sys.rhs, cur.Clone)
	}
	return s.admmSolve(n, sys, cur)
}

// admmSolve makes iterations of the alternating direction method of
// multipliers,
//
//	A ← argmin f(A) + rho/2*||A - Z + U||^2
//	Z ← prox_{h/rho}(A + U)
//	U ← U + A - Z
//
// where f is least squares with the quadratic penalty, from the factor and
// the multiplier rho*U that the sweep before has left, until A and Z agree
// and the objective of Z is no higher than that of the factor there was.
func (s *constrained) admmSolve(n int, sys *system, cur *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	set := s.sets[n]
	rho := sys.rho()
	solve, err := sys.solver(rho)
	if err != nil {
		return nil, err
	}
	size := len(cur.Data)
	z, a, u, old := cur.Clone(), cur.Clone(), tensor.NewMatrix[float64](cur.Rows, cur.Cols), make([]float64, size)
	if y := s.duals[n]; y != nil {
		for i, v := range y.Data {
			u.Data[i] = v / rho
		}
	}
	before := sys.value(cur) + set.Penalty(cur) - sys.quad.Value(cur)
	for iter := 1; ; iter++ {
		for i, v := range z.Data {
			a.Data[i] = sys.rhs.Data[i] + rho*(v-u.Data[i])
		}
		if err := solve(a); err != nil {
			return nil, err
		}
		copy(old, z.Data)
		for i, v := range a.Data {
			z.Data[i] = v + u.Data[i]
		}
		if err := set.Prox(z, rho); err != nil {
			return nil, err
		}
		for i, v := range a.Data {
			u.Data[i] += v - z.Data[i]
			a.Data[i] = v - z.Data[i]
			old[i] -= z.Data[i]
		}
		scale := kernel.Nrm2(z.Data)
		agree := kernel.Nrm2(a.Data) <= admmLittle*scale && kernel.Nrm2(old) <= admmLittle*scale
		if iter < admmUsual && !agree {
			continue
		}
		after := sys.value(z) + set.Penalty(z) - sys.quad.Value(z)
		if after <= before || agree || iter == admmMost {
			for i := range u.Data {
				u.Data[i] *= rho
			}
			s.duals[n] = u
			if after > before {
				return cur, nil
			}
			return z, nil
		}
	}
}

// stiefel finds a factor of orthonormal columns. For complete data without
// smoothness the quadratic term is the same for all of them, and the polar
// factor of the right-hand side is the minimum. Else such steps are made on
// an upper bound of the objective (majorisation; Kiers 1990,
// https://doi.org/10.1007/BF02294758), each of which lowers it.
func stiefel(set constraint.Set, sys *system, cur *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	if sys.grams == nil && !sys.quad.Couples() {
		next := sys.rhs.Clone()
		return next, set.Prox(next, 1)
	}
	top := 4*sys.quad.Smooth + 16*sys.quad.Smooth2
	most := 0.0
	for _, g := range sys.grams {
		if g != nil {
			most = max(most, trace(g))
		}
	}
	top += most
	z := cur.Clone()
	last := sys.value(z)
	for range polarSteps {
		next := tensor.NewMatrix[float64](z.Rows, z.Cols)
		sys.quad.AddProduct(next, z)
		if sys.grams != nil {
			sys.addProduct(next, z)
		}
		for i, v := range z.Data {
			next.Data[i] = top*v + sys.rhs.Data[i] - next.Data[i]
		}
		if err := set.Prox(next, 1); err != nil {
			return nil, err
		}
		v := sys.value(next)
		if !(v < last) {
			break
		}
		z, last = next, v
	}
	return z, nil
}

// updateTied improves a factor that several modes share, and returns the
// relative error.
func (s *constrained) updateTied(n int) (float64, error) {
	cur := s.push(n)
	group := append([]int{n}, s.ties[n]...)
	for _, m := range group {
		s.factors[m] = cur
		s.grams[m] = tensor.Gram(cur)
	}
	before := s.total(s.exact())
	// The gradient of the sum of the modes' systems is that of the objective.
	sys := s.system(n)
	for _, m := range s.ties[n] {
		sys.add(s.system(m))
	}
	stop := s.clock.Time("solve")
	goal, err := s.solve(n, sys, cur)
	stop()
	if err != nil {
		return 0, err
	}
	defer s.clock.Time("fit")()
	step := 1.0
	for range tieHalvings {
		next := cur.Clone()
		for i, v := range goal.Data {
			next.Data[i] += step * (v - next.Data[i])
		}
		if err := s.sets[n].Prox(next, math.Inf(1)); err != nil {
			return 0, err
		}
		for _, m := range group {
			s.factors[m] = next
		}
		s.penalty[n] = s.sets[n].Penalty(next)
		e := s.exact()
		if s.total(e) < before {
			s.accept(n, next)
			return e, nil
		}
		step /= 2
	}
	for _, m := range group {
		s.factors[m] = cur
	}
	s.accept(n, cur)
	return s.exact(), nil
}

// coordinatesOf is the rule of coordinate descent under bounds and an L1
// penalty.
func coordinatesOf(set constraint.Set) rule {
	return descentRule(set.Coordinate)
}

func trace(g *tensor.Matrix[float64]) float64 {
	t := 0.0
	for r := range g.Rows {
		t += g.At(r, r)
	}
	return t
}

// forRows calls body for every row, which takes so many steps.
func forRows(rows, steps int, body func(i int)) {
	par.Rows(rows, steps, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			body(i)
		}
	})
}
