// Package optimize minimises smooth functions of many variables, and finds the
// best assignment.
package optimize

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// Objective writes the gradient at x to g and returns the value. It may
// return NaN or infinity where the function has no value.
type Objective func(x, g []float64) float64

// LBFGSB minimises a function subject to lower <= x <= upper by a
// limited-memory quasi-Newton method: from the generalised Cauchy point of
// the present quadratic model the free variables go on to the minimum of
// that model, and a line search finds a step along the way there. The bits
// of the result do not depend on the number of threads.
//
// Byrd, Lu, Nocedal & Zhu 1995, https://doi.org/10.1137/0916069; projection
// of the subspace minimum: Morales & Nocedal 2011,
// https://doi.org/10.1145/2049662.2049669.
type LBFGSB struct {
	X, G []float64 // the present point and its gradient
	F    float64   // the value there

	eval         Objective
	lower, upper []float64 // nil: no bounds
	memory       int

	// The model of the Hessian is theta*I - W*K^-1*W^T with W = [Y theta*S],
	// where the columns of S and Y are the last steps and the changes of the
	// gradient that they made:
	//
	//	K = | -D     L^T       |   D the diagonal of S^T*Y,
	//	    |  L  theta*S^T*S  |   L what is below it
	theta  float64
	s, y   [][]float64
	ss, sy [][]float64 // inner products
	k      *lu

	xc, r, d, xt, gt []float64
	breaks           breakpoints
	free             []bool
}

// New prepares the minimisation from x, which is moved to the nearest
// feasible point (in place; it becomes X). memory is the number of steps that
// the model of the Hessian remembers: 5 to 20 is usual. lower and upper may
// be nil, and may hold infinities.
func New(eval Objective, x, lower, upper []float64, memory int) *LBFGSB {
	n := len(x)
	if lower != nil && len(lower) != n || upper != nil && len(upper) != n {
		panic("optimize: as many bounds as variables are needed")
	}
	b := &LBFGSB{X: x, G: make([]float64, n), eval: eval, lower: lower, upper: upper, memory: max(1, memory), theta: 1,
		xc: make([]float64, n), r: make([]float64, n), d: make([]float64, n), xt: make([]float64, n), gt: make([]float64, n),
		free: make([]bool, n)}
	for i := range x {
		x[i] = b.clip(i, x[i])
	}
	b.F = eval(x, b.G)
	return b
}

func (b *LBFGSB) low(i int) float64 {
	if b.lower == nil {
		return math.Inf(-1)
	}
	return b.lower[i]
}

func (b *LBFGSB) high(i int) float64 {
	if b.upper == nil {
		return math.Inf(1)
	}
	return b.upper[i]
}

func (b *LBFGSB) clip(i int, v float64) float64 { return max(b.low(i), min(v, b.high(i))) }

// Stationarity is the largest magnitude of an element of the projected
// gradient P(x - g) - x, which is 0 where the first-order conditions hold.
func (b *LBFGSB) Stationarity() float64 {
	most := 0.0
	for i, g := range b.G {
		most = max(most, math.Abs(b.clip(i, b.X[i]-g)-b.X[i]))
	}
	return most
}

// Step makes one iteration, and reports whether it lowered the value. If it
// did not, X is as good as the arithmetic can tell (or stationary).
func (b *LBFGSB) Step() bool {
	for {
		if b.target() && b.search() {
			return true
		}
		if len(b.s) == 0 {
			return false
		}
		b.forget() // and try the direction of the gradient
	}
}

func (b *LBFGSB) forget() {
	b.theta, b.k = 1, nil
	b.s, b.y, b.ss, b.sy = nil, nil, nil, nil
}

// target finds the end of the step of the quadratic model, less X, and
// leaves it in d. It reports whether that is a way down.
func (b *LBFGSB) target() bool {
	c := b.cauchy()
	if len(b.s) > 0 && !b.subspace(c) {
		return false
	}
	for i, v := range b.xc {
		b.d[i] = v - b.X[i]
	}
	return kernel.Dot(b.d, b.G) < 0
}

// w is element j of row i of W.
func (b *LBFGSB) w(i, j int) float64 {
	if k := len(b.s); j >= k {
		return b.theta * b.s[j-k][i]
	}
	return b.y[j][i]
}

// columns are Y and S; theta is left to the caller.
func (b *LBFGSB) columns() [][]float64 { return append(append([][]float64(nil), b.y...), b.s...) }

// scaled multiplies the second half of v, which belongs to S, by theta.
func (b *LBFGSB) scaled(v []float64) []float64 {
	for j := len(v) / 2; j < len(v); j++ {
		v[j] *= b.theta
	}
	return v
}

