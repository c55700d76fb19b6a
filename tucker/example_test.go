package tucker_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
)

// hilbert is the tensor 1/(i+j+k+1).
func hilbert(n int) *tensor.Dense[float64] {
	x := tensor.New[float64](n, n, n)
	for i := range n {
		for j := range n {
			for k := range n {
				x.Set(1/float64(i+j+k+1), i, j, k)
			}
		}
	}
	return x
}

func ExampleSTHOSVD() {
	x := hilbert(50)
	m, r, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Eps: 1e-4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ranks", m.Ranks(), "of", m.Shape())
	fmt.Println("error kept:", r.RelativeError <= 1e-4)
	fmt.Println(m.Parameters(), "numbers instead of", x.Len())
	// Output:
	// ranks [6 6 7] of [50 50 50]
	// error kept: true
	// 1202 numbers instead of 125000
}

func ExampleHOOI() {
	x := hilbert(20)
	ranks := []int{2, 2, 2}
	_, direct, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Ranks: ranks})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, r, err := tucker.HOOI(context.Background(), x, tucker.Options{
		Ranks:   ranks,
		Options: fit.Options{Tol: 1e-10, MaxIters: 50},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Ranks(), r.Stop, r.RelativeError < direct.RelativeError)
	fmt.Printf("fit %.4f\n", r.Fit)
	// Output:
	// [2 2 2] converged true
	// fit 0.9383
}

func ExampleRound() {
	m, _, err := tucker.STHOSVD(context.Background(), hilbert(30), tucker.Options{Eps: 1e-9})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The sum has twice the ranks, which it does not need.
	sum := m.Add(m)
	small, bound, err := tucker.Round(sum, tucker.Options{Eps: 1e-3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sum.Ranks(), "->", small.Ranks(), bound <= 1e-3)
	// Output: [22 22 22] -> [5 5 5] true
}

func ExampleDataOf() {
	seen, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {0, 1}}, []float64{1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = tucker.DataOf(seen)
	fmt.Println(err)
	// Output: tucker: 2 of 4 entries are unobserved, and a Tucker decomposition needs them all; use CP, which fits the known entries alone, or fill in zeros where an absent entry means 0 (--missing zero)
}

// small is the model 10*a⊗b with a = (1, 2) and b = (1, 0, -1).
func small() *tucker.Tensor {
	t, err := tucker.New(tensor.FromSlice([]float64{10}, 1, 1), []*tensor.Matrix[float64]{
		tensor.MatrixOf(2, 1, []float64{1, 2}),
		tensor.MatrixOf(3, 1, []float64{1, 0, -1}),
	})
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleNew() {
	t, err := tucker.New(tensor.New[float64](2, 2), []*tensor.Matrix[float64]{tensor.NewMatrix[float64](5, 2)})
	fmt.Println(t, err)
	// Output: <nil> tucker: 1 factors do not fit the core
}

// Random ranges cost a few looks at the data, however large the modes are.
func ExampleSTHOSVD_randomized() {
	x := tensor.New[float64](100, 90, 80)
	for i := range 100 {
		for j := range 90 {
			for k := range 80 {
				x.Set(math.Exp(-float64(i+2*j)/50)*math.Cos(float64(i-k)/40), i, j, k)
			}
		}
	}
	m, r, err := tucker.STHOSVD(context.Background(), x, tucker.Options{
		Ranks: []int{2, 1, 2}, Randomized: true, Options: fit.Options{Seed: 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Ranks(), r.RelativeError < 1e-12, r.Seed)
	// Output: [2 1 2] true 1
}

func ExampleTensor_At() {
	fmt.Println(small().At(1, 2))
	// Output: -20
}

func ExampleTensor_Dense() {
	fmt.Println(small().Dense().Data())
	// Output: [10 0 -10 20 0 -20]
}

func ExampleTensor_Norm() {
	t := small()
	fmt.Printf("%.4f %.4f\n", t.Norm(), t.Dense().Norm())
	// Output: 31.6228 31.6228
}

func ExampleTensor_Inner() {
	t := small()
	fmt.Println(t.Inner(t))
	// Output: 1000
}

func ExampleTensor_Add() {
	t := small()
	sum := t.Add(t)
	fmt.Println(sum.Ranks(), sum.At(1, 2))
	// Output: [2 2] -40
}

func ExampleTensor_Scale() {
	fmt.Println(small().Scale(0.5).At(1, 2))
	// Output: -10
}

func ExampleTensor_Parameters() {
	fmt.Println(small().Parameters())
	// Output: 6
}

func ExampleTensor_Orthogonalize() {
	t, err := small().Orthogonalize()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %.4f\n", tensor.Gram(t.Factors[0]).Data, t.Core.Norm())
	// Output: [1.0000] 31.6228
}

func ExamplePlanHOOI() {
	p, err := tucker.PlanHOOI([]int{500, 500, 500}, 8, tucker.Options{Ranks: []int{10, 10, 10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.3g GB at the peak\n", p.Algorithm, float64(p.PeakBytes)/1e9)
	fmt.Println(p.Notes[0])
	// Output:
	// tucker.HOOI, compressed by random ranges: 1.07 GB at the peak
	// most sweeps are on a core of [20 20 20], and about 2 on the data
}

func ExamplePlanSpectra() {
	// Signal in one direction of each mode, and a tenth of white noise.
	shape := []int{100, 100, 100}
	tails := make([][]float64, 3)
	for n, s := range shape {
		for r := range s + 1 {
			tails[n] = append(tails[n], 0.1*math.Sqrt(1-float64(r)/float64(s)))
		}
		tails[n][0] = 1
	}
	for _, eps := range []float64{0.2, 0.1, 0.05} {
		_, ranks, err := tucker.PlanSpectra(shape, 8, tucker.Options{Eps: eps}, tails)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(eps, ranks)
	}
	// Output:
	// 0.2 [1 1 1]
	// 0.1 [1 51 67]
	// 0.05 [90 91 92]
}

func ExamplePlanSTHOSVD() {
	p, err := tucker.PlanSTHOSVD([]int{500, 500, 500}, 8, tucker.Options{Ranks: []int{10, 10, 10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.2f GB at the peak, %d parameters\n", p.Algorithm, float64(p.PeakBytes)/1e9, p.Parameters)
	// Output: tucker.STHOSVD: 1.04 GB at the peak, 16000 parameters
}

func ExamplePlanSparse() {
	p, err := tucker.PlanSparse([]int{3000, 2000, 1000}, 1_000_000, tucker.Options{Ranks: []int{10, 10, 10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d parameters, less than a GB beside the entries: %v\n", p.Algorithm, p.Parameters, p.PeakBytes < 1e9)
	// Output: tucker.HOOI by trees of the entries: 61000 parameters, less than a GB beside the entries: true
}
