package sparse

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"unsafe"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// CSF is a sparse tensor as a tree (compressed sparse fibers, Smith &
// Karypis 2015, https://doi.org/10.1145/2833179.2833183): a level a mode, a
// node for each index prefix that has entries, the entries being the leaves.
// Nodes are stored level by level, each as its index and a mark if it is the
// last child of its parent, so that sums from the leaves up are runs over
// lists and need no pointers.
type CSF[T tensor.Float] struct {
	shape  []int
	modes  []int      // of the levels, that of the roots first
	words  [][]uint32 // nodes of each level: index | kernel.LastOfFiber
	values []T        // of the leaves

	// Tasks are pieces of the list of leaves, whose bounds depend on their
	// number alone.
	size   int     // leaves in a task
	start  [][]int // of a task: the node of each level that its first leaf is in
	shared []bool  // the root of a task's first leaf began in the task before
}

// forest holds the trees of a tensor, each made when it is first needed.
type forest[T tensor.Float] struct {
	mu    sync.Mutex
	trees []*CSF[T]
	room  int            // in bytes, for trees; 0: the default
	base  []record[T]    // the entries in the order of bySize, while trees are missing
	lists [2][]record[T] // room to sort them in, for as long
}

// CSF is the tensor as a tree whose root level is the given mode; below it the
// other modes follow, those with fewer indices first. Trees are made once and
// kept: each takes about 12 bytes an entry, and 4 a node above the leaves.
func (x *COO[T]) CSF(root int) *CSF[T] {
	f := x.forest
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trees[root] == nil {
		f.trees[root] = x.grow(root)
	}
	return f.trees[root]
}

// bySize are the modes, those with fewer indices first.
func bySize(shape []int) []int {
	modes := natural(len(shape))
	slices.SortStableFunc(modes, func(a, b int) int { return cmp.Compare(shape[a], shape[b]) })
	return modes
}

// rootedAt is an order of the modes with the given one moved to the front.
func rootedAt(order []int, root int) []int {
	modes := []int{root}
	for _, m := range order {
		if m != root {
			modes = append(modes, m)
		}
	}
	return modes
}

// grow makes a tree.
func (x *COO[T]) grow(root int) *CSF[T] {
	base := bySize(x.shape)
	modes := rootedAt(base, root)
	p := pack(x.shape, modes)
	if len(p.width) > 1 {
		return x.growLong(modes, p)
	}
	n := len(x.values)
	f := x.forest
	q := pack(x.shape, base)
	last := true // of the trees that MTTKRPs call for
	for m, t := range f.trees {
		if t == nil && m != root && x.treeOf(m) == m {
			last = false
		}
	}
	if f.base == nil {
		f.base, f.lists[0] = x.records(q), kernel.Large[record[T]](n)
		if !slices.IsSorted(base) { // else C order is the order
			radixSort(f.base, f.lists[0], 0, q.width[0])
		}
	}
	records := f.base
	if root != base[0] {
		// The order below the root is that of the base: one stable sort by
		// the root makes the order of the tree.
		if last { // in place
			f.lists[1] = nil
		} else {
			if f.lists[1] == nil {
				f.lists[1] = kernel.Large[record[T]](n)
			}
			records = f.lists[1]
		}
		shift, width, top := q.shift[root], q.bits[root], q.width[0]-q.bits[root]
		par.Blocks(n, entryBlock, func(_, lo, hi int) {
			for i, r := range f.base[lo:hi] { // records may be the same list
				key := r.key>>shift&(1<<width-1)<<top | r.key>>(shift+width)<<shift | r.key&(1<<shift-1)
				records[lo+i] = record[T]{key, r.value}
			}
		})
		radixSort(records, f.lists[0], top, q.width[0])
	}
	if last {
		f.base, f.lists = nil, [2][]record[T]{}
	}
	// level[b] is the first level that differs if bit b is the highest that
	// does.
	var level [64]uint8
	for l, m := range modes {
		for b := p.shift[m]; b < p.shift[m]+p.bits[m]; b++ {
			level[b] = uint8(l)
		}
	}
	return newCSF(x.shape, modes, n, func(lo, hi int, index [][]int32, differs []uint8, values []T) {
		for i, r := range records[lo:hi] {
			for l, m := range modes {
				index[l][i] = int32(r.key >> p.shift[m] & (1<<p.bits[m] - 1))
			}
			values[i] = r.value
			if lo+i+1 < n {
				differs[i] = level[63-bits.LeadingZeros64(r.key^records[lo+i+1].key)]
			}
		}
	})
}

