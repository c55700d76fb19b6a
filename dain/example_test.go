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

// What new cells are worth, on a smooth table of which a third is known.
func ExampleCompare() {
	x := tensor.New[float64](20, 20)
	for i := range 20 {
		for j := range 20 {
			x.Set(float64(i*j)/400, i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.67, 1)
	c, err := dain.Compare(context.Background(), known, 0.2, 2, dain.Options{Epochs: 30}, dain.ArmInfluence, dain.ArmInfluenceCopied)
	if err != nil {
		fmt.Println(err)
		return
	}
	gain, _ := c.Gain(dain.ArmInfluence, dain.ArmInfluenceCopied)
	fmt.Println("values of nets are better than copied ones:", gain > 0 && c.Mean(dain.ArmInfluence) < 0.2)
	// Output: values of nets are better than copied ones: true
}

func ExampleComparison_Gain() {
	c := &dain.Comparison{RMSE: map[dain.Arm][]float64{
		dain.ArmNone:      {0.31, 0.35, 0.33},
		dain.ArmInfluence: {0.29, 0.32, 0.31},
	}}
	mean, half := c.Gain(dain.ArmInfluence, dain.ArmNone)
	fmt.Printf("%.3f below none: %.3f ± %.3f\n", c.Mean(dain.ArmInfluence), mean, half)
	// Output: 0.307 below none: 0.023 ± 0.014
}
