package path

import (
	"math"
	"slices"
)

// graph is a network in the course of contraction: which tensors are left,
// and who holds what.
type graph struct {
	inputs  int
	weight  []float64 // of an index: log2 of its size
	kept    []bool    // the output holds the index
	legs    [][]int32 // of a tensor, by SSA number; nil once it is used
	size    []float64 // log2 of the number of elements
	alive   []bool
	left    int       // tensors that are alive
	count   []int32   // live holders of an index
	holders [][]int32 // tensors that hold an index; some are not alive any more
	path    Path
	cost    float64 // log2 of the products of the pairs of path
	union   float64 // log2 of the cost of the last pair

	pool   []int32   // room for legs
	mark   []int32   // stamp of an index
	seen   []int32   // stamp of a tensor
	stamp  int32     // of the last operation
	shared []float64 // of a neighbour: weights that a contraction does not count twice, or drops
	gone   []float64 // of a neighbour: weights that a contraction drops
	near   []int32   // the neighbours of the last operation
	hubs   []int32   // indices of the last operation with more than hubDegree holders
}

// hubDegree is the number of holders of one index that are looked at as
// neighbours. An index of thousands of tensors would otherwise make each
// step as long as the network.
const hubDegree = 64

// newGraph sets out the tensors of a network, without indices of size 1 and
// without those that only one tensor holds: summing them is the first thing
// to do with a tensor.
func newGraph(n *Network) *graph {
	most := 2 * len(n.Inputs)
	g := &graph{
		inputs: len(n.Inputs), left: len(n.Inputs), cost: math.Inf(-1),
		weight: n.weights(), kept: make([]bool, len(n.Sizes)),
		legs: make([][]int32, len(n.Inputs), most), size: make([]float64, len(n.Inputs), most),
		alive: make([]bool, len(n.Inputs), most),
		count: make([]int32, len(n.Sizes)), holders: make([][]int32, len(n.Sizes)),
		mark: make([]int32, len(n.Sizes)), seen: make([]int32, most),
		shared: make([]float64, most), gone: make([]float64, most),
		path: make(Path, 0, len(n.Inputs)),
	}
	for _, i := range n.Output {
		g.kept[i] = true
	}
	total := 0
	for _, legs := range n.Inputs {
		total += len(legs)
		for _, i := range legs {
			g.count[i]++
		}
	}
	g.pool = make([]int32, 0, total)
	for t, legs := range n.Inputs {
		start := len(g.pool)
		for _, i := range legs {
			if g.weight[i] > 0 && (g.kept[i] || g.count[i] > 1) {
				g.pool = append(g.pool, i)
				g.size[t] += g.weight[i]
			}
		}
		g.legs[t] = g.pool[start:len(g.pool):len(g.pool)]
		g.alive[t] = true
	}
	room := make([]int32, 0, total)
	for i, c := range g.count {
		g.holders[i] = room[len(room):len(room):min(len(room)+int(c), cap(room))]
		room = room[:len(room)+int(c)]
	}
	for t, legs := range g.legs {
		for _, i := range legs {
			g.holders[i] = append(g.holders[i], int32(t))
		}
	}
	return g
}

// clone copies what contractions change.
func (g *graph) clone() *graph {
	c := *g
	most := 2 * g.inputs
	c.legs = append(make([][]int32, 0, most), g.legs...)
	c.size = append(make([]float64, 0, most), g.size...)
	c.alive = append(make([]bool, 0, most), g.alive...)
	c.count = slices.Clone(g.count)
	c.holders = make([][]int32, len(g.holders))
	for i, h := range g.holders {
		c.holders[i] = slices.Clone(h)
	}
	c.path = append(make(Path, 0, g.inputs), g.path...)
	c.pool = nil
	c.mark, c.seen, c.stamp = make([]int32, len(g.mark)), make([]int32, most), 0
	c.shared, c.gone = make([]float64, most), make([]float64, most)
	c.near, c.hubs = nil, nil
	return &c
}

// reset makes g what from is, in the room that g has.
func (g *graph) reset(from *graph) {
	g.legs = append(g.legs[:0], from.legs...)
	g.size = append(g.size[:0], from.size...)
	g.alive = append(g.alive[:0], from.alive...)
	g.left, g.cost = from.left, from.cost
	copy(g.count, from.count)
	for i, h := range from.holders {
		g.holders[i] = append(g.holders[i][:0], h...)
	}
	g.path = append(g.path[:0], from.path...)
	g.pool = g.pool[:0]
	if g.stamp > 1<<30 {
		clear(g.mark)
		clear(g.seen)
		g.stamp = 0
	}
}

// dropped says whether contracting two holders of an index drops it.
func (g *graph) dropped(i int32) bool { return g.count[i] == 2 && !g.kept[i] }

// room gives n elements of the pool that are still free.
func (g *graph) room(n int) []int32 {
	if len(g.pool)+n > cap(g.pool) {
		g.pool = make([]int32, 0, max(1<<14, n, 2*cap(g.pool))) // what refers to the old one keeps it
	}
	return g.pool[len(g.pool):len(g.pool):cap(g.pool)]
}

