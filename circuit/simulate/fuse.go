package simulate

import (
	"slices"

	"github.com/polyad/polyad/circuit"
)

// fuse multiplies gates on one qubit into the next gate on several that has
// the qubit; those at the end stay. What is left takes fewer passes over a
// state.
func fuse(c *circuit.Circuit) *circuit.Circuit {
	out := &circuit.Circuit{Qubits: c.Qubits, Bits: c.Bits}
	pending := make([][]complex128, c.Qubits)
	for _, op := range c.Ops {
		switch len(op.Qubits) {
		case 0:
			out.Ops = append(out.Ops, op)
			continue
		case 1:
			q := op.Qubits[0]
			if p := pending[q]; p != nil {
				pending[q] = multiply2(op.Matrix, p)
			} else {
				pending[q] = op.Matrix
			}
			continue
		}
		for j, q := range op.Qubits {
			if p := pending[q]; p != nil {
				op.Matrix = onQubit(op.Matrix, p, len(op.Qubits), j)
				op.Name, op.Params = "fused", nil
				pending[q] = nil
			}
		}
		out.Ops = append(out.Ops, op)
	}
	for q, p := range pending {
		if p != nil {
			out.Ops = append(out.Ops, circuit.Op{Name: "fused", Qubits: []int{q}, Matrix: slices.Clone(p)})
		}
	}
	return out
}
