package polynomial

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Edge is a factor X[From, To] of a polynomial, by numbers of nodes. Channel
// says which of several matrices it is of.
type Edge struct{ From, To, Channel int }

// Motif is a multigraph with loops and marked nodes. That without nodes stands
// for the constant 1.
type Motif struct {
	Names  []string // of the nodes
	Edges  []Edge
	Marked []int // nodes, each once: the axes of the polynomial in order
}

// MaxNodes is the most nodes that a motif may have.
const MaxNodes = 64

// kinds are the families of motifs that have names.
var kinds = []struct {
	name  string
	least int // the least size; 0: the name stands alone
	most  int
	edges func(k int) []Edge
}{
	{"edge", 0, 0, func(int) []Edge { return row(1) }},
	{"triangle", 0, 0, func(int) []Edge { return cycle(3) }},
	{"walk", 1, MaxNodes - 1, row},
	{"path", 1, MaxNodes - 1, row},
	{"cycle", 1, MaxNodes, cycle},
	{"star", 1, MaxNodes - 1, star},
	{"clique", 2, 12, clique},
}

func row(k int) []Edge {
	var e []Edge
	for i := range k {
		e = append(e, Edge{i, i + 1, 0})
	}
	return e
}

func cycle(k int) []Edge { return append(row(k-1), Edge{k - 1, 0, 0}) }

func star(k int) []Edge {
	var e []Edge
	for i := range k {
		e = append(e, Edge{0, i + 1, 0})
	}
	return e
}

func clique(k int) []Edge {
	var e []Edge
	for i := range k {
		for j := range i {
			e = append(e, Edge{j, i, 0})
		}
	}
	return e
}

// Parse reads a motif: edges such as "a-b,b-c,c-a", where u-v stands for
// X[u, v], u-u for a loop, and u alone for a node; or a name: edge, triangle,
// walk:K and path:K (K edges in a row), cycle:K, star:K (K rays from node a),
// clique:K, whose nodes are a, b, c and so on.
func Parse(text string) (Motif, error) {
	name, size, sized := strings.Cut(strings.TrimSpace(text), ":")
	for _, k := range kinds {
		if k.name != name {
			continue
		}
		n := 0
		if (k.least > 0) != sized {
			return Motif{}, fmt.Errorf("polynomial: motif %q; %s is expected", text, forms())
		}
		if sized {
			var err error
			if n, err = strconv.Atoi(size); err != nil || n < k.least || n > k.most {
				return Motif{}, fmt.Errorf("polynomial: motif %q; %s takes a size from %d to %d", text, name, k.least, k.most)
			}
		}
		return fromEdges(k.edges(n)), nil
	}
	var m Motif
	node := func(name string) (int, error) {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsAny(name, " \t:>") {
			return 0, fmt.Errorf("polynomial: motif %q; edges such as a-b,b-c,c-a, or %s are expected", text, forms())
		}
		if i := slices.Index(m.Names, name); i >= 0 {
			return i, nil
		}
		m.Names = append(m.Names, name)
		return len(m.Names) - 1, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		last := -1
		for name := range strings.SplitSeq(part, "-") { // a-b-c is a path
			v, err := node(name)
			if err != nil {
				return Motif{}, err
			}
			if last >= 0 {
				m.Edges = append(m.Edges, Edge{last, v, 0})
			}
			last = v
		}
	}
	if len(m.Edges) == 0 && len(m.Names) == 1 && len(m.Names[0]) > 1 { // "triangel" is not meant as a node
		return Motif{}, fmt.Errorf("polynomial: there is no motif %q; edges such as a-b,b-c,c-a, a single node a, or %s are expected", text, forms())
	}
	return m, m.Check(1)
}

// forms lists the names of motifs.
func forms() string {
	var s []string
	for _, k := range kinds {
		if k.least > 0 {
			s = append(s, k.name+":K")
		} else {
			s = append(s, k.name)
		}
	}
	return strings.Join(s, ", ")
}

// fromEdges is the motif of some edges, with names for its nodes.
func fromEdges(edges []Edge) Motif {
	n := 0
	for _, e := range edges {
		n = max(n, e.From+1, e.To+1)
	}
	return Motif{Names: letters(n), Edges: edges}
}

// letters are names for n nodes: a, b, …, z, a1, b1, ….
func letters(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = string(rune('a' + i%26))
		if i >= 26 {
			names[i] += strconv.Itoa(i / 26)
		}
	}
	return names
}

// Check says what is wrong with a motif for matrices of so many channels.
func (m Motif) Check(channels int) error {
	if len(m.Names) > MaxNodes {
		return fmt.Errorf("polynomial: a motif of %d nodes; at most %d are expected", len(m.Names), MaxNodes)
	}
	for _, e := range m.Edges {
		if min(e.From, e.To) < 0 || max(e.From, e.To) >= len(m.Names) {
			return fmt.Errorf("polynomial: a motif of %d nodes has an edge from node %d to %d; numbers from 0 are expected", len(m.Names), e.From, e.To)
		}
		if e.Channel < 0 || e.Channel >= channels {
			return fmt.Errorf("polynomial: an edge of the motif has channel %d; %d matrices are given", e.Channel, channels)
		}
	}
	for k, v := range m.Marked {
		if v < 0 || v >= len(m.Names) || slices.Contains(m.Marked[:k], v) {
			return fmt.Errorf("polynomial: mark %d of the motif is node %d; each of its %d nodes is marked once at most", k+1, v, len(m.Names))
		}
	}
	return nil
}

// Mark is the motif with marks at the named nodes and no others.
func (m Motif) Mark(names ...string) (Motif, error) {
	m.Marked = nil
	for _, name := range names {
		i := slices.Index(m.Names, name)
		if i < 0 {
			return Motif{}, fmt.Errorf("polynomial: the motif has no node %q to mark; its nodes are %s", name, strings.Join(m.Names, ", "))
		}
		m.Marked = append(m.Marked, i)
	}
	return m, m.Check(m.channels())
}

// channels is one more than the greatest channel of an edge.
func (m Motif) channels() int {
	n := 1
	for _, e := range m.Edges {
		n = max(n, e.Channel+1)
	}
	return n
}

// String is the motif in the form of Parse, with marked nodes in brackets and
// channels but the first after a colon: [a]-b,b-c:1.
func (m Motif) String() string {
	name := func(v int) string {
		if slices.Contains(m.Marked, v) {
			return "[" + m.Names[v] + "]"
		}
		return m.Names[v]
	}
	var parts []string
	for _, e := range m.Edges {
		s := name(e.From) + "-" + name(e.To)
		if e.Channel > 0 {
			s += ":" + strconv.Itoa(e.Channel)
		}
		parts = append(parts, s)
	}
	for v := range m.Names {
		if !slices.ContainsFunc(m.Edges, func(e Edge) bool { return e.From == v || e.To == v }) {
			parts = append(parts, name(v))
		}
	}
	return strings.Join(parts, ",")
}
