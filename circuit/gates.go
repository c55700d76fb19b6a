package circuit

import (
	"fmt"
	"maps"
	"math"
	"math/cmplx"
	"slices"
	"strings"
)

// gate is one of the library.
type gate struct {
	qubits int
	params []string
	matrix func(p []float64) []complex128
	// inverse names the gate that undoes this one; nil if it has no name.
	inverse func(p []float64) (string, []float64)
	// angle says that the gate is exp(iθG) for its one parameter θ.
	angle bool
}

// Gates lists the names that [Gate] knows, in alphabetical order: those of
// qelib1.inc (OpenQASM 2), of stdgates.inc (OpenQASM 3) and of qsim.
func Gates() []string { return slices.Sorted(maps.Keys(library)) }

// Signature says how many qubits a gate of the library has and what its
// parameters are called; ok is false if there is no such gate.
func Signature(name string) (qubits int, params []string, ok bool) {
	g, ok := library[name]
	return g.qubits, slices.Clone(g.params), ok
}

// Gate is a gate of the library: Gate("h"), Gate("rz", 0.3), Gate("gphase",
// math.Pi). Angles are in radians. The error says that there is no such gate,
// how many parameters it takes, or which one is no finite number.
//
// Matrices are those of Qiskit, without the relative phases that the
// definitions in qelib1.inc have. Let c = cos θ/2, s = sin θ/2.
//
//	id, u0(γ)            1
//	x, y, z              Pauli matrices
//	h                    (x + z)/√2
//	s, sdg, t, tdg       diag(1, ±i), diag(1, e^(±iπ/4))
//	sx, sxdg             √x with eigenvalues 1, ±i
//	rx, ry, rz (θ)       exp(-iθ/2 P)
//	p, u1, phase (λ)     diag(1, e^(iλ))
//	u, u3 (θ,φ,λ)        [[c, -e^(iλ)s], [e^(iφ)s, e^(i(φ+λ))c]]
//	u2 (φ,λ)             u(π/2,φ,λ)
//	rxx, ryy, rzz, rzx   exp(-iθ/2 P⊗Q)
//	swap, iswap          |01> ↔ |10>, with a factor i for iswap
//	fsim (θ,φ)           |01>, |10> turn by [[cos θ, -i sin θ], …]; |11> gets e^(-iφ)
//	cu (θ,φ,λ,γ)         controlled e^(iγ) u(θ,φ,λ)
//	cx, cy, cz, ch, …    controlled gates; ccx, c3x, c4x, ccz, cswap, csx, c3sqrtx
//	rccx, rc3x           controlled x up to phases, as qelib1.inc defines them
//	x_1_2, y_1_2, hz_1_2 square roots of x, y, (x+y)/√2 with eigenvalues 1, i
//	rxy (θ,φ)            exp(-iφ/2 (x cos θ + y sin θ))
//	gphase (γ)           e^(iγ), on no qubit
func Gate(name string, params ...float64) (Op, error) {
	g, ok := library[name]
	if !ok {
		return Op{}, fmt.Errorf("circuit: there is no gate %q; the gates are %s", name, strings.Join(Gates(), ", "))
	}
	if len(params) != len(g.params) {
		return Op{}, fmt.Errorf("circuit: gate %s has %d parameters; %d are expected%s", name, len(params), len(g.params), named(g.params))
	}
	for i, p := range params {
		if math.IsNaN(p) || math.IsInf(p, 0) {
			return Op{}, fmt.Errorf("circuit: parameter %s of gate %s is %v, which makes it not unitary; a finite number is expected", g.params[i], name, p)
		}
	}
	return Op{Name: name, Params: slices.Clone(params), Matrix: g.matrix(params)}, nil
}

// named lists parameters in an error.
func named(params []string) string {
	if len(params) == 0 {
		return ""
	}
	return ": " + strings.Join(params, ", ")
}

// controlled names the gates with one, two, … more controls.
var controlled = map[string][]string{
	"x": {"cx", "ccx", "c3x", "c4x"}, "cx": {"ccx", "c3x", "c4x"}, "ccx": {"c3x", "c4x"}, "c3x": {"c4x"},
	"y": {"cy"}, "z": {"cz", "ccz"}, "cz": {"ccz"}, "h": {"ch"}, "swap": {"cswap"}, "sx": {"csx"},
	"rx": {"crx"}, "ry": {"cry"}, "rz": {"crz"}, "p": {"cp"}, "u1": {"cu1"}, "u3": {"cu3"}, "u": {"cu3"},
}

const r2 = math.Sqrt2 / 2

// expi is e^(it), exact at multiples of π/2 as far as t is.
func expi(t float64) complex128 {
	s, c := math.Sincos(t)
	return complex(c, s)
}

func phase(t float64) []complex128 { return []complex128{1, 0, 0, expi(t)} }

func u3(t, p, l float64) []complex128 {
	s, c := math.Sincos(t / 2)
	return []complex128{complex(c, 0), -complex(s, 0) * expi(l), complex(s, 0) * expi(p), complex(c, 0) * expi(p+l)}
}

