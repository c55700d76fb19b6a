package circuit

import (
	"math"
	"math/cmplx"
)

// identity of n rows.
func identity(n int) []complex128 {
	m := make([]complex128, n*n)
	for i := range n {
		m[i*n+i] = 1
	}
	return m
}

// product of two matrices of n rows.
func product(a, b []complex128, n int) []complex128 {
	c := make([]complex128, n*n)
	for i := range n {
		for k := range n {
			x := a[i*n+k]
			if x == 0 {
				continue
			}
			for j := range n {
				c[i*n+j] += x * b[k*n+j]
			}
		}
	}
	return c
}

// adjoint is the conjugate transpose.
func adjoint(a []complex128, n int) []complex128 {
	c := make([]complex128, n*n)
	for i := range n {
		for j := range n {
			c[j*n+i] = cmplx.Conj(a[i*n+j])
		}
	}
	return c
}

// power is a multiplied k times.
func power(a []complex128, n int, k uint64) []complex128 {
	out := identity(n)
	for ; k > 0; k >>= 1 {
		if k&1 != 0 {
			out = product(out, a, n)
		}
		a = product(a, a, n)
	}
	return out
}

// fraction is the principal power x of a unitary matrix.
func fraction(a []complex128, n int, x float64) []complex128 {
	d, v := diagonalize(a, n)
	w := make([]complex128, n*n)
	for j := range n {
		t := cmplx.Phase(d[j*n+j])
		// Angles next to the cut are those of -1, whatever rounding says.
		if t < -math.Pi+1e-9 {
			t = math.Pi
		}
		e := cmplx.Exp(complex(0, x*t))
		for i := range n {
			w[i*n+j] = v[i*n+j] * e
		}
	}
	return product(w, adjoint(v, n), n)
}

// diagonalize turns a normal matrix into v d v† with a diagonal d and a
// unitary v, by Jacobi rotations of its Hermitian and skew-Hermitian parts at
// once (Bunse-Gerstner, Byers & Mehrmann, 1993,
// https://doi.org/10.1137/0614062; the angles are those of Cardoso &
// Souloumiac, 1996, https://doi.org/10.1137/S0895479893259546).
func diagonalize(a []complex128, n int) (d, v []complex128) {
	d, v = append([]complex128(nil), a...), identity(n)
	for range 100 {
		off := 0.0
		for i := range n {
			for j := range n {
				if i != j {
					off += real(d[i*n+j])*real(d[i*n+j]) + imag(d[i*n+j])*imag(d[i*n+j])
				}
			}
		}
		if off <= 1e-30*float64(n) {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(d, v, n, p, q)
			}
		}
	}
	return d, v
}

// rotate makes the elements (p,q) and (q,p) as small as one rotation can.
func rotate(d, v []complex128, n, p, q int) {
	// The angle maximises x†Gx over unit vectors, with G the sum of h h† over
	// the two Hermitian parts, h = (a_pp - a_qq, a_pq + a_qp, i(a_qp - a_pq)).
	var g [3][3]float64
	pp, pq, qp, qq := d[p*n+p], d[p*n+q], d[q*n+p], d[q*n+q]
	for part := range 2 {
		var h [3]float64
		if part == 0 { // (a + a†)/2
			off := (pq + cmplx.Conj(qp)) / 2
			h = [3]float64{real(pp - qq), 2 * real(off), 2 * imag(off)}
		} else { // (a - a†)/2i
			off := (pq - cmplx.Conj(qp)) / 2i
			h = [3]float64{imag(pp - qq), 2 * real(off), 2 * imag(off)}
		}
		for i := range 3 {
			for j := range 3 {
				g[i][j] += h[i] * h[j]
			}
		}
	}
	x := dominant(g)
	if x[0] < 0 {
		x[0], x[1], x[2] = -x[0], -x[1], -x[2]
	}
	c := math.Sqrt((x[0] + 1) / 2)
	s := complex(x[1], -x[2]) / complex(2*c, 0)
	if cmplx.Abs(s) < 1e-18 {
		return
	}
	cc, cs := complex(c, 0), cmplx.Conj(s)
	for k := range n { // columns: d r
		a, b := d[k*n+p], d[k*n+q]
		d[k*n+p], d[k*n+q] = cc*a+s*b, cc*b-cs*a
		a, b = v[k*n+p], v[k*n+q]
		v[k*n+p], v[k*n+q] = cc*a+s*b, cc*b-cs*a
	}
	for k := range n { // rows: r† d
		a, b := d[p*n+k], d[q*n+k]
		d[p*n+k], d[q*n+k] = cc*a+cs*b, cc*b-s*a
	}
}

// dominant is the eigenvector of the largest eigenvalue of a symmetric matrix,
// by Jacobi rotations.
func dominant(g [3][3]float64) [3]float64 {
	v := [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for range 30 {
		for p := range 3 {
			for q := p + 1; q < 3; q++ {
				if g[p][q] == 0 {
					continue
				}
				t := (g[q][q] - g[p][p]) / (2 * g[p][q])
				t = math.Copysign(1, t) / (math.Abs(t) + math.Hypot(1, t))
				c := 1 / math.Hypot(1, t)
				s := t * c
				for k := range 3 {
					a, b := g[k][p], g[k][q]
					g[k][p], g[k][q] = c*a-s*b, s*a+c*b
				}
				for k := range 3 {
					a, b := g[p][k], g[q][k]
					g[p][k], g[q][k] = c*a-s*b, s*a+c*b
				}
				g[p][q], g[q][p] = 0, 0
				for k := range 3 {
					a, b := v[k][p], v[k][q]
					v[k][p], v[k][q] = c*a-s*b, s*a+c*b
				}
			}
		}
	}
	best := 0
	for i := range 3 {
		if g[i][i] > g[best][best] {
			best = i
		}
	}
	return [3]float64{v[0][best], v[1][best], v[2][best]}
}
