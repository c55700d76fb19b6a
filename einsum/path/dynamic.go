package path

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// dynamic finds the cheapest tree over a few tensors by dynamic programming
// over sets of them. Its buffers serve one call after the other.
type dynamic struct {
	lay    *layout
	words  []int32  // the words of a set that are in use
	count  int      // tensors
	legs   []uint64 // indices of each tensor, len(words) words each
	kept   []uint64 // indices that something outside holds
	total  float64  // products of the best tree, +Inf if there is none
	writes float64  // products that an element of a result counts as
	limit  float64  // the square root of the most elements of a result; 0 for any

	near  []uint64 // of each tensor: the tensors that share an index with it
	pairs bool     // each index has two holders, the outside being one: the cost of a pair follows from three sizes

	// By set of tensors, if there are few.
	cost  []float64
	root  []float64 // the square root of the number of elements
	left  []uint32  // one operand of the best pair
	union []uint64
	out   []uint64

	// By set of tensors, if there are more.
	table map[uint64]*entry
}

// denseMost is the number of tensors up to which each set has its place in an
// array.
const denseMost = 18

// start prepares for tensors with the given sets of indices, of which those
// of kept are held by something outside.
func (d *dynamic) start(lay *layout, legs [][]uint64, kept []uint64) {
	d.lay, d.count = lay, len(legs)
	d.words = d.words[:0]
	for w := range kept {
		x := uint64(0)
		for _, s := range legs {
			x |= s[w]
		}
		if x != 0 {
			d.words = append(d.words, int32(w))
		}
	}
	n := len(d.words)
	d.legs = d.legs[:0]
	for _, s := range legs {
		for _, w := range d.words {
			d.legs = append(d.legs, s[w])
		}
	}
	d.kept = d.kept[:0]
	for _, w := range d.words {
		d.kept = append(d.kept, kept[w])
	}
	d.near = grow(d.near, d.count)
	clear(d.near)
	d.pairs = true
	for w := range n {
		for a := range d.count {
			x := d.legs[a*n+w]
			others, twice := d.kept[w], uint64(0)
			for b := range d.count {
				if a == b {
					continue
				}
				y := d.legs[b*n+w]
				if x&y != 0 {
					d.near[a] |= 1 << b
				}
				twice |= others & y
				others |= y
			}
			if x&twice != 0 || x&^others != 0 {
				d.pairs = false
			}
		}
	}
}

// grow gives a slice of n elements, the old one if it is large enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// anyPairMost is the number of tensors up to which pairs without a common
// index are tried as well.
const anyPairMost = 12

// dense fills the tables for all sets. Pairs without a common index are tried
// if the tensors are few, or not connected.
func (d *dynamic) dense(ctx context.Context) error {
	n, size := len(d.words), 1<<d.count
	d.cost, d.root, d.left = grow(d.cost, size), grow(d.root, size), grow(d.left, size)
	d.union, d.out = grow(d.union, size*n), grow(d.out, size*n)
	clear(d.union[:n])
	for m := 1; m < size; m++ {
		t := bits.TrailingZeros(uint(m))
		for w := range n {
			d.union[m*n+w] = d.union[(m&(m-1))*n+w] | d.legs[t*n+w]
		}
	}
	for m := 1; m < size; m++ {
		rest := size - 1 - m
		for w := range n {
			d.out[m*n+w] = d.union[m*n+w] & (d.union[rest*n+w] | d.kept[w])
		}
		d.root[m] = exp2(d.lay.weight(d.out[m*n:m*n+n], d.words) / 2)
	}
	whole := d.count > anyPairMost && d.connected(uint64(size-1))
	for m := 1; m < size; m++ {
		d.cost[m] = math.Inf(1)
		low := m & -m
		if low == m {
			d.cost[m] = 0
			continue
		}
		if whole && !d.connected(uint64(m)) || d.limit > 0 && d.root[m] > d.limit && m < size-1 {
			continue
		}
		if m&0x3ff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		best, left := math.Inf(1), 0
		rest := m ^ low
		for s := rest; s > 0; s = (s - 1) & rest { // s lacks the lowest tensor: each split once
			c := d.cost[s] + d.cost[m^s]
			if c >= best {
				continue
			}
			if d.pairs {
				c += d.root[s] * d.root[m^s] * d.root[m]
			} else {
				c += d.product(s, m^s)
			}
			if c < best {
				best, left = c, s
			}
		}
		d.cost[m], d.left[m] = best+d.writes*d.root[m]*d.root[m], uint32(left)
	}
	d.total = d.cost[size-1]
	return nil
}

