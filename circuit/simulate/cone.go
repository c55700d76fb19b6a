package simulate

import (
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/circuit"
)

// letter of a Pauli string on a qubit; tangled where gates are between it and
// the end that the string cannot be moved past.
type letter byte

const (
	none    letter = 0
	tangled letter = 't'
)

var paulis = map[letter][]complex128{
	none: {1, 0, 0, 1}, 'X': {0, 1, 1, 0}, 'Y': {0, -1i, 1i, 0}, 'Z': {1, 0, 0, -1},
}

// cone gives the gates that <0|U† P U|0> depends on. P is moved through the
// circuit from its end: gates that it does not meet cancel with their
// inverses, those that turn it into another string do so (all Clifford gates,
// as long as nothing else was in between), the others stay. The letters and
// the sign of P change accordingly; letters that meet no gate that stays are
// left for the beginning, where Z is 1 and X and Y are 0. (Heisenberg picture;
// Gottesman, 1998, https://arxiv.org/abs/quant-ph/9807006.)
func cone(ops []circuit.Op, p []letter) (kept []circuit.Op, sign float64) {
	sign = 1
	meets := make([]letter, len(p)) // of p, with tangled qubits marked
	copy(meets, p)
	for _, op := range slices.Backward(ops) {
		touched, stays := false, len(op.Qubits) == 0
		for _, q := range op.Qubits {
			touched = touched || meets[q] != none
			stays = stays || meets[q] == tangled
		}
		if !touched || len(op.Qubits) == 0 {
			continue
		}
		if !stays {
			if to, s, ok := moved(op, meets); ok {
				for j, q := range op.Qubits {
					p[q], meets[q] = to[j], to[j]
				}
				sign *= s
				continue
			}
		}
		for _, q := range op.Qubits {
			meets[q] = tangled
		}
		kept = append(kept, op)
	}
	slices.Reverse(kept)
	return kept, sign
}

// mostMoved is the most qubits of gates that strings are moved past, but for
// those that commute.
const mostMoved = 3

// moved is U† P U as a string, if it is one.
func moved(op circuit.Op, p []letter) (to []letter, sign float64, ok bool) {
	k := len(op.Qubits)
	n := 1 << k
	word := make([]letter, k)
	for j, q := range op.Qubits {
		word[j] = p[q]
	}
	if commutes(op.Matrix, k, word) {
		return word, 1, true
	}
	if k > mostMoved {
		return nil, 0, false
	}
	// X = U† P U is a string if, in each row, there is one element, at the
	// column that the flips of the string say, with the signs that it says.
	x := make([]complex128, n*n)
	pu := applied(op.Matrix, k, word)
	for r := range n {
		for c := range n {
			for i := range n {
				x[r*n+c] += cmplx.Conj(op.Matrix[i*n+r]) * pu[i*n+c]
			}
		}
	}
	flip := 0
	for c := range n {
		if cmplx.Abs(x[c]) > cmplx.Abs(x[flip]) {
			flip = c
		}
	}
	to = make([]letter, k)
	for j := range k {
		// The bit of qubit j turns the sign of the element, or not.
		bit := 1 << (k - 1 - j)
		a, b := x[flip], x[bit*n+(flip^bit)]
		turns := real(a*cmplx.Conj(b)) < 0
		switch {
		case flip&bit != 0 && turns:
			to[j] = 'Y'
		case flip&bit != 0:
			to[j] = 'X'
		case turns:
			to[j] = 'Z'
		}
	}
	want := applied(identity(n), k, to)
	ratio := x[flip] / want[flip]
	if sign = 1; real(ratio) < 0 {
		sign = -1
	}
	for i := range x {
		if cmplx.Abs(x[i]-complex(sign, 0)*want[i]) > 1e-13 {
			return nil, 0, false
		}
	}
	return to, sign, true
}

func identity(n int) []complex128 {
	m := make([]complex128, n*n)
	for i := range n {
		m[i*n+i] = 1
	}
	return m
}

// applied is P·m for a string P.
func applied(m []complex128, k int, p []letter) []complex128 {
	n := 1 << k
	out := make([]complex128, len(m))
	for r := range n {
		from, f := r, complex128(1)
		for j, l := range p {
			one := r>>(k-1-j)&1 != 0
			switch l {
			case 'X':
				from ^= 1 << (k - 1 - j)
			case 'Y': // rows 0 and 1: -i and i
				from ^= 1 << (k - 1 - j)
				if f *= -1i; one {
					f = -f
				}
			case 'Z':
				if one {
					f = -f
				}
			}
		}
		for c := range n {
			out[r*n+c] = f * m[from*n+c]
		}
	}
	return out
}

// commutes says whether P·m = m·P. For strings of Z it does if m leaves their
// bits as they are.
func commutes(m []complex128, k int, p []letter) bool {
	diagonal := true
	for j, l := range p {
		if l != none && (l != 'Z' || !blockDiagonal(m, k, j)) {
			diagonal = false
			break
		}
	}
	if diagonal {
		return true
	}
	left := applied(m, k, p)
	// m·P is the adjoint of P·m†.
	n := 1 << k
	for r := range n {
		for c := range n {
			to, f := c, complex128(1)
			for j, l := range p {
				one := c>>(k-1-j)&1 != 0
				switch l {
				case 'X':
					to ^= 1 << (k - 1 - j)
				case 'Y': // columns 0 and 1: i and -i
					to ^= 1 << (k - 1 - j)
					if f *= 1i; one {
						f = -f
					}
				case 'Z':
					if one {
						f = -f
					}
				}
			}
			if cmplx.Abs(left[r*n+c]-f*m[r*n+to]) > 1e-14 {
				return false
			}
		}
	}
	return true
}

// measuredCone gives the gates that the probabilities of some qubits depend
// on: a gate cancels if it meets none of these qubits, or leaves the bits of
// all that it meets as they are.
func measuredCone(ops []circuit.Op, qubits []int, n int) []circuit.Op {
	meets := make([]letter, n)
	for _, q := range qubits {
		meets[q] = 'Z'
	}
	var kept []circuit.Op
	for _, op := range slices.Backward(ops) {
		stays := false
		for j, q := range op.Qubits {
			switch meets[q] {
			case tangled:
				stays = true
			case 'Z':
				stays = stays || !blockDiagonal(op.Matrix, len(op.Qubits), j)
			}
		}
		if !stays {
			continue
		}
		for _, q := range op.Qubits {
			meets[q] = tangled
		}
		kept = append(kept, op)
	}
	slices.Reverse(kept)
	return kept
}
