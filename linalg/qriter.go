package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
)

// leafSize is the size up to which divide and conquer leaves a problem to QR
// iteration, which has less overhead.
const leafSize = 20

// iterationLimit is the number of steps for each value after which QR
// iteration gives up; 2 or 3 is usual. Tests lower it.
var iterationLimit = 30

// givens is the rotation (c, s) that turns (x, y) into (r, 0): c·x + s·y = r
// and c·y − s·x = 0. Elements near 1 are presumed: squares may vanish.
func givens(x, y float64) (c, s, r float64) {
	r = math.Sqrt(x*x + y*y)
	if r < 1e-140 {
		big := max(math.Abs(x), math.Abs(y))
		if big == 0 {
			return 1, 0, 0
		}
		r = big * math.Sqrt((x/big)*(x/big)+(y/big)*(y/big))
	}
	return x / r, y / r, r
}

// negligible reports whether an element e beside the diagonal elements a and b
// is a rounding error in a matrix with elements of the given size.
func negligible(e, a, b, size float64) bool {
	e = math.Abs(e)
	return e <= 0x1p-53*(math.Abs(a)+math.Abs(b)) || e <= 0x1p-56*size
}

// tridiagonalQR is [tridiagonalEig] by implicit QR steps with Wilkinson's
// shift. The rows of q are turned as the coordinates are. It reports whether
// all steps converged.
//
// Golub & Van Loan, Matrix Computations, 4th ed. 2013, section 8.3.
func tridiagonalQR(d, e []float64, q kernel.Mat[float64]) bool {
	n := len(d)
	v := vectors{q: q}
	size := max(largest(d), largest(e[:n-1]))
	steps := iterationLimit * n
	for hi := n - 1; hi > 0; {
		if negligible(e[hi-1], d[hi-1], d[hi], size) {
			hi--
			continue
		}
		lo := hi - 1
		for lo > 0 && !negligible(e[lo-1], d[lo-1], d[lo], size) {
			lo--
		}
		if steps--; steps < 0 {
			return false
		}
		// The eigenvalue of the last 2×2 block that is nearer to its corner.
		half, off := (d[hi-1]-d[hi])/2, e[hi-1]
		shift := d[hi] - off*(off/(half+math.Copysign(math.Sqrt(half*half+off*off), half)))
		x, y := d[lo]-shift, e[lo]
		for k := lo; k < hi; k++ {
			c, s, r := givens(x, y)
			if k > lo {
				e[k-1] = r
			}
			w := s*(d[k+1]-d[k]) + 2*c*e[k]
			d[k], d[k+1], e[k] = d[k]+s*w, d[k+1]-s*w, c*w-e[k]
			if k+1 < hi {
				x, y = e[k], s*e[k+1]
				e[k+1] *= c
			}
			v.rotate(k, k+1, c, s)
		}
	}
	sortVectors(d, v)
	return true
}

// bidiagonalQR is [bidiagonalSVD] by implicit QR steps. It reports whether all
// of them converged.
//
// Golub & Reinsch 1970, https://doi.org/10.1007/BF02163027.
func bidiagonalQR(d, e []float64, uq, vq kernel.Mat[float64]) bool {
	n := len(d)
	u, v := vectors{q: uq}, vectors{q: vq}
	// The last column goes into the others, from the bottom up.
	x := e[n-1]
	for k := n - 1; k >= 0 && x != 0; k-- {
		c, s, r := givens(d[k], x)
		d[k] = r
		if k > 0 {
			x = -s * e[k-1]
			e[k-1] *= c
		}
		v.rotate(k, n, c, s)
	}
	size := max(largest(d), largest(e[:n-1]))
	steps := iterationLimit * n
	for hi := n - 1; hi > 0; {
		if negligible(e[hi-1], d[hi-1], d[hi], size) {
			hi--
			continue
		}
		lo, least := hi-1, min(math.Abs(d[hi-1]), math.Abs(d[hi]))
		for lo > 0 && !negligible(e[lo-1], d[lo-1], d[lo], size) {
			lo--
			least = min(least, math.Abs(d[lo]))
		}
		if steps--; steps < 0 {
			return false
		}
		x, y := d[lo], e[lo]
		if least > 0x1p-53*size {
			// Shifted by the eigenvalue of the last 2×2 block of BᵀB that is
			// nearer to its corner. A singular block needs no shift: one step
			// takes its zero to the end.
			before := 0.0
			if hi-1 > lo {
				before = e[hi-2]
			}
			corner, off := d[hi]*d[hi]+e[hi-1]*e[hi-1], d[hi-1]*e[hi-1]
			half := (d[hi-1]*d[hi-1] + before*before - corner) / 2
			if bottom := half + math.Copysign(math.Sqrt(half*half+off*off), half); bottom != 0 {
				corner -= off * (off / bottom)
			}
			x, y = d[lo]-corner/d[lo], e[lo]
		}
		for k := lo; k < hi; k++ {
			c, s, r := givens(x, y)
			if k > lo {
				e[k-1] = r
			}
			x, e[k] = c*d[k]+s*e[k], c*e[k]-s*d[k]
			y = s * d[k+1]
			d[k+1] *= c
			v.rotate(k, k+1, c, s)
			c, s, d[k] = givens(x, y)
			e[k], d[k+1] = c*e[k]+s*d[k+1], c*d[k+1]-s*e[k]
			if k+1 < hi {
				x, y = e[k], s*e[k+1]
				e[k+1] *= c
			}
			u.rotate(k, k+1, c, s)
		}
	}
	for k, x := range d {
		if x < 0 {
			d[k] = -x
			kernel.Scal(-1, v.row(k))
		}
	}
	sortVectors(d, u, v)
	return true
}

// sortVectors brings d in ascending order, and the leading vectors with it.
func sortVectors(d []float64, with ...vectors) {
	for i := range d {
		least := i
		for j := i + 1; j < len(d); j++ {
			if d[j] < d[least] {
				least = j
			}
		}
		if least == i {
			continue
		}
		d[i], d[least] = d[least], d[i]
		for _, v := range with {
			x, y := v.row(i), v.row(least)
			for l, t := range x {
				x[l], y[l] = y[l], t
			}
		}
	}
}
