package aqc

import (
	"context"
	"math/cmplx"
)

// overlaps finds the overlap <ψ|V|0> with a target, and its derivatives in
// the elements of the states of the qubits at the start and of the matrices of
// the blocks. The last block comes first; change, which may be nil, is then
// given its number and derivative, and may replace it before the others are
// looked at.
type overlaps func(ctx context.Context, start [][2]complex128, blocks []mat4, change func(k int, d mat4)) (o complex128, dStart [][2]complex128, dBlocks []mat4, err error)

// dense calculates with all amplitudes: the state after all gates and the
// target go back through the circuit together, gate by gate, and their product
// with the qubits of a gate left open is the derivative in its matrix.
func (a *Ansatz) dense(target []complex128) overlaps {
	return func(ctx context.Context, start [][2]complex128, blocks []mat4, change func(k int, d mat4)) (complex128, [][2]complex128, []mat4, error) {
		ket, bra := []complex128{1}, make([]complex128, len(target))
		for _, v := range start {
			next := make([]complex128, 2*len(ket))
			for i, x := range ket {
				next[2*i], next[2*i+1] = x*v[0], x*v[1]
			}
			ket = next
		}
		copy(bra, target)
		for k, u := range blocks {
			a.apply(ket, u, a.Blocks[k])
		}
		o := complex128(0)
		for i, x := range ket {
			o += cmplx.Conj(bra[i]) * x
		}
		dBlocks := make([]mat4, len(blocks))
		for k := len(blocks) - 1; k >= 0; k-- {
			if err := ctx.Err(); err != nil {
				return 0, nil, nil, err
			}
			a.apply(ket, blocks[k].adjoint(), a.Blocks[k])
			d := &dBlocks[k]
			a.each(a.Blocks[k], func(at [4]int) {
				for i := range 4 {
					x := cmplx.Conj(bra[at[i]])
					for j := range 4 {
						d[4*i+j] += x * ket[at[j]]
					}
				}
			})
			if change != nil {
				change(k, *d)
			}
			a.apply(bra, blocks[k].adjoint(), a.Blocks[k])
		}
		dStart := make([][2]complex128, a.Qubits)
		for q := range dStart {
			rest := make([]complex128, len(bra)) // with the other qubits summed
			for i, x := range bra {
				rest[i] = cmplx.Conj(x)
			}
			for p, v := range start { // the first qubit is the most significant bit
				size := len(rest) >> 1
				if p < q {
					for i := range size {
						rest[i] = rest[i]*v[0] + rest[i+size]*v[1]
					}
					rest = rest[:size]
				} else if p > q {
					half := size >> 1
					for i := range half {
						rest[i] = rest[i]*v[0] + rest[i+half]*v[1]
						rest[half+i] = rest[size+i]*v[0] + rest[size+half+i]*v[1]
					}
					rest = rest[:size]
				}
			}
			dStart[q] = [2]complex128{rest[0], rest[1]}
		}
		return o, dStart, dBlocks, nil
	}
}

// each visits the places of the four amplitudes that a gate mixes.
func (a *Ansatz) each(pair [2]int, visit func(at [4]int)) {
	hi, lo := 1<<(a.Qubits-1-pair[0]), 1<<(a.Qubits-1-pair[1])
	for i := range 1 << a.Qubits {
		if i&(hi|lo) == 0 {
			visit([4]int{i, i | lo, i | hi, i | hi | lo})
		}
	}
}

// apply multiplies two qubits of a state by a gate.
func (a *Ansatz) apply(x []complex128, u mat4, pair [2]int) {
	a.each(pair, func(at [4]int) {
		y := [4]complex128{x[at[0]], x[at[1]], x[at[2]], x[at[3]]}
		for i, p := range at {
			x[p] = u[4*i]*y[0] + u[4*i+1]*y[1] + u[4*i+2]*y[2] + u[4*i+3]*y[3]
		}
	})
}
