package aqc

import (
	"context"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

// chain calculates with matrix product states. The state before each layer is
// kept on the way forward; the target goes back layer by layer. Between them,
// environments from both ends meet at each gate of a layer.
func (a *Ansatz) chain(target *mps.State, t mps.Truncation) overlaps {
	layers := a.layers()
	return func(ctx context.Context, start [][2]complex128, blocks []mat4, change func(k int, d mat4)) (complex128, [][2]complex128, []mat4, error) {
		ket := separate(start)
		before := make([]*mps.State, len(layers))
		for l, layer := range layers {
			before[l] = ket.Clone()
			if _, err := ket.Run(ctx, a.run(layer, blocks, false), t); err != nil {
				return 0, nil, nil, err
			}
		}
		o := mps.Overlap(target, ket)
		bra := target.Clone()
		dBlocks := make([]mat4, len(blocks))
		for l := len(layers) - 1; l >= 0; l-- {
			if err := a.meet(bra, before[l], layers[l], blocks, dBlocks, change, t); err != nil {
				return 0, nil, nil, err
			}
			if _, err := bra.Run(ctx, a.run(layers[l], blocks, true), t); err != nil {
				return 0, nil, nil, err
			}
		}
		return o, a.meetStart(bra, start), dBlocks, nil
	}
}

// separate is the state of qubits that each have their own.
func separate(start [][2]complex128) *mps.State {
	dims, vectors := make([]int, len(start)), make([][]complex128, len(start))
	for q, v := range start {
		dims[q], vectors[q] = 2, v[:]
	}
	return mps.Product(dims, vectors)
}

// layers are the numbers of blocks that are on different neighbours and follow
// what is before them; a block on qubits that are no neighbours is alone.
func (a *Ansatz) layers() [][]int {
	var layers [][]int
	at := make([]int, a.Qubits) // the layer after which a qubit is free
	alone := 0                  // the layer after the last lone block
	for k, b := range a.Blocks {
		l := max(at[b[0]], at[b[1]], alone)
		if !neighbours(b) {
			l = len(layers)
			alone = l + 1
		}
		if l == len(layers) {
			layers = append(layers, nil)
		}
		layers[l] = append(layers[l], k)
		at[b[0]], at[b[1]] = l+1, l+1
	}
	return layers
}

func neighbours(b [2]int) bool { return b[0]-b[1] == 1 || b[1]-b[0] == 1 }

// run are the gates of a layer, or those that undo it.
func (a *Ansatz) run(layer []int, blocks []mat4, back bool) []mps.Gate {
	gates := make([]mps.Gate, len(layer))
	for i, k := range layer {
		u := blocks[k]
		if back {
			u = u.adjoint()
		}
		gates[i] = mps.Gate{Matrix: tensor.MatrixOf(4, 4, u[:]), Sites: a.Blocks[k][:]}
	}
	return gates
}

// meet finds the derivatives of <bra|layer|ket> in the gates of a layer.
func (a *Ansatz) meet(bra, ket *mps.State, layer []int, blocks, out []mat4, change func(k int, d mat4), t mps.Truncation) error {
	pairs := map[int]int{} // the block that begins on each site
	for _, k := range layer {
		pairs[min(a.Blocks[k][0], a.Blocks[k][1])] = k
	}
	if b := a.Blocks[layer[0]]; !neighbours(b) {
		// Both states with the second qubit next to the first.
		bra, ket = bra.Clone(), ket.Clone()
		first, last := min(b[0], b[1]), max(b[0], b[1])
		swap := tensor.MatrixOf(4, 4, []complex128{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1})
		for _, s := range []*mps.State{bra, ket} {
			for k := last - 1; k > first; k-- {
				if _, err := s.Apply2(k, swap, t); err != nil {
					return err
				}
			}
		}
	}
	gate := func(k int) mat4 { // with the lower qubit first
		if a.Blocks[k][0] > a.Blocks[k][1] {
			return turned(blocks[k])
		}
		return blocks[k]
	}
	n := a.Qubits
	// The cores, two at a time where a gate is: from the right first.
	var parts []part
	for q := 0; q < n; q++ {
		k, on := pairs[q]
		p := part{site: q, block: -1, bra: single(bra, q), ket: single(ket, q)}
		if on {
			p.block, p.bra, p.ket = k, double(bra, q), double(ket, q)
			q++
		}
		parts = append(parts, p)
	}
	right := make([]kernel.Mat[complex128], len(parts)+1)
	right[len(parts)] = kernel.RowMajor(1, 1, []complex128{1})
	for i := len(parts) - 1; i > 0; i-- {
		p := parts[i]
		x := p.ket
		if p.block >= 0 {
			x = x.multiplied(gate(p.block))
		}
		y := product(kernel.RowMajor(x.l*x.d, x.r, x.a), false, right[i+1], false) // (ket left, d) × bra right
		right[i] = product(kernel.RowMajor(x.l, x.d*p.bra.r, y.Data), false, kernel.RowMajor(p.bra.l, p.bra.d*p.bra.r, p.bra.a).T(), true)
	}
	left := kernel.RowMajor(1, 1, []complex128{1}) // bra × ket
	for i, p := range parts {
		x := product(left, false, kernel.RowMajor(p.ket.l, p.ket.d*p.ket.r, p.ket.a), false) // bra left × (d, ket right)
		if p.block >= 0 {
			y := product(kernel.RowMajor(p.bra.l*p.ket.d, p.ket.r, x.Data), false, right[i+1], false) // (bra left, j) × bra right
			var d mat4
			for l := range p.bra.l {
				for r := range p.bra.d {
					b := p.bra.a[(l*p.bra.d+r)*p.bra.r:]
					for j := range p.ket.d {
						c := y.Data[(l*p.ket.d+j)*p.bra.r:]
						for s := range p.bra.r {
							d[4*r+j] += complex(real(b[s]), -imag(b[s])) * c[s]
						}
					}
				}
			}
			if a.Blocks[p.block][0] > a.Blocks[p.block][1] {
				d = turned(d)
			}
			out[p.block] = d
			if change != nil {
				change(p.block, d) // what is on its right sees the new one
			}
			z := wide{p.bra.l, p.ket.d, p.ket.r, x.Data}.multiplied(gate(p.block))
			x = kernel.RowMajor(p.bra.l, p.ket.d*p.ket.r, z.a)
		}
		left = product(kernel.RowMajor(p.bra.l*p.bra.d, p.bra.r, p.bra.a).T(), true, kernel.RowMajor(p.bra.l*p.ket.d, p.ket.r, x.Data), false)
	}
	return nil
}

// part is one site, or two with a gate on them, of both states.
type part struct {
	site, block int
	bra, ket    wide
}

// wide is one site or two: l×d×r in C order.
type wide struct {
	l, d, r int
	a       []complex128
}

func single(s *mps.State, q int) wide {
	c := s.Core(q)
	sh := c.Shape()
	return wide{sh[0], sh[1], sh[2], c.Data()}
}

func double(s *mps.State, q int) wide {
	a, b := single(s, q), single(s, q+1)
	x := product(kernel.RowMajor(a.l*a.d, a.r, a.a), false, kernel.RowMajor(b.l, b.d*b.r, b.a), false)
	return wide{a.l, a.d * b.d, b.r, x.Data}
}

// multiplied is a gate on the two sites.
func (w wide) multiplied(u mat4) wide {
	out := wide{w.l, 4, w.r, make([]complex128, len(w.a))}
	for l := range w.l {
		for i := range 4 {
			to := out.a[(4*l+i)*w.r : (4*l+i+1)*w.r]
			for j := range 4 {
				if v := u[4*i+j]; v != 0 {
					from := w.a[(4*l+j)*w.r:]
					for r := range to {
						to[r] += v * from[r]
					}
				}
			}
		}
	}
	return out
}

// product is a·b, with a or b conjugated if conjA or conjB says so.
func product(a kernel.Mat[complex128], conjA bool, b kernel.Mat[complex128], conjB bool) kernel.Mat[complex128] {
	c := kernel.RowMajor(a.Rows, b.Cols, make([]complex128, a.Rows*b.Cols))
	kernel.GemmComplex(1, a, conjA, b, conjB, 0, c)
	return c
}

// meetStart finds the derivatives of <bra|start> in the states of the qubits.
func (a *Ansatz) meetStart(bra *mps.State, start [][2]complex128) [][2]complex128 {
	n := a.Qubits
	right := make([][]complex128, n+1)
	right[n] = []complex128{1}
	cores := make([]wide, n)
	for q := n - 1; q >= 0; q-- {
		c := single(bra, q)
		for i, v := range c.a {
			c.a[i] = complex(real(v), -imag(v))
		}
		cores[q], right[q] = c, make([]complex128, c.l)
		for l := range c.l {
			for d := range 2 {
				for r, v := range right[q+1] {
					right[q][l] += c.a[(2*l+d)*c.r+r] * start[q][d] * v
				}
			}
		}
	}
	out := make([][2]complex128, n)
	left := []complex128{1}
	for q, c := range cores {
		next := make([]complex128, c.r)
		for l, x := range left {
			for d := range 2 {
				for r, v := range right[q+1] {
					y := x * c.a[(2*l+d)*c.r+r]
					out[q][d] += y * v
					next[r] += y * start[q][d]
				}
			}
		}
		left = next
	}
	return out
}

// Gates are the gates of a circuit, for [mps.State.Run].
func Gates(c *circuit.Circuit) []mps.Gate {
	var gates []mps.Gate
	for _, op := range c.Ops {
		if n := 1 << len(op.Qubits); n > 1 { // a phase is no gate
			gates = append(gates, mps.Gate{Matrix: tensor.MatrixOf(n, n, op.Matrix), Sites: op.Qubits})
		}
	}
	return gates
}
