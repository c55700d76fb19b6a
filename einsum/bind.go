package einsum

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/polyad/polyad/einsum/path"
)

// binding is an equation for operands of known shapes: no ellipsis is left,
// and every label has a size.
type binding struct {
	axes   [][]int32 // of each operand: the label of each axis
	output []int32   // the labels of the result
	sizes  []int     // of each label
	names  []string  // of each label
	drop   [][]bool  // of each operand: axes of size 1 that a larger size is broadcast along; nil for none
}

// bind gives the ellipses their axes and every label its size. Axes of size 1
// are broadcast, as in NumPy.
func (e *Expr) bind(shapes [][]int) (*binding, error) {
	if len(shapes) != len(e.inputs) {
		return nil, fmt.Errorf("einsum: the equation has %d operands, %d shapes were given", len(e.inputs), len(shapes))
	}
	dots := 0 // axes that the longest ellipsis stands for
	hasDots := false
	for k, t := range e.inputs {
		extra := len(shapes[k]) - len(t.labels)
		switch {
		case t.ellipsis < 0 && extra != 0:
			return nil, fmt.Errorf("einsum: operand %d has %d axes, shape %v; its labels %s name %d", k, len(shapes[k]), shapes[k], e.term(t), len(t.labels))
		case extra < 0:
			return nil, fmt.Errorf("einsum: operand %d has %d axes, shape %v; its labels %s need %d at least", k, len(shapes[k]), shapes[k], e.term(t), len(t.labels))
		case t.ellipsis >= 0:
			hasDots = true
			dots = max(dots, extra)
		}
		for axis, s := range shapes[k] {
			if s < 0 {
				return nil, fmt.Errorf("einsum: operand %d has size %d at axis %d; 0 or more is expected", k, s, axis)
			}
		}
	}
	if hasDots && e.output.ellipsis < 0 && dots > 0 {
		return nil, fmt.Errorf("einsum: the ellipsis stands for %d axes, and the output has none; write ... in the output, or labels for the axes to sum", dots)
	}
	b := &binding{names: slices.Clone(e.names), axes: make([][]int32, len(e.inputs))}
	first := int32(len(b.names)) // the labels of the ellipsis
	for d := range dots {
		b.names = append(b.names, fmt.Sprintf("…%d", d))
	}
	spread := func(t term, extra int) []int32 {
		if t.ellipsis < 0 {
			return t.labels
		}
		all := append(make([]int32, 0, len(t.labels)+extra), t.labels[:t.ellipsis]...)
		for d := dots - extra; d < dots; d++ {
			all = append(all, first+int32(d))
		}
		return append(all, t.labels[t.ellipsis:]...)
	}
	b.output = spread(e.output, dots)
	b.sizes = make([]int, len(b.names))
	from := make([]int, len(b.names)) // the operand that a size is from
	for i := range b.sizes {
		b.sizes[i] = -1
	}
	for k, t := range e.inputs {
		b.axes[k] = spread(t, len(shapes[k])-len(t.labels))
		within := map[int32]int{}
		for axis, id := range b.axes[k] {
			s := shapes[k][axis]
			if before, ok := within[id]; ok && before != s {
				return nil, fmt.Errorf("einsum: label %s takes a diagonal of operand %d, whose sizes there are %d and %d; equal sizes are expected", b.names[id], k, before, s)
			}
			within[id] = s
			switch old := b.sizes[id]; {
			case old == -1, old == 1:
				b.sizes[id], from[id] = s, k
			case s != 1 && s != old:
				return nil, fmt.Errorf("einsum: label %s has size %d in operand %d and size %d in operand %d; equal sizes, or 1, are expected", b.names[id], old, from[id], s, k)
			}
		}
	}
	b.drop = make([][]bool, len(b.axes))
	for k := range b.axes {
		for axis, id := range b.axes[k] {
			if shapes[k][axis] != b.sizes[id] {
				if b.drop[k] == nil {
					b.drop[k] = make([]bool, len(b.axes[k]))
				}
				b.drop[k][axis] = true
			}
		}
	}
	return b, nil
}

// term prints the labels of an operand.
func (e *Expr) term(t term) string {
	one := &Expr{inputs: []term{t}, output: term{ellipsis: -1}, names: e.names}
	return strings.TrimSuffix(one.String(), "->")
}

// network is what planners see: the labels of each operand once, without
// those that are broadcast.
func (b *binding) network() *path.Network {
	n := &path.Network{Inputs: make([][]int32, len(b.axes)), Output: b.output, Sizes: b.sizes}
	for k, axes := range b.axes {
		legs := make([]int32, 0, len(axes))
		for axis, id := range axes {
			if b.drop[k] != nil && b.drop[k][axis] || slices.Contains(legs, id) {
				continue
			}
			legs = append(legs, id)
		}
		n.Inputs[k] = legs
	}
	return n
}

// equation prints the labels without ellipses.
func (b *binding) equation() string {
	e := &Expr{names: b.names, output: term{labels: b.output, ellipsis: -1}}
	for _, axes := range b.axes {
		e.inputs = append(e.inputs, term{labels: axes, ellipsis: -1})
	}
	return e.String()
}

// Shapes are the shapes of the operands if the labels have the given sizes.
// The error says which label has none, or which size no label; an equation
// with an ellipsis has no such shapes.
func (e *Expr) Shapes(sizes map[string]int) ([][]int, error) {
	known := map[string]bool{}
	shapes := make([][]int, len(e.inputs))
	for k, t := range e.inputs {
		if t.ellipsis >= 0 {
			return nil, fmt.Errorf("einsum: operand %d has an ellipsis, whose axes have no labels to give sizes for; write labels", k)
		}
		shapes[k] = make([]int, len(t.labels))
		for axis, id := range t.labels {
			s, ok := sizes[e.names[id]]
			if !ok {
				return nil, fmt.Errorf("einsum: label %s of operand %d has no size", e.names[id], k)
			}
			shapes[k][axis] = s
			known[e.names[id]] = true
		}
	}
	if len(known) < len(sizes) {
		for _, name := range slices.Sorted(maps.Keys(sizes)) {
			if !known[name] {
				return nil, fmt.Errorf("einsum: there is a size of label %s, which no operand has", name)
			}
		}
	}
	return shapes, nil
}
