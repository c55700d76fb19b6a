package einsum

import (
	"cmp"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
)

// layout says where the elements of a tensor lie: a stride for each label.
// Labels of size 1 are in none.
type layout struct {
	labels  []int32
	strides []int
}

// packed is the layout without gaps whose last label is the fastest.
func packed(labels []int32, sizes []int) layout {
	l := layout{labels, make([]int, len(labels))}
	step := 1
	for i := len(labels) - 1; i >= 0; i-- {
		l.strides[i] = step
		step *= sizes[labels[i]]
	}
	return l
}

// stride of a label; 0 if the tensor does not have it.
func (l layout) stride(label int32) int {
	if i := slices.Index(l.labels, label); i >= 0 {
		return l.strides[i]
	}
	return 0
}

// elements is the number of elements.
func (l layout) elements(sizes []int) int {
	n := 1
	for _, id := range l.labels {
		n *= sizes[id]
	}
	return n
}

// shape is the size of each label.
func (l layout) shape(sizes []int) []int {
	shape := make([]int, len(l.labels))
	for i, id := range l.labels {
		shape[i] = sizes[id]
	}
	return shape
}

// sorted lists labels from the largest stride to the smallest.
func (l layout) sorted(labels []int32) []int32 {
	out := slices.Clone(labels)
	slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(l.stride(b), l.stride(a)) })
	return out
}

// fastest is the label of the smallest stride, -1 if there is none.
func (l layout) fastest() int32 {
	best := -1
	for i, s := range l.strides {
		if best < 0 || s < l.strides[best] {
			best = i
		}
	}
	if best < 0 {
		return -1
	}
	return l.labels[best]
}

// groups are the labels of a pair by what becomes of them; see path.Step.
type groups struct {
	batch, left, right, sum []int32
}

// dim is a loop of a contraction: its length and the steps in the operands
// and the result, 0 where it does not move.
type dim struct {
	size, l, r, o int
}

// one is the loop over a single element.
var one = dim{size: 1}

// lowered is a contraction as blocks of matrix products, as loops around
// batches of matrix products, or as loops around runs of multiply-adds.
type lowered struct {
	tiles   *kernel.Tiles
	outer   []dim // loops over the result
	inner   []dim // loops over sums that one product does not cover
	gemm    bool
	batch   dim
	m, n, k dim // of a product; a nest of loops has its run in m
	cost    float64
}

// The costs that choices are made by, in ns on a core of 2024. They have to
// be right to a factor of two or so.
const (
	costCopy    = 1.5   // an element that is permuted
	costRun     = 4     // of starting a run of multiply-adds
	costElement = 0.7   // a multiply-add in a run
	costStride  = 1.0   // more if its elements are not in a row
	costProduct = 25    // of starting a small matrix product
	costCall    = 150   // of starting a batch
	costFlop    = 0.014 // a multiply-add of a large matrix product
	costGather  = 2     // an element of an operand that has none in a row, and
	costScatter = 4     // of such a result
	costBlock   = 0.35  // an element that is copied to or from a block
	costTile    = 1000  // of a block
	costTiles   = 5000  // of starting with blocks
)

