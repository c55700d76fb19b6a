package linalg

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// bidiagonalSVD overwrites d with the singular values, in ascending order, of
// the n×(n+1) bidiagonal matrix with d on the diagonal and e above it (e has
// n elements). The elements should not exceed 1 by much.
//
// If full is set, u: n×n and v: (n+1)×(n+1), both zero on entry, receive the
// left and right singular vectors in their rows, the last row of v being the
// null vector. Otherwise u is not used, and v: (n+1)×2 receives the first and
// last components of the right vectors, which is all that the values need.
//
// Divide and conquer after Gu & Eisenstat 1995,
// https://doi.org/10.1137/S0895479892242232. QR iteration solves the smallest
// parts; where it does not converge, they are divided further.
func bidiagonalSVD(d, e []float64, u, v kernel.Mat[float64], full bool, s space) {
	n := len(d)
	if n == 0 {
		for j := range v.Cols {
			v.Data[j] = 1
		}
		return
	}
	if n <= leafSize {
		w := s
		d0, e0 := w.take(n), w.take(n)
		copy(d0, d)
		copy(e0, e)
		unitVectors(u, full)
		unitVectors(v, full)
		if bidiagonalQR(d, e, u, v) {
			return
		}
		copy(d, d0)
		copy(e, e0)
		clearVectors(u)
		clearVectors(v)
	}
	// Without row k the matrix falls in two, of the rows before and after it.
	k := n / 2
	vu, vv := vectors{q: u, split: k + 1}, vectors{q: v, split: 1}
	var u1, u2 kernel.Mat[float64]
	v1, v2 := v.Sub(0, k+1, 0, v.Cols), v.Sub(k+1, n+1, 0, v.Cols)
	if full {
		vv.split = k + 1
		u1, u2 = u.Sub(0, k, 0, k), u.Sub(k+1, n, k+1, n)
		v1, v2 = v.Sub(0, k+1, 0, k+1), v.Sub(k+1, n+1, k+1, n+1)
	}
	if n > parallelHalves {
		par.Do(2, func(half int) {
			if half == 0 {
				bidiagonalSVD(d[:k], e[:k], u1, v1, full, s)
			} else {
				own := newSpace(svdSpace(n-k-1, full))
				bidiagonalSVD(d[k+1:], e[k+1:], u2, v2, full, *own)
				own.release()
			}
		})
	} else {
		bidiagonalSVD(d[:k], e[:k], u1, v1, full, s)
		bidiagonalSVD(d[k+1:], e[k+1:], u2, v2, full, s)
	}
	// Row k in the basis of the right vectors of the two halves.
	z := s.take(n + 1)
	for i := range z {
		row := vv.row(i)
		switch {
		case full && i <= k:
			z[i] = d[k] * row[k]
		case full:
			z[i] = e[k] * row[k+1]
		case i <= k:
			z[i], row[1] = d[k]*row[1], 0
		default:
			z[i], row[0] = e[k]*row[0], 0
		}
	}
	// Turn the two null vectors, so that z touches only one of them: that
	// one goes with row k, the other is the null vector of the whole.
	if r := math.Hypot(z[k], z[n]); r > 0 {
		vv.rotate(k, n, z[k]/r, z[n]/r)
		z[k] = r
	}
	d[k] = 0
	if full {
		u.Data[k*u.RS+k] = 1
	}
	mergeSVD(d, z[:n], vu, vv, k, full, s)
}

// svdSpace is the work space of bidiagonalSVD.
func svdSpace(n int, full bool) (floats, ints int) {
	cols := 2
	if full {
		cols = n + 1
	}
	// As in eigSpace, with coordinates of two kinds of vectors.
	return (n+1)*(8+(n+rootBlock)/rootBlock) + 2*n*n + n*cols + n*((cols+1)/2), 8 * n
}

// mergeSVD overwrites d and the vectors with the singular values and vectors
// of the matrix M, in the basis of the vectors, that has z in row k and d on
// the diagonal of the other rows. d[k] is zero; d ascends before it and after.
func mergeSVD(d, z []float64, u, v vectors, k int, full bool, s space) {
	n := len(d)
	in := s.takeInts(n)
	dmax := 0.0
	for i := range n {
		switch {
		case i < k:
			in[i] = firstHalf
		case i > k:
			in[i] = secondHalf
		default:
			in[i] = firstHalf | secondHalf
		}
		dmax = max(dmax, d[i])
	}
	tol := 8 * 0x1p-53 * max(dmax, kernel.Nrm2(z))

	keep, deflated := append(s.takeInts(n)[:0], k), s.takeInts(n)[:0]
	others := ascending(d[:k], d[k+1:], &s)
	for _, j := range others {
		if j >= k {
			j++
		}
		if d[j] <= tol {
			// Row j is zero; column j only adds to row k.
			if r := math.Hypot(z[k], z[j]); r > 0 {
				v.rotate(k, j, z[k]/r, z[j]/r)
				z[k] = r
				in[j] = firstHalf | secondHalf
			}
			d[j], z[j] = 0, 0
		}
		if math.Abs(z[j]) <= tol {
			deflated = append(deflated, j)
			continue
		}
		if last := keep[len(keep)-1]; last != k && d[j]-d[last] <= tol {
			r := math.Hypot(z[j], z[last])
			c, s := z[j]/r, -z[last]/r
			v.rotate(last, j, c, s)
			if full {
				u.rotate(last, j, c, s)
			}
			if in[last] != in[j] {
				in[last], in[j] = firstHalf|secondHalf, firstHalf|secondHalf
			}
			z[last], z[j] = 0, r
			deflated = append(deflated, last)
			keep[len(keep)-1] = j
			continue
		}
		keep = append(keep, j)
	}

	m := len(keep)
	poles, num, values := s.take(m), s.take(m), s.take(m)
	for j, c := range keep {
		poles[j], num[j] = d[c], z[c]
	}
	g := group(keep, in, &s)
	left := kernel.RowMajor(m, m, s.take(m*m))
	var right kernel.Mat[float64]
	if m == 1 {
		right = kernel.RowMajor(1, 1, s.take(1))
		values[0] = math.Abs(num[0])
		left.Data[0], right.Data[0] = 1, math.Copysign(1, num[0])
	} else {
		if math.Abs(num[0]) <= tol {
			num[0] = tol // a change of the matrix by a rounding error
		}
		// The squares of the singular values are those of
		// diag(d²) + z·zᵀ.
		eq := secular{z: num, poles: poles, squares: true}
		roots := eq.solve(&s)
		right = roots.gaps
		par.Blocks(m, rootBlock, func(b, lo, hi int) {
			row := roots.row(b)
			for i := lo; i < hi; i++ {
				p := poles[roots.origin[i]]
				values[i] = p + roots.eta[i]/(p+math.Sqrt(p*p+roots.eta[i]))
				x, y := left.Data[i*m:(i+1)*m], right.Data[i*m:(i+1)*m]
				kernel.Divide(y, roots.z)
				for j, t := range y {
					row[g.place[j]] = t
					x[g.place[j]] = poles[j] * t
				}
				x[g.place[0]] = -1
				normalise(x)
				normalise(row)
				copy(y, row)
			}
		})
	}
	order, sorted := mergeOrder(values, deflated, d, &s)
	v.combine(right, g, order, 0, s)
	if full {
		u.combine(left, g, order, 0, s)
	}
	copy(d, sorted)
}
