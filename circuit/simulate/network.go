package simulate

import (
	"context"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// tiny is what counts as zero in the matrix of a gate: only rounding of π is
// meant.
const tiny = 1e-15

// builder makes the network of a circuit. Gates on one qubit are multiplied
// into others; a qubit on which a gate is block diagonal keeps its index; what
// is known of a qubit, as |0> at the beginning, makes the gates on it smaller;
// swaps exchange lines. (Markov & Shi, 2008, https://doi.org/10.1137/050644756;
// diagonal gates: Boixo et al., 2017, https://arxiv.org/abs/1712.05384.)
type builder struct {
	wires  []wire
	legs   [][]int32
	data   [][]complex128
	next   int32
	scalar complex128
	fixed  map[int32]int // slot of the bit that an index has; constant for 0
	output []int32
}

// constant is the slot of indices that are 0.
const constant = -1

// wire is the line of a qubit so far.
type wire struct {
	known   int8 // the basis state that it is in; -1: it has an index
	index   int32
	pending []complex128 // gate on one qubit that is still to be applied; nil: none
}

func newBuilder(n int) *builder {
	return &builder{wires: make([]wire, n), scalar: 1, fixed: map[int32]int{}}
}

// add makes a tensor.
func (b *builder) add(data []complex128, legs ...int32) {
	b.legs = append(b.legs, legs)
	b.data = append(b.data, data)
}

func (b *builder) index() int32 {
	b.next++
	return b.next - 1
}

// apply applies a gate, unitary or not.
func (b *builder) apply(m []complex128, qubits []int) {
	switch k := len(qubits); {
	case k == 0:
		b.scalar *= m[0]
		return
	case k == 1:
		b.one(&b.wires[qubits[0]], m)
		return
	case k == 2 && swaps(m):
		b.wires[qubits[0]], b.wires[qubits[1]] = b.wires[qubits[1]], b.wires[qubits[0]]
		m = []complex128{m[0], 0, 0, 0, 0, m[6], 0, 0, 0, 0, m[9], 0, 0, 0, 0, m[15]}
	}
	n := 1 << len(qubits)
	if c, ok := multiple(m, n); ok {
		b.scalar *= c
		return
	}
	if b.permuted(m, qubits) {
		return
	}
	diagonal := make([]bool, len(qubits))
	for j, q := range qubits {
		diagonal[j] = blockDiagonal(m, len(qubits), j)
		if w := b.wires[q]; diagonal[j] && w.known >= 0 && w.pending == nil {
			b.apply(block(m, len(qubits), j, int(w.known)), slices.Delete(slices.Clone(qubits), j, j+1))
			return
		}
	}
	var legs []int32
	// Each leg is the bit of a row, of a column, or of both.
	var rows, columns []int
	column := 0
	for j, q := range qubits {
		w := &b.wires[q]
		bit := 1 << (len(qubits) - 1 - j)
		switch {
		case diagonal[j]:
			if p := w.pending; w.known < 0 && p != nil && p[1] == 0 && p[2] == 0 {
				m = onQubit(m, p, len(qubits), j)
				w.pending = nil
			}
			b.flush(w)
			legs, rows, columns = append(legs, w.index), append(rows, bit), append(columns, bit)
			continue
		case w.known >= 0 && w.pending != nil:
			m = onQubit(m, []complex128{w.pending[w.known], 0, w.pending[2+w.known], 0}, len(qubits), j)
		case w.known > 0:
			column |= bit
		case w.known == 0:
		default:
			if w.pending != nil {
				m = onQubit(m, w.pending, len(qubits), j)
			}
			legs, rows, columns = append(legs, w.index), append(rows, 0), append(columns, bit)
		}
		*w = wire{known: -1, index: b.index()}
		legs, rows, columns = append(legs, w.index), append(rows, bit), append(columns, 0)
	}
	data := make([]complex128, 1<<len(legs))
	for i := range data {
		r, c := 0, column
		for l := range legs {
			if i>>(len(legs)-1-l)&1 != 0 {
				r |= rows[l]
				c |= columns[l]
			}
		}
		data[i] = m[r*n+c]
	}
	b.add(data, legs...)
}

// one applies a gate on one qubit.
func (b *builder) one(w *wire, m []complex128) {
	if w.pending != nil {
		m = multiply2(m, w.pending)
	}
	w.pending = m
	if c, ok := multiple(m, 2); ok {
		b.scalar *= c
		w.pending = nil
		return
	}
	if w.known >= 0 {
		for to := range int8(2) {
			if other := m[2*(1-to)+w.known]; cmplx.Abs(other) <= tiny {
				b.scalar *= m[2*to+w.known]
				*w = wire{known: to}
				return
			}
		}
	}
}

// permuted applies a gate to qubits that are all known, if it leaves them so.
func (b *builder) permuted(m []complex128, qubits []int) bool {
	k, column := len(qubits), 0
	for _, q := range qubits {
		if b.wires[q].known < 0 || b.wires[q].pending != nil {
			return false
		}
		column = column<<1 | int(b.wires[q].known)
	}
	n := 1 << k
	row := -1
	for r := range n {
		if cmplx.Abs(m[r*n+column]) > tiny {
			if row >= 0 {
				return false
			}
			row = r
		}
	}
	if row < 0 { // a projector
		b.scalar = 0
		return true
	}
	b.scalar *= m[row*n+column]
	for j, q := range qubits {
		b.wires[q].known = int8(row >> (k - 1 - j) & 1)
	}
	return true
}

// flush gives a line an index without anything pending.
func (b *builder) flush(w *wire) {
	p := w.pending
	switch {
	case w.known >= 0:
		v := make([]complex128, 2)
		v[w.known] = 1
		if p != nil {
			v[0], v[1] = p[w.known], p[2+w.known]
		}
		*w = wire{known: -1, index: b.index()}
		b.add(v, w.index)
	case p == nil:
	case p[1] == 0 && p[2] == 0:
		b.add([]complex128{p[0], p[3]}, w.index)
		w.pending = nil
	default:
		before := w.index
		*w = wire{known: -1, index: b.index()}
		b.add(p, w.index, before)
	}
}

// own gives a line an index that is neither open nor fixed.
func (b *builder) own(w *wire) {
	b.flush(w)
	if _, ok := b.fixed[w.index]; ok || slices.Contains(b.output, w.index) {
		before := w.index
		w.index = b.index()
		b.add([]complex128{1, 0, 0, 1}, w.index, before)
	}
}

// open leaves a qubit open: its index is one of the output.
func (b *builder) open(q int) {
	b.own(&b.wires[q])
	b.output = append(b.output, b.wires[q].index)
}

// fix projects a qubit onto the bit of a slot.
func (b *builder) fix(q, slot int) {
	w := &b.wires[q]
	if slot == constant && w.known >= 0 {
		switch p := w.pending; {
		case p != nil:
			b.scalar *= p[w.known]
		case w.known != 0:
			b.scalar = 0
		}
		*w = wire{}
		return
	}
	b.own(w)
	b.fixed[w.index] = slot
}

// network is a tensor network in which some indices are bits that are set
// from one contraction to the next.
type network struct {
	legs   [][]int32 // the free indices of each tensor
	data   [][]complex128
	axes   [][]axis // the axes of the data
	scalar complex128
	lone   []int // tensors without a free index
	output []int32
}

// axis of a tensor: free, or the bit of a slot.
type axis struct {
	free bool
	slot int
}

// network is what was built.
func (b *builder) network() *network {
	n := &network{scalar: b.scalar, output: b.output}
	for t, legs := range b.legs {
		var free []int32
		axes := make([]axis, len(legs))
		for a, id := range legs {
			slot, ok := b.fixed[id]
			axes[a] = axis{!ok, slot}
			if !ok {
				free = append(free, id)
			}
		}
		if len(free) == 0 {
			n.lone = append(n.lone, t)
		}
		n.legs, n.data, n.axes = append(n.legs, free), append(n.data, b.data[t]), append(n.axes, axes)
	}
	return n
}

// part is a tensor for given bits.
func (n *network) part(t int, bits []byte) []complex128 {
	axes := n.axes[t]
	out := make([]complex128, 0, 1<<len(n.legs[t]))
	for i, x := range n.data[t] {
		keep := true
		for a, ax := range axes {
			if !ax.free {
				want := byte(0)
				if ax.slot != constant {
					want = bits[ax.slot]
				}
				keep = keep && byte(i>>(len(axes)-1-a)&1) == want
			}
		}
		if keep {
			out = append(out, x)
		}
	}
	return out
}

// expr is the equation, and the shapes of its operands; nil if there is
// nothing to contract.
func (n *network) expr() (*einsum.Expr, [][]int, error) {
	var inputs [][]int
	var shapes [][]int
	for _, legs := range n.legs {
		if len(legs) == 0 {
			continue
		}
		list, shape := make([]int, len(legs)), make([]int, len(legs))
		for a, id := range legs {
			list[a], shape[a] = int(id), 2
		}
		inputs, shapes = append(inputs, list), append(shapes, shape)
	}
	if len(inputs) == 0 {
		return nil, nil, nil
	}
	output := make([]int, len(n.output))
	for a, id := range n.output {
		output[a] = int(id)
	}
	e, err := einsum.Indices(inputs, output)
	return e, shapes, err
}

// operands for given bits, and the number to multiply the result by.
func (n *network) operands(bits []byte) (complex128, []*tensor.Dense[complex128]) {
	scalar := n.scalar
	var ops []*tensor.Dense[complex128]
	for t, legs := range n.legs {
		x := n.part(t, bits)
		if len(legs) == 0 {
			scalar *= x[0]
			continue
		}
		shape := make([]int, len(legs))
		for a := range shape {
			shape[a] = 2
		}
		ops = append(ops, tensor.FromSlice(x, shape...))
	}
	return scalar, ops
}

// contract is the result for given bits, by a plan of expr; the plan is nil if
// there is nothing to contract.
func (n *network) contract(ctx context.Context, p *einsum.Plan, bits []byte) ([]complex128, error) {
	scalar, ops := n.operands(bits)
	if p == nil {
		return []complex128{scalar}, nil
	}
	if scalar == 0 {
		return make([]complex128, 1<<len(n.output)), nil
	}
	out, err := einsum.Run(ctx, p, ops...)
	if err != nil {
		return nil, err
	}
	x := out.Data()
	for i := range x {
		x[i] *= scalar
	}
	return x, nil
}

// applyAll applies gates in turn.
func (b *builder) applyAll(ops []circuit.Op) {
	for _, op := range ops {
		b.apply(op.Matrix, op.Qubits)
	}
}

// swaps says whether a gate on two qubits is a swap and then a diagonal.
func swaps(m []complex128) bool {
	for _, i := range []int{1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14} {
		if cmplx.Abs(m[i]) > tiny {
			return false
		}
	}
	return true
}

// multiple says whether a matrix of n rows is that multiple of the identity.
func multiple(m []complex128, n int) (complex128, bool) {
	for i := range n {
		for j := range n {
			want := complex128(0)
			if i == j {
				want = m[0]
			}
			if cmplx.Abs(m[i*n+j]-want) > tiny {
				return 0, false
			}
		}
	}
	return m[0], true
}

// blockDiagonal says whether a gate on k qubits leaves the bit of qubit j as
// it is.
func blockDiagonal(m []complex128, k, j int) bool {
	bit := 1 << (k - 1 - j)
	for r := range 1 << k {
		for c := range 1 << k {
			if (r^c)&bit != 0 && cmplx.Abs(m[r<<k|c]) > tiny {
				return false
			}
		}
	}
	return true
}

// block is the gate on the other qubits where qubit j has a value.
func block(m []complex128, k, j, value int) []complex128 {
	bit := 1 << (k - 1 - j)
	wide := func(x int) int { // puts the value in
		return (x&^(bit-1))<<1 | x&(bit-1) | value*bit
	}
	n := 1 << (k - 1)
	out := make([]complex128, n*n)
	for r := range n {
		for c := range n {
			out[r*n+c] = m[wide(r)<<k|wide(c)]
		}
	}
	return out
}

// onQubit is m after p on qubit j.
func onQubit(m, p []complex128, k, j int) []complex128 {
	bit := 1 << (k - 1 - j)
	out := make([]complex128, len(m))
	for r := range 1 << k {
		for c := range 1 << k {
			row := m[r<<k : (r+1)<<k]
			at := 0
			if c&bit != 0 {
				at = 1
			}
			out[r<<k|c] = row[c&^bit]*p[at] + row[c|bit]*p[2+at]
		}
	}
	return out
}

// multiply2 is the product of two 2×2 matrices.
func multiply2(a, b []complex128) []complex128 {
	return []complex128{
		a[0]*b[0] + a[1]*b[2], a[0]*b[1] + a[1]*b[3],
		a[2]*b[0] + a[3]*b[2], a[2]*b[1] + a[3]*b[3],
	}
}