// product is the number of combinations of the indices of two sets of tensors.
func (d *dynamic) product(a, b int) float64 {
	n, sum := len(d.words), 0.0
	for w := range n {
		if x := d.out[a*n+w] | d.out[b*n+w]; x != 0 {
			sum += d.lay.word(int(d.words[w]), x)
		}
	}
	return exp2(sum)
}

// connected says whether a set of tensors hangs together.
func (d *dynamic) connected(set uint64) bool {
	reached := set & -set
	for todo := reached; todo != 0; todo &= todo - 1 {
		add := d.near[bits.TrailingZeros64(todo)] & set &^ reached
		reached |= add
		todo |= add
	}
	return reached == set
}

// entry is what is known of a connected set of tensors.
type entry struct {
	set, left uint64
	near      uint64 // its neighbours
	cost      float64
	out       []uint64
}

// layers finds the best tree set size by set size, among sets that cost no
// more than a bound, which grows until there is a tree.
func (d *dynamic) layers(ctx context.Context) error {
	all := ^uint64(0) >> (64 - d.count)
	if !d.connected(all) {
		return fmt.Errorf("path: the tensors are not connected")
	}
	bound := 0.0
	for t := range d.count {
		bound = max(bound, exp2(d.lay.weight(d.legsOf(t), d.words)))
	}
	for ; ; bound *= 16 {
		if err := d.bounded(ctx, all, bound); err != nil {
			return err
		}
		if e := d.table[all]; e != nil {
			d.total = e.cost
			return nil
		}
	}
}

func (d *dynamic) legsOf(t int) []uint64 { return d.legs[t*len(d.words) : (t+1)*len(d.words)] }

// bounded makes the table of the sets that cost no more than bound.
func (d *dynamic) bounded(ctx context.Context, all uint64, bound float64) error {
	d.table = map[uint64]*entry{}
	layers := make([][]*entry, d.count+1)
	for t := range d.count {
		e := &entry{set: 1 << t, near: d.near[t], out: d.legsOf(t)}
		d.table[e.set] = e
		layers[1] = append(layers[1], e)
	}
	for size := 2; size <= d.count; size++ {
		for k := 1; k <= size/2; k++ {
			for at, a := range layers[k] {
				if at%64 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				for _, b := range layers[size-k] {
					if a.cost+b.cost > bound {
						break // the layer is in order of cost
					}
					if a.set&b.set != 0 || a.near&b.set == 0 || 2*k == size && a.set > b.set {
						continue
					}
					cost := a.cost + b.cost + d.productOf(a, b)
					if cost > bound {
						continue
					}
					e := d.table[a.set|b.set]
					if e == nil {
						e = &entry{set: a.set | b.set, near: (a.near | b.near) &^ (a.set | b.set), cost: math.Inf(1)}
						e.out = d.outOf(e.set)
						d.table[e.set] = e
						layers[size] = append(layers[size], e)
					}
					if cost < e.cost {
						e.cost, e.left = cost, a.set
					}
				}
			}
		}
		slices.SortFunc(layers[size], func(a, b *entry) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.set, b.set)) })
	}
	return nil
}

func (d *dynamic) productOf(a, b *entry) float64 {
	sum := 0.0
	for w, x := range a.out {
		if x |= b.out[w]; x != 0 {
			sum += d.lay.word(int(d.words[w]), x)
		}
	}
	return exp2(sum)
}

// outOf is the set of indices of a contracted set of tensors.
func (d *dynamic) outOf(set uint64) []uint64 {
	out, n := make([]uint64, len(d.words)), len(d.words)
	for w := range n {
		in, outside := uint64(0), d.kept[w]
		for t := range d.count {
			if set>>t&1 != 0 {
				in |= d.legs[t*n+w]
			} else {
				outside |= d.legs[t*n+w]
			}
		}
		out[w] = in & outside
	}
	return out
}

// split gives one operand of the best pair that makes a set; the rest of the
// set is the other.
func (d *dynamic) split(set uint64) uint64 {
	if d.count <= denseMost {
		return uint64(d.left[set])
	}
	return d.table[set].left
}
