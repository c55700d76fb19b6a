package complete_test

import (
	"context"
	"fmt"
	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/tensor"
	"os"
	"path/filepath"
)

func ExampleUnknown() {
	x, _ := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {0, 0}}, []float64{1, 2})
	fmt.Println(complete.Unknown(x))
	// Output: [[0 1] [1 1]] <nil>
}

func ExampleFill() {
	x, _ := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {0, 0}}, []float64{1, 2})
	fmt.Println(complete.Fill(x, [][]int32{{0, 1}, {1, 1}}, []float64{3, 4}).Data())
	// Output: [1 3 2 4]
}

func ExampleResult_Predict() {
	x := tensor.New[float64](6, 5)
	for i := range 6 {
		for j := range 5 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}, Ridge: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, se := res.Predict([][]int32{{3}, {2}})
	fmt.Printf("%.1f %v\n", v[0], se[0] < 0.1)
	// Output: 12.0 true
}

func ExampleResult_Unknown() {
	x := tensor.New[float64](6, 5)
	for i := range 6 {
		for j := range 5 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}, Ridge: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	index, err := res.Unknown()
	fmt.Println(len(index[0]), err)
	// Output: 9 <nil>
}

func ExampleResult_Fill() {
	x := tensor.New[float64](6, 5)
	for i := range 6 {
		for j := range 5 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}, Ridge: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := res.Fill()
	fmt.Printf("%.1f %v\n", y.At(3, 2), err)
	// Output: 12.0 <nil>
}

func ExampleResult_Score() {
	x := tensor.New[float64](6, 5)
	for i := range 6 {
		for j := range 5 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, hidden := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}, Ridge: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	rmse, _, err := res.Score(hidden)
	fmt.Println(rmse < 2, err)
	// Output: true <nil>
}

func ExampleResult_Save() {
	x := tensor.New[float64](6, 5)
	for i := range 6 {
		for j := range 5 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}, Ridge: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(res.Save(filepath.Join(dir, "model.npz")))
	// Output: <nil>
}
