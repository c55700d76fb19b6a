package tensor

import (
	"cmp"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// memoryOrder lists the modes from the slowest to the fastest in memory. A
// tensor in C order gives 0, 1, …, one in Fortran order …, 1, 0. Results keep
// the order of their operand, so that a chain of operations on a
// Fortran-order file never transposes it.
func (x *Dense[T]) memoryOrder() []int {
	order := make([]int, len(x.shape))
	for n := range order {
		order[n] = n
	}
	if !x.IsContiguous() {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x.strides[b], x.strides[a]) })
	}
	return order
}

// inverse is the permutation that undoes order.
func inverse(order []int) []int {
	inv := make([]int, len(order))
	for n, m := range order {
		inv[m] = n
	}
	return inv
}

// pick is list[order[0]], list[order[1]], ….
func pick(list, order []int) []int {
	out := make([]int, len(order))
	for n, m := range order {
		out[n] = list[m]
	}
	return out
}

// newLike makes a tensor of zeros whose modes lie in memory in the given
// order, slowest first.
func newLike[T Number](shape, order []int) *Dense[T] { return newIn[T](nil, shape, order) }

// newIn is newLike in the memory buf, whatever it holds, if that is long
// enough.
func newIn[T Number](buf []T, shape, order []int) *Dense[T] {
	if n := Size(shape); n > 0 && n <= cap(buf) {
		return FromSlice(buf[:n], pick(shape, order)...).Permute(inverse(order)...)
	}
	return New[T](pick(shape, order)...).Permute(inverse(order)...)
}

// loop is a mode, or several that follow each other, as two arrays lay it
// out: its size and its stride in each.
type loop struct{ size, x, y int }

// merge drops loops of size 1 and joins neighbours that both arrays walk as
// one.
func merge(loops []loop) []loop {
	var out []loop
	for _, l := range loops {
		if l.size == 1 {
			continue
		}
		if e := len(out) - 1; e >= 0 && out[e].x == l.size*l.x && out[e].y == l.size*l.y {
			out[e] = loop{out[e].size * l.size, l.x, l.y}
			continue
		}
		out = append(out, l)
	}
	return out
}

// cutting cuts the index space of some loops, in C order, into ranges of
// about limit indices. A range fixes the loops before level, takes a piece of
// the loop at level, and all of the later ones, so that it is a box as well.
type cutting struct {
	loops  []loop
	level  int
	piece  int // of the loop at level
	pieces int
	inner  int // product of the sizes after level
	count  int // ranges in all
}

func cut(loops []loop, limit int) cutting {
	c := cutting{loops: loops, piece: 1, pieces: 1, inner: 1, count: 1}
	for _, l := range loops {
		if l.size == 0 {
			c.count = 0
			return c
		}
	}
	if len(loops) == 0 {
		return c
	}
	c.level = len(loops) - 1
	for c.level > 0 && c.inner*loops[c.level].size <= limit {
		c.inner *= loops[c.level].size
		c.level--
	}
	size := loops[c.level].size
	c.piece = min(size, max(1, limit/c.inner))
	c.pieces = (size + c.piece - 1) / c.piece
	c.count = c.pieces
	for _, l := range loops[:c.level] {
		c.count *= l.size
	}
	return c
}

// part is one range of a cutting: indices [lo, hi) of the whole, the offsets
// of its first element in both arrays, and its loops.
type part struct {
	lo, hi int
	x, y   int
	loops  []loop
}

func (c *cutting) part(b int) part {
	if len(c.loops) == 0 {
		return part{hi: 1}
	}
	first := b % c.pieces * c.piece
	outer := b / c.pieces
	at := c.loops[c.level]
	p := part{lo: (outer*at.size + first) * c.inner, x: first * at.x, y: first * at.y}
	n := min(c.piece, at.size-first)
	p.hi = p.lo + n*c.inner
	for k := c.level - 1; k >= 0; k-- {
		i := outer % c.loops[k].size
		outer /= c.loops[k].size
		p.x += i * c.loops[k].x
		p.y += i * c.loops[k].y
	}
	p.loops = append([]loop{{n, at.x, at.y}}, c.loops[c.level+1:]...)
	return p
}

// blockLen is the number of elements in a block of a pass over a tensor:
// small enough for the second-level cache.
const blockLen = 1 << 15

// pass is a walk over the elements of one or two tensors of one shape, in
// the memory order of the first, in fixed blocks.
type pass[T Number] struct {
	x, y  *Dense[T] // y may be nil
	order []int
	cutting
}

func newPass[T Number](x, y *Dense[T]) *pass[T] {
	p := &pass[T]{x: x, y: y, order: x.memoryOrder()}
	loops := make([]loop, len(p.order))
	for k, n := range p.order {
		loops[k] = loop{x.shape[n], x.strides[n], 0}
		if y != nil {
			loops[k].y = y.strides[n]
		} else {
			loops[k].y = x.strides[n]
		}
	}
	p.cutting = cut(merge(loops), blockLen)
	return p
}

// do calls body for each block with its position in memory order and its
// elements; ys is nil without a second tensor. Blocks run side by side.
func (p *pass[T]) do(body func(b, lo int, xs, ys []T)) {
	par.Do(p.count, func(b int) {
		q := p.part(b)
		xs := boxOf(p.x.data, q, func(l loop) int { return l.x }, q.x)
		var ys []T
		if p.y != nil {
			ys = boxOf(p.y.data, q, func(l loop) int { return l.y }, q.y)
		}
		body(b, q.lo, xs, ys)
	})
}

// boxOf is the elements of a box in C order: shared if they lie so in data,
// else a copy.
func boxOf[T Number](data []T, q part, stride func(loop) int, offset int) []T {
	n := q.hi - q.lo
	step, dense := 1, true
	for k := len(q.loops) - 1; k >= 0; k-- {
		dense = dense && (q.loops[k].size == 1 || stride(q.loops[k]) == step)
		step *= q.loops[k].size
	}
	if dense {
		return data[offset : offset+n]
	}
	shape, strides := make([]int, len(q.loops)), make([]int, len(q.loops))
	for k, l := range q.loops {
		shape[k], strides[k] = l.size, stride(l)
	}
	out := make([]T, n)
	kernel.Permute(out, data[offset:], shape, strides)
	return out
}

// load copies a box into dst, in C order, as float64.
func load[T Float](dst []float64, src []T, loops []loop) {
	switch len(loops) {
	case 0:
		dst[0] = float64(src[0])
		return
	case 1:
		n, step := loops[0].size, loops[0].x
		if step == 1 {
			if s, ok := any(src).([]float64); ok {
				copy(dst[:n], s)
				return
			}
			for i, v := range src[:n] {
				dst[i] = float64(v)
			}
			return
		}
		for i := range n {
			dst[i] = float64(src[i*step])
		}
		return
	case 2:
		rows, cols := loops[0], loops[1]
		if rows.x < cols.x { // walk along the closer neighbours of src
			for j := range cols.size {
				o := j * cols.x
				for i := range rows.size {
					dst[i*cols.size+j] = float64(src[o])
					o += rows.x
				}
			}
			return
		}
	}
	inner := 1
	for _, l := range loops[1:] {
		inner *= l.size
	}
	for i := range loops[0].size {
		load(dst[i*inner:], src[i*loops[0].x:], loops[1:])
	}
}
