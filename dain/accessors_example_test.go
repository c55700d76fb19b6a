package dain_test

import (
	"context"
	"fmt"
	"github.com/polyad/polyad/dain"
	"github.com/polyad/polyad/tensor"
)

func ExampleNet_Predict() {
	x := tensor.New[float64](20, 20)
	for i := range 20 {
		for j := range 20 {
			x.Set(float64(i+j)/40, i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := dain.Run(context.Background(), known, dain.Options{Sampling: dain.None})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n", res.Predict([][]int32{{10}, {10}})[0])
	// Output: 0.5
}