// dims are the loops over some labels, from the slowest to the fastest in the
// result, with neighbours that move as one put together.
func dims(labels []int32, sizes []int, l, r, o layout) []dim {
	list := make([]dim, 0, len(labels))
	for _, id := range labels {
		list = append(list, dim{sizes[id], l.stride(id), r.stride(id), o.stride(id)})
	}
	slices.SortStableFunc(list, func(a, b dim) int {
		return cmp.Or(cmp.Compare(b.o, a.o), cmp.Compare(b.l, a.l), cmp.Compare(b.r, a.r))
	})
	out := list[:0]
	for _, d := range list {
		if n := len(out); n > 0 {
			p := &out[n-1]
			if p.l == d.l*d.size && p.r == d.r*d.size && p.o == d.o*d.size {
				*p = dim{p.size * d.size, d.l, d.r, d.o}
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// lower finds the quickest loops for a pair in given layouts. products says
// whether matrix products may be used.
func lower(g groups, sizes []int, l, r, o layout, products bool) lowered {
	b, m, n, k := dims(g.batch, sizes, l, r, o), dims(g.left, sizes, l, r, o), dims(g.right, sizes, l, r, o), dims(g.sum, sizes, l, r, o)
	best := nest(b, m, n, k)
	if !products {
		return best
	}
	for _, dm := range candidates(m) {
		for _, dn := range candidates(n) {
			for _, dk := range candidates(k) {
				if x := product3(b, m, n, k, dm, dn, dk); x.cost < best.cost {
					best = x
				}
			}
		}
	}
	return best
}

// axes are a group of labels for kernel.NewTiles.
func axes(labels []int32, sizes []int, l, r, o layout) []kernel.Axis {
	list := make([]kernel.Axis, len(labels))
	for i, id := range labels {
		list[i] = kernel.Axis{Size: sizes[id], A: l.stride(id), B: r.stride(id), C: o.stride(id)}
	}
	return list
}

// tiled makes blocks of matrix products, whose operands are brought in order
// block by block.
func tiled(g groups, sizes []int, l, r, o layout) lowered {
	t := kernel.NewTiles(axes(g.batch, sizes, l, r, o), axes(g.left, sizes, l, r, o), axes(g.right, sizes, l, r, o), axes(g.sum, sizes, l, r, o))
	count, m, n, k := t.Blocks()
	a, b, c := t.Copies()
	one := dim{l: 1, r: 1, o: 1}
	size := func(n int) dim {
		d := one
		d.size = n
		return d
	}
	return lowered{
		tiles: t, batch: dim{size: 1}, m: dim{size: 1}, n: dim{size: 1}, k: dim{size: 1},
		cost: costTiles + float64(count)*(costTile+productCost(size(m), size(n), size(k))) + costBlock*(a+b+c),
	}
}

// candidates are the loops to put into a matrix product: the longest ones and
// those over elements in a row.
func candidates(list []dim) []dim {
	if len(list) == 0 {
		return []dim{one}
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b dim) int { return cmp.Compare(b.size, a.size) })
	const most = 3
	if len(out) > most {
		for i := most; i < len(out); i++ {
			if d := out[i]; d.l == 1 || d.r == 1 || d.o == 1 {
				out[most-1] = d
			}
		}
		out = out[:most]
	}
	return out
}

// without is the list but for one loop.
func without(list []dim, d dim) []dim {
	if i := slices.Index(list, d); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return list
}

// length is the number of turns of loops.
func length(list []dim) float64 {
	x := 1.0
	for _, d := range list {
		x *= float64(d.size)
	}
	return x
}

// product3 makes matrix products of three loops, and a batch of the longest
// of the others.
func product3(b, m, n, k []dim, dm, dn, dk dim) lowered {
	x := lowered{gemm: true, batch: one, m: dm, n: dn, k: dk}
	x.inner = without(k, dk)
	x.outer = slices.Concat(b, without(m, dm), without(n, dn))
	longest := -1
	for i, d := range x.outer {
		if longest < 0 || d.size > x.outer[longest].size {
			longest = i
		}
	}
	if longest >= 0 {
		x.batch = x.outer[longest]
		x.outer = slices.Delete(x.outer, longest, longest+1)
	}
	calls := length(x.outer) * length(x.inner)
	x.cost = calls * (costCall + float64(x.batch.size)*productCost(dm, dn, dk))
	return x
}

// productCost is what one matrix product takes.
func productCost(m, n, k dim) float64 {
	// Short sides are padded to tiles, and a tile has a prologue.
	t := costProduct + costFlop*(float64(m.size)+4)*(float64(n.size)+8)*(float64(k.size)+8)
	apart := func(x, y, size int, cost float64) float64 { // a matrix without elements in a row
		if x == 1 || y == 1 {
			return 0
		}
		return float64(size) * cost
	}
	t += apart(m.l, k.l, m.size*k.size, costGather) + apart(k.r, n.r, k.size*n.size, costGather) + apart(m.o, n.o, m.size*n.size, costScatter)
	return t
}

// nest makes loops around runs along one of them.
func nest(b, m, n, k []dim) lowered {
	all := slices.Concat(b, m, n, k)
	total := length(all)
	best := lowered{batch: one, m: one, n: one, k: one, cost: math.Inf(1)}
	if len(all) == 0 {
		best.cost = costRun
		return best
	}
	at := -1
	for i, d := range all {
		c := total*costElement + total/float64(d.size)*costRun
		if d.l > 1 || d.r > 1 || d.o > 1 {
			c += total * costStride
		}
		if c < best.cost {
			best.cost, at = c, i
		}
	}
	best.m = all[at]
	for i, d := range all {
		switch {
		case i == at:
		case i < len(all)-len(k):
			best.outer = append(best.outer, d)
		default:
			best.inner = append(best.inner, d)
		}
	}
	return best
}

// choice is how a pair is contracted: which operands are copied into which
// layout first, and whether the result is copied afterwards.
type choice struct {
	left, right, out layout // as the product sees them
	copyLeft         bool
	copyRight        bool
	copyOut          bool // out is copied to the layout that was asked for
	lowered
}

// request is a pair to be lowered.
type request struct {
	groups
	sizes       []int
	left, right layout
	must        [2]bool // the operand is copied in any case, as where it is summed first
	out         *layout // of the result; nil: any
	next        *groups // of the pair that takes the result as its left operand; nil: none
	products    bool
}

// small is the number of multiply-adds below which no choice is worth making.
const small = 64

// tiledLeast is the number of multiply-adds below which blocks are not worth
// making.
const tiledLeast = 1 << 14

// choose finds the cheapest way.
func (q *request) choose() choice {
	outs := []layout{}
	extra := []float64{}
	temporary := []bool{}
	size := func(lists ...[]int32) float64 {
		x := 1.0
		for _, list := range lists {
			for _, id := range list {
				x *= float64(q.sizes[id])
			}
		}
		return x
	}
	outSize := size(q.batch, q.groups.left, q.groups.right)
	add := func(l layout, cost float64, temp bool) {
		outs, extra, temporary = append(outs, l), append(extra, cost), append(temporary, temp)
	}
	work := outSize * size(q.sum)
	b, m, n := q.left.sorted(q.batch), q.left.sorted(q.groups.left), q.right.sorted(q.groups.right)
	natural := slices.Concat(b, m, n)
	switch {
	case q.out != nil:
		add(*q.out, 0, false)
		if work > small {
			add(packed(natural, q.sizes), outSize*costCopy, true)
			add(packed(slices.Concat(b, n, m), q.sizes), outSize*costCopy, true)
		}
	default:
		add(packed(natural, q.sizes), q.penalty(natural, outSize), false)
		if work > small {
			other := slices.Concat(b, n, m)
			add(packed(other, q.sizes), q.penalty(other, outSize), false)
			if q.next != nil {
				pick := func(from []int32) []int32 {
					var list []int32
					for _, id := range natural {
						if slices.Contains(from, id) {
							list = append(list, id)
						}
					}
					return list
				}
				nb, nm, nk := pick(q.next.batch), pick(q.next.left), pick(q.next.sum)
				add(packed(slices.Concat(nb, nm, nk), q.sizes), 0, false)
				add(packed(slices.Concat(nb, nk, nm), q.sizes), 0, false)
			}
		}
	}
	leftSize, rightSize := size(q.batch, q.groups.left, q.sum), size(q.batch, q.groups.right, q.sum)
	best := choice{}
	best.cost = math.Inf(1)
	for i, o := range outs {
		for c := range 4 {
			copyLeft, copyRight := c&1 != 0, c&2 != 0
			if q.must[0] && !copyLeft || q.must[1] && !copyRight || work <= small && (copyLeft != q.must[0] || copyRight != q.must[1]) {
				continue
			}
			l, r, more := q.left, q.right, extra[i]
			if copyLeft {
				sum := q.left.sorted(q.sum)
				if !copyRight {
					sum = q.right.sorted(q.sum)
				}
				l = copied(q.left, o.sorted(q.batch), o.sorted(q.groups.left), sum, q.sizes)
				more += leftSize * costCopy
			}
			if copyRight {
				r = copied(q.right, o.sorted(q.batch), o.sorted(q.groups.right), q.left.sorted(q.sum), q.sizes)
				more += rightSize * costCopy
			}
			x := lower(q.groups, q.sizes, l, r, o, q.products)
			if q.products && !copyLeft && !copyRight && !temporary[i] && work > tiledLeast {
				if t := tiled(q.groups, q.sizes, l, r, o); t.cost < x.cost {
					x = t
				}
			}
			if x.cost += more; x.cost < best.cost {
				best = choice{l, r, o, copyLeft, copyRight, temporary[i], x}
			}
		}
	}
	return best
}

// penalty is what a result in some order costs the pair that takes it: a copy,
// if its groups do not lie together.
func (q *request) penalty(order []int32, size float64) float64 {
	if q.next == nil {
		return 0
	}
	runs, last := 0, 0
	for _, id := range order {
		in := 1
		switch {
		case slices.Contains(q.next.sum, id):
			in = 2
		case slices.Contains(q.next.batch, id):
			in = 3
		}
		if in != last && in != 3 {
			runs++
		}
		last = in
	}
	if runs > 2 {
		return size * costCopy
	}
	return 0
}

// copied is the layout of a copy for a product: what is fastest in the
// original stays so, for a copy that reads and writes in rows.
func copied(from layout, batch, keep, sum []int32, sizes []int) layout {
	if slices.Contains(sum, from.fastest()) {
		return packed(slices.Concat(batch, keep, sum), sizes)
	}
	return packed(slices.Concat(batch, sum, keep), sizes)
}
