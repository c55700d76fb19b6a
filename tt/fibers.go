package tt

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// fibers is a semi-sparse tensor I_0×…×I_k×r: what the cuts behind mode k have
// left of sparse data. The fibers of its last mode are listed where they are
// not zero, in C order of their indices on the others.
type fibers struct {
	index [][]int32               // of the entries of the data, by mode
	entry []int                   // of each fiber: an entry that it came from, whose indices are its own; nil: one each
	y     *tensor.Matrix[float64] // the fibers, as rows
}

// at is the index of a fiber on a mode.
func (f *fibers) at(mode, fiber int) int32 {
	if f.entry != nil {
		fiber = f.entry[fiber]
	}
	return f.index[mode][fiber]
}

// unfolding is the transpose of the unfolding of fibers between the modes k-1
// and k, without the indices of mode k in which there are none: a block-sparse
// matrix with a row for each index of mode k and each of the r numbers of a
// fiber, and a column for each of the indices on the modes before that occur.
type unfolding struct {
	*fibers
	used   []int // indices of mode k that occur, ascending
	place  []int // of each fiber: its index in used
	starts []int // of the columns: their fibers follow each other; and the number of all fibers
	column []int // of each fiber

	order  []int // the fibers by place
	bounds []int // of the places in order

	byColumn, byRow runs // the same by columns, and, where it is asked for, by rows
}

// unfold cuts between the modes before k, which has so many indices, and k.
func (f *fibers) unfold(k, size int) *unfolding {
	n := f.y.Rows
	u := &unfolding{fibers: f, place: make([]int, n), column: make([]int, n), order: make([]int, n)}
	count := make([]int32, size)
	for i := range n {
		index := f.at(k, i)
		u.place[i] = int(index)
		count[index]++
		if i == 0 || !f.same(k, i-1, i) {
			u.starts = append(u.starts, i)
		}
		u.column[i] = len(u.starts) - 1
	}
	u.starts = append(u.starts, n)
	u.bounds = append(u.bounds, 0)
	for index, c := range count {
		if c > 0 {
			count[index] = int32(len(u.used))
			u.used = append(u.used, index)
			u.bounds = append(u.bounds, u.bounds[len(u.bounds)-1]+int(c))
		}
	}
	next := append([]int(nil), u.bounds...)
	for i, index := range u.place {
		p := int(count[index])
		u.place[i] = p
		u.order[next[p]] = i
		next[p]++
	}
	u.byColumn = u.columnRuns()
	return u
}

// same tells whether two fibers have the same indices on the modes before k.
func (f *fibers) same(k, a, b int) bool {
	for m := k - 1; m >= 0; m-- {
		if f.at(m, a) != f.at(m, b) {
			return false
		}
	}
	return true
}

// rest is what a projection leaves: for XᵀU the fibers of the modes before.
func (u *unfolding) rest(xu *tensor.Matrix[float64]) *fibers {
	entry := u.starts[:len(u.starts)-1]
	if u.entry != nil {
		entry = make([]int, len(entry))
		for c, i := range u.starts[:len(entry)] {
			entry[c] = u.entry[i]
		}
	}
	return &fibers{index: u.index, entry: entry, y: xu}
}

// core is U as the core of mode k, with all its indices.
func (u *unfolding) core(basis *tensor.Matrix[float64], size int) *tensor.Dense[float64] {
	r := u.y.Cols
	core := tensor.New[float64](basis.Cols, size, r)
	data := core.Raw()
	for i := range basis.Rows {
		at := u.used[i/r]*r + i%r
		for b, v := range basis.Row(i) {
			data[b*size*r+at] = v
		}
	}
	return core
}

// Size is that of the matrix.
func (u *unfolding) Size() (rows, cols int) { return len(u.used) * u.y.Cols, len(u.starts) - 1 }

// Shape is Size.
func (u *unfolding) Shape() []int {
	rows, cols := u.Size()
	return []int{rows, cols}
}

// Times is dst = X*B.
func (u *unfolding) Times(dst, b *tensor.Matrix[float64]) {
	if u.byRow.words == nil {
		u.byRow = u.rowRuns()
	}
	u.byRow.times(dst, b)
}

// TransposeTimes is dst = Xᵀ*Q.
func (u *unfolding) TransposeTimes(dst, q *tensor.Matrix[float64]) { u.byColumn.times(dst, q) }

// runs is a sparse matrix by rows: the words of a row, each a column, the last
// of them marked, follow each other; see [kernel.SumScaled].
type runs struct {
	words  []uint32
	values []float64
	starts []int // of groups of rows: their words; and the number of all
	rows   int   // in a group
}

