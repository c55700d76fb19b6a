package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// A secular equation
//
//	f(x) = 1 + Σ_j z_j²/(p_j − x) = 0
//
// with distinct ascending poles p_j and no z_j zero has one root right of
// each pole: p_0 < x_0 < p_1 < x_1 < …. It gives the eigenvalues of
// diag(p) + z·zᵀ. What makes divide and conquer accurate is that the
// differences p_j − x_i are found to full relative precision, by working with
// x as the distance from the nearer of its two poles.
type secular struct {
	z     []float64
	poles []float64 // p_j, or their roots
	// squares says that the poles are squares, of which the roots are given.
	squares bool
}

// differences sets out[j] to p_j − p_origin, to full relative precision.
func (q *secular) differences(origin int, out []float64) {
	o := q.poles[origin]
	poles := q.poles[:len(out)]
	if q.squares {
		for j, p := range poles {
			out[j] = (p - o) * (p + o)
		}
		return
	}
	for j, p := range poles {
		out[j] = p - o
	}
}

// secularRoots are the roots of a secular equation.
type secularRoots struct {
	origin []int     // root i is p_origin[i] + eta[i]
	eta    []float64 //
	gaps   kernel.Mat[float64]
	// z are the numerators for which the computed roots are exact (Gu &
	// Eisenstat 1994, https://doi.org/10.1137/S089547989223924X). Vectors
	// made from them are orthogonal however close the roots are.
	z    []float64
	rows []float64 // work space of a row for each block of roots
}

// rootBlock is the number of roots that are found on one goroutine.
const rootBlock = 128

// row is the work space of a block.
func (r *secularRoots) row(b int) []float64 {
	n := len(r.z)
	return r.rows[b*n : (b+1)*n]
}

// solve finds all roots; gaps holds p_j − x_i in row i.
func (q *secular) solve(s *space) secularRoots {
	n := len(q.z)
	r := secularRoots{s.takeInts(n), s.take(n), kernel.RowMajor(n, n, s.take(n*n)), s.take(n), s.take(n * ((n + rootBlock - 1) / rootBlock))}
	par.Blocks(n, rootBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			d := r.gaps.Data[i*n : (i+1)*n]
			r.origin[i], r.eta[i] = q.root(i, d)
			for j := range d {
				d[j] -= r.eta[i]
			}
		}
	})
	// z_j² = Π_i (x_i − p_j) / Π_{i≠j} (p_i − p_j), a column block at a time.
	par.Blocks(n, rootBlock, func(b, lo, hi int) {
		w, d := r.z[lo:hi], r.row(b)
		for j := range w {
			w[j] = 1
		}
		for i := range n {
			q.differences(i, d)
			d[i] = -1
			kernel.Divide(d[lo:hi], r.gaps.Data[i*n+lo:i*n+hi])
			for j, ratio := range d[lo:hi] {
				w[j] *= ratio
			}
		}
		for j := range w {
			w[j] = math.Copysign(math.Sqrt(max(w[j], 0)), q.z[lo+j])
		}
	})
	return r
}

// root finds the root right of pole k. On return d holds p_j − p_origin.
//
// The two poles next to the root are kept in a rational model of f that
// agrees with the two halves of the sum and their derivatives (the "middle
// way" of Li 1993, LAPACK Working Note 89); a bracket guards it.
func (q *secular) root(k int, d []float64) (origin int, eta float64) {
	n := len(d)
	q.differences(k, d)
	if k == n-1 {
		// The root is at most Σ z², and that itself if there is one pole.
		hi := (1 + 0x1p-48) * kernel.Dot(q.z, q.z)
		return k, q.iterate(k, d, 0, hi, hi/2)
	}
	zk, zn, gap := q.z[k]*q.z[k], q.z[k+1]*q.z[k+1], d[k+1]
	mid := gap / 2
	f, _, _ := kernel.Secular(q.z, d, mid)
	f++
	// Start from the root of the model in which all other poles are
	// constant.
	c := f + zk/mid - zn/mid
	if f >= 0 {
		eta = quadratic(c, c*gap+zk+zn, zk*gap)
		return k, q.iterate(k, d, 0, mid, eta)
	}
	q.differences(k+1, d)
	eta = quadratic(c, -c*gap+zk+zn, -zn*gap)
	return k + 1, q.iterate(k, d, -mid, 0, eta)
}

// quadratic is the root of c·x² − a·x + b that lies between the poles of the
// models of this file.
func quadratic(c, a, b float64) float64 {
	s := math.Sqrt(max(a*a-4*b*c, 0))
	if a > 0 {
		return 2 * b / (a + s)
	}
	return (a - s) / (2 * c)
}

// iterate improves eta, a root between lo and hi, where f(lo) ≤ 0 ≤ f(hi).
func (q *secular) iterate(k int, d []float64, lo, hi, eta float64) float64 {
	const eps = 0x1p-53
	for range 200 {
		if !(eta > lo && eta < hi) {
			if eta = split(lo, hi); eta == lo || eta == hi {
				return eta
			}
		}
		// The sizes of all partial sums, from the ends to the root, make up
		// the rounding error of f.
		psi, dpsi, size := kernel.Secular(q.z[:k+1], d[:k+1], eta)
		phi, dphi, above := kernel.Secular(q.z[k+1:], d[k+1:], eta)
		size = float64(len(d)-k)*phi - above - size
		f, df := 1+psi+phi, dpsi+dphi
		// A bound for that error, and what a rounding error in
		// eta does. Mostly the error is far less: one more step is worth it.
		done := math.Abs(f) <= eps*(size+8*(1+phi-psi)+2*math.Abs(eta)*df)
		if f < 0 {
			lo = eta
		} else {
			hi = eta
		}
		a := d[k] - eta
		var step float64
		if k == len(d)-1 {
			step = a + dpsi*a*a/(f-dpsi*a)
		} else {
			b := d[k+1] - eta
			step = quadratic(f-dpsi*a-dphi*b, f*(a+b)-a*b*df, f*a*b)
		}
		if !(step*f < 0) {
			step = -f / df
		}
		next := eta + step
		if next == eta || done && !(next > lo && next < hi) {
			return eta
		}
		if eta = next; done {
			return eta
		}
	}
	return eta
}

// split is a point between lo and hi, which have no sign change between them:
// the geometric mean where they differ much, the mean otherwise.
func split(lo, hi float64) float64 {
	small, large := min(math.Abs(lo), math.Abs(hi)), max(math.Abs(lo), math.Abs(hi))
	switch {
	case small == 0:
		return math.Copysign(large/1024, lo+hi)
	case large > 4*small:
		return math.Copysign(math.Sqrt(small)*math.Sqrt(large), lo+hi)
	}
	return lo + (hi-lo)/2
}
