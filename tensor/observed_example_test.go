package tensor_test

import (
	"fmt"
	"log"
	"math"
	"slices"

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

// Known entries, less the mean of all of them.
func ExampleObserved_WithValues() {
	x, err := tensor.NewObserved([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 7})
	if err != nil {
		log.Fatal(err)
	}
	if err := x.SetAxes(tensor.Axis{Name: "user", Labels: []string{"Ada", "Ben"}}, tensor.Axis{Name: "film"}); err != nil {
		log.Fatal(err)
	}
	centred := make([]float64, x.Count())
	for e, v := range x.Values() {
		centred[e] = v - 6
	}
	y := x.WithValues(centred)
	for e, v := range y.Values() {
		fmt.Println(y.Axes()[0].Label(int(y.Indices(0)[e])), v)
	}
	fmt.Println(y.Order(), "modes")
	// Output:
	// Ada -1
	// Ben 1
	// 2 modes
}

// The mean of the known entries of each row, and a line y = a + b*t through
// them, t being the index on the other mode.
func ExampleObserved_GroupBy() {
	x, err := tensor.NewObserved([]int{2, 4}, [][]int32{{0, 1, 0, 1, 0}, {0, 0, 1, 3, 3}}, []float64{1, 8, 3, 2, 7})
	if err != nil {
		log.Fatal(err)
	}
	rows := x.GroupBy(0)
	mean, slope := make([]float64, 2), make([]float64, 2)
	rows.Sum(1, func() func(sum []float64, i, lo, hi int) {
		return func(sum []float64, i, lo, hi int) {
			for _, v := range rows.Values[lo:hi] {
				sum[0] += v
			}
		}
	}, func(i int, sum []float64) {
		mean[i] = sum[0] / float64(rows.Start[i+1]-rows.Start[i])
	})
	rows.Systems(2, func() func(phi []float64, stride, lo, n int) {
		return func(phi []float64, stride, lo, n int) {
			for e := range n {
				phi[e*stride], phi[e*stride+1] = 1, float64(rows.Index[1][lo+e])
			}
		}
	}, func(i int, gram *tensor.Matrix[float64], rhs []float64) {
		det := gram.At(0, 0)*gram.At(1, 1) - gram.At(0, 1)*gram.At(1, 0)
		slope[i] = (gram.At(0, 0)*rhs[1] - gram.At(1, 0)*rhs[0]) / det
	})
	fmt.Printf("means %.2f, slopes %.2f\n", mean, slope)
	largest := make([]float64, 2)
	rows.Rows(func() func(i, lo, hi int) {
		return func(i, lo, hi int) { largest[i] = slices.Max(rows.Values[lo:hi]) }
	})
	fmt.Println("largest", largest)
	// Output:
	// means [3.67 5.00], slopes [2.00 -2.00]
	// largest [7 8]
}
