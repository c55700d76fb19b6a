package simulate

import (
	"context"
	"slices"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// fold contracts the parts of a network that no bit belongs to, as far as a plan
// puts them together before anything else, once for all bits. It answers the
// network that is left and a plan for it; what it was given, where that is no
// cheaper.
func (n *network) fold(ctx context.Context, o Options, p *einsum.Plan) (*network, *einsum.Plan, error) {
	if p == nil || len(p.Sliced) > 0 {
		return n, p, nil
	}
	var inputs []int // the tensors that the plan counts
	for t, legs := range n.legs {
		if len(legs) > 0 {
			inputs = append(inputs, t)
		}
	}
	// The tensors below each node of the tree; nil where one of them has a bit.
	below := make([][]int, len(inputs), 2*len(inputs))
	for i, t := range inputs {
		if !slices.ContainsFunc(n.axes[t], func(a axis) bool { return !a.free && a.slot != constant }) {
			below[i] = []int{t}
		}
	}
	for _, pair := range p.Path {
		a, b := below[pair[0]], below[pair[1]]
		if a == nil || b == nil {
			below = append(below, nil)
			continue
		}
		below[pair[0]], below[pair[1]] = nil, nil
		below = append(below, slices.Concat(a, b))
	}
	if len(below) == 0 || below[len(below)-1] != nil {
		return n, p, nil // there are no bits at all
	}
	uses := map[int32]int{} // of an index
	for _, id := range n.output {
		uses[id]++
	}
	for _, legs := range n.legs {
		for _, id := range legs {
			uses[id]++
		}
	}
	out := &network{scalar: n.scalar, output: n.output}
	gone := map[int]bool{}
	for _, group := range below {
		if len(group) < 2 {
			continue
		}
		legs, data, err := n.joined(ctx, group, uses)
		if err != nil {
			return nil, nil, err
		}
		for _, t := range group {
			gone[t] = true
		}
		axes := make([]axis, len(legs))
		for a := range axes {
			axes[a] = axis{free: true}
		}
		if len(legs) == 0 {
			out.scalar *= data[0]
			continue
		}
		out.legs, out.data, out.axes = append(out.legs, legs), append(out.data, data), append(out.axes, axes)
	}
	if len(gone) == 0 {
		return n, p, nil
	}
	for t, legs := range n.legs {
		if gone[t] {
			continue
		}
		if len(legs) == 0 {
			out.lone = append(out.lone, len(out.legs))
		}
		out.legs, out.data, out.axes = append(out.legs, legs), append(out.data, n.data[t]), append(out.axes, n.axes[t])
	}
	q, err := o.plan(ctx, out)
	if err != nil {
		return nil, nil, err
	}
	if q != nil && (cost(q) > cost(p) || q.PeakBytes(bytesEach) > o.memory()) {
		return n, p, nil
	}
	return out, q, nil
}

// joined contracts some tensors without bits; indices that others have stay.
func (n *network) joined(ctx context.Context, group []int, uses map[int32]int) ([]int32, []complex128, error) {
	here := map[int32]int{}
	var inputs [][]int
	var shapes [][]int
	var ops []*tensor.Dense[complex128]
	for _, t := range group {
		list, shape := make([]int, len(n.legs[t])), make([]int, len(n.legs[t]))
		for a, id := range n.legs[t] {
			here[id]++
			list[a], shape[a] = int(id), 2
		}
		inputs, shapes = append(inputs, list), append(shapes, shape)
		ops = append(ops, tensor.FromSlice(n.part(t, nil), shape...))
	}
	var legs []int32
	var output []int
	for id, k := range here {
		if uses[id] > k {
			legs = append(legs, id)
		}
	}
	slices.Sort(legs)
	for _, id := range legs {
		output = append(output, int(id))
	}
	e, err := einsum.Indices(inputs, output)
	if err != nil {
		return nil, nil, err
	}
	p, err := e.Plan(ctx, einsum.Options{Planner: "greedy", ElementBytes: bytesEach}, shapes...)
	if err != nil {
		return nil, nil, err
	}
	x, err := einsum.Run(ctx, p, ops...)
	if err != nil {
		return nil, nil, err
	}
	return legs, x.Data(), nil
}
