package tucker_test

import (
	"context"
	"fmt"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
	"math"
)

func ExampleTensor_Shape() {
	x := tensor.New[float64](3, 4, 2)
	x.Set(5, 1, 2, 0)
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: []int{1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Shape())
	// Output: [3 4 2]
}

func ExampleTensor_Ranks() {
	x := tensor.New[float64](3, 4, 2)
	x.Set(5, 1, 2, 0)
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: []int{1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Ranks())
	// Output: [1 1 1]
}

func ExampleTensor_Axes() {
	x := tensor.New[float64](3, 4, 2)
	x.Set(5, 1, 2, 0)
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: []int{1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(m.Axes()))
	// Output: 3
}

func ExampleTensor_StepSize() {
	x := tensor.New[float64](3, 4, 2)
	x.Set(5, 1, 2, 0)
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: []int{1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.StepSize(0), m.StepSize(2))
	// Output: 1 1
}

// An element, mode after mode.
func ExampleTensor_Step() {
	x := tensor.New[float64](3, 4, 2)
	x.Set(5, 1, 2, 0)
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: []int{1, 1, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var src []float64
	for n, i := range []int{1, 2, 0} {
		dst := make([]float64, m.StepSize(n))
		m.Step(dst, src, n, i)
		src = dst
	}
	fmt.Println(math.Abs(src[0]-5) < 1e-12)
	// Output: true
}
