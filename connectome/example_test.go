package connectome_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Two states of a network, one after the other.
func ExampleFit() {
	x, _ := recording()
	p, err := connectome.ReadPairs(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 2, Restarts: 1, Options: fit.Options{Starts: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Changes {
		fmt.Printf("at time %d component %d leads; its communities have %v nodes\n", c.Time, c.To+1, r.Components[c.To].Communities.Sizes)
	}
	// Output: at time 13 component 1 leads; its communities have [10 10 10] nodes
}

// Two rings of friends, and one acquaintance between them.
func ExampleCommunities() {
	friends := tensor.NewMatrix[float64](24, 24)
	meet := func(a, b int, hours float64) {
		friends.Set(a, b, hours)
		friends.Set(b, a, hours)
	}
	for i := range 24 {
		for j := range i {
			if i/12 == j/12 {
				meet(i, j, 5+float64((7*i*i+3*i*j+j)%11)/4)
			}
		}
	}
	meet(0, 23, 1)
	g, err := connectome.NewGraph(friends)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := connectome.Communities(context.Background(), g, connectome.SearchOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Nodes(), "nodes,", g.Edges(), "edges, communities of", p.Sizes)
	fmt.Println("together:", p.Blocks[0] == p.Blocks[11], p.Blocks[0] == p.Blocks[23])
	// Output:
	// 24 nodes, 133 edges, communities of [12 12]
	// together: true false
}

// Affinities as they are stored, one number a pair, and as a matrix.
func ExampleReadPairs() {
	x := tensor.FromSlice([]float64{
		0.5, 0.1, 0.9, // of nodes 0 and 1, 0 and 2, 1 and 2
		0.4, 0.2, 0.8,
	}, 2, 1, 3) // two times, one subject
	p, err := connectome.ReadPairs(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	now := p.Square(x.Index(0, 1).Data())
	for i := range p.Count {
		fmt.Println(now.Row(i))
	}
	// Output:
	// [0 0.4 0.2]
	// [0.4 0 0.8]
	// [0.2 0.8 0]
}

// The communities of a stretch of time, by their members.
func ExamplePeriod_Members() {
	p := connectome.Period{First: 3, Last: 9, Of: []int{0, 2, 0, 2, 2}}
	fmt.Println(p.Members())
	// Output: [[0 2] [] [1 3 4]]
}

func ExampleNMI() {
	fmt.Println(connectome.NMI([]int{0, 0, 1, 1}, []int{7, 7, 3, 3}))
	// Output: 1
}
