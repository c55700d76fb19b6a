package path

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
)

// optimalMost is the most connected tensors that Optimal takes: sets of them
// are the bits of a word.
const optimalMost = 64

// Optimal finds a path of the fewest index-space products by dynamic
// programming over sets of tensors (Pfeifer, Haegeman & Verstraete, 2014,
// https://doi.org/10.1103/PhysRevE.90.033315). Of more than 12 tensors, only
// those with a common index are paired as long as there are any. Of more than
// 18, sets that cost more than a bound are left out, and the bound grows until
// a path is found. The time is exponential: 16 tensors that are all neighbours and
// some 30 of a sparse network are quick. The error is that of ctx, or says
// that more than 64 tensors are connected.
func Optimal(ctx context.Context, n *Network) (Path, error) {
	g := newGraph(n)
	lay := newLayout(g)
	var d dynamic
	parts := g.parts()
	if g.inputs <= anyPairMost {
		parts = [][]int32{slices.Concat(parts...)}
	}
	for _, part := range parts {
		if len(part) > optimalMost {
			return nil, fmt.Errorf("path: the optimal planner takes up to %d connected tensors, these are %d; use another planner", optimalMost, len(part))
		}
		legs := make([][]uint64, len(part))
		for t, a := range part {
			legs[t] = make([]uint64, lay.words())
			lay.put(legs[t], g.legs[a])
		}
		kept := make([]uint64, lay.words())
		lay.put(kept, n.Output)
		d.start(lay, legs, kept)
		solve := d.dense
		if len(part) > denseMost {
			solve = d.layers
		}
		if err := solve(ctx); err != nil {
			return nil, err
		}
		var contract func(set uint64) int32
		contract = func(set uint64) int32 {
			if set&(set-1) == 0 {
				return part[bits.TrailingZeros64(set)]
			}
			a := d.split(set)
			return g.contract(contract(set^a), contract(a))
		}
		contract(^uint64(0) >> (64 - len(part)))
	}
	g.finish()
	return g.path, nil
}

// parts are the connected parts of what is left.
func (g *graph) parts() [][]int32 {
	part := make([]bool, len(g.legs))
	visited := make([]bool, len(g.holders))
	var all [][]int32
	for t := range g.legs {
		if !g.alive[t] || part[t] {
			continue
		}
		part[t] = true
		list := []int32{int32(t)}
		for k := 0; k < len(list); k++ {
			for _, i := range g.legs[list[k]] {
				if visited[i] {
					continue
				}
				visited[i] = true
				for _, b := range g.holders[i] {
					if g.alive[b] && !part[b] {
						part[b] = true
						list = append(list, b)
					}
				}
			}
		}
		all = append(all, list)
	}
	return all
}
