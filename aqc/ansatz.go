package aqc

import (
	"errors"
	"fmt"
	"math"
	"math/cmplx"

	"github.com/polyad/polyad/circuit"
)

// Ansatz is a circuit whose gates have free parameters: rotations Rz·Rx on each
// qubit of |0…0>, 2 parameters each, then blocks on pairs of qubits, 9 each,
//
//	(Rz·Rx·Rz ⊗ Rz·Rx·Rz) exp(-i/2 (a XX + b YY + c ZZ)).
//
// A block is any gate on two qubits but for rotations before it, which are part
// of what is before.
type Ansatz struct {
	Qubits int
	Blocks [][2]int // the qubits of each block; the first is the more significant
}

const (
	startParameters = 2
	blockParameters = 9
)

// Brickwork has so many layers of blocks on neighbours, those that begin on
// even qubits first. With ring, the last and the first qubit are neighbours.
func Brickwork(qubits, layers int, ring bool) (*Ansatz, error) {
	if qubits < 2 || layers < 1 || ring && qubits < 3 {
		return nil, fmt.Errorf("aqc: brickwork of %d layers on %d qubits; at least 1 layer and 2 qubits (3 in a ring) are expected", layers, qubits)
	}
	a := &Ansatz{Qubits: qubits}
	for l := range layers {
		for q := l % 2; q+1 < qubits; q += 2 {
			a.Blocks = append(a.Blocks, [2]int{q, q + 1})
		}
		if ring && (qubits-1)%2 == l%2 {
			a.Blocks = append(a.Blocks, [2]int{qubits - 1, 0})
		}
	}
	return a, nil
}

// Parameters is the number of parameters.
func (a *Ansatz) Parameters() int {
	return startParameters*a.Qubits + blockParameters*len(a.Blocks)
}

// Layers is the most blocks that follow one another.
func (a *Ansatz) Layers() int {
	at, most := make([]int, a.Qubits), 0
	for _, b := range a.Blocks {
		l := max(at[b[0]], at[b[1]]) + 1
		at[b[0]], at[b[1]] = l, l
		most = max(most, l)
	}
	return most
}

// Depth counts the rotations at the start, and for each layer of blocks the
// gate on two qubits and the rotations after it: 2·Layers + 1.
func (a *Ansatz) Depth() int { return 2*a.Layers() + 1 }

func (a *Ansatz) check(theta []float64) error {
	if a.Qubits < 1 {
		return fmt.Errorf("aqc: an ansatz of %d qubits; at least 1 is expected", a.Qubits)
	}
	for k, b := range a.Blocks {
		if min(b[0], b[1]) < 0 || max(b[0], b[1]) >= a.Qubits || b[0] == b[1] {
			return fmt.Errorf("aqc: block %d is on qubits %d and %d; two of the %d qubits are expected", k, b[0], b[1], a.Qubits)
		}
	}
	if len(theta) != a.Parameters() {
		return fmt.Errorf("aqc: %d parameters for an ansatz that has %d", len(theta), a.Parameters())
	}
	return nil
}

// FromCircuit is the ansatz with a block for each run of gates on one pair of
// qubits of a circuit that begins in |0…0>, and the parameters with which it
// prepares the same state, up to a phase. Gates on more than two qubits are an
// error.
func FromCircuit(c *circuit.Circuit) (*Ansatz, []float64, error) {
	if c.Qubits < 1 {
		return nil, nil, errors.New("aqc: the circuit has no qubits")
	}
	a, start, blocks, err := merged(c)
	if err != nil {
		return nil, nil, err
	}
	theta, err := a.parameters(start, blocks)
	return a, theta, err
}