func rx(t float64) []complex128 {
	s, c := math.Sincos(t / 2)
	return []complex128{complex(c, 0), complex(0, -s), complex(0, -s), complex(c, 0)}
}

func ry(t float64) []complex128 {
	s, c := math.Sincos(t / 2)
	return []complex128{complex(c, 0), complex(-s, 0), complex(s, 0), complex(c, 0)}
}

func rz(t float64) []complex128 { return []complex128{expi(-t / 2), 0, 0, expi(t / 2)} }

// control puts k qubits in front of a matrix of one or more.
func control(m []complex128, k int) []complex128 {
	op, err := Op{Name: "matrix", Matrix: m}.Control(k)
	if err != nil {
		panic("circuit: " + err.Error())
	}
	return op.Matrix
}

// pair is exp(-it/2 P⊗Q) for Pauli matrices P and Q.
func pair(t float64, p, q []complex128) []complex128 {
	s, c := math.Sincos(t / 2)
	m := make([]complex128, 16)
	for i := range 4 {
		for j := range 4 {
			m[4*i+j] = complex(0, -s) * p[i/2*2+j/2] * q[i%2*2+j%2]
		}
		m[5*i] += complex(c, 0)
	}
	return m
}

// middle is a gate that mixes |01> and |10> only.
func middle(a, b, last complex128) []complex128 {
	return []complex128{1, 0, 0, 0, 0, a, b, 0, 0, b, a, 0, 0, 0, 0, last}
}

var (
	pauliX = []complex128{0, 1, 1, 0}
	pauliY = []complex128{0, -1i, 1i, 0}
	pauliZ = []complex128{1, 0, 0, -1}
	sqrtX  = []complex128{0.5 + 0.5i, 0.5 - 0.5i, 0.5 - 0.5i, 0.5 + 0.5i}
	sqrtY  = []complex128{0.5 + 0.5i, -0.5 - 0.5i, 0.5 + 0.5i, 0.5 + 0.5i}
	sqrtW  = []complex128{0.5 + 0.5i, complex(0, -r2), complex(r2, 0), 0.5 + 0.5i}
	hada   = []complex128{complex(r2, 0), complex(r2, 0), complex(r2, 0), complex(-r2, 0)}
)

// relativeCCX is ccx with other phases: h t cx t† cx t cx t† h on the target.
func relativeCCX() []complex128 {
	m := identity(8)
	m[5*8+5] = -1
	m[6*8+6], m[7*8+7], m[6*8+7], m[7*8+6] = 0, 0, -1i, 1i
	return m
}

// relativeC3X is c3x with other phases on the states of three controls.
func relativeC3X() []complex128 {
	m := identity(16)
	m[12*16+12], m[13*16+13] = 1i, -1i
	m[14*16+14], m[15*16+15], m[14*16+15], m[15*16+14] = 0, 0, 1, -1
	return m
}

// plain is a gate without parameters, whose matrix is shared.
func plain(qubits int, inverse string, m []complex128) gate {
	return gate{
		qubits: qubits, matrix: func([]float64) []complex128 { return m },
		inverse: func([]float64) (string, []float64) { return inverse, nil },
	}
}

// turn is a gate exp(iθG): its inverse has the angle -θ.
func turn(name string, qubits int, param string, m func(t float64) []complex128) gate {
	return gate{
		qubits: qubits, params: []string{param}, angle: true, matrix: func(p []float64) []complex128 { return m(p[0]) },
		inverse: func(p []float64) (string, []float64) { return name, []float64{-p[0]} },
	}
}

// euler is a gate whose first three parameters are those of u3.
func euler(name string, qubits int, more []string, m func(p []float64) []complex128) gate {
	return gate{
		qubits: qubits, params: append([]string{"theta", "phi", "lambda"}, more...), matrix: m,
		inverse: func(p []float64) (string, []float64) {
			inv := []float64{-p[0], -p[2], -p[1]}
			for _, g := range p[3:] {
				inv = append(inv, -g)
			}
			return name, inv
		},
	}
}

// library is filled by init, as control makes gates by their names.
var library map[string]gate