// cauchy leaves the first local minimum of the quadratic model along the
// projected gradient in xc, and returns W^T*(xc - x).
func (b *LBFGSB) cauchy() (c []float64) {
	b.breaks = b.breaks[:0]
	for i, g := range b.G {
		t := math.Inf(1)
		switch {
		case g < 0:
			t = (b.X[i] - b.high(i)) / g
		case g > 0:
			t = (b.X[i] - b.low(i)) / g
		}
		b.d[i] = -g
		b.xc[i] = b.X[i]
		if !(t > 0) {
			b.d[i] = 0
		} else if !math.IsInf(t, 1) {
			b.breaks = append(b.breaks, breakpoint{t, i})
		}
	}
	b.breaks.arrange()
	k2 := 2 * len(b.s)
	c, mw, wb := make([]float64, k2), make([]float64, k2), make([]float64, k2)
	p := b.scaled(dots(b.columns(), b.d))
	slope := -kernel.Dot(b.d, b.d)
	curve := -b.theta * slope
	if k2 > 0 {
		copy(mw, p)
		b.k.solve(mw)
		curve -= dot(p, mw)
	}
	least := curve * 1e-16
	t := 0.0
	for len(b.breaks) > 0 {
		next := b.breaks[0]
		dt := next.t - t
		if !(-slope >= dt*curve) {
			break
		}
		b.breaks.drop()
		i, g := next.i, b.G[next.i]
		bound := b.low(i)
		if g < 0 {
			bound = b.high(i)
		}
		b.xc[i] = bound
		z := bound - b.X[i]
		slope += dt*curve + g*g + b.theta*g*z
		curve -= b.theta * g * g
		if k2 > 0 {
			for j := range wb {
				c[j] += dt * p[j]
				wb[j] = b.w(i, j)
			}
			copy(mw, wb)
			b.k.solve(mw)
			slope -= g * dot(mw, c)
			curve -= 2*g*dot(mw, p) + g*g*dot(mw, wb)
			for j := range p {
				p[j] += g * wb[j]
			}
		}
		curve = max(curve, least)
		b.d[i] = 0
		t = next.t
	}
	more := 0.0
	if slope < 0 && curve > 0 {
		more = -slope / curve
	}
	t += more
	for i, d := range b.d {
		if d != 0 {
			b.xc[i] = b.clip(i, b.X[i]+t*d)
		}
	}
	for j := range c {
		c[j] += more * p[j]
	}
	return c
}

// subspace moves xc to the minimum of the model over the variables that are
// not at a bound there, projected on the bounds. It reports false where the
// model cannot be solved.
func (b *LBFGSB) subspace(c []float64) bool {
	k := len(b.s)
	for i, v := range b.xc {
		b.free[i] = v > b.low(i) && v < b.high(i)
	}
	mc := append([]float64(nil), c...)
	b.k.solve(mc)
	b.scaled(mc)
	cols := b.columns()
	// r is the gradient of the model at xc, on the free variables.
	par.Blocks(len(b.r), vecBlock, func(_, lo, hi int) {
		r := b.r[lo:hi]
		for i := range r {
			r[i] = b.G[lo+i] + b.theta*(b.xc[lo+i]-b.X[lo+i])
		}
		for j, col := range cols {
			kernel.Axpy(-mc[j], col[lo:hi], r)
		}
		for i := range r {
			if !b.free[lo+i] {
				r[i] = 0
			}
		}
	})
	gram := gramOf(append(append([][]float64(nil), cols...), b.r), b.free)
	// (K - W_F^T*W_F/theta)*v = W_F^T*r
	a := b.middle()
	v := make([]float64, 2*k)
	for i := range v {
		si := 1.0
		if i >= k {
			si = b.theta
		}
		v[i] = si * gram[2*k][i]
		for j := range v {
			sj := 1.0
			if j >= k {
				sj = b.theta
			}
			a[i][j] -= si * sj * gram[max(i, j)][min(i, j)] / b.theta
		}
	}
	f, ok := factor(a)
	if !ok {
		return false
	}
	f.solve(v)
	b.scaled(v)
	// The step is -(r + W_F*v/theta)/theta. It is left in r.
	par.Blocks(len(b.r), vecBlock, func(_, lo, hi int) {
		r := b.r[lo:hi]
		for j, col := range cols {
			kernel.Axpy(v[j]/b.theta, col[lo:hi], r)
		}
		for i := range r {
			if !b.free[lo+i] {
				r[i] = 0
				continue
			}
			r[i] /= -b.theta
			b.d[lo+i] = b.clip(lo+i, b.xc[lo+i]+r[i]) - b.X[lo+i]
		}
	})
	down := 0.0
	for i, g := range b.G {
		if b.free[i] {
			down += g * b.d[i]
		} else {
			down += g * (b.xc[i] - b.X[i])
		}
	}
	if down < 0 {
		for i, f := range b.free {
			if f {
				b.xc[i] = b.X[i] + b.d[i]
			}
		}
		return true
	}
	// The projection leads up: go as far along the step as the bounds allow.
	alpha := 1.0
	for i, s := range b.r {
		if s < 0 {
			alpha = min(alpha, (b.low(i)-b.xc[i])/s)
		} else if s > 0 {
			alpha = min(alpha, (b.high(i)-b.xc[i])/s)
		}
	}
	for i, s := range b.r {
		if s != 0 {
			b.xc[i] = b.clip(i, b.xc[i]+alpha*s)
		}
	}
	return true
}

