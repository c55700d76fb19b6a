package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

func (o Options) truncation() mps.Truncation { return mps.Truncation{MaxBond: o.Bond, Eps: o.Eps} }

// cutProducts is how many products take as long as the decomposition of a
// matrix takes for each of those of one product.
const cutProducts = 8

// chain predicts the cost of a matrix product state by bounds of its bonds:
// a gate multiplies those that it spans by its operator Schmidt rank, and a
// bond is never larger than what lies on either side of it, or than
// Options.Bond. Shots are samples that are to be drawn from it.
func (o Options) chain(c *circuit.Circuit, shots int) Candidate {
	n := c.Qubits
	bond := make([]float64, n+1) // log2
	most := func(k int) float64 {
		x := float64(min(k, n-k))
		if o.Bond > 0 {
			x = min(x, math.Log2(float64(o.Bond)))
		}
		return x
	}
	products, work := 0.0, 0.0
	ranks := map[rankKey]float64{}
	for _, op := range fuse(c).Ops {
		if len(op.Qubits) < 2 {
			for _, q := range op.Qubits {
				products += 4 * math.Exp2(bond[q]+bond[q+1])
			}
			continue
		}
		first, last := slices.Min(op.Qubits), slices.Max(op.Qubits)
		passes := 1.0
		if last-first > 1 {
			passes = 2 // swaps, there and back
		}
		for k := first + 1; k <= last; k++ {
			bond[k] = min(most(k), bond[k]+rankAcross(op, k, ranks))
			mid := bond[k]
			if passes > 1 {
				mid = min(most(k), mid+1)
			}
			left, right := min(bond[k-1], mid)+1, min(bond[k+1], mid)+1
			products += passes * cutProducts * math.Exp2(left+right+min(left, right))
			work = max(work, math.Exp2(left+right))
		}
	}
	memory := 8 * work
	for k := range n {
		core := math.Exp2(bond[k] + 1 + bond[k+1])
		memory += core
		products += float64(shots) * core
	}
	x := Candidate{Method: MPS, Log10Products: math.Log10(max(min(products, math.MaxFloat64), 1)), PeakBytes: int64(min(bytesEach*memory, 1<<62))}
	if x.PeakBytes > o.memory() {
		x.Refused = fmt.Sprintf("bonds of up to 2^%.0f take up to %.3g bytes, %d are allowed", slices.Max(bond), float64(x.PeakBytes), o.memory())
	}
	return x
}

// rankKey is a gate, by where its matrix lies, and a split of its qubits.
type rankKey struct {
	matrix *complex128
	left   int
}

// rankAcross is log2 of the operator Schmidt rank of a gate across the cut
// before site k.
func rankAcross(op circuit.Op, k int, known map[rankKey]float64) float64 {
	var left, right []int // bits of the matrix's rows and columns
	mask := 0
	for j, q := range op.Qubits {
		bit := 1 << (len(op.Qubits) - 1 - j)
		if q < k {
			left, mask = append(left, bit), mask|bit
		} else {
			right = append(right, bit)
		}
	}
	bound := 2 * float64(min(len(left), len(right)))
	if len(op.Qubits) > 3 {
		return bound
	}
	key := rankKey{&op.Matrix[0], mask}
	if r, ok := known[key]; ok {
		return r
	}
	n := 1 << len(op.Qubits)
	spread := func(x int, on []int) (row, column int) {
		for _, bit := range on {
			if x&1 != 0 {
				row |= bit
			}
			if x&2 != 0 {
				column |= bit
			}
			x >>= 2
		}
		return row, column
	}
	m := tensor.NewMatrix[complex128](1<<(2*len(left)), 1<<(2*len(right)))
	for i := range m.Rows {
		r0, c0 := spread(i, left)
		for j := range m.Cols {
			r1, c1 := spread(j, right)
			m.Set(i, j, op.Matrix[(r0|r1)*n+(c0|c1)])
		}
	}
	_, s, _, err := linalg.SVDComplex(m)
	if err != nil {
		return bound
	}
	rank := 0
	for _, x := range s {
		if x > 1e-12*s[0] {
			rank++
		}
	}
	known[key] = math.Log2(float64(rank))
	return known[key]
}

// moments is about the number of places in a circuit at which the course of
// its state is noted.
const moments = 100

// train runs a circuit on a matrix product state, and notes how it went.
// Where bonds at their largest are within the memory, many gates are applied
// at a time, else one.
func (o Options) train(ctx context.Context, c *circuit.Circuit, how *How) (*mps.State, error) {
	s := mps.Basis(make([]int, c.Qubits)...)
	c = fuse(c)
	together := 1
	if o.Bond > 0 && 2*trainBytes(slices.Repeat([]int{o.Bond}, c.Qubits+1)) <= o.memory() {
		together = 4 * c.Qubits
		if o.Profile { // about a layer
			together = max(1, c.Qubits/2)
		}
	}
	var gates []mps.Gate
	for i, op := range c.Ops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.progress(i, len(c.Ops))
		if len(op.Qubits) == 0 {
			s.Scale(op.Matrix[0])
		} else {
			n := 1 << len(op.Qubits)
			gates = append(gates, mps.Gate{Matrix: tensor.MatrixOf(n, n, op.Matrix), Sites: op.Qubits})
		}
		if len(gates) < together && i < len(c.Ops)-1 {
			continue
		}
		var err error
		if len(gates) == 1 {
			_, err = s.Apply(gates[0].Matrix, o.truncation(), gates[0].Sites...)
		} else {
			_, err = s.Run(ctx, gates, o.truncation())
		}
		if err != nil {
			return nil, fmt.Errorf("simulate: up to gate %d of %d, on qubits %v: %w", i+1, len(c.Ops), op.Qubits, err)
		}
		gates = gates[:0]
		if need := trainBytes(s.Bonds()); need > o.memory() {
			return nil, fmt.Errorf("simulate: after gate %d of %d the matrix product state has a bond of %d and takes %d bytes with what a gate needs; %d are allowed: allow more, or cut bonds", i+1, len(c.Ops), s.MaxBond(), need, o.memory())
		}
		how.Bond = max(how.Bond, s.MaxBond())
		if o.Profile && (i*moments/len(c.Ops) != (i+1)*moments/len(c.Ops) || together > 1) {
			how.Course = append(how.Course, Moment{i + 1, s.MaxBond(), s.Fidelity()})
		}
	}
	if o.Profile && c.Qubits > 1 {
		bonds := s.Bonds()
		how.Bonds, how.Entropies = bonds[1:len(bonds)-1], s.Clone().Entropies()
	}
	how.Bond, how.Fidelity = max(how.Bond, s.MaxBond()), s.Fidelity()
	how.PeakBytes = trainBytes(s.Bonds())
	return s, nil
}

// trainBytes is what a state of such bonds takes, with room for a gate.
func trainBytes(bonds []int) int64 {
	total, work := int64(0), int64(0)
	for k := range len(bonds) - 1 {
		x := 2 * int64(bonds[k]) * int64(bonds[k+1])
		total += x
		work = max(work, x)
	}
	return bytesEach * (total + 16*work)
}
