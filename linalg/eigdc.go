package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// tridiagonalEig overwrites d with the eigenvalues, in ascending order, of the
// symmetric tridiagonal matrix with d on the diagonal and e beside it; e is
// used up. The elements should not exceed 1 by much.
//
// If full is set, q is n×n, zero on entry, and its last want rows become the
// eigenvectors of the want largest eigenvalues. Otherwise it is n×2 and they
// become the first and last components of the eigenvectors, which is all that
// the values need.
//
// Divide and conquer: Cuppen 1981 (https://doi.org/10.1007/BF01396757) with
// the deflation and the vectors of Gu & Eisenstat 1995
// (https://doi.org/10.1137/S0895479892241287). QR iteration solves the
// smallest parts; where it does not converge, they are divided further.
func tridiagonalEig(d, e []float64, q kernel.Mat[float64], full bool, want int, s space) {
	n := len(d)
	if n == 0 {
		return
	}
	if n <= leafSize {
		w := s
		d0, e0 := w.take(n), w.take(n)
		copy(d0, d)
		copy(e0, e)
		unitVectors(q, full)
		if tridiagonalQR(d, e, q) {
			return
		}
		copy(d, d0)
		copy(e, e0)
		clearVectors(q)
	}
	// T = diag(T₁, T₂) + ρ·v·vᵀ, where v is ±1 at the two rows beside the cut.
	m := n / 2
	rho := math.Abs(e[m-1])
	sign := math.Copysign(1, e[m-1])
	d[m-1] -= rho
	d[m] -= rho
	v := vectors{q: q, split: 1}
	first, second := q.Sub(0, m, 0, q.Cols), q.Sub(m, n, 0, q.Cols)
	if full {
		v.split = m
		first, second = q.Sub(0, m, 0, m), q.Sub(m, n, m, n)
	}
	if n > parallelHalves {
		par.Do(2, func(half int) {
			if half == 0 {
				tridiagonalEig(d[:m], e[:m-1], first, full, m, s)
			} else {
				own := newSpace(eigSpace(n-m, full))
				tridiagonalEig(d[m:], e[m:], second, full, n-m, *own)
				own.release()
			}
		})
	} else {
		tridiagonalEig(d[:m], e[:m-1], first, full, m, s)
		tridiagonalEig(d[m:], e[m:], second, full, n-m, s)
	}
	// diag(d) + z·zᵀ in the basis of the eigenvectors of the halves.
	z := s.take(n)
	for i := range n {
		row := v.row(i)
		switch {
		case full && i < m:
			z[i] = row[m-1]
		case full:
			z[i] = sign * row[m]
		case i < m:
			z[i], row[1] = row[1], 0
		default:
			z[i], row[0] = sign*row[0], 0
		}
	}
	kernel.Scal(math.Sqrt(rho), z)
	mergeEig(d, z, v, m, want, s)
}

// eigSpace is the work space of tridiagonalEig.
func eigSpace(n int, full bool) (floats, ints int) {
	cols := 2
	if full {
		cols = n
	}
	// z, six vectors of a merge, one a block of roots; the coordinates of the
	// vectors, the vectors that are made, and what goes into one product.
	return n*(8+(n+rootBlock-1)/rootBlock) + n*n + n*cols + n*((cols+1)/2), 8 * n
}

// mergeEig overwrites d and the vectors with the eigenvalues and vectors of
// diag(d) + z·zᵀ, in the basis of the vectors, of which m are in the first
// half; d ascends in each half. Of the vectors, the last want are made.
func mergeEig(d, z []float64, v vectors, m, want int, s space) {
	n := len(d)
	in := s.takeInts(n)
	dmax := 0.0
	for i := range n {
		in[i] = firstHalf
		if i >= m {
			in[i] = secondHalf
		}
		dmax = max(dmax, math.Abs(d[i]))
	}
	znorm := kernel.Nrm2(z)
	tol := 8 * 0x1p-53 * max(dmax, znorm*znorm)

	// A coordinate that z (nearly) does not touch is an eigenvector already.
	// Of two coordinates with (nearly) the same d, a rotation makes one so.
	keep, deflated := s.takeInts(n)[:0], s.takeInts(n)[:0]
	last := -1
	for _, j := range ascending(d[:m], d[m:], &s) {
		if math.Abs(z[j])*znorm <= tol {
			deflated = append(deflated, j)
			continue
		}
		if last >= 0 {
			r := math.Hypot(z[j], z[last])
			c, s := z[j]/r, -z[last]/r
			if math.Abs((d[j]-d[last])*c*s) <= tol {
				v.rotate(last, j, c, s)
				if in[last] != in[j] {
					in[last], in[j] = firstHalf|secondHalf, firstHalf|secondHalf
				}
				d[last], d[j] = d[last]*c*c+d[j]*s*s, d[last]*s*s+d[j]*c*c
				z[last], z[j] = 0, r
				deflated = append(deflated, last)
				last = j
				continue
			}
			keep = append(keep, last)
		}
		last = j
	}
	if last >= 0 {
		keep = append(keep, last)
	}

	k := len(keep)
	poles, num := s.take(k), s.take(k)
	for j, c := range keep {
		poles[j], num[j] = d[c], z[c]
	}
	eq := secular{z: num, poles: poles}
	roots := eq.solve(&s)
	values := s.take(k)
	for i := range values {
		values[i] = poles[roots.origin[i]] + roots.eta[i]
	}
	order, sorted := mergeOrder(values, deflated, d, &s)
	order = order[n-want:]
	// Roots ascend: those that are wanted are the last.
	skip := k
	for _, o := range order {
		skip = min(skip, o)
	}
	g := group(keep, in, &s)
	coef := roots.gaps.Sub(skip, k, 0, k)
	par.Blocks(k-skip, rootBlock, func(b, lo, hi int) {
		row := roots.row(b)
		for i := lo; i < hi; i++ {
			x := coef.Data[i*k : (i+1)*k]
			kernel.Divide(x, roots.z)
			for j, t := range x {
				row[g.place[j]] = t
			}
			normalise(row)
			copy(x, row)
		}
	})
	for i := range order {
		order[i] -= skip
	}
	v.combine(coef, g, order, n-want, s)
	copy(d, sorted)
}
