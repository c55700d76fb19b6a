package einsum

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// program is a plan for operands in given layouts: what to do in turn, and
// where in the arena.
type program struct {
	ops    []op
	arena  int // elements
	result int // where in the arena the result is, if there are slices
	sizes  []int
}

// place is memory: of an operand (its number from 0), of the arena, or of the
// result.
type place struct {
	what int
	at   int
}

const (
	inArena  = -1
	inResult = -2
)

// op is one thing to do. Which, is told by what is set: pair contracts a and
// b into c, sums sums a over labels, size moves a within the arena, and
// otherwise a is copied to the packed layout to.
type op struct {
	pair     *lowered
	a, b, c  place
	from, to layout
	sums     []int32
	size     int
}

// block is a piece of the arena.
type block struct {
	at, size int
}

// compiler writes a program.
type compiler struct {
	program
	blocks []*block // in use, in order
	dense  int      // blocks from the first on without a gap between them
	limit  int      // of the arena, beyond which blocks are moved together
}

// value is a tensor while the program is written.
type value struct {
	layout
	lone  []int32
	where int // operand, or inArena or inResult
	block *block
}

func (v *value) place() place {
	if v.block != nil {
		return place{inArena, v.block.at}
	}
	return place{v.where, 0}
}

// alloc takes the first gap of the arena that is large enough. If there is
// none below the limit, all blocks are moved down.
func (c *compiler) alloc(size int) *block {
	at, i := 0, c.dense
	if i > 0 {
		at = c.blocks[i-1].at + c.blocks[i-1].size
	}
	for ; i < len(c.blocks) && c.blocks[i].at-at < size; i++ {
		if c.blocks[i].at == at && i == c.dense {
			c.dense++
		}
		at = c.blocks[i].at + c.blocks[i].size
	}
	if i == len(c.blocks) && at+size > c.limit {
		at = 0
		for _, b := range c.blocks {
			if b.at != at {
				c.ops = append(c.ops, op{a: place{inArena, b.at}, c: place{inArena, at}, size: b.size})
				b.at = at
			}
			at += b.size
		}
		c.dense = len(c.blocks)
	}
	b := &block{at, size}
	c.blocks = slices.Insert(c.blocks, i, b)
	c.arena = max(c.arena, at+size)
	return b
}

// free gives a block back.
func (c *compiler) free(v *value) {
	if v.block == nil {
		return
	}
	if i, ok := slices.BinarySearchFunc(c.blocks, v.block.at, func(b *block, at int) int { return cmp.Compare(b.at, at) }); ok {
		c.blocks = slices.Delete(c.blocks, i, i+1)
		c.dense = min(c.dense, i)
	}
}

// make is a tensor in the arena.
func (c *compiler) make(l layout) *value {
	return &value{layout: l, where: inArena, block: c.alloc(l.elements(c.sizes))}
}

// rewrite copies a tensor, or sums it over its lone labels, and frees it.
func (c *compiler) rewrite(v, to *value) *value {
	c.ops = append(c.ops, op{a: v.place(), c: to.place(), from: v.layout, to: to.layout, sums: v.lone})
	c.free(v)
	return to
}

// groupsOf a step, as its left or its right operand sees them.
func groupsOf(s path.Step, right bool) groups {
	if right {
		return groups{s.Batch, s.KeepRight, s.KeepLeft, s.Sum}
	}
	return groups{s.Batch, s.KeepLeft, s.KeepRight, s.Sum}
}

// compile writes the program of a plan.
func compile(p *Plan, operands []placed, products bool) *program {
	c := &compiler{program: program{sizes: p.binding.sizes}}
	c.limit = int(math.Ceil(min(math.Exp2(p.Cost.Peak), 1<<50)))
	values := make([]*value, len(operands), len(operands)+len(p.Path))
	for k := range operands {
		values[k] = &value{layout: operands[k].layout, lone: operands[k].lone, where: k}
	}
	labels := p.outputLayout(make([]int, len(p.Output)), p.Sliced).labels
	final := packed(labels, c.sizes)
	result := func() *value {
		if len(p.Sliced) > 0 {
			return c.make(final)
		}
		return &value{layout: final, where: inResult}
	}
	steps := p.Steps()
	next := make([]*groups, len(operands)+len(steps)) // of each tensor: its pair
	for _, s := range steps {
		l, r := groupsOf(s, false), groupsOf(s, true)
		next[s.Left], next[s.Right] = &l, &r
	}
	for i, s := range steps {
		l, r := values[s.Left], values[s.Right]
		q := request{
			groups: groupsOf(s, false), sizes: c.sizes, left: l.layout, right: r.layout,
			must: [2]bool{len(l.lone) > 0, len(r.lone) > 0}, next: next[s.Out], products: products,
		}
		last := i == len(steps)-1
		if last {
			q.out = &final
		}
		x := q.choose()
		if x.copyLeft {
			l = c.rewrite(l, c.make(x.left))
		}
		if x.copyRight {
			r = c.rewrite(r, c.make(x.right))
		}
		var out *value
		if last && !x.copyOut {
			out = result()
		} else {
			out = c.make(x.out)
		}
		c.ops = append(c.ops, op{pair: &x.lowered, a: l.place(), b: r.place(), c: out.place(), size: out.elements(c.sizes)})
		c.free(l)
		c.free(r)
		if x.copyOut {
			out = c.rewrite(out, result())
		}
		values = append(values, out)
	}
	out := values[len(values)-1]
	if len(steps) == 0 {
		out = c.rewrite(out, result())
	}
	c.result = out.place().at
	return &c.program
}

// permute copies a tensor into a packed layout.
func permute[T any](dst, src []T, from, to layout, sizes []int) {
	strides := make([]int, len(to.labels))
	for n, id := range to.labels {
		strides[n] = from.stride(id)
	}
	kernel.Permute(dst, src, to.shape(sizes), strides)
}

// execute runs a program on the operands, at one turn of the sliced labels.
func execute[T tensor.Number](ctx context.Context, alg algebra[T], p *program, operands []operand[T], slice []int, arena, result []T) error {
	at := func(x place) []T {
		switch x.what {
		case inArena:
			return arena[x.at:]
		case inResult:
			return result
		}
		op := &operands[x.what]
		return op.data[op.at(slice):]
	}
	for i := range p.ops {
		if err := ctx.Err(); err != nil {
			return err
		}
		o := &p.ops[i]
		a, c := at(o.a), at(o.c)
		switch {
		case o.pair != nil:
			contract(alg, o.pair, a, at(o.b), c)
			alg.finish(c[:o.size])
		case o.size > 0:
			copy(c[:o.size], a[:o.size])
		case len(o.sums) > 0:
			sumOver(alg, c, a, o.from, o.to, o.sums, p.sizes)
		default:
			permute(c[:o.to.elements(p.sizes)], a, o.from, o.to, p.sizes)
		}
	}
	return nil
}
