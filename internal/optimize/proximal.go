package optimize

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
)

// Prox overwrites v by the u that minimises h(u) + ||u - v||^2/(2*step) and
// returns h(u).
type Prox func(v []float64, step float64) (h float64, err error)

const (
	proxEnough  = 1e-4 // share of ||x - T(x)||^2/(2*step) by which a step must lower the objective
	proxTries   = 3    // of the quasi-Newton step and of parts of it
	proxPart    = 0.25 // of the step before
	proxShorter = 0.3  // factor of a step that failed
	proxMost    = 50   // steps that may fail in an iteration
	proxSame    = 4e-16
)

// Proximal minimises f(x) + h(x), f smooth with its gradient, h known by its
// proximal operator alone; neither need be convex. Every point satisfies h,
// and every step lowers the objective. The residual of the proximal gradient
// step,
//
//	R(x) = (x - T(x))/step,  T(x) = prox(x - step*grad f(x)),
//
// is zero at a minimum. A quasi-Newton step towards that (L-BFGS on the
// changes of R), put on h, is tried first and counts if it lowers the
// objective enough; else T(x) itself is taken, with the step by the curvature
// along the last one and shorter ones as long as they fail.
//
// Wright, Nowak & Figueiredo 2009, https://doi.org/10.1109/TSP.2009.2016892;
// quasi-Newton directions for R: Themelis, Stella & Patrinos 2018,
// https://doi.org/10.1137/16M1080240.
type Proximal struct {
	X []float64 // the present point
	F float64   // f + h there

	eval Objective
	prox Prox

	f, h, step float64
	g          []float64 // gradient of f at X
	t, r       []float64 // T(X), R(X)
	ht         float64   // h(T(X))
	memory     int
	s, y       [][]float64
	ys         []float64
}

// NewProximal starts at x, which must satisfy h and becomes X. memory is the
// number of steps that the model of the curvature remembers.
func NewProximal(eval Objective, prox Prox, x []float64, memory int) (*Proximal, error) {
	n := len(x)
	b := &Proximal{X: x, eval: eval, prox: prox, g: make([]float64, n), t: make([]float64, n), r: make([]float64, n), memory: memory}
	b.f = eval(x, b.g)
	copy(b.t, x)
	var err error
	if b.h, err = prox(b.t, 1e-300); err != nil {
		return nil, err
	}
	b.F = b.f + b.h
	b.step = 1e-2 * max(1e-3, kernel.Nrm2(x)) / max(1e-300, kernel.Nrm2(b.g))
	return b, b.forward()
}

// forward finds T and R of the present point.
func (b *Proximal) forward() (err error) {
	for i, v := range b.X {
		b.t[i] = v - b.step*b.g[i]
	}
	if b.ht, err = b.prox(b.t, b.step); err != nil {
		return err
	}
	for i, v := range b.X {
		b.r[i] = (v - b.t[i]) / b.step
	}
	return nil
}

// direction is -H*R, H the L-BFGS approximation of the inverse of the
// derivative of R.
func (b *Proximal) direction() []float64 {
	d := make([]float64, len(b.r))
	for i, v := range b.r {
		d[i] = -v
	}
	k := len(b.s)
	alpha := make([]float64, k)
	for j := k - 1; j >= 0; j-- {
		alpha[j] = kernel.Dot(b.s[j], d) / b.ys[j]
		kernel.Axpy(-alpha[j], b.y[j], d)
	}
	kernel.Scal(b.ys[k-1]/kernel.Dot(b.y[k-1], b.y[k-1]), d)
	for j := range k {
		kernel.Axpy(alpha[j]-kernel.Dot(b.y[j], d)/b.ys[j], b.s[j], d)
	}
	return d
}

// Step makes one iteration, and reports whether it lowered the objective. If
// it did not, X is as good as the arithmetic can tell.
func (b *Proximal) Step() (bool, error) {
	if kernel.Nrm2(b.r) == 0 {
		return false, nil
	}
	x, g := make([]float64, len(b.X)), make([]float64, len(b.X))
	if len(b.s) > 0 {
		d, part := b.direction(), 1.0
		for range proxTries {
			for i, v := range b.X {
				x[i] = v - (1-part)*b.step*b.r[i] + part*d[i]
			}
			h, err := b.prox(x, b.step)
			if err != nil {
				return false, err
			}
			if took, err := b.accept(x, g, h); took || err != nil {
				return took, err
			}
			part *= proxPart
		}
	}
	for range proxMost {
		copy(x, b.t)
		if took, err := b.accept(x, g, b.ht); took || err != nil {
			return took, err
		}
		b.step *= proxShorter
		if err := b.forward(); err != nil {
			return false, err
		}
	}
	return false, nil
}

// accept moves to x, where the gradient is written to g, if that lowers the
// objective enough.
func (b *Proximal) accept(x, g []float64, h float64) (bool, error) {
	f := b.eval(x, g)
	enough := max(proxEnough*b.step/2*kernel.Dot(b.r, b.r), proxSame*math.Abs(b.F))
	if !(f+h <= b.F-enough) || math.IsInf(f, -1) {
		return false, nil
	}
	s, y, last := b.X, b.g, b.r
	ss, sy := 0.0, 0.0
	for i, v := range x {
		s[i] = v - s[i]
		ss += s[i] * s[i]
		sy += s[i] * (g[i] - y[i])
	}
	b.X, b.g, b.f, b.h, b.F = x, g, f, h, f+h
	if sy > 0 {
		b.step = ss / sy
	} else {
		b.step *= 2
	}
	b.r = make([]float64, len(x))
	if err := b.forward(); err != nil {
		return true, err
	}
	for i, v := range b.r {
		y[i] = v - last[i]
	}
	ys, yy := kernel.Dot(s, y), kernel.Dot(y, y)
	if !(ys > 1e-12*yy) || math.IsInf(yy, 1) {
		return true, nil
	}
	if len(b.s) == b.memory {
		b.s, b.y, b.ys = b.s[1:], b.y[1:], b.ys[1:]
	}
	b.s, b.y, b.ys = append(b.s, s), append(b.y, y), append(b.ys, ys)
	return true, nil
}
