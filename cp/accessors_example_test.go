package cp_test

import (
	"fmt"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

func ExamplePlanALS() {
	p, err := cp.PlanALS([]int{100, 100, 100}, 8, cp.Options{Rank: 5})
	fmt.Println(p.PeakBytes > 8_000_000, p.Flops > 0, err)
	// Output: true true <nil>
}

func ExampleTensor_Shape() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	fmt.Println(m.Shape())
	// Output: [2 3]
}

func ExampleTensor_Rank() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	fmt.Println(m.Rank())
	// Output: 1
}

func ExampleTensor_Parameters() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	fmt.Println(m.Parameters())
	// Output: 6
}

func ExampleTensor_Axes() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	m.Modes[0].Name = "row"
	fmt.Println(m.Axes()[0].Name)
	// Output: row
}

func ExampleTensor_Clone() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	c := m.Clone()
	c.Weights[0] = 7
	fmt.Println(m.Weights)
	// Output: [2]
}

func ExampleTensor_Dense() {
	m, _ := cp.New([]float64{2}, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{1, 0, 1}))
	d := m.Dense()
	fmt.Println(d.Shape(), d.At(1, 2) == m.At(1, 2))
	// Output: [2 3] true
}
