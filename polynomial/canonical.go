package polynomial

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Canonical is the same motif in a form that isomorphic motifs share: marked
// nodes first, in their order. Without directed, the two directions of an edge
// are one.
func (m Motif) Canonical(directed bool) Motif {
	c, _ := m.canonical(directed)
	return c
}

// Automorphisms is the number of symmetries of a motif that keep its marked
// nodes where they are; edges between the same nodes are told apart by channel
// alone, and not counted in another order.
func (m Motif) Automorphisms(directed bool) int {
	_, n := m.canonical(directed)
	return n
}

// key tells motifs in canonical form apart.
func (m Motif) key() string {
	var b strings.Builder
	fmt.Fprint(&b, len(m.Names), len(m.Marked), m.Edges)
	return b.String()
}

// canonical puts the components, each in canonical form, in order. A
// component's form is the least list of edges over all labellings that respect
// the refined colours, of which there are few.
func (m Motif) canonical(directed bool) (Motif, int) {
	n := len(m.Names)
	color := make([]int, n)
	for v := range color {
		color[v] = len(m.Marked)
	}
	for k, v := range m.Marked {
		color[v] = k
	}
	type part struct {
		motif Motif // canonical, alone; Marked are colours of its first nodes
		marks []int
	}
	var parts []part
	symmetries := 1
	for _, nodes := range m.components() {
		s := search{m: m, directed: directed, nodes: nodes}
		s.walk(color, 1)
		symmetries *= s.count
		var marks []int
		for _, v := range nodes {
			if color[v] < len(m.Marked) {
				marks = append(marks, color[v])
			}
		}
		slices.Sort(marks)
		parts = append(parts, part{Motif{Names: make([]string, len(nodes)), Edges: s.best}, marks})
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(-slices.Compare(a.marks, b.marks), cmp.Compare(len(a.motif.Names), len(b.motif.Names)), compareEdges(a.motif.Edges, b.motif.Edges))
	})
	same := 1 // equal components without marks may change places
	for i := range parts {
		if i > 0 && len(parts[i].marks) == 0 && len(parts[i-1].marks) == 0 && len(parts[i].motif.Names) == len(parts[i-1].motif.Names) && compareEdges(parts[i].motif.Edges, parts[i-1].motif.Edges) == 0 {
			same++
		} else {
			same = 1
		}
		symmetries *= same
	}
	// Number all nodes: marked nodes first.
	out := Motif{Names: letters(n)}
	next := len(m.Marked)
	for _, p := range parts {
		number := make([]int, len(p.motif.Names))
		for i := range number {
			if i < len(p.marks) {
				number[i] = p.marks[i]
			} else {
				number[i] = next
				next++
			}
		}
		for _, e := range p.motif.Edges {
			out.Edges = append(out.Edges, ordered(Edge{number[e.From], number[e.To], e.Channel}, directed))
		}
	}
	slices.SortFunc(out.Edges, compareEdge)
	for k := range m.Marked {
		out.Marked = append(out.Marked, k)
	}
	return out, symmetries
}

// ordered is an edge from the lower to the higher number, unless directed.
func ordered(e Edge, directed bool) Edge {
	if !directed && e.From > e.To {
		e.From, e.To = e.To, e.From
	}
	return e
}

func compareEdge(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Channel, b.Channel))
}

func compareEdges(a, b []Edge) int { return slices.CompareFunc(a, b, compareEdge) }

// components are the nodes of each connected component, in ascending order.
func (m Motif) components() [][]int {
	parent := make([]int, len(m.Names))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for _, e := range m.Edges {
		if a, b := find(e.From), find(e.To); a != b {
			parent[max(a, b)] = min(a, b)
		}
	}
	index := map[int]int{}
	var out [][]int
	for v := range m.Names {
		r := find(v)
		if _, ok := index[r]; !ok {
			index[r] = len(out)
			out = append(out, nil)
		}
		out[index[r]] = append(out[index[r]], v)
	}
	return out
}

