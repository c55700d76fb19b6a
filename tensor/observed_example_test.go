package tensor_test

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/tensor"
)

func ExampleNewObserved() {
	x, err := tensor.NewObserved([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Count(), x.Dense(-1).Data())
	_, err = tensor.NewObserved([]int{2, 3}, [][]int32{{0, 0}, {2, 2}}, []float64{5, 7})
	fmt.Println(err)
	// Output:
	// 2 [-1 -1 5 7 -1 -1]
	// tensor: entries 0 and 1 have the same index [0 2]; combine them (sum, mean, last …) before
}

func ExampleFromDense() {
	x := tensor.FromSlice([]float64{1, math.NaN(), 3, 4}, 2, 2)
	o := tensor.FromDense(x)
	fmt.Println(o.Values(), o.Indices(0), o.Indices(1))
	// Output: [1 3 4] [0 1 1] [0 0 1]
}

func ExampleObserved_Split() {
	x := tensor.FromDense(tensor.New[float64](10, 10))
	kept, left := x.Split(0.2, 1)
	fmt.Println(kept.Count(), left.Count())
	// Output: 80 20
}

func ExampleObserved_Select() {
	x := tensor.FromDense(tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2))
	rows := x.Indices(0)
	fmt.Println(x.Select(func(e int) bool { return rows[e] == 1 }).Values())
	// Output: [3 4]
}

func ExampleObserved_Impute() {
	x := tensor.FromDense(tensor.FromSlice([]float64{1, math.NaN(), 3, 4}, 2, 2))
	model := tensor.FromSlice([]float64{9, 9, 9, 9}, 2, 2)
	fmt.Println(x.Impute(model).Data())
	// Output: [1 9 3 4]
}

func ExampleObserved_Empty() {
	x, err := tensor.NewObserved([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 7})
	if err != nil {
		panic(err)
	}
	fmt.Println(x.Empty(0), x.Empty(1))
	// Output: [] [1]
}

func ExampleObserved_RowSystems() {
	// One row of two known entries, 5 and 7; the other factor has one column.
	x, err := tensor.NewObserved([]int{1, 3}, [][]int32{{0, 0}, {0, 2}}, []float64{5, 7})
	if err != nil {
		panic(err)
	}
	factors := []*tensor.Matrix[float64]{tensor.NewMatrix[float64](1, 1), tensor.MatrixOf(3, 1, []float64{1, 10, 2})}
	x.RowSystems(factors, 0, func(i, count int, gram *tensor.Matrix[float64], rhs []float64) {
		fmt.Println(i, count, gram.Data, rhs)
	})
	// Output: 0 2 [5] [19]
}

func ExampleObserved_Evaluate() {
	x, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {1, 1}}, []float64{0, 0})
	if err != nil {
		panic(err)
	}
	f := tensor.MatrixOf(2, 1, []float64{2, 3})
	fmt.Println(x.Evaluate([]float64{10}, []*tensor.Matrix[float64]{f, f}))
	// Output: [60 90]
}

func ExampleDense_MTTKRP() {
	x := tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	b := tensor.MatrixOf(2, 1, []float64{10, 100})
	dst := tensor.NewMatrix[float64](2, 1)
	x.MTTKRP(dst, []*tensor.Matrix[float64]{nil, b}, 0) // for a matrix: X times B
	fmt.Println(dst.Data)
	// Output: [210 430]
}

func ExampleDense_ResidualNorm() {
	x := tensor.FromSlice([]float64{3, 4, 6, 8}, 2, 2)
	a, b := tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(2, 1, []float64{3, 0})
	fmt.Printf("%.3f\n", x.ResidualNorm([]float64{1}, []*tensor.Matrix[float64]{a, b}))
	// Output: 8.944
}

func ExampleKhatriRao() {
	a, b := tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(2, 1, []float64{3, 4})
	fmt.Println(tensor.KhatriRao([]float64{1}, a, b).Data)
	// Output: [3 4 6 8]
}

// The absolute error of a model over the known entries.
func ExampleObserved_LossGradient() {
	x, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {1, 0}}, []float64{3, 5})
	if err != nil {
		panic(err)
	}
	factors := []*tensor.Matrix[float64]{tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(2, 1, []float64{1, 2})}
	fmt.Println(x.LossGradient(factors, nil, func(x, m, d []float64) (sum float64) {
		for i := range m {
			sum += math.Abs(x[i] - m[i])
		}
		return sum
	}))
	// Output: 4
}

func ExampleObserved_FindCell() {
	x, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {1, 0}}, []float64{3, 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(x.FindCell(func(v float64) bool { return v > 4 }))
	// Output: [1 0] 5 true
}