// search looks for a point along d, moves there and learns from the step.
func (b *LBFGSB) search() bool {
	slope := kernel.Dot(b.d, b.G)
	most := 1e10
	for i, d := range b.d {
		if d < 0 {
			most = min(most, (b.low(i)-b.X[i])/d)
		} else if d > 0 {
			most = min(most, (b.high(i)-b.X[i])/d)
		}
	}
	most = max(most, 1) // the end of d is feasible
	step := 1.0
	if len(b.s) == 0 {
		step = min(step, 1/kernel.Nrm2(b.d))
	}
	at := 0.0
	value := func(t float64) (float64, float64) {
		for i, d := range b.d {
			b.xt[i] = b.clip(i, b.X[i]+t*d)
		}
		at = t
		f := b.eval(b.xt, b.gt)
		return f, kernel.Dot(b.gt, b.d)
	}
	t, f := lineSearch(value, b.F, slope, step, most)
	if !(f < b.F) {
		return false
	}
	if at != t {
		f, _ = value(t)
	}
	s, y := b.xt, b.gt // become the step and the change of the gradient
	b.xt, b.gt = make([]float64, len(s)), make([]float64, len(y))
	for i, v := range s {
		s[i], b.X[i] = v-b.X[i], v
	}
	for i, v := range y {
		y[i], b.G[i] = v-b.G[i], v
	}
	b.F = f
	b.learn(s, y)
	return true
}

// learn adds a pair to the model, unless it has no positive curvature.
func (b *LBFGSB) learn(s, y []float64) {
	ys, yy := kernel.Dot(s, y), kernel.Dot(y, y)
	if !(ys > 2.2e-16*yy) || math.IsInf(yy, 1) {
		return
	}
	if len(b.s) == b.memory {
		b.s, b.y = b.s[1:], b.y[1:]
		b.ss, b.sy = shift(b.ss), shift(b.sy)
	}
	b.s, b.y = append(b.s, s), append(b.y, y)
	k := len(b.s)
	withS, withY := dots(b.s, s), dots(b.y, s)
	left := dots(b.s, y)
	for i := range k - 1 {
		b.ss[i] = append(b.ss[i], withS[i])
		b.sy[i] = append(b.sy[i], left[i])
	}
	b.ss, b.sy = append(b.ss, withS), append(b.sy, withY)
	b.theta = yy / ys
	var ok bool
	if b.k, ok = factor(b.middle()); !ok {
		b.forget()
	}
}

// shift drops the first row and column.
func shift(m [][]float64) [][]float64 {
	m = m[1:]
	for i := range m {
		m[i] = m[i][1:]
	}
	return m
}

// middle is K.
func (b *LBFGSB) middle() [][]float64 {
	k := len(b.s)
	m := make([][]float64, 2*k)
	for i := range m {
		m[i] = make([]float64, 2*k)
	}
	for i := range k {
		m[i][i] = -b.sy[i][i]
		for j := range k {
			m[k+i][k+j] = b.theta * b.ss[i][j]
			if i > j {
				m[k+i][j], m[j][k+i] = b.sy[i][j], b.sy[i][j]
			}
		}
	}
	return m
}

// breakpoint is a place along the projected gradient where a variable meets
// its bound.
type breakpoint struct {
	t float64
	i int
}

// breakpoints is a binary heap, the nearest first.
type breakpoints []breakpoint

func (p breakpoint) before(q breakpoint) bool { return p.t < q.t || p.t == q.t && p.i < q.i }

// arrange makes a list a heap.
func (h breakpoints) arrange() {
	for at := len(h)/2 - 1; at >= 0; at-- {
		h.sink(at)
	}
}

// drop takes the first away.
func (h *breakpoints) drop() {
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	*h = (*h)[:last]
	h.sink(0)
}

// sink moves an element down to where it belongs.
func (h breakpoints) sink(at int) {
	if at >= len(h) {
		return
	}
	p := h[at]
	for {
		next := 2*at + 1
		if next >= len(h) {
			break
		}
		if next+1 < len(h) && h[next+1].before(h[next]) {
			next++
		}
		if !h[next].before(p) {
			break
		}
		h[at] = h[next]
		at = next
	}
	h[at] = p
}
