package tensor

import (
	"fmt"
	"slices"
	"strconv"
)

// Axis describes one mode: a name, and either labels (categories) or
// coordinates (numbers such as wavelengths or years) for its indices. The
// zero Axis is an unnamed mode without labels.
type Axis struct {
	Name   string    `json:"name,omitempty"`
	Labels []string  `json:"labels,omitempty"` // one an index, or nil
	Coords []float64 `json:"coords,omitempty"` // one an index, or nil
	Unit   string    `json:"unit,omitempty"`   // of Coords, for plots

	// Ordinal says that the labels come in an order that means something
	// (months, weekdays), as coordinates always do.
	Ordinal bool `json:"ordinal,omitempty"`
}

// Label is the text for index i: its label, else its coordinate, else its
// number.
func (a Axis) Label(i int) string {
	switch {
	case i < len(a.Labels):
		return a.Labels[i]
	case i < len(a.Coords):
		return strconv.FormatFloat(a.Coords[i], 'g', -1, 64)
	}
	return strconv.Itoa(i)
}

// Ordered reports whether neighbours on the axis are neighbours in fact
// (coordinates or ordinal labels), so that a line may join them.
func (a Axis) Ordered() bool { return len(a.Coords) > 0 || a.Ordinal }

// Slice is the axis of the indices lo, lo+step, … below hi.
func (a Axis) Slice(lo, hi, step int) Axis {
	b := Axis{Name: a.Name, Unit: a.Unit, Ordinal: a.Ordinal}
	for i := lo; i < hi; i += step {
		if a.Labels != nil {
			b.Labels = append(b.Labels, a.Labels[i])
		}
		if a.Coords != nil {
			b.Coords = append(b.Coords, a.Coords[i])
		}
	}
	return b
}

// Clone is a deep copy.
func (a Axis) Clone() Axis {
	a.Labels, a.Coords = slices.Clone(a.Labels), slices.Clone(a.Coords)
	return a
}

// CloneAxes is a deep copy of a list of axes.
func CloneAxes(axes []Axis) []Axis {
	out := make([]Axis, len(axes))
	for i, a := range axes {
		out[i] = a.Clone()
	}
	return out
}

// CheckAxes reports axes that do not fit the shape: one axis a mode, and as
// many labels or coordinates as the mode has indices.
func CheckAxes(axes []Axis, shape []int) error {
	if len(axes) != len(shape) {
		return fmt.Errorf("tensor: %d axes for %d modes", len(axes), len(shape))
	}
	for n, a := range axes {
		if l := len(a.Labels); l != 0 && l != shape[n] {
			return fmt.Errorf("tensor: axis %d (%q) has %d labels for %d indices", n, a.Name, l, shape[n])
		}
		if l := len(a.Coords); l != 0 && l != shape[n] {
			return fmt.Errorf("tensor: axis %d (%q) has %d coordinates for %d indices", n, a.Name, l, shape[n])
		}
	}
	return nil
}
