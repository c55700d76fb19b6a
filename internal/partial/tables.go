package partial

import (
	"sync"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// tableWaste is by how much the combinations of indices that a table lists
// may outnumber the entries that look something up in it.
const tableWaste = 4

// tableMost is the number of elements that a table may have.
const tableMost = 1 << 22

// A tabular model can list derivatives for all combinations of the indices
// of other modes at once, by products of matrices: entries that share indices
// share the work.
type tabular interface {
	// tables are such that the derivatives of a row of the block are
	//
	//	φ = left[a] ⊗ right[b],
	//
	// a the place of the indices of the modes before the block among their
	// combinations in C order, b that of the modes after it, or left is nil and
	// b is that of all modes but the block's. They are nil if a table had more
	// rows than limit.
	tables(block, limit int) (left, right *table)
}

// table is a table for combinations of the indices of modes.
type table struct {
	modes  []int
	stride []int32
	rows   *tensor.Matrix[float64]
}

// newTable lists the modes and their sizes; it is nil if their combinations
// are more than limit, or the elements of so many rows more than tableMost.
func newTable(modes []int, blocks []*tensor.Matrix[float64], cols, limit int) *table {
	limit = min(limit, tableMost/cols)
	t := &table{modes: modes, stride: make([]int32, len(modes))}
	rows := 1
	for s := len(modes) - 1; s >= 0; s-- {
		t.stride[s] = int32(rows)
		if rows *= blocks[modes[s]].Rows; rows > limit {
			return nil
		}
	}
	return t
}

// at is the row of an entry of lists of indices.
func (t *table) at(index [][]int32, e int) int {
	row := int32(0)
	for s, n := range t.modes {
		row += index[n][e] * t.stride[s]
	}
	return int(row)
}

// fill copies rows.
func (t *table) fill(dst []float64, stride int, index [][]int32, lo, n int) {
	for e := range n {
		row := t.rows.Row(t.at(index, lo+e))
		copy(dst[e*stride:][:len(row)], row)
	}
}

// fillers are the fillers of a model for that many entries.
func fillers(m Model, block, entries int) func() Fill {
	if m, ok := m.(tabular); ok {
		switch left, right := m.tables(block, tableWaste*entries); {
		case right == nil:
		case left == nil:
			return func() Fill { return right.fill }
		default:
			return func() Fill {
				return func(dst []float64, stride int, index [][]int32, lo, n int) {
					for e := range n {
						outer(dst[e*stride:], left.rows.Row(left.at(index, lo+e)), right.rows.Row(right.at(index, lo+e)))
					}
				}
			}
		}
	}
	return func() Fill { return m.Filler(block) }
}

// outer sets dst to a ⊗ b.
func outer(dst, a, b []float64) {
	for i, v := range a {
		row := dst[i*len(b):][:len(b)]
		for j, f := range b {
			row[j] = v * f
		}
	}
}

// without lists the modes from lo to hi but one.
func without(lo, hi, block int) []int {
	var modes []int
	for n := lo; n < hi; n++ {
		if n != block {
			modes = append(modes, n)
		}
	}
	return modes
}

// tables is the core contracted with all factors but one.
func (m Tucker) tables(block, limit int) (left, right *table) {
	if block == len(m.Factors) {
		return nil, nil
	}
	modes := without(0, len(m.Factors), block)
	t := newTable(modes, m.Factors, m.Factors[block].Cols, limit)
	if t == nil {
		return nil, nil
	}
	var by []*tensor.Matrix[float64]
	for _, n := range modes {
		by = append(by, m.Factors[n])
	}
	y := tensor.TTMChain(m.core().Permute(append(modes, block)...).Contiguous(), append(by, nil)).Contiguous()
	own := m.Factors[block].Cols
	t.rows = tensor.MatrixOf(y.Len()/own, own, y.Data())
	return nil, t
}

// core is the core as a tensor.
func (m Tucker) core() *tensor.Dense[float64] { return m.coreOf(m.Core.Data) }

// coreOf is a tensor of the shape of the core.
func (m Tucker) coreOf(data []float64) *tensor.Dense[float64] {
	shape := make([]int, len(m.Factors))
	for n, f := range m.Factors {
		shape[n] = f.Cols
	}
	return tensor.FromSlice(data, shape...)
}

// tables are the products of the cores before and after a block.
func (m TT) tables(block, limit int) (left, right *table) {
	d := len(m.Cores)
	if block > 0 {
		if left = newTable(without(0, block, block), m.Cores, m.Ranks[block], limit); left == nil {
			return nil, nil
		}
		rows := tensor.MatrixOf(1, 1, []float64{1})
		for k, g := range m.Cores[:block] {
			next := tensor.NewMatrix[float64](rows.Rows*g.Rows, m.Ranks[k+1])
			kernel.GemmBatch(g.Rows, 1, rows.View(), 0, kernel.RowMajor(m.Ranks[k], m.Ranks[k+1], g.Data), g.Cols,
				0, kernel.Mat[float64]{Rows: rows.Rows, Cols: m.Ranks[k+1], RS: g.Rows * m.Ranks[k+1], CS: 1, Data: next.Data}, m.Ranks[k+1])
			rows = next
		}
		left.rows = rows
	}
	if block == d-1 {
		return nil, left
	}
	if right = newTable(without(block+1, d, block), m.Cores, m.Ranks[block+1], limit); right == nil {
		return nil, nil
	}
	rows := tensor.MatrixOf(1, 1, []float64{1})
	for k := d - 1; k > block; k-- {
		// The rows of core k, one matrix below the other, times what follows.
		g := m.Cores[k]
		r, h := m.Ranks[k], rows.Rows
		next := tensor.NewMatrix[float64](g.Rows*h, r)
		kernel.GemmBatch(g.Rows, 1, rows.View(), 0, kernel.RowMajor(r, m.Ranks[k+1], g.Data).T(), g.Cols,
			0, kernel.RowMajor(h, r, next.Data), h*r)
		rows = next
	}
	right.rows = rows
	return left, right
}

// pairSystems is [tensor.Grouping.Systems] for derivatives l ⊗ r. Their Gram
// is sum_a (l_a*l_aᵀ) ⊗ (sum of r*rᵀ over the entries that have left index
// a): entries that follow each other with the same a, as those of tensors of
// which much is known do, share its large part, and each pair of elements of
// l and of r is multiplied once instead of twice.
func pairSystems(g tensor.Grouping, left, right *table, visit func(i int, gram *tensor.Matrix[float64], rhs []float64)) {
	const panel = 64 // runs of entries with one left index, multiplied at once
	wl, wr := left.rows.Cols, right.rows.Cols
	pl, pr, w := wl*(wl+1)/2, wr*(wr+1)/2, wl*wr
	grams := sync.Pool{New: func() any { return tensor.NewMatrix[float64](w, w) }}
	g.Sum(pl*pr+w, func() func([]float64, int, int, int) {
		a, s, t := make([]float64, panel*pl), make([]float64, panel*pr), make([]float64, wr)
		return func(sum []float64, _, lo, hi int) {
			rhs := sum[pl*pr:]
			for lo < hi {
				runs := 0
				for ; lo < hi && runs < panel; runs++ {
					at, pairs := left.at(g.Index, lo), s[runs*pr:][:pr]
					l := left.rows.Row(at)
					clear(pairs)
					clear(t)
					for ; lo < hi && left.at(g.Index, lo) == at; lo++ {
						r := right.rows.Row(right.at(g.Index, lo))
						addPairs(pairs, r)
						v, t := g.Values[lo], t[:len(r)]
						for j, f := range r {
							t[j] += v * f
						}
					}
					own := a[runs*pl:][:pl]
					clear(own)
					addPairs(own, l)
					for i, v := range l {
						row := rhs[i*wr:][:wr]
						for j, f := range t {
							row[j] += v * f
						}
					}
				}
				kernel.Gemm(1, kernel.RowMajor(runs, pl, a).T(), kernel.RowMajor(runs, pr, s), 1, kernel.RowMajor(pl, pr, sum))
			}
		}
	}, func(i int, sum []float64) {
		gram := grams.Get().(*tensor.Matrix[float64])
		k := 0
		for i0 := range wl {
			for i1 := i0; i1 < wl; i1++ {
				for j0 := range wr {
					for j1 := j0; j1 < wr; j1++ {
						v := sum[k]
						k++
						gram.Data[(i0*wr+j0)*w+i1*wr+j1] = v
						gram.Data[(i0*wr+j1)*w+i1*wr+j0] = v
						gram.Data[(i1*wr+j0)*w+i0*wr+j1] = v
						gram.Data[(i1*wr+j1)*w+i0*wr+j0] = v
					}
				}
			}
		}
		visit(i, gram, append([]float64(nil), sum[pl*pr:]...))
		grams.Put(gram)
	})
}

// addPairs adds v_i*v_j, i <= j, to dst.
func addPairs(dst, v []float64) {
	for i, f := range v {
		rest := v[i:]
		row := dst[:len(rest)]
		for j, h := range rest {
			row[j] += f * h
		}
		dst = dst[len(rest):]
	}
}
