package tucker_test

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
)

// A third of the entries is known.
func ExampleComplete() {
	x := tensor.New[float64](10, 9, 8)
	for i := range 10 {
		for j := range 9 {
			for k := range 8 {
				x.Set(float64((i+1)*(j+2))+float64(k), i, j, k)
			}
		}
	}
	known, hidden := tensor.FromDense(x).Split(0.67, 1)
	m, _, err := tucker.Complete(context.Background(), known, tucker.CompleteOptions{Ranks: []int{2, 2, 2}, Penalty: fit.Penalty{Ridge: 1e-7}})
	if err != nil {
		fmt.Println(err)
		return
	}
	worst := 0.0
	for e, v := range hidden.Values() {
		at := m.At(int(hidden.Indices(0)[e]), int(hidden.Indices(1)[e]), int(hidden.Indices(2)[e]))
		worst = max(worst, math.Abs(at-v))
	}
	fmt.Println("all hidden entries are found to 0.1:", worst < 0.1)
	// Output: all hidden entries are found to 0.1: true
}
