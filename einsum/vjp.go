package einsum

import (
	"context"
	"fmt"
	"slices"

	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

// VJP contracts operands and gives a function for the products of vectors with
// the Jacobian (reverse mode): for a tensor g of the shape of the result C,
//
//	pullback(g)[k] = Σ g · ∂C/∂x_k,
//
// in the shape of operand x_k. If f is a function of C and g its gradient,
// these are the gradients of f in the operands. Nothing is conjugated: for a
// real f of complex operands, take g = ∂f/∂C, and conjugate the results for
// the direction of steepest ascent.
//
// The results of all pairs are kept for the pullback, which makes two pairs of
// each pair of the plan. With slices they are kept for one slice at a time,
// and made again.
func VJP[T tensor.Number](ctx context.Context, p *Plan, operands ...*tensor.Dense[T]) (result *tensor.Dense[T], pullback func(context.Context, *tensor.Dense[T]) ([]*tensor.Dense[T], error), err error) {
	if result, err = Run(ctx, p, operands...); err != nil {
		return nil, nil, err
	}
	ops, err := operandsOf(p, operands)
	if err != nil {
		return nil, nil, err
	}
	var kept []view[T]
	if len(p.Sliced) == 0 && result.Len() > 0 {
		if kept, err = forward(ctx, p, p.Steps(), &choices{}, ops, nil); err != nil {
			return nil, nil, err
		}
	}
	pullback = func(ctx context.Context, g *tensor.Dense[T]) ([]*tensor.Dense[T], error) {
		if !slices.Equal(g.Shape(), result.Shape()) {
			return nil, fmt.Errorf("einsum: the vector has shape %v, the result %v; equal shapes are expected", g.Shape(), result.Shape())
		}
		grads := make([]*tensor.Dense[T], len(operands))
		for k, x := range operands {
			grads[k] = tensor.New[T](x.Shape()...)
		}
		if slices.Contains(p.binding.sizes, 0) {
			return grads, nil
		}
		to, err := operandsOf(p, grads)
		if err != nil {
			return nil, err
		}
		whole, each := p.outputLayout(g.Strides(), nil), p.outputLayout(g.Strides(), p.Sliced)
		sliced := make([]dim, len(p.Sliced))
		for i, id := range p.Sliced {
			sliced[i] = dim{size: p.Size(id), o: whole.stride(id)}
		}
		w := start(sliced, 0)
		steps, made := p.Steps(), &choices{}
		for range turns(sliced) {
			made.next = 0
			values := kept
			if values == nil {
				if values, err = forward(ctx, p, steps, made, ops, w.at); err != nil {
					return nil, err
				}
			}
			if err := backward(ctx, p, steps, made, values, view[T]{g.Raw()[w.o:], each}, to, w.at); err != nil {
				return nil, err
			}
			w.next()
		}
		return grads, nil
	}
	return result, pullback, nil
}

// view is a tensor in memory of its own, or of an operand.
type view[T tensor.Number] struct {
	data []T
	layout
}

// choices are how the pairs of a slice are lowered, in the order in which they
// come. The layouts of the slices are the same, so that the first one chooses
// for all.
type choices struct {
	list []choice
	next int
}

// of is the choice for the next pair.
func (c *choices) of(q *request) *choice {
	if c.next == len(c.list) {
		c.list = append(c.list, q.choose())
	}
	c.next++
	return &c.list[c.next-1]
}

// forward contracts one slice and keeps all tensors but the last.
func forward[T tensor.Number](ctx context.Context, p *Plan, steps []path.Step, made *choices, operands []operand[T], slice []int) ([]view[T], error) {
	sizes := p.binding.sizes
	values := make([]view[T], len(operands), len(operands)+len(p.Path))
	for k := range operands {
		op := &operands[k]
		v := view[T]{op.data[op.at(slice):], op.layout}
		if len(op.lone) > 0 {
			v = view[T]{nil, packed(slices.DeleteFunc(slices.Clone(op.labels), func(id int32) bool { return slices.Contains(op.lone, id) }), sizes)}
			v.data = make([]T, v.elements(sizes))
			sumOver(algebra[T](ring[T]{}), v.data, op.data[op.at(slice):], op.layout, v.layout, op.lone, sizes)
		}
		values[k] = v
	}
	for _, s := range steps[:max(0, len(steps)-1)] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		values = append(values, pair(made, groupsOf(s, false), sizes, values[s.Left], values[s.Right]))
	}
	return values, nil
}

// backward adds the gradients of one slice, given that of its result.
func backward[T tensor.Number](ctx context.Context, p *Plan, steps []path.Step, made *choices, values []view[T], g view[T], to []operand[T], slice []int) error {
	grads := make([]view[T], len(to)+len(steps))
	grads[len(grads)-1] = g
	sizes := p.binding.sizes
	for i := len(steps) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := steps[i]
		out := grads[s.Out]
		grads[s.Out] = view[T]{}
		grads[s.Left] = pair(made, groups{s.Batch, s.KeepLeft, s.Sum, s.KeepRight}, sizes, out, values[s.Right])
		grads[s.Right] = pair(made, groups{s.Batch, s.KeepRight, s.Sum, s.KeepLeft}, sizes, out, values[s.Left])
	}
	for k := range to {
		op, from := &to[k], grads[k]
		loops := dims(op.labels, sizes, from.layout, layout{}, op.layout)
		w := start(loops, 0)
		dst := op.data[op.at(slice):]
		for range turns(loops) {
			dst[w.o] += from.data[w.l]
			w.next()
		}
	}
	return nil
}

// pair contracts two tensors into a new one.
func pair[T tensor.Number](made *choices, g groups, sizes []int, l, r view[T]) view[T] {
	q := request{groups: g, sizes: sizes, left: l.layout, right: r.layout, products: true}
	x := made.of(&q)
	if x.copyLeft {
		l = l.copied(x.left, sizes)
	}
	if x.copyRight {
		r = r.copied(x.right, sizes)
	}
	out := view[T]{make([]T, x.out.elements(sizes)), x.out}
	contract(algebra[T](ring[T]{}), &x.lowered, l.data, r.data, out.data)
	return out
}

// copied is a tensor in another, packed, layout.
func (v view[T]) copied(to layout, sizes []int) view[T] {
	out := view[T]{make([]T, to.elements(sizes)), to}
	permute(out.data, v.data, v.layout, to, sizes)
	return out
}
