package sparse_test

import (
	"fmt"

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
	// Output:
	// mode 0: 2 nodes
	// mode 1: 2 nodes
	// mode 2: 3 nodes
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
