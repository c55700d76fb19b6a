package circuit

import (
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"
	"slices"
	"strconv"
	"strings"
)

// Op is a gate, on qubits once On has said which. Names other than those of
// the library are for people; the matrix says what it does.
type Op struct {
	Name   string
	Params []float64 // angles in radians
	Qubits []int     // the first is the most significant bit of rows and columns
	// Matrix is unitary, 2ᵏ×2ᵏ row by row for k qubits. It may be shared: do
	// not change it.
	Matrix []complex128
}

// MaxQubits is the most qubits that one gate may be on.
const MaxQubits = 10

// unitaryTolerance is how far from the identity an element of U·U† may be.
const unitaryTolerance = 1e-9

// Unitary makes a gate of a matrix, 2ᵏ×2ᵏ row by row, for k of 0 to
// [MaxQubits] qubits. The error says why it is not unitary to 1e-9.
func Unitary(name string, matrix []complex128) (Op, error) {
	op := Op{Name: name, Matrix: matrix}
	if op.width() < 0 {
		return Op{}, fmt.Errorf("circuit: gate %s has a matrix of %d elements; 4^k for k of 0 to %d qubits are expected", name, len(matrix), MaxQubits)
	}
	n := op.dim()
	for i := range n {
		for j := range n {
			var dot complex128
			for k := range n {
				dot += matrix[i*n+k] * cmplx.Conj(matrix[j*n+k])
			}
			if i == j {
				dot--
			}
			if !(cmplx.Abs(dot) <= unitaryTolerance) {
				return Op{}, fmt.Errorf("circuit: gate %s is not unitary: rows %d and %d of its matrix have a product that is off by %.3g; %.0e is allowed", name, i, j, cmplx.Abs(dot), unitaryTolerance)
			}
		}
	}
	return op, nil
}

// On is the gate on the given qubits.
func (op Op) On(qubits ...int) Op {
	op.Qubits = slices.Clone(qubits)
	return op
}

// width is the number of qubits of the matrix, -1 if it is none.
func (op Op) width() int {
	n := len(op.Matrix)
	if n == 0 || n&(n-1) != 0 || bits.Len(uint(n))%2 == 0 || n > 1<<(2*MaxQubits) {
		return -1
	}
	return bits.Len(uint(n)) / 2
}

// dim is the number of rows.
func (op Op) dim() int { return 1 << op.width() }

// check says whether the matrix is one for the qubits.
func (op Op) check() error {
	if w := op.width(); w != len(op.Qubits) {
		return fmt.Errorf("circuit: gate %s is on %d qubits; %d are expected", op.Name, len(op.Qubits), w)
	}
	for i, q := range op.Qubits {
		if slices.Contains(op.Qubits[:i], q) {
			return fmt.Errorf("circuit: gate %s is on qubit %d twice; different qubits are expected", op.Name, q)
		}
	}
	return nil
}

// String is the gate as OpenQASM writes it, with qubits by number.
func (op Op) String() string {
	var b strings.Builder
	b.WriteString(op.Name)
	if len(op.Params) > 0 {
		b.WriteByte('(')
		for i, p := range op.Params {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.FormatFloat(p, 'g', -1, 64))
		}
		b.WriteByte(')')
	}
	for i, q := range op.Qubits {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %d", q)
	}
	return b.String()
}

// Control is the gate with n more qubits in front, which acts if all of them
// are 1. The error is that of too many qubits.
func (op Op) Control(n int) (Op, error) { return op.control(n, true) }

// ControlZero is the gate with n more qubits in front, which acts if all of
// them are 0.
func (op Op) ControlZero(n int) (Op, error) { return op.control(n, false) }

func (op Op) control(n int, one bool) (Op, error) {
	if n < 0 || op.width()+n > MaxQubits {
		return Op{}, fmt.Errorf("circuit: gate %s with %d controls is on %d qubits; 0 to %d are expected", op.Name, n, op.width()+n, MaxQubits)
	}
	if n == 0 {
		return op, nil
	}
	name := "negctrl"
	if one {
		name = "ctrl"
		if short, ok := controlled[op.Name]; ok && n <= len(short) {
			if g, err := Gate(short[n-1], op.Params...); err == nil {
				return g, nil
			}
		}
		if op.Name == "gphase" {
			if p, err := Gate("p", op.Params...); err == nil {
				return p.control(n-1, true)
			}
		}
	}
	if n > 1 {
		name += "(" + strconv.Itoa(n) + ")"
	}
	small, size := op.dim(), op.dim()<<n
	at := 0
	if one {
		at = size - small
	}
	m := make([]complex128, size*size)
	for i := range size {
		m[i*size+i] = 1
	}
	for i := range small {
		copy(m[(at+i)*size+at:], op.Matrix[i*small:(i+1)*small])
	}
	return Op{Name: name + " @ " + op.Name, Params: op.Params, Matrix: m}, nil
}

// Inverse is the gate that undoes op, on the same qubits: one of the library
// where there is one.
func (op Op) Inverse() Op {
	if g, ok := library[op.Name]; ok && g.inverse != nil {
		name, params := g.inverse(op.Params)
		if inv, err := Gate(name, params...); err == nil {
			inv.Qubits = op.Qubits
			return inv
		}
	}
	out := op
	if rest, ok := strings.CutPrefix(op.Name, "inv @ "); ok {
		out.Name = rest
	} else {
		out.Name = "inv @ " + op.Name
	}
	out.Matrix = adjoint(op.Matrix, op.dim())
	return out
}

// Power is the gate op^x, on the same qubits: for whole x the product, for
// others the power of the eigenvalues whose angles are in (-π, π], as in
// OpenQASM 3.
func (op Op) Power(x float64) (Op, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Op{}, fmt.Errorf("circuit: gate %s to the power of %v; a finite number is expected", op.Name, x)
	}
	if g, ok := library[op.Name]; ok && g.angle {
		if p, err := Gate(op.Name, op.Params[0]*x); err == nil && x == math.Trunc(x) {
			p.Qubits = op.Qubits
			return p, nil
		}
	}
	out := op
	out.Name = "pow(" + strconv.FormatFloat(x, 'g', -1, 64) + ") @ " + op.Name
	switch {
	case x == 1:
		return op, nil
	case x == -1:
		return op.Inverse(), nil
	case x == math.Trunc(x) && math.Abs(x) < 1<<52:
		m := op.Matrix
		if x < 0 {
			m = adjoint(m, op.dim())
		}
		out.Matrix = power(m, op.dim(), uint64(math.Abs(x)))
	default:
		out.Matrix = fraction(op.Matrix, op.dim(), x)
	}
	return out, nil
}
