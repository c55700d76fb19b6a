package optimize

import "math"

const (
	enough   = 1e-3 // of the decrease that the slope promises
	flatter  = 0.9  // the slope at the end, beside the one at the start
	narrow   = 0.1  // width of an interval, beside its end, that ends the search
	attempts = 20
)

// lineSearch finds a step t in (0, most] that lowers a function along a line
// enough and where it is flatter (the strong Wolfe conditions), from its
// value f0 and slope g0 < 0 at 0 and a first guess. It returns the step and
// the value there; the best that was seen if there is no such step within
// 20 attempts.
//
// Moré & Thuente 1994, https://doi.org/10.1145/192115.192132.
func lineSearch(eval func(t float64) (f, g float64), f0, g0, t, most float64) (float64, float64) {
	bestT, bestF := 0.0, f0
	x := point{0, f0, g0} // the better end of the interval
	y := x                // the other
	closed := false       // a minimum lies between x and y
	first := true         // until the function has been low enough and rising
	width := most
	before := 2 * width
	lo, hi := 0.0, 5*t
	t = min(t, most)
	for range attempts {
		f, g := eval(t)
		if !(f-f == 0) || !(g-g == 0) {
			// Beyond the domain: the function is taken to end here.
			most = t
			t = x.t + (t-x.t)/10
			hi = min(hi, most)
			continue
		}
		if f < bestF {
			bestT, bestF = t, f
		}
		goal := f0 + enough*t*g0
		if first && f <= goal && g >= 0 {
			first = false
		}
		if f <= goal && math.Abs(g) <= -flatter*g0 {
			return t, f
		}
		switch {
		case closed && (t <= lo || t >= hi || hi-lo <= narrow*hi),
			t == most && f <= goal && g <= enough*g0:
			return bestT, bestF
		}
		p := point{t, f, g}
		if first && f <= x.f && f > goal {
			// Work on the function less the line of enough decrease.
			tilt := enough * g0
			x, y, p = x.tilted(-tilt), y.tilted(-tilt), p.tilted(-tilt)
			t, closed = refine(&x, &y, p, closed, lo, hi)
			x, y = x.tilted(tilt), y.tilted(tilt)
		} else {
			t, closed = refine(&x, &y, p, closed, lo, hi)
		}
		if closed {
			if math.Abs(y.t-x.t) >= 0.66*before {
				t = x.t + (y.t-x.t)/2
			}
			before, width = width, math.Abs(y.t-x.t)
			lo, hi = min(x.t, y.t), max(x.t, y.t)
		} else {
			lo, hi = t+1.1*(t-x.t), t+4*(t-x.t)
		}
		t = min(max(t, 0), most)
		if closed && (t <= lo || t >= hi || hi-lo <= narrow*hi) {
			return bestT, bestF
		}
	}
	return bestT, bestF
}

// point is a step, the value there and the slope.
type point struct{ t, f, g float64 }

// tilted is the point of the function plus slope*t.
func (p point) tilted(slope float64) point { return point{p.t, p.f + slope*p.t, p.g + slope} }

// refine updates the interval (x, y) by the trial point p, and returns the
// next trial step and whether the interval holds a minimum.
func refine(x, y *point, p point, closed bool, lo, hi float64) (float64, bool) {
	opposite := p.g*x.g < 0
	var t float64
	switch {
	case p.f > x.f:
		// Higher: a minimum lies between. Take the cubic step if it is closer
		// to x than the quadratic one, else their mean.
		c := cubic(*x, p, false)
		q := x.t + x.g/((x.f-p.f)/(p.t-x.t)+x.g)/2*(p.t-x.t)
		if math.Abs(c-x.t) < math.Abs(q-x.t) {
			t = c
		} else {
			t = c + (q-c)/2
		}
		closed = true
	case opposite:
		// Lower, and the slope changes sign: the cubic or the secant step,
		// whichever is farther from p.
		c, s := cubic(p, *x, false), secant(p, *x)
		if math.Abs(c-p.t) > math.Abs(s-p.t) {
			t = c
		} else {
			t = s
		}
		closed = true
	case math.Abs(p.g) < math.Abs(x.g):
		// Lower and flatter: the cubic step if it tends to a minimum beyond
		// p, else the secant step.
		c, s := cubic(p, *x, true), secant(p, *x)
		if math.IsNaN(c) {
			c = lo
			if p.t > x.t {
				c = hi
			}
		}
		if closed {
			t = s
			if math.Abs(c-p.t) < math.Abs(s-p.t) {
				t = c
			}
			limit := p.t + 0.66*(y.t-p.t)
			if p.t > x.t {
				t = min(limit, t)
			} else {
				t = max(limit, t)
			}
		} else {
			t = s
			if math.Abs(c-p.t) > math.Abs(s-p.t) {
				t = c
			}
			t = max(lo, min(hi, t))
		}
	default:
		// Lower and not flatter: out to the end, or towards y.
		switch {
		case closed:
			t = cubic(p, *y, false)
		case p.t > x.t:
			t = hi
		default:
			t = lo
		}
	}
	if p.f > x.f {
		*y = p
	} else {
		if opposite {
			*y = *x
		}
		*x = p
	}
	return t, closed
}

// cubic is the minimum of the cubic through two points with their slopes.
// With beyond, it is NaN unless it lies beyond a as seen from b.
func cubic(a, b point, beyond bool) float64 {
	theta := 3*(a.f-b.f)/(b.t-a.t) + a.g + b.g
	s := max(math.Abs(theta), math.Abs(a.g), math.Abs(b.g))
	gamma := s * math.Sqrt(max(0, theta/s*(theta/s)-a.g/s*(b.g/s)))
	if b.t < a.t {
		gamma = -gamma
	}
	if beyond {
		// a is the later point: the cubic tends to a minimum past it if the
		// ratio is negative and gamma is not 0.
		den := gamma + (b.g - a.g) + gamma
		r := ((gamma - a.g) + theta) / den
		if !(r < 0) || gamma == 0 {
			return math.NaN()
		}
		return a.t + r*(b.t-a.t)
	}
	r := ((gamma - a.g) + theta) / ((gamma - a.g) + gamma + b.g)
	return a.t + r*(b.t-a.t)
}

// secant is the zero of the line through the slopes of two points.
func secant(a, b point) float64 { return a.t + a.g/(a.g-b.g)*(b.t-a.t) }
