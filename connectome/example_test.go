package connectome_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/fit"
)

// Two states of a network, one after the other.
func ExampleFit() {
	x, _ := recording()
	p, err := connectome.ReadPairs(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 2, Options: fit.Options{Starts: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Changes {
		fmt.Printf("at time %d component %d leads; its communities have %v nodes\n", c.Time, c.To+1, r.Components[c.To].Communities.Sizes)
	}
	// Output: at time 13 component 1 leads; its communities have [10 10 10] nodes
}

func ExampleNMI() {
	fmt.Println(connectome.NMI([]int{0, 0, 1, 1}, []int{7, 7, 3, 3}))
	// Output: 1
}
