package rank_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
)

// threeSources is a 12×15×10 tensor of three components and some noise.
func threeSources() *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(7, 0))
	x := tensor.New[float64](12, 15, 10)
	for i := range 12 {
		for j := range 15 {
			for k := range 10 {
				v := 0.1 * rng.NormFloat64()
				for r := range 3 {
					p := float64(r + 1)
					v += math.Sin(p*float64(i+1)) * math.Cos(0.3*p*float64(j)) * math.Exp(-0.2*p*float64(k))
				}
				x.Set(v, i, j, k)
			}
		}
	}
	return x
}

func ExampleCP() {
	ev, err := rank.CP(context.Background(), threeSources(), rank.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("components:", ev.Chosen[0])
	for _, c := range ev.Candidates {
		fmt.Printf("%d: held out %.2f, %s\n", c.Ranks[0], c.HeldOut, c.Verdict)
	}
	// Output:
	// components: 3
	// 1: held out 0.77, too few: higher ranks predict better
	// 2: held out 0.60, too few: higher ranks predict better
	// 3: held out 0.24, chosen
	// 4: held out 0.25, too many: predicts worse
	// 5: held out 0.26, too many: predicts worse
}

func ExampleTucker() {
	ev, err := rank.Tucker(context.Background(), threeSources(), rank.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ranks:", ev.Chosen)
	// Output: ranks: [3 3 2]
}

func ExampleTT() {
	ev, err := rank.TT(context.Background(), threeSources(), rank.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("inner ranks:", ev.Chosen)
	// Output: inner ranks: [3 2]
}

func ExampleCorcondia() {
	x := threeSources()
	for _, r := range []int{3, 5} {
		m, _, err := cp.ALS(context.Background(), x, cp.Options{Rank: r})
		if err != nil {
			fmt.Println(err)
			return
		}
		c, err := rank.Corcondia(x, m)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("rank %d: above 50 %%: %v\n", r, c > 50)
	}
	// Output:
	// rank 3: above 50 %: true
	// rank 5: above 50 %: false
}

func ExampleDegeneracy() {
	column := func(v ...float64) *tensor.Matrix[float64] { return tensor.MatrixOf(2, 2, v) }
	m := &cp.Tensor{Weights: []float64{100, 99}, Factors: []*tensor.Matrix[float64]{
		column(1, -1, 0, 0.1), column(1, 1, 0, 0.1), column(1, 1, 0, 0.1),
	}}
	fmt.Printf("%.3f\n", rank.Degeneracy(m))
	// Output: -0.985
}

// The cells of a large tensor on which candidates are judged.
func ExampleSample() {
	x := tensor.New[float64](40, 30, 20)
	x.Set(1, 0, 0, 0)
	cells, basis, err := rank.Sample(x, 1000, 0)
	fmt.Println(cells.Shape(), basis, err)
	// Output: [10 10 10] a random sample of slices: 10×10×10 of 40×30×20 <nil>
}

func ExampleBlank() {
	c := rank.Blank(2, 3)
	fmt.Println(c.Ranks, c.HeldOut)
	// Output: [2 3] NaN
}

// What the search takes beside the data is next to nothing.
func ExamplePlan() {
	plan, err := rank.Plan("cp", []int{300, 300, 300}, 8, rank.Options{})
	if err != nil {
		panic(err)
	}
	data := int64(300 * 300 * 300 * 8)
	fmt.Printf("%d MiB, %d beside the data\n", plan.PeakBytes>>20, (plan.PeakBytes-data)>>20)
	// Output: 226 MiB, 20 beside the data
}

func ExamplePlanSparse() {
	plan, err := rank.PlanSparse("cp", []int{3000, 2000, 1000}, 1_000_000, rank.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println("less than a GB beside the entries:", plan.PeakBytes < 1e9)
	// Output: less than a GB beside the entries: true
}
