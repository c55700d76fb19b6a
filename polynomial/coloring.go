package polynomial

import (
	"context"
	"fmt"
	"math/big"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// Colorings is the number of ways to give each node of a graph one of some
// colours so that nodes that are joined have different ones, exactly. It is the
// contraction of a k×k matrix, 1 off its diagonal, for each edge, and takes
// time and memory as k to the power of the treewidth; memory bounds the bytes
// (0: no bound). Directions, weights other than 0 and repeated edges do not
// matter; a loop leaves no colouring.
func Colorings(ctx context.Context, g *Graph, colors int, memory int64) (*big.Int, error) {
	if colors < 0 || colors > 1<<16 {
		return nil, fmt.Errorf("polynomial: %d colours; 0 to %d are expected", colors, 1<<16)
	}
	if colors == 0 {
		return new(big.Int), nil
	}
	differ := tensor.New[float64](colors, colors)
	for i := range colors * colors {
		if i/colors != i%colors {
			differ.Raw()[i] = 1
		}
	}
	free := tensor.New[float64](colors)
	for i := range colors {
		free.Raw()[i] = 1
	}
	var inputs [][]int
	var shapes [][]int
	var ops []*tensor.Dense[float64]
	joined := make([]bool, len(g.Nodes))
	for i := range g.Nodes {
		for j := range i + 1 {
			if g.Adjacency.At(i, j) != 0 || g.Adjacency.At(j, i) != 0 {
				joined[i], joined[j] = true, true
				inputs, shapes, ops = append(inputs, []int{i, j}), append(shapes, []int{colors, colors}), append(ops, differ)
			}
		}
	}
	for i := range g.Nodes {
		if !joined[i] {
			inputs, shapes, ops = append(inputs, []int{i}), append(shapes, []int{colors}), append(ops, free)
		}
	}
	e, err := einsum.Indices(inputs, nil)
	if err != nil {
		return nil, err
	}
	p, err := e.Plan(ctx, einsum.Options{Memory: memory}, shapes...)
	if err != nil {
		return nil, err
	}
	n, err := einsum.Exact(ctx, p, ops...)
	if err != nil {
		return nil, err
	}
	return n[0], nil
}
