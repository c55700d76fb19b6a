package sparse

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// COO is a sparse tensor as a list of coordinates: the indices and values of
// its entries, in C order (last mode fastest), each cell at most once, none of
// them zero. What is not listed is zero.
//
// It is safe for concurrent use as long as nobody writes to its lists.
type COO[T tensor.Float] struct {
	shape  []int
	axes   []tensor.Axis
	index  [][]int32 // one list a mode, as long as values
	values []T
	forest *forest[T] // trees of the same entries
}

// newCOO makes a tensor of sorted entries.
func newCOO[T tensor.Float](shape []int, axes []tensor.Axis, index [][]int32, values []T) *COO[T] {
	return &COO[T]{shape: shape, axes: axes, index: index, values: values, forest: &forest[T]{trees: make([]*CSF[T], len(shape))}}
}

// MaxSize is the largest size of a mode.
const MaxSize = math.MaxInt32

// NewCOO makes a sparse tensor of entries in any order: entry e has the index
// (index[0][e], index[1][e], …) and the value values[e]. Entries of one cell
// are joined as dup says; zeros are left out. The lists are not changed, and
// are used without a copy if they are sorted already. An index out of range,
// lists of different lengths, a mode of more than [MaxSize] indices, and a
// repeated cell that dup does not allow ([*DuplicateError]) are errors.
func NewCOO[T tensor.Float](shape []int, index [][]int32, values []T, dup Duplicates) (*COO[T], error) {
	index, values, err := Merge(shape, index, values, dup)
	if err != nil {
		return nil, err
	}
	return Merged(shape, index, values), nil
}

// Merged makes a tensor of what [Merge] returned, and leaves zeros out. The
// lists are used, not copied, and not checked again.
func Merged[T tensor.Float](shape []int, index [][]int32, values []T) *COO[T] {
	index, values = dropZeros(index, values)
	return newCOO(slices.Clone(shape), make([]tensor.Axis, len(shape)), index, values)
}

// Merge sorts entries in C order and joins those of one cell, with the
// arguments and errors of [NewCOO]. Zeros stay.
func Merge[T tensor.Float](shape []int, index [][]int32, values []T, dup Duplicates) ([][]int32, []T, error) {
	return merge(shape, index, values, dup, false)
}

// MergeInPlace is [Merge] for lists that nobody else needs: it may overwrite
// them, and return them, which spares new memory. The entries of a
// [*DuplicateError] may have no numbers (-1).
func MergeInPlace[T tensor.Float](shape []int, index [][]int32, values []T, dup Duplicates) ([][]int32, []T, error) {
	return merge(shape, index, values, dup, true)
}

func merge[T tensor.Float](shape []int, index [][]int32, values []T, dup Duplicates, own bool) ([][]int32, []T, error) {
	if err := dup.check(); err != nil {
		return nil, nil, fmt.Errorf("sparse: %w", err)
	}
	if len(shape) == 0 || len(index) != len(shape) {
		return nil, nil, fmt.Errorf("sparse: %d lists of indices for %d modes; one a mode, and at least one mode, is expected", len(index), len(shape))
	}
	for n, list := range index {
		if shape[n] < 0 || shape[n] > MaxSize {
			return nil, nil, fmt.Errorf("sparse: mode %d has %d indices; 0 to %d are supported", n, shape[n], MaxSize)
		}
		if len(list) != len(values) {
			return nil, nil, fmt.Errorf("sparse: mode %d has %d indices for %d values", n, len(list), len(values))
		}
		if e := outside(list, shape[n]); e >= 0 {
			return nil, nil, fmt.Errorf("sparse: entry %d has index %d on mode %d; 0 to %d are expected", e, list[e], n, shape[n]-1)
		}
	}
	x := &COO[T]{shape: shape, index: index, values: values}
	if !x.increasing() || dup == Count {
		if err := x.arrange(dup, own); err != nil {
			return nil, nil, err
		}
	}
	return x.index, x.values, nil
}

// entryBlock is the number of entries that one goroutine looks at.
const entryBlock = 1 << 16

// outside is the first entry whose index is not in [0, size), or -1.
func outside(list []int32, size int) int {
	found := make([]int, (len(list)+entryBlock-1)/entryBlock)
	par.Blocks(len(list), entryBlock, func(b, lo, hi int) {
		found[b] = -1
		for e, i := range list[lo:hi] {
			if uint32(i) >= uint32(size) {
				found[b] = lo + e
				return
			}
		}
	})
	for _, e := range found {
		if e >= 0 {
			return e
		}
	}
	return -1
}

