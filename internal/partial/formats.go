package partial

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

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
	if block == modes {
		a, b := make([]float64, m.Core.Cols), make([]float64, m.Core.Cols)
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
	return m.slices(block)
}

// slices contracts the core with the rows of all modes but one, the slowest
// first. What the first of them leave is kept for entries that follow with the
// same indices there.
func (m Tucker) slices(block int) Fill {
	var others []int
	parts := [][]float64{m.Core.Data} // after each of the others
	for k, f := range m.Factors {
		if k != block {
			others = append(others, k)
			parts = append(parts, make([]float64, len(parts[len(parts)-1])/f.Cols))
		}
	}
	own := m.Factors[block].Cols
	seen := make([]int32, len(others))
	for s := range seen {
		seen[s] = -1
	}
	return func(dst []float64, stride int, index [][]int32, lo, n int) {
		for e := range n {
			same := true
			for s, k := range others {
				i := index[k][lo+e]
				if same = same && seen[s] == i; same {
					continue
				}
				seen[s] = i
				row, src, to := m.Factors[k].Row(int(i)), parts[s], parts[s+1]
				if k < block { // what comes before is contracted
					clear(to)
					for j, w := range row {
						kernel.Axpy(w, src[j*len(to):][:len(to)], to)
					}
					continue
				}
				after := len(to) / own
				if after == 1 {
					for q := range own {
						to[q] = dot(row, src[q*len(row):])
					}
					continue
				}
				clear(to)
				for q := range own {
					for j, w := range row {
						kernel.Axpy(w, src[(q*len(row)+j)*after:][:after], to[q*after:][:after])
					}
				}
			}
			copy(dst[e*stride:][:own], parts[len(others)])
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
			outer(dst[e*stride:], l, r)
		}
	}
}
