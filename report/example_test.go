package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
)

// jobs is a small CP model: building is idle in winter, offices all year.
func jobs() *cp.Tensor {
	return &cp.Tensor{
		Weights: []float64{40, 25},
		Factors: []*tensor.Matrix[float64]{
			tensor.MatrixOf(3, 2, []float64{
				0.9, 0.1, // Construction
				0.1, 0.8, // Finance
				0.4, 0.1, // Farms
			}),
			tensor.MatrixOf(4, 2, []float64{
				0.8, 0.5, // Winter
				0.3, 0.5, // Spring
				0.1, 0.5, // Summer
				0.3, 0.5, // Autumn
			}),
		},
		Modes: []tensor.Axis{
			{Name: "industry", Labels: []string{"Construction", "Finance", "Farms"}},
			{Name: "season", Labels: []string{"Winter", "Spring", "Summer", "Autumn"}, Ordinal: true},
		},
	}
}

func ExampleWrite() {
	var b bytes.Buffer
	err := report.Write(&b, report.Input{
		Source: "jobs.csv",
		Model:  jobs(),
		Result: fit.Result{Method: "cp.ALS", RelativeError: 0.134, Stop: fit.Converged},
	})
	fmt.Println(err, bytes.HasPrefix(b.Bytes(), []byte("<!DOCTYPE html>")))
	// Output: <nil> true
}

func ExampleHeadline() {
	fmt.Println(report.Headline(report.Input{
		Source: "jobs.csv",
		Model:  jobs(),
		Result: fit.Result{RelativeError: 0.134},
	}))
	// Output: 2 components explain 98.2% of jobs.csv
}

func ExampleComponentName() {
	m := jobs()
	for r := range m.Rank() {
		fmt.Println(report.ComponentName(m, r))
	}
	// Output:
	// Construction · Winter
	// Finance
}

func ExamplePeak() {
	hours := tensor.Axis{Name: "hour", Coords: []float64{0, 4, 8, 12, 16, 20}}
	fmt.Println(report.Peak(hours, []float64{0.1, 0.1, 0.7, 0.6, 0.2, 0.1}))
	fmt.Println(report.Peak(hours, []float64{-0.5, -0.4, 0.1, 0.6, 0.2, 0.1}))
	// Output:
	// hour 8–12
	// hour 12 vs 0–4
}

func ExampleTopLabels() {
	m := jobs()
	for _, l := range report.TopLabels(m.Axes()[0], m.Factors[0].Col(0), 2) {
		fmt.Printf("%s %.1f\n", l.Label, l.Value)
	}
	// Output:
	// Construction 0.9
	// Farms 0.4
}

func ExampleSliceErrors() {
	x := tensor.FromSlice([]float64{
		1, 2,
		2, 5, // the model says 2, 4
	}, 2, 2)
	m := &cp.Tensor{Weights: []float64{1}, Factors: []*tensor.Matrix[float64]{
		tensor.MatrixOf(2, 1, []float64{1, 2}),
		tensor.MatrixOf(2, 1, []float64{1, 2}),
	}}
	modes, err := report.SliceErrors(x, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range modes[0] {
		fmt.Printf("row %d: error %.3f, %.0f%% of what is missed\n", s.Index, s.RelativeError, 100*s.Share)
	}
	// Output:
	// row 0: error 0.000, 0% of what is missed
	// row 1: error 0.186, 100% of what is missed
}

// Six nodes that act in two groups of three, at three times.
func ExampleWriteConnectome() {
	x := tensor.New[float64](3, 1, 6, 6)
	for t := range 3 {
		for i := range 6 {
			for j := range 6 {
				if i != j && i/3 == j/3 {
					x.Set(float64(t+1), t, 0, i, j)
				}
			}
		}
	}
	pairs, err := connectome.ReadPairs(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := connectome.Fit(context.Background(), pairs, connectome.Options{Rank: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	err = report.WriteConnectome(&b, report.Connectome{Source: "worms.npy", Result: r})
	fmt.Println(err, bytes.Contains(b.Bytes(), []byte("<title>worms.npy")))
	// Output: <nil> true
}

func ExampleWriteCircuit() {
	ctx := context.Background()
	c := circuit.New(2)
	for _, err := range []error{c.Append("h", nil, 0), c.Append("cx", nil, 0, 1)} {
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	_, how, err := simulate.Sample(ctx, c, 100, simulate.Options{Method: simulate.MPS, Profile: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	err = report.WriteCircuit(&b, report.Circuit{Source: "bell.qasm", Circuit: c, How: how})
	fmt.Println(err, bytes.Contains(b.Bytes(), []byte("<title>bell.qasm")))
	// Output: <nil> true
}

// matrices is the plan of a product of three matrices.
func matrices() *einsum.Plan {
	e, err := einsum.Parse("ij,jk,kl->il")
	if err != nil {
		panic(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{10, 100}, []int{100, 5}, []int{5, 50})
	if err != nil {
		panic(err)
	}
	return p
}

func ExampleWriteContraction() {
	var page bytes.Buffer
	err := report.WriteContraction(&page, report.Contraction{Source: "three matrices", Plan: matrices(), DType: "float64"})
	fmt.Println(bytes.Contains(page.Bytes(), []byte("3 tensors contracted in 7,500 products")), err)
	// Output: true <nil>
}

func ExampleNewTree() {
	report.NewTree(matrices()).Text(os.Stdout)
	// Output:
	// 4  2^9.0 elements, 2^11.3 products  33%
	// ├─ 3  2^5.6 elements, 2^12.3 products  67%
	// │  ├─ tensor 0
	// │  └─ tensor 1
	// └─ tensor 2
}

func ExampleTree_SVG() {
	var picture bytes.Buffer
	err := report.NewTree(matrices()).SVG(&picture, "three matrices")
	fmt.Println(bytes.Count(picture.Bytes(), []byte("<circle")), "pairs are drawn", err)
	// Output: 2 pairs are drawn <nil>
}
