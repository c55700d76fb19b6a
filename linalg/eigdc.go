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
// eigenvectors of the want largest eigenvalues. Otherwise it is n×2 and they become the first and last
// components of the eigenvectors, which is all that the values need.
//
// Divide and conquer: Cuppen 1981 (https://doi.org/10.1007/BF01396757) with
// the deflation and the vectors of Gu & Eisenstat 1995
// (https://doi.org/10.1137/S0895479892241287). There is no iteration over the
// matrix that could fail to converge.
func tridiagonalEig(d, e []float64, q kernel.Mat[float64], full bool, want int) {
	n := len(d)
	if n <= 1 {
		for i := range n * q.Cols {
			q.Data[i] = 1
		}
		return
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
	solve := func(half int) {
		if half == 0 {
			tridiagonalEig(d[:m], e[:m-1], first, full, m)
		} else {
			tridiagonalEig(d[m:], e[m:], second, full, n-m)
		}
	}
	if n > parallelHalves {
		par.Do(2, solve)
	} else {
		solve(0)
		solve(1)
	}
	// diag(d) + z·zᵀ in the basis of the eigenvectors of the halves.
	z := make([]float64, n)
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
	mergeEig(d, z, v, m, want)
}

// mergeEig overwrites d and the vectors with the eigenvalues and vectors of
// diag(d) + z·zᵀ, in the basis of the vectors, of which m are in the first
// half. Of the vectors, the last want are made.
func mergeEig(d, z []float64, v vectors, m, want int) {
	n := len(d)
	in := make([]halves, n)
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
	var keep, deflated []int
	last := -1
	for _, j := range ascending(d) {
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
	poles, num := make([]float64, k), make([]float64, k)
	for j, c := range keep {
		poles[j], num[j] = d[c], z[c]
	}
	eq := secular{z: num, differences: func(origin int, out []float64) {
		o := poles[origin]
		for j, p := range poles {
			out[j] = p - o
		}
	}}
	roots := eq.solve()
	values := make([]float64, k)
	for i := range values {
		values[i] = poles[roots.origin[i]] + roots.eta[i]
	}
	order, sorted := mergeOrder(values, deflated, d)
	order = order[n-want:]
	// Roots ascend: those that are wanted are the last.
	skip := k
	for _, o := range order {
		skip = min(skip, o)
	}
	g := group(keep, in)
	coef := newMat[float64](k-skip, k)
	par.Blocks(k-skip, 128, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			x := coef.Data[i*k : (i+1)*k]
			for j, gap := range roots.gaps.Data[(skip+i)*k : (skip+i+1)*k] {
				x[g.place[j]] = roots.z[j] / gap
			}
			normalise(x)
		}
	})
	combined := v.combine(coef, g)
	for i := range order {
		order[i] -= skip
	}
	v.arrange(order, combined, n-want, k-skip)
	copy(d, sorted)
}
