package partial

import (
	"fmt"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Sliced is data that can say of which slices nothing is known.
type Sliced interface {
	Axes() []tensor.Axis
	Empty(mode int) []int
}

// EmptyNotes name the slices of which nothing is known, a sentence a mode, and
// say what becomes of those of a mode.
func EmptyNotes(x Sliced, fate func(mode int) string) []string {
	const most = 10
	var notes []string
	for n, axis := range x.Axes() {
		empty := x.Empty(n)
		if len(empty) == 0 {
			continue
		}
		text := fmt.Sprintf("mode %d", n)
		if axis.Name != "" {
			text += fmt.Sprintf(" (%s)", axis.Name)
		}
		text += ": no known entry in "
		for k, i := range empty {
			if k == most {
				text += fmt.Sprintf(" and %d more", len(empty)-k)
				break
			}
			if k > 0 {
				text += ", "
			}
			text += axis.Label(i)
		}
		notes = append(notes, text+"; "+fate(n))
	}
	return notes
}

// Notes are the [EmptyNotes] of a fit by [Run].
func Notes(x Sliced, p fit.Penalty) []string {
	return EmptyNotes(x, func(mode int) string {
		if p.Smooth != nil && p.Smooth[mode] > 0 {
			return "its neighbours stand in"
		}
		return "the mean of the other rows stands in"
	})
}
