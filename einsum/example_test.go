package einsum_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

func ExampleParse() {
	e, err := einsum.Parse("b...ij, bjk... -> ...ik")
	fmt.Println(e, err)
	_, err = einsum.Parse("ij,jk->il")
	fmt.Println(err)
	// Output:
	// b...ij,bjk...->...ik <nil>
	// einsum: the output has label l, which no operand has; the operands have i, j, k
}

func ExampleIndices() {
	// Labels are numbers, as many as one likes.
	e, err := einsum.Indices([][]int{{1000, 7}, {7, 2000}}, []int{1000, 2000})
	fmt.Println(e.Operands(), e, err)
	// Output: 2 {1000}7,7{2000}->{1000}{2000} <nil>
}

func ExampleNames() {
	e, err := einsum.Names([][]string{{"row", "x"}, {"x", "column"}}, []string{"row", "column"})
	fmt.Println(e, err)
	shapes, err := e.Shapes(map[string]int{"row": 2, "x": 3, "column": 4})
	fmt.Println(shapes, err)
	// Output:
	// {row}x,x{column}->{row}{column} <nil>
	// [[2 3] [3 4]] <nil>
}

func ExampleRun() {
	ctx := context.Background()
	e, err := einsum.Parse("ij,j->i")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(ctx, einsum.Options{}, []int{2, 3}, []int{3})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	for _, v := range [][]float64{{1, 0, 0}, {1, 1, 1}} { // the plan is used again
		y, err := einsum.Run(ctx, p, a, tensor.FromSlice(v, 3))
		fmt.Println(y.Data(), err)
	}
	// Output:
	// [1 4] <nil>
	// [6 15] <nil>
}

func ExamplePlan_MarshalJSON() {
	e, err := einsum.Parse("ij,jk,kl->il")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{10, 100}, []int{100, 5}, []int{5, 50})
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := json.Marshal(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	var again einsum.Plan
	fmt.Println(json.Unmarshal(data, &again), again.Path, again.PeakBytes(8) == p.PeakBytes(8))
	// Output: <nil> [[0 1] [3 2]] true
}

func ExampleOptions_start() {
	// An order that is known, as NumPy writes it, is where the search begins.
	e, err := einsum.Parse("ij,jk,kl,lm->im")
	if err != nil {
		fmt.Println(err)
		return
	}
	start, err := path.FromLinear(4, [][2]int{{2, 3}, {1, 2}, {0, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(context.Background(), einsum.Options{Planner: "search", Trials: 8, Start: start}, []int{2, 30}, []int{30, 30}, []int{30, 30}, []int{30, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", p.Cost.Log10Flops())
	// Output: 3.57
}

// What a plan says of a contraction before it is run.
func ExamplePlan_Steps() {
	e, err := einsum.Parse("ij,jk,kl->il")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Labels())
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{10, 100}, []int{100, 5}, []int{5, 50})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Equation(), p.OutputShape(), p.PeakBytes(8), "bytes")
	for _, s := range p.Steps() {
		for _, label := range s.Sum {
			fmt.Printf("%d and %d give %d, by sums over %s of %d terms\n", s.Left, s.Right, s.Out, p.Labels[label], p.Size(label))
		}
	}
	fmt.Println("exact modulo primes up to", p.MaxModulus())
	// Output:
	// [i j k l]
	// ij,jk,kl->il [10 50] 30801 bytes
	// 0 and 1 give 3, by sums over j of 100 terms
	// 3 and 2 give 4, by sums over k of 5 terms
	// exact modulo primes up to 18981251
}

// Paths of a random walk in logarithms, whose probabilities are too small for
// a float64.
func ExampleLogSumExp() {
	p := einsum.LogSumExp[float64]{}
	total := p.Zero()
	for range 1024 { // as many ways, each of probability 10^-400
		total = p.Add(total, p.Mul(-300*math.Ln10, -100*math.Ln10))
	}
	fmt.Printf("10^%.2f\n", total/math.Ln10)
	// Output: 10^-396.99
}

// shortest adds by the minimum and multiplies by the sum.
type shortest struct{}

func (shortest) Zero() float64            { return math.Inf(1) }
func (shortest) Add(a, b float64) float64 { return min(a, b) }
func (shortest) Mul(a, b float64) float64 { return a + b }

// The shortest ways of two steps between three towns, by a semiring of one's
// own. MaxPlus finds the longest.
func ExampleSemiring() {
	ctx := context.Background()
	distance := tensor.FromSlice([]float64{0, 4, 1, 4, 0, 2, 1, 2, 0}, 3, 3)
	e, err := einsum.Parse("ij,jk->ik")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(ctx, einsum.Options{}, []int{3, 3}, []int{3, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []einsum.Semiring[float64]{shortest{}, einsum.MaxPlus[float64]{}} {
		ways, err := einsum.RunSemiring(ctx, p, s, distance, distance)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(ways.At(0, 1), "from nothing", s.Zero())
	}
	// Output:
	// 3 from nothing +Inf
	// 4 from nothing -Inf
}
