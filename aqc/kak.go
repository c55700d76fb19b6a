package aqc

import (
	"fmt"
	"math"
	"math/cmplx"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// mat2 and mat4 are matrices of gates on one and two qubits, row by row.
type (
	mat2 [4]complex128
	mat4 [16]complex128
)

func (a mat2) mul(b mat2) mat2 {
	return mat2{a[0]*b[0] + a[1]*b[2], a[0]*b[1] + a[1]*b[3], a[2]*b[0] + a[3]*b[2], a[2]*b[1] + a[3]*b[3]}
}

func (a mat4) mul(b mat4) mat4 {
	var c mat4
	for i := range 4 {
		for k := range 4 {
			for j := range 4 {
				c[4*i+j] += a[4*i+k] * b[4*k+j]
			}
		}
	}
	return c
}

func (a mat4) adjoint() mat4 {
	var c mat4
	for i := range 4 {
		for j := range 4 {
			c[4*j+i] = cmplx.Conj(a[4*i+j])
		}
	}
	return c
}

// kron is a⊗b: a on the more significant qubit.
func kron(a, b mat2) mat4 {
	var c mat4
	for i := range 4 {
		for j := range 4 {
			c[4*i+j] = a[i/2*2+j/2] * b[i%2*2+j%2]
		}
	}
	return c
}

var (
	one2   = mat2{1, 0, 0, 1}
	pauliX = mat2{0, 1, 1, 0}
	pauliY = mat2{0, -1i, 1i, 0}
	pauliZ = mat2{1, 0, 0, -1}

	// magic is the basis of Bell states in which products of gates on one
	// qubit each are real.
	magic = func() mat4 {
		m := mat4{1, 0, 0, 1i, 0, 1i, 1, 0, 0, 1i, -1, 0, 1, 0, 0, -1i}
		for i := range m {
			m[i] *= math.Sqrt2 / 2
		}
		return m
	}()
	// inMagic are the diagonals of XX, YY and ZZ there.
	inMagic = func() (d [3][4]float64) {
		for k, p := range []mat2{pauliX, pauliY, pauliZ} {
			m := magic.adjoint().mul(kron(p, p)).mul(magic)
			for j := range 4 {
				d[k][j] = real(m[5*j])
			}
		}
		return d
	}()
)

// cartan is the decomposition of a gate on two qubits,
//
//	U = (after[0]⊗after[1]) exp(-i/2 (a XX + b YY + c ZZ)) (before[0]⊗before[1]),
//
// with (a, b, c) = angles.
type cartan struct {
	after, before [2]mat2
	angles        [3]float64
}

// decompose finds the decomposition of Cartan (Kraus & Cirac 2001,
// https://doi.org/10.1103/PhysRevA.63.062309).
func decompose(u mat4) (cartan, error) {
	m := magic.adjoint().mul(u).mul(magic)
	// mᵀm is symmetric and unitary; its real and imaginary part commute, and
	// so have eigenvectors in common: those of almost any combination.
	var sym mat4
	for i := range 4 {
		for j := range 4 {
			for k := range 4 {
				sym[4*i+j] += m[4*k+i] * m[4*k+j]
			}
		}
	}
	best := math.Inf(1)
	var p [16]float64
	for try := range 8 {
		s, c := math.Sincos(0.7 + 1.3*float64(try))
		mix := tensor.NewMatrix[float64](4, 4)
		for i, v := range sym {
			mix.Data[i] = c*real(v) + s*imag(v)
		}
		_, v, err := linalg.SymEig(mix)
		if err != nil {
			return cartan{}, fmt.Errorf("aqc: %w", err)
		}
		off := 0.0
		for i := range 4 {
			for j := range i {
				sum := complex128(0)
				for k := range 4 {
					for l := range 4 {
						sum += complex(v.At(k, i)*v.At(l, j), 0) * sym[4*k+l]
					}
				}
				off = max(off, cmplx.Abs(sum))
			}
		}
		if off < best {
			best = off
			copy(p[:], v.Data)
		}
	}
	if !(best < 1e-7) {
		return cartan{}, fmt.Errorf("aqc: a gate is not unitary: its decomposition leaves %.3g", best)
	}
	if det(p) < 0 {
		for i := range 4 {
			p[4*i] = -p[4*i]
		}
	}
	var angle [4]float64
	var left mat4 // m p / exp(i angle), which is real up to a phase
	phase := complex128(0)
	for j := range 4 {
		var col [4]complex128
		sum := complex128(0)
		for i := range 4 {
			for k := range 4 {
				col[i] += m[4*i+k] * complex(p[4*k+j], 0)
			}
			sum += col[i] * col[i]
		}
		angle[j] = cmplx.Phase(sum) / 2
		for i := range 4 {
			left[4*i+j] = col[i] * cmplx.Exp(complex(0, -angle[j]))
		}
	}
	var real4 [16]float64
	for i, v := range left {
		real4[i] = real(v)
	}
	if det(real4) < 0 {
		angle[0] += math.Pi
		for i := range 4 {
			left[4*i] = -left[4*i]
		}
	}
	var d cartan
	for k := range 3 {
		for j := range 4 {
			d.angles[k] -= angle[j] * inMagic[k][j] / 2
		}
	}
	sum := 0.0
	for j := range 4 {
		sum += angle[j] / 4
	}
	phase = cmplx.Exp(complex(0, sum))
	d.after[0], d.after[1] = factors(magic.mul(left).mul(magic.adjoint()))
	for i := range d.after[0] {
		d.after[0][i] *= phase
	}
	var right mat4
	for i := range 4 {
		for j := range 4 {
			right[4*i+j] = complex(p[4*j+i], 0)
		}
	}
	d.before[0], d.before[1] = factors(magic.mul(right).mul(magic.adjoint()))
	return d, nil
}

// det is the determinant of a 4×4 matrix.
func det(a [16]float64) float64 {
	d := 1.0
	for c := range 4 {
		at := c
		for r := c; r < 4; r++ {
			if math.Abs(a[4*r+c]) > math.Abs(a[4*at+c]) {
				at = r
			}
		}
		if a[4*at+c] == 0 {
			return 0
		}
		if at != c {
			d = -d
			for k := range 4 {
				a[4*at+k], a[4*c+k] = a[4*c+k], a[4*at+k]
			}
		}
		d *= a[5*c]
		for r := c + 1; r < 4; r++ {
			f := a[4*r+c] / a[5*c]
			for k := range 4 {
				a[4*r+k] -= f * a[4*c+k]
			}
		}
	}
	return d
}

// factors are the gates on one qubit whose product a⊗b is w.
func factors(w mat4) (a, b mat2) {
	block := func(i, j int) mat2 {
		return mat2{w[8*i+2*j], w[8*i+2*j+1], w[8*i+4+2*j], w[8*i+4+2*j+1]}
	}
	largest := 0.0
	for i := range 2 {
		for j := range 2 {
			c := block(i, j)
			size := 0.0
			for _, v := range c {
				size += real(v)*real(v) + imag(v)*imag(v)
			}
			if size > largest {
				largest, b = size, c
			}
		}
	}
	for i := range b {
		b[i] *= complex(math.Sqrt(2/largest), 0)
	}
	for i := range 2 {
		for j := range 2 {
			for k, v := range block(i, j) {
				a[2*i+j] += cmplx.Conj(b[k]) * v / 2
			}
		}
	}
	return a, b
}

// rotations are the angles with v = Rz(c) Rx(b) Rz(a) up to a phase.
func rotations(v mat2) (a, b, c float64) {
	const small = 1e-12
	b = 2 * math.Atan2(cmplx.Abs(v[2]), cmplx.Abs(v[0]))
	switch {
	case cmplx.Abs(v[2]) < small:
		return 0, b, cmplx.Phase(v[3] * cmplx.Conj(v[0]))
	case cmplx.Abs(v[0]) < small:
		return 0, b, cmplx.Phase(v[2] * cmplx.Conj(v[1]))
	}
	return cmplx.Phase(v[1]*cmplx.Conj(v[0])) + math.Pi/2, b, cmplx.Phase(v[2]*cmplx.Conj(v[0])) + math.Pi/2
}

func rx(t float64) mat2 {
	s, c := math.Sincos(t / 2)
	return mat2{complex(c, 0), complex(0, -s), complex(0, -s), complex(c, 0)}
}

func rz(t float64) mat2 {
	s, c := math.Sincos(t / 2)
	return mat2{complex(c, -s), 0, 0, complex(c, s)}
}

// canonical is exp(-i/2 (a XX + b YY + c ZZ)).
func canonical(angles [3]float64) mat4 {
	var d mat4
	for j := range 4 {
		sum := 0.0
		for k, t := range angles {
			sum -= t / 2 * inMagic[k][j]
		}
		d[5*j] = cmplx.Exp(complex(0, sum))
	}
	return magic.mul(d).mul(magic.adjoint())
}
