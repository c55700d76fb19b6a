package circuit

import (
	"context"
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/par"
)

// MaxState is the most qubits that State will make room for: 2³² amplitudes
// take 64 GiB.
const MaxState = 32

// State applies the gates to |0…0> and gives the 2ⁿ amplitudes; that of the
// bits b₀b₁… is at index b₀2ⁿ⁻¹ + … + bₙ₋₁. It takes 16·2ⁿ bytes and 2ᵏ
// products an amplitude for each gate on k qubits. The error is that of ctx,
// or that of too many qubits.
func (c *Circuit) State(ctx context.Context) ([]complex128, error) {
	if c.Qubits > MaxState {
		return nil, fmt.Errorf("circuit: a state of %d qubits has 2^%d amplitudes; %d qubits are the most that are tried", c.Qubits, c.Qubits, MaxState)
	}
	state := make([]complex128, 1<<c.Qubits)
	state[0] = 1
	return state, c.Apply(ctx, state)
}

// Apply applies the gates to a state in place; see [Circuit.State] for its
// order. It panics if the state has not 2ⁿ amplitudes.
func (c *Circuit) Apply(ctx context.Context, state []complex128) error {
	if len(state) != 1<<c.Qubits {
		panic(fmt.Sprintf("circuit: a state of %d amplitudes; %d qubits have 2^%d", len(state), c.Qubits, c.Qubits))
	}
	for i := range c.Ops {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.Ops[i].apply(state, c.Qubits)
	}
	return nil
}

// Matrix is the unitary of the circuit, 2ⁿ×2ⁿ row by row: the gates as one.
// The error is that of ctx, or that of more than [MaxQubits] qubits.
func (c *Circuit) Matrix(ctx context.Context) ([]complex128, error) {
	if c.Qubits > MaxQubits {
		return nil, fmt.Errorf("circuit: the unitary of %d qubits has 4^%d elements; %d qubits are the most", c.Qubits, c.Qubits, MaxQubits)
	}
	n := 1 << c.Qubits
	m := make([]complex128, n*n)
	column := make([]complex128, n)
	for j := range n {
		clear(column)
		column[j] = 1
		if err := c.Apply(ctx, column); err != nil {
			return nil, err
		}
		for i, x := range column {
			m[i*n+j] = x
		}
	}
	return m, nil
}

// stateBlock is the groups of amplitudes that one call works on.
const stateBlock = 1 << 12

// apply applies a gate to a state of n qubits.
func (op Op) apply(state []complex128, n int) {
	k := len(op.Qubits)
	dim := 1 << k
	// offset of each row of the matrix, and the bits to leave out of the
	// number of a group, in increasing order.
	offset := make([]int, dim)
	holes := make([]int, 0, k)
	for i, q := range op.Qubits {
		bit := n - 1 - q
		holes = append(holes, bit)
		for r := range dim {
			if r>>(k-1-i)&1 != 0 {
				offset[r] |= 1 << bit
			}
		}
	}
	slices.Sort(holes)
	m := op.Matrix
	par.Blocks(1<<(n-k), stateBlock, func(_, lo, hi int) {
		switch k {
		case 1:
			m00, m01, m10, m11 := m[0], m[1], m[2], m[3]
			low, step := 1<<holes[0]-1, offset[1]
			for g := lo; g < hi; g++ {
				at := (g&^low)<<1 | g&low
				x, y := state[at], state[at+step]
				state[at], state[at+step] = m00*x+m01*y, m10*x+m11*y
			}
		case 2:
			low0, low1 := 1<<holes[0]-1, 1<<holes[1]-1
			for g := lo; g < hi; g++ {
				at := (g&^low0)<<1 | g&low0
				at = (at&^low1)<<1 | at&low1
				p, q, r, s := at+offset[0], at+offset[1], at+offset[2], at+offset[3]
				w, x, y, z := state[p], state[q], state[r], state[s]
				state[p] = m[0]*w + m[1]*x + m[2]*y + m[3]*z
				state[q] = m[4]*w + m[5]*x + m[6]*y + m[7]*z
				state[r] = m[8]*w + m[9]*x + m[10]*y + m[11]*z
				state[s] = m[12]*w + m[13]*x + m[14]*y + m[15]*z
			}
		default:
			in := make([]complex128, dim)
			for g := lo; g < hi; g++ {
				at := g
				for _, h := range holes {
					low := 1<<h - 1
					at = (at&^low)<<1 | at&low
				}
				for r, o := range offset {
					in[r] = state[at+o]
				}
				for r, o := range offset {
					var sum complex128
					for j, x := range in {
						sum += m[r*dim+j] * x
					}
					state[at+o] = sum
				}
			}
		}
	})
}
