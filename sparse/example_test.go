package sparse_test

import (
	"errors"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

func ExampleNewCOO() {
	// Three calls between two people are one cell.
	from, to := []int32{0, 2, 0, 0}, []int32{1, 1, 1, 1}
	x, err := sparse.NewCOO([]int{3, 2}, [][]int32{from, to}, []float64{1, 1, 1, 1}, sparse.Sum)
	fmt.Println(x.Count(), x.At(0, 1), x.At(1, 0), err)
	_, err = sparse.NewCOO([]int{3, 2}, [][]int32{from, to}, []float64{1, 1, 1, 1}, sparse.Refuse)
	fmt.Println(err)
	// Output:
	// 2 3 0 <nil>
	// sparse: entries 0 and 2 share the cell [0 1]; say how to join such entries: sum, mean, count, last, min or max
}

func ExampleCOO_CSF() {
	x, _ := sparse.NewCOO([]int{2, 3, 4}, [][]int32{{0, 0, 1}, {1, 1, 2}, {0, 3, 3}}, []float64{1, 2, 3}, sparse.Refuse)
	tree := x.CSF(0)
	for level, mode := range tree.Modes() {
		fmt.Printf("mode %d: %d nodes\n", mode, tree.Nodes(level))
	}
	fmt.Println(tree.Bytes(), "bytes")
	// Output:
	// mode 0: 2 nodes
	// mode 1: 2 nodes
	// mode 2: 3 nodes
	// 52 bytes
}

func ExampleTTV() {
	x, _ := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 0, 1}, {0, 2, 1}}, []float64{1, 2, 3}, sparse.Refuse)
	y := sparse.TTV(x, []float64{10, 20, 30}, 1)
	fmt.Println(y.Shape(), y.Values())
	// Output: [2] [70 60]
}

func ExampleTTM() {
	x, _ := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 0, 1}, {0, 2, 1}}, []float64{1, 2, 3}, sparse.Refuse)
	m := tensor.MatrixOf(1, 3, []float64{1, 1, 1}) // sums over the second mode
	y := sparse.TTM(x, m, 1)
	fmt.Println(y.Shape(), y.Values())
	// Output: [2 1] [3 3]
}

func ExampleCOO_Stats() {
	x, _ := sparse.NewCOO([]int{4, 2}, [][]int32{{0, 0, 3}, {0, 1, 1}}, []float64{1, 2, 3}, sparse.Refuse)
	s := x.Stats()
	fmt.Println(s.Density, s.Modes[0].Empty, s.Modes[0].Largest)
	// Output: 0.375 2 2
}

func ExampleMergeInPlace() {
	rows, columns := []int32{1, 0, 1}, []int32{2, 0, 2}
	index, values, err := sparse.MergeInPlace([]int{2, 3}, [][]int32{rows, columns}, []float64{5, 7, 1}, sparse.Sum)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(index, values)
	// Output: [[0 1] [0 2]] [7 6]
}

func ExampleMerge() {
	index, values, err := sparse.Merge([]int{2, 3}, [][]int32{{1, 0}, {2, 0}}, []float64{5, 7}, sparse.Refuse)
	fmt.Println(index, values, err)
	// Output: [[0 1] [0 2]] [7 5] <nil>
}

func ExampleCOO_Dense() {
	x, err := sparse.NewCOO([]int{2, 2}, [][]int32{{0, 1}, {1, 0}}, []float64{3, 4}, sparse.Refuse)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Dense().Data(), x.Norm(), x.Cells())
	// Output: [0 3 4 0] 5 4
}

// Single precision halves the memory of the values, and is known to methods
// that ask how exact the data are.
func ExampleConvert() {
	x, err := sparse.FromDense(tensor.FromSlice([]float64{0, 0.1, 0, 0, 0, 2}, 2, 3))
	if err != nil {
		log.Fatal(err)
	}
	y := sparse.Convert[float32](x)
	fmt.Println(y.Order(), y.Count(), y.Values())
	fmt.Println(x.Epsilon() == 0x1p-52, y.Epsilon() == 0x1p-23)
	// Output:
	// 2 2 [0.1 2]
	// true true
}

// Lists that are sorted and joined already become a tensor without a check.
func ExampleMerged() {
	shape := []int{2, 3}
	index, values, err := sparse.Merge(shape, [][]int32{{1, 0, 1}, {2, 0, 2}}, []float64{5, 7, -5}, sparse.Sum)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(values), "cells,", sparse.Merged(shape, index, values).Count(), "not zero")
	// Output: 2 cells, 1 not zero
}

