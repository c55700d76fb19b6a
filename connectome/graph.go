package connectome

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// Graph is an undirected graph with positive weights and without loops.
type Graph struct {
	n     int
	ends  [][]int32   // the neighbours of each node
	w     [][]float64 // and the weights of the edges to them
	edges int
	total float64 // of all weights
}

// NewGraph makes a graph of a symmetric matrix of weights: N×N. A zero is no
// edge, and so is what is less than 1e-9 of the largest; the diagonal is not
// read. Weights that are negative or not finite, and a matrix that is not
// symmetric to 1e-8, are errors.
func NewGraph(a *tensor.Matrix[float64]) (*Graph, error) {
	if a.Rows != a.Cols {
		return nil, fmt.Errorf("connectome: the weights are %d×%d; a square matrix is expected", a.Rows, a.Cols)
	}
	g := &Graph{n: a.Rows, ends: make([][]int32, a.Rows), w: make([][]float64, a.Rows)}
	top := 0.0
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			if i == j {
				continue
			}
			if !(v >= 0) || math.IsInf(v, 1) {
				return nil, fmt.Errorf("connectome: the weight of (%d, %d) is %v; a finite number, zero or positive, is expected", i, j, v)
			}
			top = max(top, v)
		}
	}
	for i := range a.Rows {
		for j := range i {
			v := a.At(i, j)
			if d := v - a.At(j, i); math.Abs(d) > 1e-8*top {
				return nil, fmt.Errorf("connectome: the weights of (%d, %d) and (%d, %d) are %v and %v; a symmetric matrix is expected", i, j, j, i, v, a.At(j, i))
			}
			if v <= 1e-9*top {
				continue
			}
			g.ends[i] = append(g.ends[i], int32(j))
			g.ends[j] = append(g.ends[j], int32(i))
			g.w[i] = append(g.w[i], v)
			g.w[j] = append(g.w[j], v)
			g.edges++
			g.total += v
		}
	}
	return g, nil
}

// Nodes is the number of nodes, and Edges that of edges.
func (g *Graph) Nodes() int { return g.n }

// Edges is the number of edges.
func (g *Graph) Edges() int { return g.edges }

// NMI is the normalised mutual information of two partitions of the same
// nodes, 2*I(a, b)/(H(a)+H(b)): 1 if they are the same up to names, 0 if they
// tell nothing of each other. Two partitions of one block each are the same.
// It panics if they are of different lengths. Danon, Díaz-Guilera, Duch &
// Arenas 2005, https://doi.org/10.1088/1742-5468/2005/09/P09008.
func NMI(a, b []int) float64 {
	if len(a) != len(b) {
		panic(fmt.Sprintf("connectome: NMI of partitions of %d and %d nodes", len(a), len(b)))
	}
	x, y := named(a), named(b)
	nx, ny := 1+slices.Max(append(x, -1)), 1+slices.Max(append(y, -1))
	both := make([]float64, nx*ny)
	px, py := make([]float64, nx), make([]float64, ny)
	p := 1 / float64(len(a))
	for i, r := range x {
		both[r*ny+y[i]] += p
		px[r] += p
		py[y[i]] += p
	}
	entropy := func(p []float64) float64 {
		h := 0.0
		for _, v := range p {
			if v > 0 {
				h -= v * math.Log(v)
			}
		}
		return h
	}
	hx, hy := entropy(px), entropy(py)
	if hx+hy == 0 {
		return 1
	}
	return min(1, max(0, 2*(hx+hy-entropy(both))/(hx+hy)))
}

// named gives blocks the names 0, 1, … in order of first use.
func named(a []int) []int {
	names := map[int]int{}
	out := make([]int, len(a))
	for i, r := range a {
		k, ok := names[r]
		if !ok {
			k = len(names)
			names[r] = k
		}
		out[i] = k
	}
	return out
}
