package path

import (
	"math"
	"math/bits"
	"slices"
)

// tree is a path as a binary tree whose nodes know their indices. Nodes
// [0, leaves) are tensors; the others are pairs, in no order. Indices that are
// sliced are in no node.
type tree struct {
	forest *forest
	lay    *layout
	words  int // of a set
	leaves int
	left   []int32 // of a pair; -1 of a tensor
	right  []int32
	up     []int32 // -1 of the root
	root   int32
	sets   []uint64  // the indices of each node
	size   []float64 // log2 of the elements of each node
	cost   []float64 // log2 of the products of each pair
	kept   []uint64  // indices of the output
	sliced []uint64  // indices that are fixed to a value at a time
	number float64   // log2 of the number of slices

	// Room for needs and unslice.
	room, need []float64
	list       []int32
	below      []int32
}

// forest is the network of what is left in a graph, as trees see it.
type forest struct {
	graph  *graph
	lay    *layout
	number []int32 // of a leaf: the tensor of the graph
	legs   [][]int32
	kept   []uint64
	hold   [][]int32 // of a bit: the leaves that hold it
	writes float64   // products that an element of a result counts as
}

// newForest prepares trees over the tensors that are left.
func newForest(g *graph) *forest {
	f := &forest{graph: g, lay: newLayout(g)}
	f.hold = make([][]int32, len(f.lay.index))
	for t := range g.legs {
		if g.alive[t] {
			for _, i := range g.legs[t] {
				if b := f.lay.bit[i]; b >= 0 {
					f.hold[b] = append(f.hold[b], int32(len(f.number)))
				}
			}
			f.number = append(f.number, int32(t))
			f.legs = append(f.legs, g.legs[t])
		}
	}
	f.kept = make([]uint64, f.lay.words())
	for i, kept := range g.kept {
		if kept && f.lay.bit[i] >= 0 {
			f.lay.put(f.kept, []int32{int32(i)})
		}
	}
	return f
}

// treeBytes is the most memory of the sets of a tree.
const treeBytes = 64 << 20

// small says whether trees of the forest are small enough to work on.
func (f *forest) small() bool { return 16*len(f.legs)*f.lay.words() <= treeBytes }

// network is the forest as a network of its own, with the same index numbers.
func (f *forest) network() *Network {
	n := &Network{Inputs: f.legs, Sizes: make([]int, len(f.graph.weight))}
	for i, w := range f.graph.weight {
		n.Sizes[i] = int(math.Round(math.Exp2(w)))
		if f.graph.kept[i] && f.graph.count[i] > 0 {
			n.Output = append(n.Output, int32(i))
		}
	}
	return n
}

// lift makes a path over the leaves one of the whole network.
func (f *forest) lift(p Path) Path {
	g := f.graph
	whole := append(make(Path, 0, g.inputs), g.path...)
	first := g.inputs + len(whole) // the number that the first pair of p gives
	number := func(t int) int {
		if t < len(f.number) {
			return int(f.number[t])
		}
		return first + t - len(f.number)
	}
	for _, pair := range p {
		whole = append(whole, [2]int{number(pair[0]), number(pair[1])})
	}
	return whole
}

// tree makes a tree of a path over the leaves, in which the indices of sliced,
// which may be nil, are sliced.
func (f *forest) tree(p Path, sliced []uint64) *tree {
	n, w := len(f.legs), f.lay.words()
	nodes := n + len(p)
	t := &tree{
		forest: f, lay: f.lay, words: w, leaves: n,
		left: make([]int32, nodes), right: make([]int32, nodes), up: make([]int32, nodes), root: int32(nodes - 1),
		sets: make([]uint64, nodes*w), size: make([]float64, nodes), cost: make([]float64, nodes),
		kept: slices.Clone(f.kept), sliced: make([]uint64, w),
	}
	copy(t.sliced, sliced)
	t.number = t.weight(t.sliced)
	for a := range nodes {
		t.left[a], t.right[a], t.up[a] = -1, -1, -1
	}
	for k, legs := range f.legs {
		f.lay.put(t.set(int32(k)), legs)
		for i, x := range t.sliced {
			t.sets[k*w+i] &^= x
		}
	}
	for i, x := range t.sliced {
		t.kept[i] &^= x
	}
	for k, pair := range p {
		c := int32(n + k)
		t.left[c], t.right[c] = int32(pair[0]), int32(pair[1])
		t.up[pair[0]], t.up[pair[1]] = c, c
	}
	t.refresh()
	return t
}