// columnRuns is Xᵀ by rows.
func (u *unfolding) columnRuns() runs {
	r := u.y.Cols
	m := runs{words: make([]uint32, len(u.y.Data)), values: u.y.Data, rows: 1, starts: make([]int, len(u.starts))}
	for c, i := range u.starts {
		m.starts[c] = i * r
	}
	par.Blocks(u.y.Rows, 1<<14, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for a := range r {
				m.words[i*r+a] = uint32(u.place[i]*r + a)
			}
		}
	})
	for _, end := range m.starts[1:] {
		m.words[end-1] |= kernel.LastOfFiber
	}
	return m
}

// rowRuns is X by rows.
func (u *unfolding) rowRuns() runs {
	r := u.y.Cols
	m := runs{words: make([]uint32, len(u.y.Data)), values: make([]float64, len(u.y.Data)), rows: r, starts: make([]int, len(u.bounds))}
	for p, i := range u.bounds {
		m.starts[p] = i * r
	}
	par.Blocks(len(u.used), 8, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			at := m.starts[p]
			for a := range r {
				for _, i := range u.order[u.bounds[p]:u.bounds[p+1]] {
					m.words[at], m.values[at] = uint32(u.column[i]), u.y.At(i, a)
					at++
				}
				m.words[at-1] |= kernel.LastOfFiber
			}
		}
	})
	return m
}

const (
	runScratch = 1 << 11 // numbers that are summed at a time, in the first-level cache
	runWork    = 1 << 16 // words that are worth a goroutine
)

// times is dst = M*B.
func (m runs) times(dst, b *tensor.Matrix[float64]) {
	l := b.Cols
	stride := kernel.FiberStride(l)
	batch := max(16, runScratch/stride)
	groups := len(m.starts) - 1
	size := max(1, groups*runWork/max(1, len(m.words)))
	par.Blocks(groups, size, func(_, lo, hi int) {
		for i := lo * m.rows; i < hi*m.rows; i++ {
			clear(dst.Row(i))
		}
		sums := make([]float64, batch*stride)
		row := lo * m.rows
		for at, end := m.starts[lo], m.starts[hi]; at < end; at += batch {
			n := min(batch, end-at)
			words := m.words[at:]
			fibers := kernel.SumScaled(n, l, sums, stride, m.values[at:], words, b.Rows, b.Data, b.Stride)
			for f := range fibers {
				kernel.Axpy(1, sums[f*stride:f*stride+l], dst.Row(row))
				row++
			}
			if words[n-1] < kernel.LastOfFiber {
				row-- // goes on
			}
		}
	})
}

// pairs is the number of products in a Gram matrix.
func (u *unfolding) pairs() float64 {
	sum := 0.0
	for c, lo := range u.starts[:len(u.starts)-1] {
		n := float64((u.starts[c+1] - lo) * u.y.Cols)
		sum += n * n / 2
	}
	return sum
}

// ModeGram is X*Xᵀ.
func (u *unfolding) ModeGram(int) *tensor.Matrix[float64] {
	r := u.y.Cols
	g := tensor.NewMatrix[float64](len(u.used)*r, len(u.used)*r)
	par.Blocks(len(u.used), 8, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			for _, i := range u.order[u.bounds[p]:u.bounds[p+1]] {
				// Indices of a column increase: the lower triangle ends here.
				for j := u.starts[u.column[i]]; j <= i; j++ {
					other, at := u.y.Row(j), u.place[j]*r
					for a, v := range u.y.Row(i) {
						row := g.Row(p*r + a)[at : at+r]
						for b, w := range other {
							row[b] += float64(v * w)
						}
					}
				}
			}
		}
	})
	for i := range g.Rows {
		for j := range i {
			g.Set(j, i, g.At(i, j))
		}
	}
	return g
}

// Fibers hands over the columns, as rows.
func (u *unfolding) Fibers(_, count int, visit func(rows *tensor.Matrix[float64]) error) error {
	rows, cols := u.Size()
	for lo := 0; lo < cols; lo += max(1, count) {
		hi := min(cols, lo+max(1, count))
		if err := visit(u.columns(lo, hi, rows)); err != nil {
			return err
		}
	}
	return nil
}

// columns are some of the columns, written out as rows.
func (u *unfolding) columns(lo, hi, rows int) *tensor.Matrix[float64] {
	r := u.y.Cols
	m := tensor.NewMatrix[float64](hi-lo, rows)
	for c := lo; c < hi; c++ {
		for i := u.starts[c]; i < u.starts[c+1]; i++ {
			copy(m.Row(c - lo)[u.place[i]*r:], u.y.Row(i))
		}
	}
	return m
}

// dense is the matrix with its zeros.
func (u *unfolding) dense() *tensor.Dense[float64] {
	rows, cols := u.Size()
	return tensor.FromSlice(u.columns(0, cols, rows).Data, cols, rows).Permute(1, 0)
}