func ExampleCOO_SetAxes() {
	calls, err := sparse.NewCOO([]int{3, 3}, [][]int32{{0, 0, 2}, {1, 2, 1}}, []float64{4, 1, 2}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	people := []string{"Ada", "Ben", "Cleo"}
	if err := calls.SetAxes(tensor.Axis{Name: "from", Labels: people}, tensor.Axis{Name: "to", Labels: people}); err != nil {
		log.Fatal(err)
	}
	for i, n := range calls.SliceCounts(0) {
		fmt.Println(calls.Axes()[0].Label(i), "called", n)
	}
	// Output:
	// Ada called 2
	// Ben called 0
	// Cleo called 1
}

// The logarithms of counts, in the same cells.
func ExampleCOO_WithValues() {
	x, err := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{9, 99}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	logs := make([]float64, x.Count())
	for e, v := range x.Values() {
		logs[e] = math.Log10(1 + v)
	}
	y := x.WithValues(logs)
	fmt.Println(y.Indices(0), y.Indices(1), y.Values())
	// Output: [0 1] [2 0] [1 2]
}

// A model of rank 1 at the entries, and its inner product with the data.
func ExampleCOO_Evaluate() {
	x, err := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 1}, {2, 0}}, []float64{5, 7}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	a, b := tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{3, 0, 4})
	fmt.Println(x.Evaluate([]float64{1}, []*tensor.Matrix[float64]{a, b}))
	model := tensor.Outer(tensor.FromSlice(a.Col(0), 2), tensor.FromSlice(b.Col(0), 3))
	fmt.Println(x.Inner(model))
	// Output:
	// [4 6]
	// 62
}

// The power method finds the direction in which most of a mode lies, without
// the Gram matrix of the mode.
func ExampleCOO_GramTimes() {
	x, err := sparse.NewCOO([]int{3, 2, 2}, [][]int32{{0, 0, 1, 2}, {0, 1, 0, 1}, {0, 1, 0, 0}}, []float64{3, 1, 4, 1}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	u := tensor.MatrixOf(3, 1, []float64{1, 1, 1})
	var value float64
	for range 50 {
		u = x.GramTimes(u, 0)
		value = math.Sqrt(tensor.Gram(u).At(0, 0))
		for i := range u.Data {
			u.Data[i] /= value
		}
	}
	fmt.Printf("singular value %.3f, vector %.3f\n", math.Sqrt(value), u.Data)
	// Output: singular value 5.037, vector [0.615 0.788 0.000]
}

// Trees are made when a product needs them; a limit to their memory makes the
// products of the shorter modes share one.
func ExampleCOO_LimitTrees() {
	x, err := sparse.NewCOO([]int{2, 3, 400}, [][]int32{{0, 0, 1}, {1, 1, 2}, {0, 3, 399}}, []float64{1, 2, 3}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	x.LimitTrees(100)
	ones := make([]*tensor.Matrix[float64], 3)
	for n, size := range x.Shape() {
		ones[n] = tensor.NewMatrix[float64](size, 1)
		for i := range ones[n].Data {
			ones[n].Data[i] = 1
		}
	}
	sums := tensor.NewMatrix[float64](2, 1)
	x.MTTKRP(sums, ones, 0)
	fmt.Println(sums.Data)
	// Output: [3 3]
}

// Events come in any order, more than memory may hold at a time.
func ExampleSorter() {
	dir, err := os.MkdirTemp("", "sorter")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := sparse.NewSorter(2, dir, 1<<20)
	defer s.Close()
	const days = 40
	for day := range days {
		hours, shops := make([]int32, 10_000), make([]int32, 10_000)
		ones := make([]float64, len(hours))
		for e := range hours {
			hours[e], shops[e], ones[e] = int32((day+7*e)%24), int32(e%5), 1
		}
		if err := s.Add([][]int32{hours, shops}, ones); err != nil {
			log.Fatal(err)
		}
	}
	first, last := s.Range(0)
	fmt.Println(s.Total(), "events, hours", first, "to", last, "in several files:", s.Runs() > 1)
	enough := errors.New("enough")
	err = s.Merge(sparse.Sum, func(idx []int32, events float64) error {
		fmt.Println("hour", idx[0], "shop", idx[1], "events", events)
		if idx[1] == 2 {
			return enough
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// 400000 events, hours 0 to 23 in several files: true
	// hour 0 shop 0 events 3334
	// hour 0 shop 1 events 3332
	// hour 0 shop 2 events 3334
	// enough
}

func ExampleTreesPeak() {
	bytes := sparse.TreesPeak([]int{3000, 2000, 1000}, 1_000_000, 8)
	fmt.Printf("%d MB for the trees of a million entries, while they are made\n", bytes/1e6)
	// Output: 80 MB for the trees of a million entries, while they are made
}
