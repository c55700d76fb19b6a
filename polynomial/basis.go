package polynomial

import (
	"fmt"
	"slices"
)

// Kind says which motifs make up a basis.
type Kind struct {
	Marks    int  // 0: invariants, 1: a number a node, 2: a number a pair of nodes
	Directed bool // of matrices that are not symmetric
	Loops    bool // of matrices with a diagonal, as features of nodes make it
	Multi    bool // of matrices with other elements than 0 and 1
}

// maxDegree keeps the number of motifs within reason.
const maxDegree = 8

// Basis are the motifs of exactly degree edges, none equal to another, without
// nodes that have neither an edge nor a mark. The polynomials of all degrees up
// to d are a basis of the polynomials of degree d of an n×n matrix whose
// values permute with the nodes, where n is at least 2d + Marks; with marks,
// each of those where marks fall on one node counts besides.
func Basis(degree int, k Kind) ([]Motif, error) {
	if degree < 0 || degree > maxDegree || k.Marks < 0 || k.Marks > 2 {
		return nil, fmt.Errorf("polynomial: a basis of degree %d with %d marks; degrees 0 to %d and 0 to 2 marks are expected", degree, k.Marks, maxDegree)
	}
	first := Motif{Names: letters(k.Marks)}
	for v := range k.Marks {
		first.Marked = append(first.Marked, v)
	}
	level := []Motif{first}
	for range degree {
		seen := map[string]bool{}
		var next []Motif
		for _, m := range level {
			n := len(m.Names)
			for u := range n + 1 {
				for v := range n + 2 {
					if v > n && u != n || v > u && !k.Directed && v < n || u == v && !k.Loops {
						continue // beyond the new nodes n and n+1, or met the other way round
					}
					e := ordered(Edge{u, v, 0}, k.Directed)
					if !k.Multi && slices.Contains(m.Edges, e) {
						continue
					}
					grown := Motif{Names: letters(max(n, u+1, v+1)), Marked: m.Marked, Edges: append(slices.Clone(m.Edges), e)}.Canonical(k.Directed)
					if key := grown.key(); !seen[key] {
						seen[key] = true
						next = append(next, grown)
					}
				}
			}
		}
		level = next
	}
	return level, nil
}
