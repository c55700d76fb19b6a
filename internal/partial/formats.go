package partial

import "github.com/polyad/polyad/tensor"

// CP is sum_r prod_n Factors[n][i_n, r].
type CP struct{ Factors []*tensor.Matrix[float64] }

// Blocks are the factors.
func (m CP) Blocks() []*tensor.Matrix[float64] { return m.Factors }

// Filler gives the products of the rows of the other factors.
func (m CP) Filler(block int) Fill {
	rank := m.Factors[0].Cols
	return func(dst []float64, stride int, index [][]int32, lo, n int) {
		first := true
		for k, f := range m.Factors {
			if k == block {
				continue
			}
			for e, i := range index[k][lo : lo+n] {
				row, by := dst[e*stride:][:rank], f.Row(int(i))
				if first {
					copy(row, by)
					continue
				}
				by = by[:len(row)]
				for r := range row {
					row[r] *= by[r]
				}
			}
			first = false
		}
	}
}

// Tucker is the core times the factors' rows: Core is one row, the elements
// of the core in C order.
type Tucker struct {
	Factors []*tensor.Matrix[float64]
	Core    *tensor.Matrix[float64]
}

// Blocks are the factors, then the core.
func (m Tucker) Blocks() []*tensor.Matrix[float64] {
	return append(append([]*tensor.Matrix[float64]{}, m.Factors...), m.Core)
}

// Filler gives the core contracted with the rows of the other factors or, for
// the core itself, the outer product of all rows.
func (m Tucker) Filler(block int) Fill {
	modes := len(m.Factors)
	a, b := make([]float64, m.Core.Cols), make([]float64, m.Core.Cols)
	if block == modes {
		return func(dst []float64, stride int, index [][]int32, lo, n int) {
			for e := range n {
				row := append(a[:0], 1)
				for k, f := range m.Factors {
					next := b[:0]
					if k%2 == 1 {
						next = a[:0]
					}
					if k == modes-1 {
						next = dst[e*stride:][:0]
					}
					for _, v := range row {
						for _, w := range f.Row(int(index[k][lo+e])) {
							next = append(next, v*w)
						}
					}
					row = next
				}
			}
		}
	}
	before := 1
	for _, f := range m.Factors[:block] {
		before *= f.Cols
	}
	own := m.Factors[block].Cols
	return func(dst []float64, stride int, index [][]int32, lo, n int) {
		for e := range n {
			y := append(a[:0], m.Core.Data...)
			z := b
			// The modes after the block's, the last of them first: each is
			// the fastest of what is left.
			for k := modes - 1; k > block; k-- {
				row := m.Factors[k].Row(int(index[k][lo+e]))
				size := len(y) / len(row)
				for i := range size {
					z[i] = dot(y[i*len(row):][:len(row)], row)
				}
				y, z = z[:size], y[:cap(y)]
			}
			// Those before, the first of them first: the slowest.
			for k := range block {
				row := m.Factors[k].Row(int(index[k][lo+e]))
				size := len(y) / len(row)
				clear(z[:size])
				for j, w := range row {
					for i, v := range y[j*size:][:size] {
						z[i] += w * v
					}
				}
				y, z = z[:size], y[:cap(y)]
			}
			copy(dst[e*stride:][:own], y)
		}
	}
}

// TT is a train whose core k is kept as I_k rows of r_k×r_{k+1} matrices.
type TT struct {
	Cores []*tensor.Matrix[float64]
	Ranks []int // r_0, …, r_d
}

// Blocks are the cores.
func (m TT) Blocks() []*tensor.Matrix[float64] { return m.Cores }

// Filler gives the products of what the cores before and after make at an
// entry.
func (m TT) Filler(block int) Fill {
	most := 1
	for _, r := range m.Ranks {
		most = max(most, r)
	}
	left, right, spare := make([]float64, most), make([]float64, most), make([]float64, most)
	return func(dst []float64, stride int, index [][]int32, lo, n int) {
		for e := range n {
			l, s := append(left[:0], 1), spare
			for k := range block {
				g := m.Cores[k].Row(int(index[k][lo+e]))
				w := m.Ranks[k+1]
				next := s[:w]
				clear(next)
				for i, v := range l {
					for j, f := range g[i*w:][:w] {
						next[j] += v * f
					}
				}
				l, s = next, l[:cap(l)]
			}
			r, t := append(right[:0], 1), s
			for k := len(m.Cores) - 1; k > block; k-- {
				g := m.Cores[k].Row(int(index[k][lo+e]))
				h := m.Ranks[k]
				next := t[:h]
				for i := range next {
					next[i] = dot(g[i*len(r):][:len(r)], r)
				}
				r, t = next, r[:cap(r)]
			}
			row := dst[e*stride:]
			for i, v := range l {
				for j, f := range r {
					row[i*len(r)+j] = v * f
				}
			}
		}
	}
}
