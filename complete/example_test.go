package complete_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// A multiplication table with holes.
func ExampleRun() {
	var index [2][]int32
	var values []float64
	for i := range int32(12) {
		for j := range int32(12) {
			if (i+2*j)%3 != 0 {
				index[0], index[1] = append(index[0], i), append(index[1], j)
				values = append(values, float64((i+1)*(j+1)))
			}
		}
	}
	x, err := tensor.NewObserved([]int{12, 12}, index[:], values)
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := complete.Run(context.Background(), x, complete.Options{MaxRank: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, _ := res.Predict([][]int32{{6}, {9}})
	fmt.Printf("rank %d; 7 × 10 is about %.0f\n", res.Chosen.Ranks[0], v[0])
	// Output: rank 1; 7 × 10 is about 70
}

// A matrix of rank 1, a fifth of which is known.
func ExampleMatrix() {
	x := tensor.New[float64](60, 50)
	for i := range 60 {
		for j := range 50 {
			x.Set(float64((i+1)*(j+1)), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.8, 1)
	m, _, err := complete.Matrix(context.Background(), known, complete.MatrixOptions{Rank: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("7 × 10 is about %.1f\n", m.At(6, 9))
	// Output: 7 × 10 is about 70.0
}

// How many components of a table of counts come again in cells left out.
func ExampleRank() {
	x := tensor.New[float64](8, 9, 7)
	for i := range 8 {
		for j := range 9 {
			for k := range 7 {
				x.Set(float64((i+1)*(j+2)*(k+1)/9), i, j, k)
			}
		}
	}
	e, err := complete.Rank(context.Background(), x, complete.Options{Loss: loss.Poisson, MaxRank: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Chosen, e.Basis)
	// Output: [1] all entries
}

// A model file predicts, each cell with a standard error of its own.
func ExampleLoad() {
	x := tensor.New[float64](9, 8)
	for i := range 9 {
		for j := range 8 {
			x.Set(float64((i+1)*(j+1))+0.1*float64((i*j)%3), i, j)
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := complete.Run(context.Background(), known, complete.Options{Ranks: []int{1}})
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
	path := filepath.Join(dir, "model.npz")
	if err := res.Save(path); err != nil {
		fmt.Println(err)
		return
	}
	again, err := complete.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, se := again.Predict([][]int32{{6}, {4}})
	fmt.Printf("7 × 5 is about %.0f, and surely within 5: %v\n", v[0], se[0] < 2.5)
	// Output: 7 × 5 is about 35, and surely within 5: true
}