// growLong is grow where an index does not fit a word.
func (x *COO[T]) growLong(modes []int, p packing) *CSF[T] {
	n := len(x.values)
	records := x.sortLong(p)
	return newCSF(x.shape, modes, n, func(lo, hi int, index [][]int32, differs []uint8, values []T) {
		for i, r := range records[lo:hi] {
			for l, m := range modes {
				index[l][i] = x.index[m][r.value]
			}
			values[i] = x.values[r.value]
			if lo+i+1 < n {
				next := records[lo+i+1].value
				l := 0
				for x.index[modes[l]][r.value] == x.index[modes[l]][next] {
					l++
				}
				differs[i] = uint8(l)
			}
		}
	})
}

const (
	shortTask = 1 << 12 // leaves in a task, at least
	longTask  = 1 << 16 // at most
	fewTasks  = 64      // that a list of leaves is cut in, if tasks are not too short
)

// newCSF makes a tree of sorted leaves. read hands over the leaves [lo, hi):
// their indices by level, the first level in which the next leaf differs, and
// their values.
func newCSF[T tensor.Float](shape, modes []int, n int, read func(lo, hi int, index [][]int32, differs []uint8, values []T)) *CSF[T] {
	order := len(modes)
	c := &CSF[T]{shape: shape, modes: modes, words: make([][]uint32, order), values: make([]T, n),
		size: min(max(shortTask, n/fewTasks), longTask)}
	tasks := (n + c.size - 1) / c.size
	c.start, c.shared = make([][]int, tasks+1), make([]bool, tasks)
	for k := range c.start {
		c.start[k] = make([]int, order)
	}
	pool := sync.Pool{New: func() any {
		b := &leafBuffer{index: make([][]int32, order), differs: make([]uint8, c.size)}
		for l := range b.index {
			b.index[l] = make([]int32, c.size)
		}
		return b
	}}
	// A node ends with a leaf if the next leaf differs at its level or above.
	par.Blocks(n, c.size, func(k, lo, hi int) {
		b := pool.Get().(*leafBuffer)
		defer pool.Put(b)
		read(lo, hi, b.index, b.differs, c.values[lo:hi])
		if hi == n {
			b.differs[hi-lo-1] = 0
		} else {
			c.shared[k+1] = b.differs[hi-lo-1] > 0
		}
		count := c.start[k+1]
		for _, d := range b.differs[:hi-lo] {
			count[d]++
		}
		for l := range count[1:] {
			count[l+1] += count[l]
		}
	})
	for k := range tasks {
		for l := range order {
			c.start[k+1][l] += c.start[k][l]
		}
	}
	for l := range c.words {
		c.words[l] = make([]uint32, c.start[tasks][l])
	}
	par.Blocks(n, c.size, func(k, lo, hi int) {
		b := pool.Get().(*leafBuffer)
		defer pool.Put(b)
		read(lo, hi, b.index, b.differs, c.values[lo:hi])
		if hi == n {
			b.differs[hi-lo-1] = 0
		}
		at := slices.Clone(c.start[k])
		for i, d := range b.differs[:hi-lo] {
			if int(d) < order-1 {
				l := int(d)
				c.words[l][at[l]] = uint32(b.index[l][i])
				at[l]++
				for l++; l < order; l++ {
					c.words[l][at[l]] = uint32(b.index[l][i]) | kernel.LastOfFiber
					at[l]++
				}
			} else {
				c.words[d][at[d]] = uint32(b.index[d][i])
				at[d]++
			}
		}
	})
	return c
}

// leafBuffer is room for the leaves of a task.
type leafBuffer struct {
	index   [][]int32
	differs []uint8
}

// Modes are the modes of the levels, that of the roots first.
func (c *CSF[T]) Modes() []int { return c.modes }

// Nodes is the number of nodes on a level: of distinct indices in the modes of
// this level and those above. On the last level it is the number of entries.
func (c *CSF[T]) Nodes(level int) int { return len(c.words[level]) }

// Bytes is the memory that the tree takes.
func (c *CSF[T]) Bytes() int {
	size := len(c.values) * int(unsafe.Sizeof(T(0)))
	for _, w := range c.words {
		size += 4 * len(w)
	}
	return size
}