// merged finds the blocks of a circuit and their matrices. A gate on one qubit
// goes to the block before it, or to those at the start.
func merged(c *circuit.Circuit) (a *Ansatz, start []mat2, blocks []mat4, err error) {
	a = &Ansatz{Qubits: c.Qubits}
	last := make([]int, c.Qubits) // the last block on each qubit, -1 without one
	start = make([]mat2, c.Qubits)
	for q := range last {
		last[q], start[q] = -1, one2
	}
	for _, op := range c.Ops {
		switch len(op.Qubits) {
		case 0: // a phase
		case 1:
			q, u := op.Qubits[0], mat2(op.Matrix)
			if k := last[q]; k < 0 {
				start[q] = u.mul(start[q])
			} else if a.Blocks[k][0] == q {
				blocks[k] = kron(u, one2).mul(blocks[k])
			} else {
				blocks[k] = kron(one2, u).mul(blocks[k])
			}
		case 2:
			p, q, u := op.Qubits[0], op.Qubits[1], mat4(op.Matrix)
			if k := last[p]; k >= 0 && k == last[q] {
				if a.Blocks[k][0] != p {
					u = turned(u)
				}
				blocks[k] = u.mul(blocks[k])
				continue
			}
			last[p], last[q] = len(blocks), len(blocks)
			a.Blocks, blocks = append(a.Blocks, [2]int{p, q}), append(blocks, u)
		default:
			return nil, nil, nil, fmt.Errorf("aqc: gate %v is on %d qubits; gates on one or two are expected", op, len(op.Qubits))
		}
	}
	return a, start, blocks, nil
}

// turned is a gate with its qubits the other way round.
func turned(u mat4) mat4 {
	swap := [4]int{0, 2, 1, 3}
	var v mat4
	for i := range 4 {
		for j := range 4 {
			v[4*i+j] = u[4*swap[i]+swap[j]]
		}
	}
	return v
}

// parameters are those with which the ansatz makes given gates: rotations
// before a block go to the block, or the start, before it.
func (a *Ansatz) parameters(start []mat2, blocks []mat4) ([]float64, error) {
	slots := make([]mat2, a.Qubits+2*len(blocks)) // rotations at the start, then two after each block
	copy(slots, start)
	last := make([]int, a.Qubits)
	for q := range last {
		last[q] = q
	}
	theta := make([]float64, a.Parameters())
	for k, u := range blocks {
		d, err := decompose(u)
		if err != nil {
			return nil, err
		}
		copy(theta[a.block(k):], d.angles[:])
		for side, q := range a.Blocks[k] {
			slots[last[q]] = d.before[side].mul(slots[last[q]])
			last[q] = a.Qubits + 2*k + side
			slots[last[q]] = d.after[side]
		}
	}
	for q := range a.Qubits { // |0> is the same up to a phase after the first Rz
		_, x, z := rotations(slots[q])
		if cmplx.Abs(slots[q][0]) < 1e-12 || cmplx.Abs(slots[q][2]) < 1e-12 {
			z = 0 // one of |0> and |1>
		}
		theta[startParameters*q], theta[startParameters*q+1] = x, z
	}
	for k := range blocks {
		for side := range 2 {
			to := theta[a.block(k)+3+3*side:]
			to[0], to[1], to[2] = rotations(slots[a.Qubits+2*k+side])
		}
	}
	return theta, nil
}

// block is where the parameters of a block begin: a, b, c, then the angles of
// Rz, Rx, Rz on its first and on its second qubit.
func (a *Ansatz) block(k int) int { return startParameters*a.Qubits + blockParameters*k }

// zxz is Rz(t[2]) Rx(t[1]) Rz(t[0]).
func zxz(t []float64) mat2 { return rz(t[2]).mul(rx(t[1])).mul(rz(t[0])) }

// gates are the states of the qubits at the start and the matrices of blocks.
func (a *Ansatz) gates(theta []float64) (start [][2]complex128, blocks []mat4) {
	start = make([][2]complex128, a.Qubits)
	for q := range start {
		u := rz(theta[2*q+1]).mul(rx(theta[2*q]))
		start[q] = [2]complex128{u[0], u[2]}
	}
	blocks = make([]mat4, len(a.Blocks))
	for k := range blocks {
		t := theta[a.block(k):]
		blocks[k] = kron(zxz(t[3:]), zxz(t[6:])).mul(canonical([3]float64(t)))
	}
	return start, blocks
}