// increasing reports whether the entries are in C order and no cell is
// repeated.
func (x *COO[T]) increasing() bool {
	n := len(x.values)
	p := pack(x.shape, natural(len(x.shape)))
	var bad atomic.Bool
	par.Blocks(n, entryBlock, func(_, lo, hi int) {
		if bad.Load() {
			return
		}
		lo = max(lo-1, 0) // the first is compared with what is before it
		if len(p.width) > 1 {
			for e := lo + 1; e < hi; e++ {
				if x.compare(e-1, e) >= 0 {
					bad.Store(true)
					return
				}
			}
			return
		}
		last, begun := uint64(0), false
		p.eachKey(x.index, 0, 0, lo, hi, func(_ int, keys []uint64) {
			falls := false
			for _, key := range keys {
				falls = falls || begun && key <= last
				last, begun = key, true
			}
			if falls {
				bad.Store(true)
			}
		})
	})
	return !bad.Load()
}

// compare orders entries by index, the first mode first.
func (x *COO[T]) compare(a, b int) int {
	for _, list := range x.index {
		if d := int(list[a]) - int(list[b]); d != 0 {
			return d
		}
	}
	return 0
}

// dropZeros leaves entries with the value 0 out.
func dropZeros[T tensor.Float](index [][]int32, values []T) ([][]int32, []T) {
	found := make([]int, (len(values)+entryBlock-1)/entryBlock)
	par.Blocks(len(values), entryBlock, func(b, lo, hi int) {
		for _, v := range values[lo:hi] {
			if v == 0 {
				found[b]++
			}
		}
	})
	zeros := 0
	for _, k := range found {
		zeros += k
	}
	if zeros == 0 {
		return index, values
	}
	kept := make([]T, 0, len(values)-zeros)
	lists := make([][]int32, len(index))
	for n, list := range index {
		lists[n] = make([]int32, 0, cap(kept))
		for e, v := range values {
			if v != 0 {
				lists[n] = append(lists[n], list[e])
			}
		}
	}
	for _, v := range values {
		if v != 0 {
			kept = append(kept, v)
		}
	}
	return lists, kept
}

// Order is the number of modes.
func (x *COO[T]) Order() int { return len(x.shape) }

// Shape is the size of each mode. The caller must not change it.
func (x *COO[T]) Shape() []int { return x.shape }

// Axes are the names and labels of the modes. The caller must not change
// them.
func (x *COO[T]) Axes() []tensor.Axis { return x.axes }

// SetAxes names the modes; the axes must fit the shape.
func (x *COO[T]) SetAxes(axes ...tensor.Axis) error {
	if err := tensor.CheckAxes(axes, x.shape); err != nil {
		return err
	}
	x.axes = tensor.CloneAxes(axes)
	return nil
}

// Count is the number of entries, none of which is zero.
func (x *COO[T]) Count() int { return len(x.values) }

// Cells is the number of cells, zero or not. It is a float64 because it may
// exceed what an integer holds.
func (x *COO[T]) Cells() float64 { return tensor.Cells(x.shape) }

// Indices are the indices on one mode, an entry each, in C order. The caller
// must not change them.
func (x *COO[T]) Indices(mode int) []int32 { return x.index[mode] }

// Values are the entries in C order. The caller must not change them.
func (x *COO[T]) Values() []T { return x.values }

// At is the value of a cell; 0 if it is not listed. It takes O(log Count)
// time. It panics for an index out of range.
func (x *COO[T]) At(idx ...int) T {
	if len(idx) != len(x.shape) {
		panic(fmt.Sprintf("sparse: %d indices for %d modes", len(idx), len(x.shape)))
	}
	for n, i := range idx {
		if i < 0 || i >= x.shape[n] {
			panic(fmt.Sprintf("sparse: index %d out of range on mode %d of size %d", i, n, x.shape[n]))
		}
	}
	e, found := sort.Find(len(x.values), func(e int) int {
		for n, i := range idx {
			if d := i - int(x.index[n][e]); d != 0 {
				return d
			}
		}
		return 0
	})
	if !found {
		return 0
	}
	return x.values[e]
}

// Norm is the Frobenius norm.
func (x *COO[T]) Norm() float64 { return kernel.Nrm2(x.values) }

// Epsilon is the relative rounding error of an entry: 2^-52, or 2^-23 for
// single precision.
func (x *COO[T]) Epsilon() float64 {
	if _, single := any(x).(*COO[float32]); single {
		return 0x1p-23
	}
	return 0x1p-52
}

// WithValues is a tensor with entries in the same cells and other values,
// which are used, not copied, and may be zero. It panics if the number of
// values differs.
func (x *COO[T]) WithValues(values []T) *COO[T] {
	if len(values) != len(x.values) {
		panic(fmt.Sprintf("sparse: %d values for %d entries", len(values), len(x.values)))
	}
	return newCOO(x.shape, tensor.CloneAxes(x.axes), x.index, values)
}
