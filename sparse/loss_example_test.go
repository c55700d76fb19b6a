package sparse_test

import (
	"fmt"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// The squared error of a model of ones: zeros count.
func ExampleCOO_LossGradient() {
	x, err := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 1}, sparse.Refuse)
	if err != nil {
		panic(err)
	}
	ones := []*tensor.Matrix[float64]{tensor.MatrixOf(2, 1, []float64{1, 1}), tensor.MatrixOf(3, 1, []float64{1, 1, 1})}
	fmt.Println(x.LossGradient(ones, nil, func(x, m, d []float64) (sum float64) {
		for i := range m {
			sum += (m[i] - x[i]) * (m[i] - x[i])
		}
		return sum
	}))
	// Output: 20
}

func ExampleCOO_FindCell() {
	x, err := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 1}, sparse.Refuse)
	if err != nil {
		panic(err)
	}
	fmt.Println(x.FindCell(func(v float64) bool { return v < 1 }))
	// Output: [0 0] 0 true
}
