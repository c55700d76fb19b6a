package cp

import (
	"context"
	"errors"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// GaussNewton fits a CP model to complete data by the damped Gauss-Newton
// method (Levenberg-Marquardt) on all factors at once: a step d solves
//
//	(J^T*J + mu*I) d = -J^T*(M - X),
//
// where J^T*J: R*sum(I_n) square is known from the Grams of the factors and
// J^T*X from one MTTKRP a mode. It converges quadratically near an exact
// model, and passes swamps that hold ALS for thousands of sweeps; a step costs
// N MTTKRPs and, up to 1000 unknowns, a Cholesky factorisation. Larger
// systems are solved by preconditioned conjugate gradients.
//
// Each start makes a few sweeps of [ALS] first. The error never rises (with a
// Ridge, the penalised error does not). Options, notes and errors are those of
// ALS; Polish has no effect. Incomplete data are an error.
//
// Phan, Tichavský & Cichocki 2013, Low complexity damped Gauss-Newton
// algorithms for CANDECOMP/PARAFAC, SIAM J. Matrix Anal. Appl. 34, 126-147,
// arXiv:1205.2584; Sorber, Van Barel & De Lathauwer 2013, https://doi.org/10.1137/120868323;
// damping: Nielsen 1999 (IMM-REP-1999-05).
func GaussNewton(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	const method = "cp.GaussNewton"
	if _, ok := x.(Incomplete); ok {
		return nil, fit.Result{Method: method, Seed: opt.Seed}, errors.New(method + ": complete data are needed; use cp.ALS, which fits the known entries")
	}
	return fitStarts(ctx, method, x, opt, false, func(ctx context.Context, o Options, s *sweeper, r *fit.Result) error {
		s.update = leastSquares
		first := o.Options
		first.MaxIters = min(first.MaxIters, gaussNewtonSweeps)
		if err := fit.Run(ctx, first, r, func(int) (float64, error) { return s.sweep() }); err != nil {
			return err
		}
		if r.Stop == fit.Exact || r.Iterations == o.MaxIters {
			return nil
		}
		rest := o.Options
		rest.MaxIters -= r.Iterations
		return s.gaussNewton(ctx, rest, r)
	})
}

const (
	gaussNewtonSweeps = 5
	gaussNewtonTail   = 5
	directUnknowns    = 1000 // up to which the normal equations are formed
)

// gaussNewton goes on from the model of the sweeper.
func (s *sweeper) gaussNewton(ctx context.Context, o fit.Options, r *fit.Result) error {
	g := newGaussNewton(s)
	err := fit.Run(ctx, o, r, func(int) (float64, error) { return g.step() })
	if err == nil && r.Stop == fit.Converged && o.Tol > 0 {
		// Near an exact model the error falls by orders of magnitude a step,
		// all of them below Tol: go on to its end.
		tail := o
		tail.MaxIters, tail.Tol = gaussNewtonTail, -1
		last, fast := g.relErr, true
		err = fit.Run(ctx, tail, r, func(int) (float64, error) {
			if !fast {
				return 0, fit.ErrNoProgress
			}
			e, err := g.step()
			fast, last = e < last/2, e
			return e, err
		})
		if r.Stop == fit.MaxIters {
			r.Stop = fit.Converged
		}
	}
	s.model = g.model()
	return err
}

// gaussNewton is the state of the iteration. All is relative to the norm of
// the data; the columns of a component have the same norm in all modes.
type gaussNewton struct {
	*sweeper
	a      []*tensor.Matrix[float64] // factors
	scale  []float64                 // the norm of the data, for each component
	relErr float64
	cost   float64 // relErr^2 + ridge*||a||^2
	mu, nu float64
}

func newGaussNewton(s *sweeper) *gaussNewton {
	g := &gaussNewton{sweeper: s, a: cloneAll(s.factors), nu: 2}
	for r, w := range s.weights {
		g.scale = append(g.scale, s.norm)
		c := math.Pow(math.Abs(w)/s.norm, 1/float64(len(g.a)))
		for n, f := range g.a {
			d := c
			if n == 0 && w < 0 {
				d = -c
			}
			for i := range f.Rows {
				f.Data[i*f.Stride+r] *= d
			}
		}
	}
	g.relErr, g.cost = g.price(g.a)
	return g
}

// model is the present point as the sweeps have it.
func (g *gaussNewton) model() *model {
	m := &model{weights: append([]float64(nil), g.scale...), factors: cloneAll(g.a)}
	m.normalize()
	return m
}

// price is the relative error of a point, and its cost.
func (g *gaussNewton) price(a []*tensor.Matrix[float64]) (relErr, cost float64) {
	defer g.clock.Time("fit")()
	relErr = g.x.ResidualNorm(g.scale, a) / g.norm
	cost = relErr * relErr
	if g.ridge > 0 {
		for _, f := range a {
			cost += g.ridge * kernel.Dot(f.Data, f.Data)
		}
	}
	return relErr, cost
}

// step moves to a better point and returns its relative error.
func (g *gaussNewton) step() (float64, error) {
	grad, j := g.linearize()
	if g.mu == 0 {
		g.mu = 1e-3 * j.largest()
	}
	floor := 1e-14 * j.largest()
	for range 30 {
		stop := g.clock.Time("solve")
		d, err := j.solve(grad, g.mu)
		stop()
		if err != nil {
			return 0, err
		}
		trial := cloneAll(g.a)
		expected := 0.0
		for n, f := range trial {
			kernel.Axpy(-1, d[n].Data, f.Data)
			// The model of the cost falls by d^T*(mu*d + grad).
			expected += g.mu*kernel.Dot(d[n].Data, d[n].Data) + kernel.Dot(d[n].Data, grad[n].Data)
		}
		relErr, cost := g.price(trial)
		gain := (g.cost - cost) / expected
		if cost < g.cost && expected > 0 {
			q := 2*gain - 1
			g.mu = max(floor, g.mu*max(1.0/3, 1-q*q*q))
			g.nu = 2
			g.a, g.relErr, g.cost = trial, relErr, cost
			g.balance()
			return relErr, nil
		}
		g.mu *= g.nu
		g.nu *= 2
		if !(g.mu < 1e12*j.largest()) {
			break
		}
	}
	return 0, fit.ErrNoProgress
}

// balance gives the columns of each component the same norm in all modes.
func (g *gaussNewton) balance() {
	for r := range g.scale {
		norms := make([]float64, len(g.a))
		product := 1.0
		for n, f := range g.a {
			norms[n] = kernel.Nrm2(f.Col(r))
			product *= norms[n]
		}
		if product == 0 {
			continue
		}
		c := math.Pow(product, 1/float64(len(g.a)))
		for n, f := range g.a {
			for i := range f.Rows {
				f.Data[i*f.Stride+r] *= c / norms[n]
			}
		}
	}
}

// linearize is half the gradient of the cost, and the Jacobian.
func (g *gaussNewton) linearize() ([]*tensor.Matrix[float64], *jacobian) {
	m := &model{weights: g.scale, factors: g.a}
	m.setGrams()
	j := &jacobian{a: g.a, ridge: g.ridge}
	order := len(g.a)
	grad := make([]*tensor.Matrix[float64], order)
	for n, f := range g.a {
		stop := g.clock.Time("mttkrp")
		g.x.MTTKRP(g.rhs[n], g.a, n)
		stop()
		j.gram = append(j.gram, m.gram(n))
		j.pair = append(j.pair, make([]*tensor.Matrix[float64], order))
		for k := range n {
			j.pair[n][k] = m.gram(n, k)
		}
		grad[n] = tensor.Mul(f, j.gram[n])
		kernel.Axpy(-1/g.norm, g.rhs[n].Data, grad[n].Data)
		kernel.Axpy(g.ridge, f.Data, grad[n].Data)
	}
	return grad, j
}

// jacobian is J^T*J + ridge*I, from the Grams.
type jacobian struct {
	a     []*tensor.Matrix[float64]
	gram  []*tensor.Matrix[float64]   // of all modes but n
	pair  [][]*tensor.Matrix[float64] // of all modes but n and k < n
	ridge float64
	full  *tensor.Matrix[float64]
}

// largest is the largest element on the diagonal.
func (j *jacobian) largest() float64 {
	most := 0.0
	for _, g := range j.gram {
		for r := range g.Rows {
			most = max(most, g.At(r, r))
		}
	}
	return most + j.ridge
}

func (j *jacobian) unknowns() int {
	n := 0
	for _, f := range j.a {
		n += len(f.Data)
	}
	return n
}

// solve is (J^T*J + (ridge + mu)*I)^-1 * b.
func (j *jacobian) solve(b []*tensor.Matrix[float64], mu float64) ([]*tensor.Matrix[float64], error) {
	n := j.unknowns()
	if n > directUnknowns {
		return j.iterate(b, mu)
	}
	if j.full == nil {
		j.form(n)
	}
	rhs := tensor.NewMatrix[float64](1, n)
	at := 0
	for _, m := range b {
		at += copy(rhs.Data[at:], m.Data)
	}
	x, _, err := linalg.SolveSPD(j.full, rhs, mu+j.ridge)
	if err != nil {
		return nil, err
	}
	return j.parts(x.Data), nil
}

// parts cuts a vector of unknowns in factors.
func (j *jacobian) parts(x []float64) []*tensor.Matrix[float64] {
	var out []*tensor.Matrix[float64]
	for _, f := range j.a {
		out = append(out, tensor.MatrixOf(f.Rows, f.Cols, x[:len(f.Data)]))
		x = x[len(f.Data):]
	}
	return out
}

// form writes the lower triangle of J^T*J. Its element for (i, r) of mode n
// and (h, s) of mode k is pair[n][k][r, s] * a[n][i, s] * a[k][h, r], and
// gram[n][r, s] within a mode if i = h, else 0.
func (j *jacobian) form(size int) {
	j.full = tensor.NewMatrix[float64](size, size)
	rank := j.gram[0].Cols
	row := 0
	for n, f := range j.a {
		for i := range f.Rows {
			for r := range rank {
				out := j.full.Row(row)
				copy(out[row-r:], j.gram[n].Row(r)[:r+1])
				for k, col := 0, 0; k < n; k++ {
					p := j.pair[n][k].Row(r)
					for h := range j.a[k].Rows {
						v := j.a[k].At(h, r)
						for s, w := range f.Row(i) {
							out[col+s] = p[s] * w * v
						}
						col += rank
					}
				}
				row++
			}
		}
	}
}

// apply is (J^T*J + shift*I) * v, from the Grams: it costs N^2*R^2*I.
func (j *jacobian) apply(v []*tensor.Matrix[float64], shift float64) []*tensor.Matrix[float64] {
	cross := make([]*tensor.Matrix[float64], len(v)) // a[k]^T * v[k]
	for k, f := range j.a {
		cross[k] = tensor.NewMatrix[float64](f.Cols, f.Cols)
		kernel.Gemm(1, f.View().T(), v[k].View(), 0, cross[k].View())
	}
	out := make([]*tensor.Matrix[float64], len(v))
	for n, f := range j.a {
		out[n] = tensor.Mul(v[n], j.gram[n])
		kernel.Axpy(shift, v[n].Data, out[n].Data)
		sum := tensor.NewMatrix[float64](f.Cols, f.Cols)
		for k := range j.a {
			if k == n {
				continue
			}
			p := j.pair[max(n, k)][min(n, k)]
			for i, c := range cross[k].Data {
				sum.Data[i] += p.Data[i] * c
			}
		}
		kernel.Gemm(1, f.View(), sum.View().T(), 1, out[n].View())
	}
	return out
}

// iterate solves by conjugate gradients with the diagonal blocks of J^T*J as
// preconditioner, to a tenth of the right-hand side or better: the damping
// makes up for the rest.
func (j *jacobian) iterate(b []*tensor.Matrix[float64], mu float64) ([]*tensor.Matrix[float64], error) {
	const (
		most   = 200
		enough = 1e-3
	)
	shift := mu + j.ridge
	inverse := make([]*tensor.Matrix[float64], len(b))
	for n, g := range j.gram {
		var err error
		if inverse[n], _, err = linalg.SolveSPD(g, tensor.Eye[float64](g.Cols), shift); err != nil {
			return nil, err
		}
	}
	precondition := func(r []*tensor.Matrix[float64]) []*tensor.Matrix[float64] {
		z := make([]*tensor.Matrix[float64], len(r))
		for n := range r {
			z[n] = tensor.Mul(r[n], inverse[n])
		}
		return z
	}
	dot := func(x, y []*tensor.Matrix[float64]) (s float64) {
		for n := range x {
			s += kernel.Dot(x[n].Data, y[n].Data)
		}
		return s
	}
	add := func(alpha float64, x, y []*tensor.Matrix[float64]) {
		for n := range x {
			kernel.Axpy(alpha, x[n].Data, y[n].Data)
		}
	}
	x := j.parts(make([]float64, j.unknowns()))
	r := cloneAll(b)
	z := precondition(r)
	p := cloneAll(z)
	rz := dot(r, z)
	target := enough * enough * dot(b, b)
	for range most {
		if dot(r, r) <= target {
			break
		}
		q := j.apply(p, shift)
		pq := dot(p, q)
		if !(pq > 0) {
			break
		}
		add(rz/pq, p, x)
		add(-rz/pq, q, r)
		z = precondition(r)
		next := dot(r, z)
		for n := range p {
			kernel.Scal(next/rz, p[n].Data)
			kernel.Axpy(1, z[n].Data, p[n].Data)
		}
		rz = next
	}
	return x, nil
}
