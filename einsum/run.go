package einsum

import (
	"context"
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Contract contracts operands by an equation in the syntax of [Parse], in an
// order that is planned for them, once for equations and shapes that come again:
//
//	c, err := einsum.Contract(ctx, "ij,jk->ik", a, b)
func Contract[T tensor.Number](ctx context.Context, equation string, operands ...*tensor.Dense[T]) (*tensor.Dense[T], error) {
	shapes := make([][]int, len(operands))
	for k, x := range operands {
		shapes[k] = x.Shape()
	}
	p, err := planOnce(ctx, equation, elementBytes[T](), shapes)
	if err != nil {
		return nil, err
	}
	return Run(ctx, p, operands...)
}

// elementBytes is the size of a number.
func elementBytes[T tensor.Number]() int {
	var z T
	switch any(z).(type) {
	case float32:
		return 4
	case complex128:
		return 16
	}
	return 8
}

// Run contracts operands of the shapes of the plan; the result is in C order.
//
// The labels of a pair are those of a batch, of the rows or the columns of a
// matrix product, or summed by it, and each pair becomes matrix products on
// the operands where they lie. Results are laid out as the next pair wants
// them; an operand is copied in another order only where that is quicker.
// The memory beside operands and result is one block, that of
// [Plan.PeakBytes] at most. Slices are added in order. The bits of the result
// depend on the plan, the shapes and the strides, not on the threads; NaN and
// Inf go their way as in sums and products.
//
// The error is that of ctx, which is looked at between pairs, or says which
// operand has another shape than planned.
//
// What is to be done is worked out in the first run and kept in the plan for
// the next one with operands of the same strides; plans may run concurrently.
func Run[T tensor.Number](ctx context.Context, p *Plan, operands ...*tensor.Dense[T]) (*tensor.Dense[T], error) {
	return run[T](ctx, p, ring[T]{}, operands)
}

// operand is the memory of a tensor and where its elements are.
type operand[T tensor.Number] struct {
	data []T
	*placed
}

// placed is how a plan sees a tensor: a diagonal is one label whose stride is
// the sum of several, sizes 1 are no label.
type placed struct {
	layout
	lone  []int32 // labels to sum over before all else
	slice []int   // the stride of each sliced label
}

// at is the offset of an operand at a turn of the sliced labels.
func (o *placed) at(slice []int) int {
	from := 0
	for i, t := range slice {
		from += t * o.slice[i]
	}
	return from
}

// checkOperands says how tensors differ from those of the plan.
func checkOperands[T tensor.Number](p *Plan, tensors []*tensor.Dense[T]) error {
	if p.binding == nil {
		return fmt.Errorf("einsum: the plan is empty; make one with Expr.Plan, or read one from JSON")
	}
	if len(tensors) != len(p.Shapes) {
		return fmt.Errorf("einsum: the plan has %d operands, %d were given", len(p.Shapes), len(tensors))
	}
	for k, x := range tensors {
		if !slices.Equal(x.Shape(), p.Shapes[k]) {
			return fmt.Errorf("einsum: operand %d has shape %v; the plan is for %v", k, x.Shape(), p.Shapes[k])
		}
	}
	return nil
}

// operandsOf looks at tensors as the plan does.
func operandsOf[T tensor.Number](p *Plan, tensors []*tensor.Dense[T]) ([]operand[T], error) {
	if err := checkOperands(p, tensors); err != nil {
		return nil, err
	}
	return withData(tensors, p.place(stridesOf(tensors))), nil
}

// withData gives each tensor its place.
func withData[T tensor.Number](tensors []*tensor.Dense[T], places []placed) []operand[T] {
	ops := make([]operand[T], len(tensors))
	for k, x := range tensors {
		ops[k] = operand[T]{x.Raw(), &places[k]}
	}
	return ops
}

func stridesOf[T tensor.Number](tensors []*tensor.Dense[T]) [][]int {
	strides := make([][]int, len(tensors))
	for k, x := range tensors {
		strides[k] = x.Strides()
	}
	return strides
}

// place finds where a plan sees operands with given strides.
func (p *Plan) place(strides [][]int) []placed {
	sizes := p.binding.sizes
	holders := make([]int, len(sizes))
	ops := make([]placed, len(strides))
	for k := range ops {
		op := placed{slice: make([]int, len(p.Sliced))}
		for axis, id := range p.Inputs[k] {
			if sizes[id] == 1 || p.binding.drop[k] != nil && p.binding.drop[k][axis] {
				continue
			}
			stride := strides[k][axis]
			if i := slices.Index(p.Sliced, id); i >= 0 {
				op.slice[i] += stride
			} else if i := slices.Index(op.labels, id); i >= 0 {
				op.strides[i] += stride
			} else {
				op.labels, op.strides = append(op.labels, id), append(op.strides, stride)
				holders[id]++
			}
		}
		ops[k] = op
	}
	for _, id := range p.Output {
		holders[id]++
	}
	for k := range ops {
		for _, id := range ops[k].labels {
			if holders[id] == 1 {
				ops[k].lone = append(ops[k].lone, id)
			}
		}
	}
	return ops
}

// prepared is what a run needs beside the elements.
type prepared struct {
	strides  [][]int // of the operands
	products bool
	places   []placed
	program  *program
}

// prepare writes the program for operands of given strides, unless the last
// run had the same.
func (p *Plan) prepare(strides [][]int, products bool) *prepared {
	if last := p.last.Load(); last != nil && last.products == products && slices.EqualFunc(last.strides, strides, slices.Equal[[]int]) {
		return last
	}
	now := &prepared{strides: clone(strides), products: products, places: p.place(strides)}
	now.program = compile(p, now.places, products)
	p.last.Store(now)
	return now
}

// run contracts operands in an algebra.
func run[T tensor.Number](ctx context.Context, p *Plan, alg algebra[T], tensors []*tensor.Dense[T]) (*tensor.Dense[T], error) {
	if err := checkOperands(p, tensors); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	const most = 1 << 46 // beyond the memory of any machine
	if bytes := p.PeakBytes(elementBytes[T]()); bytes > most {
		return nil, fmt.Errorf("einsum: the plan takes %.3g bytes; plan with a limit (Options.Memory)", float64(bytes))
	}
	shape := p.OutputShape()
	result := kernel.Unset[T](tensor.Size(shape))
	out := tensor.FromSlice(result, shape...)
	if slices.Contains(p.binding.sizes, 0) || len(p.Sliced) > 0 {
		fill(result, alg.zero())
	}
	if slices.Contains(p.binding.sizes, 0) {
		return out, nil // a sum of nothing, or nothing at all
	}
	ready := p.prepare(stridesOf(tensors), alg.products())
	prog, ops := ready.program, withData(tensors, ready.places)
	arena := kernel.Unset[T](prog.arena)
	if len(p.Sliced) == 0 {
		if err := execute(ctx, alg, prog, ops, nil, arena, result); err != nil {
			return nil, err
		}
		return out, nil
	}
	whole := p.outputLayout(out.Strides(), nil)
	each := p.outputLayout(out.Strides(), p.Sliced)
	sliced := make([]dim, len(p.Sliced))
	for i, id := range p.Sliced {
		sliced[i] = dim{size: p.Size(id), o: whole.stride(id)}
	}
	w := start(sliced, 0)
	for range turns(sliced) {
		if err := execute(ctx, alg, prog, ops, w.at, arena, nil); err != nil {
			return nil, err
		}
		scatter(alg, result[w.o:], arena[prog.result:], each, p.binding.sizes)
		w.next()
	}
	alg.finish(result)
	return out, nil
}

func fill[T any](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}

// outputLayout is where the elements of the result are, without some labels.
func (p *Plan) outputLayout(strides []int, without []int32) layout {
	var l layout
	for axis, id := range p.Output {
		if p.binding.sizes[id] != 1 && !slices.Contains(without, id) {
			l.labels, l.strides = append(l.labels, id), append(l.strides, strides[axis])
		}
	}
	return l
}

// scatter adds a packed tensor to one of the same labels and other strides.
func scatter[T tensor.Number](alg algebra[T], dst, src []T, to layout, sizes []int) {
	from := packed(to.labels, sizes)
	loops := dims(to.labels, sizes, from, layout{}, to)
	last := one
	if n := len(loops); n > 0 {
		last, loops = loops[n-1], loops[:n-1]
	}
	w := start(loops, 0)
	for range turns(loops) {
		if last.o == 1 {
			alg.add(dst[w.o:w.o+last.size], src[w.l:])
		} else {
			for i := range last.size {
				at := w.o + i*last.o
				alg.add(dst[at:at+1], src[w.l+i:])
			}
		}
		w.next()
	}
}