// set is the set of indices of a node.
func (t *tree) set(a int32) []uint64 {
	return t.sets[int(a)*t.words : int(a)*t.words+t.words : int(a)*t.words+t.words]
}

// refresh computes sets, sizes and costs from those of the leaves.
func (t *tree) refresh() {
	order := t.order()
	for _, c := range order { // all that the tensors below hold
		s, a, b := t.set(c), t.set(t.left[c]), t.set(t.right[c])
		for w := range s {
			s[w] = a[w] | b[w]
		}
	}
	outside := make([]uint64, len(t.sets))
	copy(outside[int(t.root)*t.words:], t.kept)
	for k := len(order) - 1; k >= 0; k-- {
		c := order[k]
		oc := outside[int(c)*t.words:]
		a, b := t.left[c], t.right[c]
		sa, sb := t.set(a), t.set(b)
		oa, ob := outside[int(a)*t.words:], outside[int(b)*t.words:]
		for w := range t.words {
			oa[w], ob[w] = oc[w]|sb[w], oc[w]|sa[w]
		}
	}
	for i, x := range outside {
		t.sets[i] &= x
	}
	for a := range t.left {
		t.size[a] = t.weight(t.set(int32(a)))
	}
	for _, c := range order {
		t.cost[c] = t.unionWeight(t.set(t.left[c]), t.set(t.right[c]))
	}
}

// order lists the pairs, operands before results.
func (t *tree) order() []int32 { return t.appendOrder(make([]int32, 0, t.leaves)) }

