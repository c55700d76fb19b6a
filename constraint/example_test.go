package constraint_test

import (
	"fmt"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/tensor"
)

func ExampleParse() {
	s, err := constraint.Parse("nonneg,smooth:0.1")
	fmt.Println(s, err)
	_, err = constraint.Parse("box:1,0")
	fmt.Println(err)
	// Output:
	// nonneg,smooth:0.1 <nil>
	// constraint: box:1,0: no number lies between these bounds; the lower one comes first
}

func ExampleOf() {
	s, err := constraint.Of(constraint.Box(0, 1), constraint.Increasing)
	fmt.Println(s, err)
	// Output: box:0,1,increasing <nil>
}

// The nearest column that rises, between 0 and 1.
func ExampleSet_Prox() {
	s, err := constraint.Parse("box:0,1,increasing")
	if err != nil {
		fmt.Println(err)
		return
	}
	a := tensor.MatrixOf(5, 1, []float64{-1, 0.75, 0.25, 0.75, 2})
	fmt.Println(s.Prox(a, 1), a.Data)
	// Output: <nil> [0 0.5 0.5 0.75 1]
}

func ExampleSet_Items() {
	s, err := constraint.Of(constraint.Nonneg, constraint.Smooth(0.1))
	fmt.Println(len(s.Items()), err)
	// Output: 2 <nil>
}
