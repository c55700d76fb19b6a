package polynomial

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/polyad/polyad/tensor"
)

// Graph is a graph with names of its nodes.
type Graph struct {
	Nodes     []string
	Adjacency *tensor.Dense[float64] // n×n: weights, 0 without an edge
}

// maxGraph bounds the nodes of a graph, whose matrix is dense.
const maxGraph = 20000

// header is the line of a DIMACS file that says how many nodes there are.
var header = regexp.MustCompile(`(?m)^p (edge|col) \d+ \d+\s*$`)

// Read reads a list of edges: on each line the names of two nodes and, if it is
// not 1, a weight, with spaces, tabs or commas between them. A name alone is a
// node without edges. Lines that begin with # or % are comments. Lines as in
// DIMACS files of colouring ("p edge 25 320", "e 1 2", "c comment") are
// understood, where there is a line p. Unless directed, an edge counts in both
// directions. An edge may be listed twice with the same weight.
func Read(r io.Reader, directed bool) (*Graph, error) {
	type edge struct {
		from, to int
		weight   float64
		line     int
	}
	var edges []edge
	var names []string
	index := map[string]int{}
	node := func(name string) int {
		if i, ok := index[name]; ok {
			return i
		}
		index[name] = len(names)
		names = append(names, name)
		return len(names) - 1
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	dimacs := header.Match(text)
	line := 0
	for raw := range bytes.Lines(text) {
		line++
		text := strings.TrimSpace(string(raw))
		if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }); at >= 0 {
			return nil, fmt.Errorf("line %d: the byte %#02x; a text of names is expected", line, text[at])
		}
		f := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == ';' })
		if len(f) == 0 || text[0] == '#' || text[0] == '%' || dimacs && f[0] == "c" {
			continue
		}
		if dimacs && f[0] == "p" && len(f) == 4 && len(names) == 0 {
			n, err := strconv.Atoi(f[2])
			if err != nil || n < 1 || n > maxGraph {
				return nil, fmt.Errorf("line %d: %q: a number of nodes from 1 to %d is expected", line, text, maxGraph)
			}
			for i := range n {
				node(strconv.Itoa(i + 1))
			}
			continue
		}
		if dimacs {
			if f[0] != "e" || len(f) != 3 {
				return nil, fmt.Errorf("line %d: %q: a line such as e 1 2 is expected", line, text)
			}
			f = f[1:]
			for _, name := range f {
				if _, ok := index[name]; !ok {
					return nil, fmt.Errorf("line %d: node %q; the file says that it has nodes 1 to %d", line, name, len(names))
				}
			}
		}
		if len(f) > 3 {
			return nil, fmt.Errorf("line %d: %q: two nodes and perhaps a weight are expected", line, text)
		}
		u := node(f[0])
		if len(f) > 1 {
			e := edge{u, node(f[1]), 1, line}
			if len(f) == 3 {
				w, err := strconv.ParseFloat(f[2], 64)
				if err != nil || math.IsNaN(w) || math.IsInf(w, 0) {
					return nil, fmt.Errorf("line %d: weight %q; a number is expected", line, f[2])
				}
				e.weight = w
			}
			edges = append(edges, e)
		}
		if len(names) > maxGraph {
			return nil, fmt.Errorf("line %d: there are more than %d nodes; the matrix of a graph is kept whole, fewer are expected", line, maxGraph)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the graph is empty; lines with the names of two nodes are expected")
	}
	g := &Graph{Nodes: names, Adjacency: tensor.New[float64](len(names), len(names))}
	first := map[[2]int]edge{}
	for _, e := range edges {
		key := [2]int{e.from, e.to}
		if !directed {
			slices.Sort(key[:])
		}
		if f, ok := first[key]; ok && f.weight != e.weight {
			return nil, fmt.Errorf("line %d: the edge %s %s has weight %v, and %v on line %d; one weight an edge is expected", e.line, names[e.from], names[e.to], e.weight, f.weight, f.line)
		}
		first[key] = e
		g.Adjacency.Set(e.weight, e.from, e.to)
		if !directed {
			g.Adjacency.Set(e.weight, e.to, e.from)
		}
	}
	return g, nil
}

// Queens is the graph of the squares of a rows×cols board, two of which are
// joined if a queen goes from one to the other.
func Queens(rows, cols int) *Graph {
	g := &Graph{Adjacency: tensor.New[float64](rows*cols, rows*cols)}
	for i := range rows * cols {
		g.Nodes = append(g.Nodes, fmt.Sprintf("%d.%d", i/cols+1, i%cols+1))
		for j := range i {
			di, dj := i/cols-j/cols, i%cols-j%cols
			if di == 0 || dj == 0 || di == dj || di == -dj {
				g.Adjacency.Set(1, i, j)
				g.Adjacency.Set(1, j, i)
			}
		}
	}
	return g
}
