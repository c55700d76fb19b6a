package circuit

import (
	"fmt"
	"slices"
)

// Circuit is a list of gates on qubits that begin in |0…0>.
type Circuit struct {
	Qubits int
	Ops    []Op
	// Bits are the qubits that are measured at the end into each classical
	// bit, -1 for a bit that stays 0. No bits stand for a measurement of each
	// qubit into the bit of its number.
	Bits []int
}

// New is a circuit of n qubits without gates. It panics if n is negative.
func New(n int) *Circuit {
	if n < 0 {
		panic(fmt.Sprintf("circuit: %d qubits", n))
	}
	return &Circuit{Qubits: n}
}

// Append adds a gate of the library by its name: Append("cx", nil, 0, 1),
// Append("rz", []float64{0.5}, 2). See [Gates] for the names. The error says
// which name, parameter or qubit is at fault.
func (c *Circuit) Append(name string, params []float64, qubits ...int) error {
	g, err := Gate(name, params...)
	if err != nil {
		return err
	}
	return c.Add(g.On(qubits...))
}

// Add adds a gate. The error says which qubit is out of range or repeated, or
// why the matrix is no gate on so many qubits.
func (c *Circuit) Add(op Op) error {
	if err := op.check(); err != nil {
		return err
	}
	for _, q := range op.Qubits {
		if q < 0 || q >= c.Qubits {
			return fmt.Errorf("circuit: gate %s is on qubit %d; the circuit has %d qubits, from 0", op.Name, q, c.Qubits)
		}
	}
	c.Ops = append(c.Ops, op)
	return nil
}

// Measured are the qubits that a sample's bits are from; see Circuit.Bits.
func (c *Circuit) Measured() []int {
	if len(c.Bits) > 0 {
		return slices.Clone(c.Bits)
	}
	all := make([]int, c.Qubits)
	for q := range all {
		all[q] = q
	}
	return all
}

// Moments puts each gate into the first moment after all earlier gates on its
// qubits, and gives the numbers of the gates of each moment. Gates on no
// qubit, which are phases, are in none.
func (c *Circuit) Moments() [][]int {
	var moments [][]int
	free := make([]int, c.Qubits)
	for i, op := range c.Ops {
		if len(op.Qubits) == 0 {
			continue
		}
		at := 0
		for _, q := range op.Qubits {
			at = max(at, free[q])
		}
		for _, q := range op.Qubits {
			free[q] = at + 1
		}
		if at == len(moments) {
			moments = append(moments, nil)
		}
		moments[at] = append(moments[at], i)
	}
	return moments
}

// Depth is the most gates on at least so many qubits each that follow one
// another: Depth(1) counts moments, Depth(2) layers of gates that entangle.
func (c *Circuit) Depth(least int) int {
	depth := 0
	at := make([]int, c.Qubits)
	for _, op := range c.Ops {
		d := 0
		for _, q := range op.Qubits {
			d = max(d, at[q])
		}
		if len(op.Qubits) >= max(least, 1) {
			d++
		}
		for _, q := range op.Qubits {
			at[q] = d
		}
		depth = max(depth, d)
	}
	return depth
}

// Inverse is the circuit that undoes c, without measurements.
func (c *Circuit) Inverse() *Circuit {
	out := &Circuit{Qubits: c.Qubits, Ops: make([]Op, 0, len(c.Ops))}
	for _, op := range slices.Backward(c.Ops) {
		out.Ops = append(out.Ops, op.Inverse())
	}
	return out
}
