package rank_test

import (
	"fmt"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
)

func ExampleOptions_Validate() {
	fmt.Println(rank.Options{Folds: 1}.Validate())
	// Output: folds 1: 2 or more are expected
}

// Each known entry is in one of the folds.
func ExampleDeal() {
	x := tensor.FromDense(tensor.New[float64](4, 5))
	for _, f := range rank.Deal(x, 4, 0) {
		fmt.Print(f.Train.Count(), " ", f.Test.Count(), "; ")
	}
	// Output: 15 5; 15 5; 15 5; 15 5;
}