// pull writes the derivatives of Re(weight·o) to grad, for an overlap o with
// the derivatives start and blocks in the elements of the states and matrices
// of gates.
func (a *Ansatz) pull(theta []float64, weight complex128, start [][2]complex128, blocks []mat4, grad []float64) {
	half := complex(0, -0.5)
	for q := range a.Qubits {
		x, z := rx(theta[2*q]), rz(theta[2*q+1])
		dx := z.mul(pauliX).mul(x)
		dz := pauliZ.mul(z).mul(x)
		grad[2*q] = real(weight * half * (start[q][0]*dx[0] + start[q][1]*dx[2]))
		grad[2*q+1] = real(weight * half * (start[q][0]*dz[0] + start[q][1]*dz[2]))
	}
	for k := range a.Blocks {
		t, g, e := theta[a.block(k):], grad[a.block(k):], blocks[k]
		inner := func(m mat4) float64 {
			sum := complex128(0)
			for i, v := range e {
				sum += v * m[i]
			}
			return real(weight * half * sum)
		}
		n := canonical([3]float64(t))
		outer := [2]mat2{zxz(t[3:]), zxz(t[6:])}
		both := kron(outer[0], outer[1])
		for i, p := range []mat2{pauliX, pauliY, pauliZ} {
			g[i] = inner(both.mul(kron(p, p)).mul(n))
		}
		for side := range 2 {
			s := t[3+3*side:]
			z0, x, z1 := rz(s[0]), rx(s[1]), rz(s[2])
			for i, d := range []mat2{z1.mul(x).mul(pauliZ).mul(z0), z1.mul(pauliX).mul(x).mul(z0), pauliZ.mul(z1).mul(x).mul(z0)} {
				one := outer
				one[side] = d
				g[3+3*side+i] = inner(kron(one[0], one[1]).mul(n))
			}
		}
	}
}

// Circuit is the ansatz with given parameters, as gates of the library: rx, rz,
// rxx, ryy and rzz.
func (a *Ansatz) Circuit(theta []float64) (*circuit.Circuit, error) {
	return a.circuit(theta, func(add adder, t []float64, p, q int) float64 {
		add("rxx", t[0], p, q)
		add("ryy", t[1], p, q)
		add("rzz", t[2], p, q)
		return 0
	})
}

// CircuitCX is [Ansatz.Circuit] with three cx for each block and rotations rx,
// ry and rz (Vatan & Williams 2004, https://doi.org/10.1103/PhysRevA.69.032315).
func (a *Ansatz) CircuitCX(theta []float64) (*circuit.Circuit, error) {
	return a.circuit(theta, func(add adder, t []float64, p, q int) float64 {
		const quarter = math.Pi / 2
		add("rz", quarter, q)
		add("cx", 0, q, p)
		add("rz", t[2]+quarter, p)
		add("ry", t[0]+quarter, q)
		add("cx", 0, p, q)
		add("ry", -t[1]-quarter, q)
		add("cx", 0, q, p)
		return -quarter
	})
}

// adder adds a gate to a circuit; cx has no angle.
type adder func(name string, angle float64, qubits ...int)

// circuit writes out rotations, and blocks by canonical, which returns an angle
// of Rz on the first qubit that is left to do.
func (a *Ansatz) circuit(theta []float64, canonical func(add adder, t []float64, p, q int) float64) (*circuit.Circuit, error) {
	if err := a.check(theta); err != nil {
		return nil, err
	}
	c := circuit.New(a.Qubits)
	var err error
	add := func(name string, angle float64, qubits ...int) {
		var params []float64
		if name != "cx" {
			params = []float64{angle}
		}
		if err == nil {
			err = c.Append(name, params, qubits...)
		}
	}
	for q := range a.Qubits {
		add("rx", theta[2*q], q)
		add("rz", theta[2*q+1], q)
	}
	for k, b := range a.Blocks {
		t := theta[a.block(k):]
		rest := [2]float64{canonical(add, t, b[0], b[1]), 0}
		for side, q := range b {
			s := t[3+3*side:]
			add("rz", s[0]+rest[side], q)
			add("rx", s[1], q)
			add("rz", s[2], q)
		}
	}
	return c, err
}
