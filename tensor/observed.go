package tensor

import (
	"fmt"
	"slices"
)

// Observed is a tensor of which only some entries are known: a list of
// indices and values. An entry that is not listed is unknown, not zero.
type Observed struct {
	shape  []int
	axes   []Axis
	index  [][]int32 // one list a mode, as long as values
	values []float64
}

// NewObserved makes a tensor of known entries: entry e has the index
// (index[0][e], index[1][e], …) and the value values[e]. The lists are used,
// not copied. Indices out of range, duplicates, and lists of different
// lengths are errors.
func NewObserved(shape []int, index [][]int32, values []float64) (*Observed, error) {
	if len(index) != len(shape) {
		return nil, fmt.Errorf("tensor: %d lists of indices for %d modes", len(index), len(shape))
	}
	for n, list := range index {
		if len(list) != len(values) {
			return nil, fmt.Errorf("tensor: mode %d has %d indices for %d values", n, len(list), len(values))
		}
		for e, i := range list {
			if i < 0 || int(i) >= shape[n] {
				return nil, fmt.Errorf("tensor: entry %d has index %d on mode %d of size %d", e, i, n, shape[n])
			}
		}
	}
	x := &Observed{shape: slices.Clone(shape), axes: make([]Axis, len(shape)), index: index, values: values}
	return x, nil
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