// search finds the canonical form of a component.
type search struct {
	m        Motif
	directed bool
	nodes    []int
	best     []Edge
	count    int // labellings that give the best
}

// walk refines the colours and tells one node of the first class of several
// apart from the others in turn; one is enough if they may all change places.
// weight is the number of labellings that each leaf stands for.
func (s *search) walk(color []int, weight int) {
	color = s.refine(color)
	class := map[int][]int{}
	least := -1
	for _, v := range s.nodes {
		class[color[v]] = append(class[color[v]], v)
	}
	for c, vs := range class {
		if len(vs) > 1 && (least < 0 || c < least) {
			least = c
		}
	}
	if least < 0 {
		s.leaf(color, weight)
		return
	}
	branches := class[least]
	if s.twins(branches) {
		weight *= len(branches)
		branches = branches[:1]
	}
	for _, v := range branches {
		next := slices.Clone(color)
		for _, w := range s.nodes {
			next[w] *= 2
			if w != v && color[w] >= least {
				next[w]++
			}
		}
		s.walk(next, weight)
	}
}

// refine splits classes of nodes by the classes of their neighbours until that
// changes nothing; colours become ranks in the component.
func (s *search) refine(color []int) []int {
	color = slices.Clone(color)
	classes := 0
	for {
		signature := map[int][]int{}
		for _, v := range s.nodes {
			var near [][3]int
			for _, e := range s.m.Edges {
				side := 0
				if s.directed {
					side = 1
				}
				if e.From == v {
					near = append(near, [3]int{color[e.To], e.Channel, 0})
				}
				if e.To == v {
					near = append(near, [3]int{color[e.From], e.Channel, side})
				}
			}
			slices.SortFunc(near, func(a, b [3]int) int { return slices.Compare(a[:], b[:]) })
			sig := []int{color[v]}
			for _, x := range near {
				sig = append(sig, x[:]...)
			}
			signature[v] = sig
		}
		order := slices.Clone(s.nodes)
		slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(signature[a], signature[b]) })
		rank := -1
		for i, v := range order {
			if i == 0 || slices.Compare(signature[order[i-1]], signature[v]) != 0 {
				rank = i
			}
			color[v] = rank
		}
		now := 0
		for i, v := range order {
			if i == 0 || color[order[i-1]] != color[v] {
				now++
			}
		}
		if now == classes {
			return color
		}
		classes = now
	}
}

// twins says whether the first of some nodes may change places with each other
// one, and so any two.
func (s *search) twins(nodes []int) bool {
	sorted := func(swap func(v int) int) []Edge {
		var edges []Edge
		for _, e := range s.m.Edges {
			edges = append(edges, ordered(Edge{swap(e.From), swap(e.To), e.Channel}, s.directed))
		}
		slices.SortFunc(edges, compareEdge)
		return edges
	}
	plain := sorted(func(v int) int { return v })
	for _, w := range nodes[1:] {
		swapped := sorted(func(v int) int {
			switch v {
			case nodes[0]:
				return w
			case w:
				return nodes[0]
			}
			return v
		})
		if compareEdges(plain, swapped) != 0 {
			return false
		}
	}
	return true
}

// leaf compares the labelling with the best; colours are numbers of nodes.
func (s *search) leaf(color []int, weight int) {
	in := map[int]bool{}
	for _, v := range s.nodes {
		in[v] = true
	}
	edges := []Edge{}
	for _, e := range s.m.Edges {
		if in[e.From] {
			edges = append(edges, ordered(Edge{color[e.From], color[e.To], e.Channel}, s.directed))
		}
	}
	slices.SortFunc(edges, compareEdge)
	switch c := compareEdges(edges, s.best); {
	case s.count == 0 || c < 0:
		s.best, s.count = edges, weight
	case c == 0:
		s.count += weight
	}
}