// appendOrder is order in the room of an empty slice.
func (t *tree) appendOrder(order []int32) []int32 {
	if t.root < int32(t.leaves) {
		return order
	}
	order = append(order, t.root)
	for k := 0; k < len(order); k++ {
		for _, a := range [2]int32{t.left[order[k]], t.right[order[k]]} {
			if t.left[a] >= 0 {
				order = append(order, a)
			}
		}
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	return order
}

func (t *tree) weight(s []uint64) float64 {
	sum := 0.0
	for w, x := range s {
		if x != 0 {
			sum += t.lay.word(w, x)
		}
	}
	return sum
}

func (t *tree) unionWeight(a, b []uint64) float64 {
	sum := 0.0
	for w, x := range a {
		if x |= b[w]; x != 0 {
			sum += t.lay.word(w, x)
		}
	}
	return sum
}

// total is the sum of the products of all pairs, and what their results count
// as, each of 2^1000 at most.
func (t *tree) total() float64 {
	sum := 0.0
	for a := int32(t.leaves); int(a) < len(t.left); a++ {
		sum += t.pairCost(a)
	}
	return sum
}

// pairCost is the products of a pair, and what its result counts as.
func (t *tree) pairCost(c int32) float64 {
	x := exp2(t.cost[c])
	if w := t.forest.writes; w > 0 {
		x += w * exp2(t.size[c])
	}
	return x
}

// score is log2 of the products of all pairs in all slices.
func (t *tree) score() float64 { return t.logTotal() + t.number }

// logTotal is log2 of total, however much it is.
func (t *tree) logTotal() float64 {
	most, sum := math.Inf(-1), 0.0
	for _, c := range t.cost[t.leaves:] {
		most = max(most, c)
	}
	if math.IsInf(most, -1) {
		return most
	}
	for _, c := range t.cost[t.leaves:] {
		sum += math.Exp2(c - most)
	}
	if w := t.forest.writes; w > 0 {
		for _, s := range t.size[t.leaves:] {
			sum += w * math.Exp2(s-most)
		}
	}
	return most + math.Log2(sum)
}

// largest is log2 of the elements of the largest result.
func (t *tree) largest() float64 {
	most := 0.0
	for a := t.leaves; a < len(t.left); a++ {
		most = max(most, t.size[a])
	}
	return most
}

// path is the tree as a path over its leaves, depth first. Of the two
// operands of a pair the one that needs more room is made first.
func (t *tree) path() Path {
	p := make(Path, 0, t.leaves)
	number := make([]int32, len(t.left))
	t.needs()
	// A stack of nodes; a pair comes up twice, the second time to be written.
	type visit struct {
		node int32
		done bool
	}
	stack := []visit{{t.root, false}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		a, b := int32(0), int32(0)
		if t.left[v.node] < 0 {
			number[v.node] = v.node
			continue
		}
		a, b = t.left[v.node], t.right[v.node]
		if v.done {
			x, y := int(number[a]), int(number[b])
			number[v.node] = int32(t.leaves + len(p))
			p = append(p, [2]int{min(x, y), max(x, y)})
			continue
		}
		if t.later(a, b) {
			a, b = b, a
		}
		// The operand that is made first is popped first.
		stack = append(stack, visit{v.node, true}, visit{b, false}, visit{a, false})
	}
	return p
}

// stored is the room that a finished node takes: none for a tensor, which is
// an input.
func (t *tree) stored(a int32) float64 {
	if t.left[a] < 0 {
		return 0
	}
	return t.room[a]
}

// later says that of two operands a is better made after b.
func (t *tree) later(a, b int32) bool {
	ab := max(t.need[a], t.stored(a)+t.need[b])
	ba := max(t.need[b], t.stored(b)+t.need[a])
	return ba < ab
}

// needs fills room with the elements of each node, need with the most
// elements that making it takes, as Cost.Peak counts them, and list with the
// order of the pairs.
func (t *tree) needs() {
	t.room, t.need = grow(t.room, len(t.left)), grow(t.need, len(t.left))
	for a, s := range t.size {
		t.room[a], t.need[a] = exp2(s), 0
	}
	t.list = t.appendOrder(t.list[:0])
	for _, c := range t.list {
		a, b := t.left[c], t.right[c]
		if t.later(a, b) {
			a, b = b, a
		}
		t.need[c] = max(t.need[a], t.stored(a)+t.need[b], t.work(c))
	}
}

// work is what contracting a pair takes: its operands and their copies, the
// result and its copy.
func (t *tree) work(c int32) float64 {
	a, b := t.left[c], t.right[c]
	return t.room[a] + t.room[b] + 2*t.room[c] + t.stored(a) + t.stored(b)
}

// peak is log2 of what contracting the tree in the order of path takes beside
// the inputs.
func (t *tree) peak() float64 {
	t.needs()
	return math.Log2(max(1, t.need[t.root]))
}

// copy gives a tree of its own.
func (t *tree) copy() *tree {
	c := *t
	c.left, c.right, c.up = slices.Clone(t.left), slices.Clone(t.right), slices.Clone(t.up)
	c.sets, c.size, c.cost = slices.Clone(t.sets), slices.Clone(t.size), slices.Clone(t.cost)
	c.kept, c.sliced = slices.Clone(t.kept), slices.Clone(t.sliced)
	c.room, c.need, c.list, c.below = nil, nil, nil, nil
	return &c
}

// assign makes t what from is; both are over the same leaves.
func (t *tree) assign(from *tree) {
	copy(t.left, from.left)
	copy(t.right, from.right)
	copy(t.up, from.up)
	copy(t.sets, from.sets)
	copy(t.size, from.size)
	copy(t.cost, from.cost)
	copy(t.kept, from.kept)
	copy(t.sliced, from.sliced)
	t.number = from.number
	t.root = from.root
}

// indices lists the indices of a set.
func (f *forest) indices(set []uint64) []int32 {
	var out []int32
	for w, x := range set {
		for ; x != 0; x &= x - 1 {
			out = append(out, f.lay.index[64*w+bits.TrailingZeros64(x)])
		}
	}
	return out
}
