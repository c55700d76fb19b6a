package simulate

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/polyad/polyad/circuit"
)

// vector predicts the cost of a state vector, with extra bytes an amplitude.
func (o Options) vector(c *circuit.Circuit, extra int64) Candidate {
	x := Candidate{Method: StateVector}
	products := 0.0 // an amplitude
	for _, op := range fuse(c).Ops {
		products += math.Exp2(float64(len(op.Qubits)))
	}
	x.Log10Products = math.Log10(max(products, 1)) + float64(c.Qubits)*math.Log10(2)
	limit := mostVector
	if o.Method == StateVector {
		limit = circuit.MaxState
	}
	if c.Qubits > limit {
		x.Refused = fmt.Sprintf("2^%d amplitudes are too many", c.Qubits)
		return x
	}
	x.PeakBytes = (bytesEach + extra) << c.Qubits
	if x.PeakBytes > o.memory() {
		x.Refused = fmt.Sprintf("2^%d amplitudes take %d bytes, %d are allowed", c.Qubits, x.PeakBytes, o.memory())
	}
	return x
}

// state is the state vector, made with progress.
func (o Options) state(ctx context.Context, c *circuit.Circuit) ([]complex128, error) {
	state, err := circuit.New(c.Qubits).State(ctx)
	if err != nil {
		return nil, err
	}
	c = fuse(c)
	const piece = 16 // gates
	for i := 0; i < len(c.Ops); i += piece {
		o.progress(i, len(c.Ops))
		part := circuit.Circuit{Qubits: c.Qubits, Ops: c.Ops[i:min(i+piece, len(c.Ops))]}
		if err := part.Apply(ctx, state); err != nil {
			return nil, err
		}
	}
	return state, nil
}

// expectation of a Pauli string in a state vector of n qubits.
func expectation(state []complex128, n int, p Pauli) float64 {
	flip, signs, ys := 0, 0, 0
	for i, q := range p.Qubits {
		bit := 1 << (n - 1 - q)
		switch p.Letters[i] {
		case 'X':
			flip |= bit
		case 'Y':
			flip |= bit
			signs |= bit
			ys++
		case 'Z':
			signs |= bit
		}
	}
	// P|i> = i^ys (-1)^(bits of i at signs) |i ^ flip>.
	phase := [...]complex128{1, 1i, -1, -1i}[ys%4]
	sum := 0.0
	const piece = 1 << 12 // added up for themselves, against rounding
	for lo := 0; lo < len(state); lo += piece {
		part := 0.0
		for i := lo; i < min(lo+piece, len(state)); i++ {
			a, b := state[i^flip], state[i]*phase
			x := real(a)*real(b) + imag(a)*imag(b)
			if bits.OnesCount(uint(i&signs))&1 != 0 {
				x = -x
			}
			part += x
		}
		sum += part
	}
	return sum
}