// contract replaces tensors a and b by their contraction and gives its
// number.
func (g *graph) contract(a, b int32) int32 {
	c := int32(len(g.legs))
	g.stamp++
	for _, i := range g.legs[b] {
		g.mark[i] = g.stamp
	}
	out := g.room(len(g.legs[a]) + len(g.legs[b]))
	size, drops := 0.0, 0.0
	for _, i := range g.legs[a] {
		if g.mark[i] != g.stamp {
			out = append(out, i)
			size += g.weight[i]
			g.holders[i] = append(g.holders[i], c)
			continue
		}
		g.mark[i] = 0
		if g.dropped(i) {
			g.count[i] = 0
			drops += g.weight[i]
			continue
		}
		g.count[i]--
		out = append(out, i)
		size += g.weight[i]
		g.holders[i] = append(g.holders[i], c)
	}
	for _, i := range g.legs[b] {
		if g.mark[i] == g.stamp {
			out = append(out, i)
			size += g.weight[i]
			g.holders[i] = append(g.holders[i], c)
		}
	}
	g.pool = g.pool[:len(g.pool)+len(out)]
	g.legs = append(g.legs, out[:len(out):len(out)])
	g.size = append(g.size, size)
	g.alive = append(g.alive, true)
	g.alive[a], g.alive[b] = false, false
	g.legs[a], g.legs[b] = nil, nil
	g.left--
	g.union = size + drops
	g.cost = addLog2(g.cost, g.union)
	g.path = append(g.path, [2]int{int(a), int(b)})
	return c
}

// neighbours fills near with the live tensors that share an index with a, and
// shared and gone for each of them: the contraction of a and b has
// size[a]+size[b]-shared[b]-gone[b] elements (log2), and costs
// size[a]+size[b]-shared[b].
func (g *graph) neighbours(a int32) []int32 {
	g.stamp++
	g.near, g.hubs = g.near[:0], g.hubs[:0]
	for _, i := range g.legs[a] {
		w, drop := g.weight[i], 0.0
		if g.dropped(i) {
			drop = w
		}
		if g.count[i] > hubDegree {
			g.hubs = append(g.hubs, i)
		}
		h := g.holders[i]
		at, found, k := len(h), 0, len(h)-1 // live ones move to the end
		for ; k >= 0 && found <= hubDegree; k-- {
			b := h[k]
			if !g.alive[b] {
				continue
			}
			at--
			h[at] = b
			found++
			if b == a {
				continue
			}
			if g.seen[b] != g.stamp {
				g.seen[b] = g.stamp
				g.shared[b], g.gone[b] = 0, 0
				g.near = append(g.near, b)
			}
			if g.count[i] <= hubDegree {
				g.shared[b] += w
				g.gone[b] += drop
			}
		}
		g.holders[i] = h[:k+1+copy(h[k+1:], h[at:])]
	}
	if len(g.hubs) > 0 {
		for _, i := range g.hubs {
			g.mark[i] = g.stamp
		}
		for _, b := range g.near {
			for _, i := range g.legs[b] {
				if g.mark[i] == g.stamp {
					g.shared[b] += g.weight[i]
				}
			}
		}
	}
	return g.near
}

// finish contracts what is left, which shares no indices or only those of
// hubs: the smallest first.
func (g *graph) finish() {
	var rest heap
	for t := range g.alive {
		if g.alive[t] {
			rest.push(candidate{g.size[t], int32(t), 0})
		}
	}
	for g.left > 1 {
		a, b := rest.pop().a, rest.pop().a
		c := g.contract(a, b)
		rest.push(candidate{g.size[c], c, 0})
	}
}

// candidate is a pair that may be contracted next.
type candidate struct {
	score float64
	a, b  int32
}

// before orders candidates: the lower score first, and among equals the pair
// whose younger tensor is older, so that a path depends on nothing but its
// network, and grows in many places at a time.
func (x candidate) before(y candidate) bool {
	if x.score != y.score {
		return x.score < y.score
	}
	if x.b != y.b {
		return x.b < y.b
	}
	return x.a < y.a
}

// heap is a priority queue of candidates, four children to a parent.
type heap []candidate

func (h *heap) push(c candidate) {
	q := append(*h, c)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !c.before(q[up]) {
			break
		}
		q[i], i = q[up], up
	}
	q[i] = c
	*h = q
}

func (h *heap) pop() candidate {
	q := *h
	top, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	if len(q) > 0 {
		q.sink(0, last)
	}
	*h = q
	return top
}

// sink puts c where i is free, or below.
func (h heap) sink(i int, c candidate) {
	for {
		least := -1
		for k := 4*i + 1; k < min(4*i+5, len(h)); k++ {
			if least < 0 || h[k].before(h[least]) {
				least = k
			}
		}
		if least < 0 || !h[least].before(c) {
			break
		}
		h[i], i = h[least], least
	}
	h[i] = c
}

// init makes a heap of candidates in any order.
func (h heap) init() {
	for i := (len(h)+2)/4 - 1; i >= 0; i-- {
		h.sink(i, h[i])
	}
}

// exp2 is 2^x, capped so that sums and differences stay finite.
func exp2(x float64) float64 { return math.Exp2(min(x, 1000)) }

// addLog2 is log2(2^a + 2^b).
func addLog2(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if b == math.Inf(-1) {
		return a
	}
	return a + math.Log1p(math.Exp2(b-a))/math.Ln2
}
