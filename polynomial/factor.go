package polynomial

import "slices"

// Factors are the motifs whose polynomials multiply to that of a motif, element
// by element: a marked node is kept by each factor that touches it, and the
// names of nodes say which axes of the product a factor has. What hangs together
// without the marked nodes is one factor, and so are the edges among marked
// nodes one by one. A motif that is its only factor and has no cut node is
// prime; see [Motif.Primes].
func (m Motif) Factors() []Motif {
	marked := func(v int) bool { return slices.Contains(m.Marked, v) }
	inner := m
	inner.Edges = slices.DeleteFunc(slices.Clone(m.Edges), func(e Edge) bool { return marked(e.From) || marked(e.To) })
	var out []Motif
	for _, nodes := range inner.components() {
		if v := nodes[0]; !marked(v) {
			out = append(out, m.part(func(e Edge) bool { return slices.Contains(nodes, e.From) || slices.Contains(nodes, e.To) }, nodes))
		}
	}
	touched := map[int]bool{}
	for _, e := range m.Edges {
		touched[e.From], touched[e.To] = true, true
		if marked(e.From) && marked(e.To) {
			out = append(out, m.part(func(f Edge) bool { return f == e }, nil))
			if same := len(out) - 1; len(out[same].Edges) > 1 { // equal edges come one by one
				out[same].Edges = out[same].Edges[:1]
			}
		}
	}
	for _, v := range m.Marked {
		if !touched[v] {
			out = append(out, m.part(func(Edge) bool { return false }, []int{v}))
		}
	}
	return out
}

// part is the motif of some edges, and some nodes besides.
func (m Motif) part(keep func(Edge) bool, nodes []int) Motif {
	var out Motif
	number := map[int]int{}
	add := func(v int) int {
		if _, ok := number[v]; !ok {
			number[v] = len(out.Names)
			out.Names = append(out.Names, m.Names[v])
		}
		return number[v]
	}
	for _, v := range nodes {
		add(v)
	}
	for _, e := range m.Edges {
		if keep(e) {
			out.Edges = append(out.Edges, Edge{add(e.From), add(e.To), e.Channel})
		}
	}
	for _, v := range m.Marked {
		if _, ok := number[v]; ok {
			out.Marked = append(out.Marked, number[v])
		}
	}
	return out
}

// Primes are the blocks of a motif, that is, its largest parts without a cut
// node, where two marked nodes count as joined; loops are blocks of their own. A
// block is marked where the motif is and at its cut nodes. The polynomials of
// the primes are enough to put P_H together with products element by element
// and contractions with the values at one node: prime polynomials are the ones
// that a network has to be able to compute.
func (m Motif) Primes() []Motif {
	type half struct{ to, edge int }
	n := len(m.Names)
	near := make([][]half, n)
	loose := 0
	for i, e := range m.Edges {
		if e.From != e.To {
			near[e.From] = append(near[e.From], half{e.To, i})
			near[e.To] = append(near[e.To], half{e.From, i})
			loose++
		}
	}
	for k := 1; k < len(m.Marked); k++ { // the marks hold together, as by an edge
		u, v := m.Marked[k-1], m.Marked[k]
		near[u], near[v] = append(near[u], half{v, -k}), append(near[v], half{u, -k})
	}
	// Tarjan & Hopcroft 1973: blocks are what is left on the stack of edges
	// when nothing below a node reaches above it.
	depth, low := make([]int, n), make([]int, n)
	var stack []int
	var blocks [][]int
	var visit func(v, via int)
	visit = func(v, via int) {
		for _, h := range near[v] {
			switch {
			case h.edge == via:
			case depth[h.to] == 0:
				from := len(stack)
				stack = append(stack, h.edge)
				depth[h.to] = depth[v] + 1
				low[h.to] = depth[h.to]
				visit(h.to, h.edge)
				low[v] = min(low[v], low[h.to])
				if low[h.to] >= depth[v] {
					blocks = append(blocks, slices.Clone(stack[from:]))
					stack = stack[:from]
				}
			case depth[h.to] < depth[v]:
				stack = append(stack, h.edge)
				low[v] = min(low[v], depth[h.to])
			}
		}
	}
	for v := range n {
		if depth[v] == 0 {
			depth[v], low[v] = 1, 1
			visit(v, len(m.Edges)) // no edge has that number
		}
	}
	for i, e := range m.Edges {
		if e.From == e.To {
			blocks = append(blocks, []int{i})
		}
	}
	holders := make([]int, n)
	member := func(block []int) map[int]bool {
		in := map[int]bool{}
		for _, i := range block {
			if i >= 0 {
				in[m.Edges[i].From], in[m.Edges[i].To] = true, true
			} else {
				in[m.Marked[-i-1]], in[m.Marked[-i]] = true, true
			}
		}
		return in
	}
	for _, b := range blocks {
		for v := range member(b) {
			holders[v]++
		}
	}
	var out []Motif
	for _, b := range blocks {
		in := member(b)
		cut := m
		for v := range n {
			if holders[v] > 1 && in[v] && !slices.Contains(cut.Marked, v) {
				cut.Marked = append(slices.Clone(cut.Marked), v)
			}
		}
		keep := map[Edge]int{}
		for _, i := range b {
			if i >= 0 {
				keep[m.Edges[i]]++
			}
		}
		p := cut.part(func(e Edge) bool { keep[e]--; return keep[e] >= 0 }, nil)
		if len(p.Edges) > 0 {
			out = append(out, p)
		}
	}
	return out
}
