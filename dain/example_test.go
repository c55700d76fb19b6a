package dain_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/dain"
	"github.com/polyad/polyad/tensor"
)

// A smooth table of which a third is known.
func ExampleRun() {
	x := tensor.New[float64](20, 20)
	for i := range 20 {
		for j := range 20 {
			x.Set(float64(i*j)/400, i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.67, 1)
	res, err := dain.Run(context.Background(), known, dain.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d cells were added to %d, by the importance of %d rows and %d columns\n",
		res.Added.Count(), res.Train.Count(), len(res.Importance[0]), len(res.Importance[1]))
	// Output: 119 cells were added to 119, by the importance of 20 rows and 20 columns
}