func init() {
	library = map[string]gate{
		"x": plain(1, "x", pauliX), "y": plain(1, "y", pauliY), "z": plain(1, "z", pauliZ),
	}
	for name, g := range map[string]gate{
		"id":    plain(1, "id", identity(2)),
		"id2":   plain(2, "id2", identity(4)),
		"h":     plain(1, "h", hada),
		"s":     plain(1, "sdg", []complex128{1, 0, 0, 1i}),
		"sdg":   plain(1, "s", []complex128{1, 0, 0, -1i}),
		"t":     plain(1, "tdg", []complex128{1, 0, 0, complex(r2, r2)}),
		"tdg":   plain(1, "t", []complex128{1, 0, 0, complex(r2, -r2)}),
		"sx":    plain(1, "sxdg", sqrtX),
		"sxdg":  plain(1, "sx", adjoint(sqrtX, 2)),
		"x_1_2": plain(1, "sxdg", sqrtX),

		"u0": {
			qubits: 1, params: []string{"gamma"}, matrix: func([]float64) []complex128 { return identity(2) },
			inverse: func(p []float64) (string, []float64) { return "u0", p },
		},
		"rx": turn("rx", 1, "theta", rx), "ry": turn("ry", 1, "theta", ry), "rz": turn("rz", 1, "theta", rz),
		"p": turn("p", 1, "lambda", phase), "u1": turn("u1", 1, "lambda", phase), "phase": turn("phase", 1, "lambda", phase),
		"u2": {
			qubits: 1, params: []string{"phi", "lambda"}, matrix: func(p []float64) []complex128 { return u3(math.Pi/2, p[0], p[1]) },
			inverse: func(p []float64) (string, []float64) { return "u3", []float64{-math.Pi / 2, -p[1], -p[0]} },
		},
		"u3": euler("u3", 1, nil, func(p []float64) []complex128 { return u3(p[0], p[1], p[2]) }),
		"u":  euler("u", 1, nil, func(p []float64) []complex128 { return u3(p[0], p[1], p[2]) }),
		"rxy": {
			qubits: 1, params: []string{"theta", "phi"},
			matrix: func(p []float64) []complex128 {
				s, c := math.Sincos(p[1] / 2)
				off := complex(0, -s) * expi(p[0])
				return []complex128{complex(c, 0), -cmplx.Conj(off), off, complex(c, 0)}
			},
			inverse: func(p []float64) (string, []float64) { return "rxy", []float64{p[0], -p[1]} },
		},
		"gphase": turn("gphase", 0, "gamma", func(t float64) []complex128 { return []complex128{expi(t)} }),

		"cx": plain(2, "cx", control(pauliX, 1)), "cy": plain(2, "cy", control(pauliY, 1)), "cz": plain(2, "cz", control(pauliZ, 1)),
		"ch": plain(2, "ch", control(hada, 1)), "swap": plain(2, "swap", middle(0, 1, 1)),
		"csx": {qubits: 2, matrix: func([]float64) []complex128 { return control(sqrtX, 1) }},
		"crx": turn("crx", 2, "theta", func(t float64) []complex128 { return control(rx(t), 1) }),
		"cry": turn("cry", 2, "theta", func(t float64) []complex128 { return control(ry(t), 1) }),
		"crz": turn("crz", 2, "theta", func(t float64) []complex128 { return control(rz(t), 1) }),
		"cp":  turn("cp", 2, "lambda", func(t float64) []complex128 { return control(phase(t), 1) }),
		"cu1": turn("cu1", 2, "lambda", func(t float64) []complex128 { return control(phase(t), 1) }),
		"cphase": turn("cphase", 2, "lambda", func(t float64) []complex128 {
			return control(phase(t), 1)
		}),
		"cu3": euler("cu3", 2, nil, func(p []float64) []complex128 { return control(u3(p[0], p[1], p[2]), 1) }),
		"cu": euler("cu", 2, []string{"gamma"}, func(p []float64) []complex128 {
			m := u3(p[0], p[1], p[2])
			for i := range m {
				m[i] *= expi(p[3])
			}
			return control(m, 1)
		}),
		"rxx": turn("rxx", 2, "theta", func(t float64) []complex128 { return pair(t, pauliX, pauliX) }),
		"ryy": turn("ryy", 2, "theta", func(t float64) []complex128 { return pair(t, pauliY, pauliY) }),
		"rzz": turn("rzz", 2, "theta", func(t float64) []complex128 { return pair(t, pauliZ, pauliZ) }),
		"rzx": turn("rzx", 2, "theta", func(t float64) []complex128 { return pair(t, pauliZ, pauliX) }),
		"iswap": {
			qubits: 2, matrix: func([]float64) []complex128 { return middle(0, 1i, 1) },
			inverse: func([]float64) (string, []float64) { return "fsim", []float64{math.Pi / 2, 0} },
		},
		"fsim": {
			qubits: 2, params: []string{"theta", "phi"},
			matrix: func(p []float64) []complex128 {
				s, c := math.Sincos(p[0])
				return middle(complex(c, 0), complex(0, -s), expi(-p[1]))
			},
			inverse: func(p []float64) (string, []float64) { return "fsim", []float64{-p[0], -p[1]} },
		},

		"ccx": plain(3, "ccx", control(pauliX, 2)), "ccz": plain(3, "ccz", control(pauliZ, 2)),
		"cswap": plain(3, "cswap", control(middle(0, 1, 1), 1)), "rccx": plain(3, "rccx", relativeCCX()),
		"c3x": plain(4, "c3x", control(pauliX, 3)), "c4x": plain(5, "c4x", control(pauliX, 4)),
		"c3sqrtx": {qubits: 4, matrix: func([]float64) []complex128 { return control(sqrtX, 3) }},
		"rc3x":    {qubits: 4, matrix: func([]float64) []complex128 { return relativeC3X() }},
		"y_1_2":   {qubits: 1, matrix: func([]float64) []complex128 { return sqrtY }},
		"hz_1_2":  {qubits: 1, matrix: func([]float64) []complex128 { return sqrtW }},
	} {
		library[name] = g
	}
}
