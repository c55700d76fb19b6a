package path_test

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/einsum/path"
)

// square is a lattice of 4×4 tensors with bonds of two values.
func square() *path.Network { return lattice(4, 4, 2) }

func show(n *path.Network, p path.Path, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := n.Cost(p, nil)
	fmt.Printf("%d pairs, %.0f products, the largest result has %.0f elements %v\n", len(p), math.Exp2(c.Flops), math.Exp2(c.Size), err)
}

func ExampleRandomGreedy() {
	n := square()
	p, err := path.RandomGreedy(context.Background(), n, 1, 32)
	show(n, p, err)
	// Output: 15 pairs, 584 products, the largest result has 16 elements <nil>
}

func ExampleMinFill() {
	n := square()
	show(n, path.MinFill(n, 0), nil)
	// Output: 15 pairs, 592 products, the largest result has 16 elements <nil>
}

func ExampleDissection() {
	n := square()
	p, err := path.Dissection(context.Background(), n, 1)
	show(n, p, err)
	// Output: 15 pairs, 584 products, the largest result has 16 elements <nil>
}

func ExampleFind() {
	f, err := path.Find(context.Background(), square(), path.Options{Planner: "optimal"})
	fmt.Printf("%s: %.0f products %v\n", f.Planner, math.Exp2(f.Cost.Flops), err)
	// Output: optimal: 580 products <nil>
}

func ExamplePlanners() {
	fmt.Println(path.Planners())
	// Output: [greedy random-greedy min-fill dissection optimal search]
}

func ExampleFromLinear() {
	// As np.einsum_path and opt_einsum give it: operands leave the list, the
	// result goes to its end.
	p, err := path.FromLinear(4, [][2]int{{0, 1}, {0, 1}, {0, 1}})
	fmt.Println(p, err)
	fmt.Println(p.Linear(4))
	_, err = path.FromLinear(3, [][2]int{{1, 1}, {0, 1}})
	fmt.Println(err)
	// Output:
	// [[0 1] [2 3] [4 5]] <nil>
	// [[0 1] [0 1] [0 1]]
	// path: pair 0 takes positions 1 and 1; two of 0 to 2 are expected
}

func ExamplePath_Check() {
	fmt.Println(path.Path{{0, 1}, {0, 2}}.Check(3))
	// Output: path: pair 1 uses tensor 0, which was used before
}

func ExampleNetwork_Cost() {
	n := &path.Network{Inputs: [][]int32{{0, 1}, {1, 2}, {2, 3}}, Output: []int32{0, 3}, Sizes: []int{10, 100, 5, 50}}
	c, err := n.Cost(path.Path{{0, 1}, {2, 3}}, nil)
	fmt.Printf("%.0f products, %.0f operations %v\n", math.Exp2(c.Flops), math.Pow(10, c.Log10Flops2x()), err)
	// Output: 7500 products, 15000 operations <nil>
}

func ExampleNetwork_Slice() {
	n := lattice(6, 6, 4)
	f, err := n.Slice(context.Background(), path.MinFill(n, 0), 5000, "min-fill")
	fmt.Printf("%.0f slices, within the limit: %v %v\n", f.Cost.Slices, math.Exp2(f.Cost.Peak) <= 5000, err)
	// Output: 64 slices, within the limit: true <nil>
}

func ExampleNetwork_Steps() {
	n := &path.Network{Inputs: [][]int32{{0, 1, 2}, {0, 2, 3}}, Output: []int32{0, 1, 3}, Sizes: []int{2, 3, 4, 5}}
	s := n.Steps(path.Path{{0, 1}}, nil)[0]
	fmt.Println("batch", s.Batch, "left", s.KeepLeft, "right", s.KeepRight, "sum", s.Sum)
	// Output: batch [0] left [1] right [3] sum [2]
}

// A network that is put together by hand is checked before it is planned.
func ExampleNetwork_Check() {
	n := &path.Network{Inputs: [][]int32{{0, 1}, {1, 2}}, Output: []int32{0, 3}, Sizes: []int{10, 100, 5, 50}}
	fmt.Println(n.Check())
	// Output: path: the output holds index 3, which no tensor holds
}

// Costs are logarithms: those of a large network are beyond any integer.
func ExampleCost_Log10Flops() {
	n := lattice(30, 30, 2)
	c, err := n.Cost(path.MinFill(n, 0), nil)
	fmt.Printf("10^%.1f products, 10^%.1f operations %v\n", c.Log10Flops(), c.Log10Flops2x(), err)
	// Output: 10^16.4 products, 10^16.7 operations <nil>
}
