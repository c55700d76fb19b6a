package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Observed is a tensor of which only some entries are known: a list of
// indices and values. An entry that is not listed is unknown, not zero.
//
// It is safe for concurrent use as long as nobody writes to its lists.
type Observed struct {
	shape  []int
	axes   []Axis
	index  [][]int32 // one list a mode, as long as values
	values []float64
	orders []*modeOrder    // one a mode, made when first needed
	sorted []*sortedValues // the values in these orders, likewise
}

// NewObserved makes a tensor of known entries: entry e has the index
// (index[0][e], index[1][e], …) and the value values[e]. The lists are used,
// not copied. Indices out of range, an entry that is listed twice, and lists
// of different lengths are errors.
func NewObserved(shape []int, index [][]int32, values []float64) (*Observed, error) {
	if len(index) != len(shape) {
		return nil, fmt.Errorf("tensor: %d lists of indices for %d modes", len(index), len(shape))
	}
	if len(values) > math.MaxInt32 {
		return nil, fmt.Errorf("tensor: %d known entries; at most %d are supported", len(values), math.MaxInt32)
	}
	for n, list := range index {
		if shape[n] < 0 {
			return nil, fmt.Errorf("tensor: mode %d has size %d", n, shape[n])
		}
		if len(list) != len(values) {
			return nil, fmt.Errorf("tensor: mode %d has %d indices for %d values", n, len(list), len(values))
		}
		for e, i := range list {
			if i < 0 || int(i) >= shape[n] {
				return nil, fmt.Errorf("tensor: entry %d has index %d on mode %d of size %d", e, i, n, shape[n])
			}
		}
	}
	x := newObserved(slices.Clone(shape), make([]Axis, len(shape)), index, values)
	if a, b := x.duplicate(); a >= 0 {
		at := make([]int32, len(shape))
		for n := range at {
			at[n] = index[n][a]
		}
		return nil, fmt.Errorf("tensor: entries %d and %d have the same index %v; combine them (sum, mean, last …) before", a, b, at)
	}
	return x, nil
}

func newObserved(shape []int, axes []Axis, index [][]int32, values []float64) *Observed {
	x := &Observed{shape: shape, axes: axes, index: index, values: values, orders: make([]*modeOrder, len(shape)), sorted: newSorted(len(shape))}
	for n := range x.orders {
		x.orders[n] = new(modeOrder)
	}
	return x
}

// duplicate is a pair of entries with the same index, or -1, -1.
func (x *Observed) duplicate() (a, b int) {
	// Most lists come sorted, which takes one pass to see.
	sorted := true
	for e := 1; e < len(x.values) && sorted; e++ {
		sorted = x.compare(e-1, e) < 0
	}
	if sorted {
		return -1, -1
	}
	keys, ok := x.keys()
	if !ok { // more cells than 64 bits can count
		order := make([]int, len(x.values))
		for e := range order {
			order[e] = e
		}
		slices.SortStableFunc(order, x.compare)
		for k := 1; k < len(order); k++ {
			if x.compare(order[k-1], order[k]) == 0 {
				return order[k-1], order[k]
			}
		}
		return -1, -1
	}
	if cells := x.cells(); cells <= 64*uint64(len(keys))+1024 {
		seen := make([]uint64, cells/64+1)
		for e, k := range keys {
			if bit := uint64(1) << (k % 64); seen[k/64]&bit == 0 {
				seen[k/64] |= bit
			} else {
				return slices.Index(keys, k), e
			}
		}
		return -1, -1
	}
	ordered := slices.Clone(keys)
	slices.Sort(ordered)
	for k := 1; k < len(ordered); k++ {
		if ordered[k] == ordered[k-1] {
			a = slices.Index(keys, ordered[k])
			return a, a + 1 + slices.Index(keys[a+1:], ordered[k])
		}
	}
	return -1, -1
}

// compare orders entries by index, the first mode first.
func (x *Observed) compare(a, b int) int {
	for _, list := range x.index {
		if d := int(list[a]) - int(list[b]); d != 0 {
			return d
		}
	}
	return 0
}

// cells is the number of entries, known or not; the largest uint64 if there
// are more.
func (x *Observed) cells() uint64 {
	c := uint64(1)
	for _, s := range x.shape {
		hi, lo := bits.Mul64(c, uint64(s))
		if hi != 0 {
			return math.MaxUint64
		}
		c = lo
	}
	return c
}

// keys are the places of the entries in C order, if 64 bits are enough.
func (x *Observed) keys() ([]uint64, bool) {
	if x.cells() == math.MaxUint64 {
		return nil, false
	}
	keys := make([]uint64, len(x.values))
	for n, list := range x.index {
		size := uint64(x.shape[n])
		for e, i := range list {
			keys[e] = keys[e]*size + uint64(i)
		}
	}
	return keys, true
}

// Order is the number of modes.
func (x *Observed) Order() int { return len(x.shape) }

// Shape is the size of each mode. The caller must not change it.
func (x *Observed) Shape() []int { return x.shape }

// Axes are the names and labels of the modes. The caller must not change
// them.
func (x *Observed) Axes() []Axis { return x.axes }

// SetAxes names the modes; the axes must fit the shape.
func (x *Observed) SetAxes(axes ...Axis) error {
	if err := CheckAxes(axes, x.shape); err != nil {
		return err
	}
	x.axes = CloneAxes(axes)
	return nil
}

// Count is the number of known entries.
func (x *Observed) Count() int { return len(x.values) }

// Indices are the indices on one mode, an entry each. The caller must not
// change them.
func (x *Observed) Indices(mode int) []int32 { return x.index[mode] }

// Values are the known entries. The caller must not change them.
func (x *Observed) Values() []float64 { return x.values }

// WithValues is a tensor with the same known entries and other values, which
// are used, not copied. Indices and what was derived from them are shared. It
// panics if the number of values differs.
func (x *Observed) WithValues(values []float64) *Observed {
	if len(values) != len(x.values) {
		panic(fmt.Sprintf("tensor: %d values for %d known entries", len(values), len(x.values)))
	}
	return &Observed{shape: x.shape, axes: CloneAxes(x.axes), index: x.index, values: values, orders: x.orders, sorted: newSorted(len(x.shape))}
}
