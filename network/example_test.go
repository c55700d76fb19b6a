package network_test

import (
	"context"
	"fmt"
	"os"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/network"
	"github.com/polyad/polyad/tensor"
)

// triangle counts walks of three steps from a node to itself.
func triangle() *network.Network[float64] {
	// The graph 0-1, 1-2, 2-0, 2-3.
	a := tensor.FromSlice([]float64{
		0, 1, 1, 0,
		1, 0, 1, 0,
		1, 1, 0, 1,
		0, 0, 1, 0,
	}, 4, 4)
	n := network.New[float64]()
	for i, indices := range [][]string{{"x", "y"}, {"y", "z"}, {"z", "x"}} {
		if err := n.Add(fmt.Sprint("A", i), a, indices...); err != nil {
			panic(err)
		}
	}
	return n
}

func ExampleNetwork_Contract() {
	n := triangle()
	all, err := n.Contract(context.Background(), einsum.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	each, err := n.Contract(context.Background(), einsum.Options{}, "x")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(all.At(), each.Data()) // six walks round the one triangle
	// Output: 6 [2 2 2 0]
}

func ExampleNetwork_Gradients() {
	z, g, err := triangle().Gradients(context.Background(), einsum.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(z, g["A0"].At(0, 1)) // walks of two steps between 0 and 1
	// Output: 6 1
}

func ExampleNetwork_Split() {
	n := network.New[float64]()
	x := tensor.FromSlice([]float64{1, 0, 0, 1, 2, 0, 0, 2}, 2, 2, 2)
	if err := n.Add("X", x, "a", "b", "c"); err != nil {
		fmt.Println(err)
		return
	}
	lost, err := n.Split("X", []string{"a"}, "Y", "bond", mps.Truncation{})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, indices := n.Tensor("Y")
	fmt.Println(lost < 1e-20, y.Shape(), indices)
	// Output: true [1 2 2] [bond b c]
}

func ExampleNetwork_WriteDOT() {
	if err := triangle().WriteDOT(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// graph network {
	//   node [shape=ellipse];
	//   t0 [label="A0"];
	//   t1 [label="A1"];
	//   t2 [label="A2"];
	//   t0 -- t2 [label="x 4"];
	//   t0 -- t1 [label="y 4"];
	//   t1 -- t2 [label="z 4"];
	// }
}

func ExampleBoundary() {
	// Coverings of the chess board by dominoes: each square has one of its
	// edges covered.
	size := func(rim bool) int {
		if rim {
			return 1
		}
		return 2
	}
	board := make([][]*tensor.Dense[complex128], 8)
	for i := range board {
		for j := range 8 {
			x := tensor.New[complex128](size(i == 0), size(j == 0), size(i == 7), size(j == 7))
			if i > 0 {
				x.Set(1, 1, 0, 0, 0)
			}
			if j > 0 {
				x.Set(1, 0, 1, 0, 0)
			}
			if i < 7 {
				x.Set(1, 0, 0, 1, 0)
			}
			if j < 7 {
				x.Set(1, 0, 0, 0, 1)
			}
			board[i] = append(board[i], x)
		}
	}
	res, err := network.Boundary(context.Background(), board, network.BoundaryOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", real(res.Value()))
	// Output: 12988816
}

// pair is Σ_j A[i,j]·B[j,k].
func pair() *network.Network[float64] {
	n := network.New[float64]()
	a := tensor.FromSlice([]float64{3, 0, 0, 4, 0, 0}, 3, 2)
	b := tensor.FromSlice([]float64{1, 2, 2, 1}, 2, 2)
	if err := n.Add("A", a, "i", "j"); err != nil {
		panic(err)
	}
	if err := n.Add("B", b, "j", "k"); err != nil {
		panic(err)
	}
	return n
}

func ExampleNetwork_Gauge() {
	n := pair()
	if err := n.Gauge("A", "B"); err != nil {
		fmt.Println(err)
		return
	}
	a, _ := n.Tensor("A")
	fmt.Printf("%.0f\n", a.Data())
	// Output: [1 0 0 1 0 0]
}

func ExampleNetwork_CutBond() {
	n := pair()
	lost, err := n.CutBond("A", "B", mps.Truncation{MaxBond: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, indices := n.Tensor("A")
	fmt.Printf("%v %v %.4f\n", a.Shape(), indices, lost)
	// Output: [3 1] [i j] 0.0913
}

func ExampleNetwork_Merge() {
	n := pair()
	if err := n.Merge(context.Background(), "A", "B"); err != nil {
		fmt.Println(err)
		return
	}
	x, indices := n.Tensor("A")
	fmt.Println(n.Names(), indices, x.Data())
	// Output: [A] [i k] [3 6 8 4 0 0]
}

// Without one of its tensors, a network has open indices.
func ExampleNetwork_Remove() {
	n := triangle()
	open := n.Clone()
	if err := open.Remove(n.Names()[0]); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Open(), open.Open())
	plan, err := open.Plan(context.Background(), einsum.Options{}, open.Open()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Path)
	// Output:
	// [] [y x]
	// [[0 1]]
}
