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
// https://doi.org/10.1137/S0895479892242232.
func bidiagonalSVD(d, e []float64, u, v kernel.Mat[float64], full bool) {
	n := len(d)
	if n == 0 {
		for j := range v.Cols {
			v.Data[j] = 1
		}
		return
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
	solve := func(half int) {
		if half == 0 {
			bidiagonalSVD(d[:k], e[:k], u1, v1, full)
		} else {
			bidiagonalSVD(d[k+1:], e[k+1:], u2, v2, full)
		}
	}
	if n > parallelHalves {
		par.Do(2, solve)
	} else {
		solve(0)
		solve(1)
	}
	// Row k in the basis of the right vectors of the two halves.
	z := make([]float64, n+1)
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
	mergeSVD(d, z[:n], vu, vv, k, full)
}

// mergeSVD overwrites d and the vectors with the singular values and vectors
// of the matrix M, in the basis of the vectors, that has z in row k and d on
// the diagonal of the other rows. d[k] is zero.
func mergeSVD(d, z []float64, u, v vectors, k int, full bool) {
	n := len(d)
	in := make([]halves, n)
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

	keep := []int{k}
	var deflated []int
	for _, j := range ascending(d) {
		if j == k {
			continue
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
	poles, num := make([]float64, m), make([]float64, m)
	for j, c := range keep {
		poles[j], num[j] = d[c], z[c]
	}
	values := make([]float64, m)
	g := group(keep, in)
	left, right := newMat[float64](m, m), newMat[float64](m, m)
	if m == 1 {
		values[0] = math.Abs(num[0])
		left.Data[0], right.Data[0] = 1, math.Copysign(1, num[0])
	} else {
		if math.Abs(num[0]) <= tol {
			num[0] = tol // a change of the matrix by a rounding error
		}
		// The squares of the singular values are those of
		// diag(d²) + z·zᵀ.
		eq := secular{z: num, differences: func(origin int, out []float64) {
			o := poles[origin]
			for j, p := range poles {
				out[j] = (p - o) * (p + o)
			}
		}}
		roots := eq.solve()
		par.Blocks(m, 128, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				p := poles[roots.origin[i]]
				values[i] = p + roots.eta[i]/(p+math.Sqrt(p*p+roots.eta[i]))
				x, y := left.Data[i*m:(i+1)*m], right.Data[i*m:(i+1)*m]
				for j, gap := range roots.gaps.Data[i*m : (i+1)*m] {
					t := roots.z[j] / gap
					y[g.place[j]] = t
					x[g.place[j]] = poles[j] * t
				}
				x[g.place[0]] = -1
				normalise(x)
				normalise(y)
			}
		})
	}
	order, sorted := mergeOrder(values, deflated, d)
	v.arrange(order, v.combine(right, g), 0, m)
	if full {
		u.arrange(order, u.combine(left, g), 0, m)
	}
	copy(d, sorted)
}
