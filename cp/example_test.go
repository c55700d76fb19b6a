package cp_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// small is a 3×2×2 tensor of two components.
func small() *cp.Tensor {
	t, err := cp.New([]float64{4, 1},
		tensor.MatrixOf(3, 2, []float64{1, 0, 1, 1, 0, 1}),
		tensor.MatrixOf(2, 2, []float64{1, 1, 1, -1}),
		tensor.MatrixOf(2, 2, []float64{1, 0, 0, 1}))
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleALS() {
	x := small().Dense()
	m, res, err := cp.ALS(context.Background(), x, cp.Options{Rank: 2, Options: fit.Options{Seed: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("exact: %v, weights %.3f\n", res.RelativeError < 1e-10, m.Weights)
	// Output: exact: true, weights [8.000 2.000]
}

// Only half of the entries are known; the model tells the others.
func ExampleALS_missing() {
	x := planted(1, 2, false, 9, 8, 7).Dense()
	known, hidden := tensor.FromDense(x).Split(0.5, 1)
	m, _, err := cp.ALS(context.Background(), known, cp.Options{Rank: 2, Options: fit.Options{Tol: 1e-12}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := hidden.ResidualNorm(m.Weights, m.Factors) / hidden.Norm()
	fmt.Println("the hidden entries are found:", e < 1e-6)
	// Output: the hidden entries are found: true
}

// One entry in ten is known.
func ExampleCCD() {
	x := planted(1, 2, false, 40, 30, 20).Dense()
	known, hidden := tensor.FromDense(x).Split(0.9, 1)
	m, _, err := cp.CCD(context.Background(), known, cp.Options{Rank: 2, Init: cp.Greedy, Options: fit.Options{Tol: 1e-10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := hidden.ResidualNorm(m.Weights, m.Factors) / hidden.Norm()
	fmt.Println("the hidden entries are found:", e < 1e-6)
	// Output: the hidden entries are found: true
}

func ExampleHALS() {
	x := planted(3, 2, true, 6, 5, 4).Dense()
	m, res, err := cp.HALS(context.Background(), x, cp.Options{Rank: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	smallest := 1.0
	for _, f := range m.Factors {
		for _, v := range f.Data {
			smallest = min(smallest, v)
		}
	}
	fmt.Printf("fit %.2f, no negative entry: %v\n", res.Fit, smallest >= 0)
	// Output: fit 1.00, no negative entry: true
}

// Strassen's algorithm multiplies 2×2 matrices with seven multiplications:
// the tensor of that product has rank 7.
func ExampleGaussNewton() {
	x := matrixMultiplication(2, 2, 2)
	_, res, err := cp.GaussNewton(context.Background(), x, cp.Options{Rank: 7, Options: fit.Options{Starts: 50}})
	fmt.Println(res.RelativeError < 1e-12, err)
	// Output: true <nil>
}

func ExampleNew() {
	// The outer product of (1, 2) and (3, 4, 5).
	t, err := cp.New(nil, tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(3, 1, []float64{3, 4, 5}))
	fmt.Println(t.Dense().Data(), t.Parameters(), err)
	// Output: [3 4 5 6 8 10] 6 <nil>
}

func ExampleTensor_At() {
	fmt.Println(small().At(1, 0, 0), small().At(1, 1, 1))
	// Output: 4 -1
}

func ExampleTensor_Norm() {
	t := small()
	fmt.Printf("%.3f %.3f\n", t.Norm(), t.Dense().Norm())
	// Output: 8.246 8.246
}

func ExampleTensor_Inner() {
	fmt.Println(small().Inner(small().Scale(0.5)))
	// Output: 34
}

func ExampleTensor_Add() {
	sum := small().Add(small())
	fmt.Println(sum.Rank(), sum.At(1, 0, 0))
	// Output: 4 8
}

func ExampleTensor_Scale() {
	fmt.Println(small().Scale(10).At(1, 0, 0))
	// Output: 40
}

func ExampleTensor_Normalize() {
	t := small()
	t.Normalize()
	fmt.Printf("%.3f %.3f\n", t.Weights, t.Factors[1].Data)
	// Output: [8.000 2.000] [0.707 0.707 0.707 -0.707]
}

func ExampleTensor_Arrange() {
	t := small()
	t.Weights = []float64{1, 4}
	fmt.Println(t.Arrange(), t.Weights)
	// Output: [1 0] [4 1]
}

func ExampleTensor_Permute() {
	t := small()
	t.Permute(1, 0)
	fmt.Println(t.Weights)
	// Output: [1 4]
}

func ExampleTensor_FixSigns() {
	t, err := cp.New(nil, tensor.MatrixOf(2, 1, []float64{1, -2}), tensor.MatrixOf(2, 1, []float64{3, 4}))
	if err != nil {
		panic(err)
	}
	t.FixSigns()
	fmt.Println(t.Factors[0].Data, t.Factors[1].Data)
	// Output: [-1 2] [-3 -4]
}

func ExampleInner() {
	x := small().Dense()
	fmt.Println(cp.Inner(x, small()))
	// Output: 68
}

func ExampleFactorMatchScore() {
	a := small()
	b := a.Clone()
	b.Permute(1, 0)
	m := cp.FactorMatchScore(a, b)
	fmt.Printf("%.2f %v\n", m.Score, m.Permutation)
	// Output: 1.00 [1 0]
}

func ExampleFactorCongruence() {
	a := small()
	b := a.Scale(3)
	fmt.Printf("%.2f %.2f\n", cp.FactorMatchScore(a, b).Score, cp.FactorCongruence(a, b).Score)
	// Output: 0.33 1.00
}

func ExampleMaxRank() {
	fmt.Println(cp.MaxRank([]int{4, 4, 4}), cp.MaxRank([]int{100, 5}))
	// Output: 16 5
}

// Profiles in time that rise and fall, with entries missing.
func ExampleConstrained() {
	unimodal, err := constraint.Parse("nonneg,unimodal")
	if err != nil {
		fmt.Println(err)
		return
	}
	nonneg, err := constraint.Of(constraint.Nonneg)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := cp.New(nil,
		tensor.MatrixOf(5, 2, []float64{0, 1, 1, 3, 4, 2, 2, 1, 1, 0}),
		tensor.MatrixOf(4, 2, []float64{1, 0, 2, 1, 0, 3, 1, 1}),
		tensor.MatrixOf(3, 2, []float64{1, 0, 0, 1, 2, 1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	known, _ := tensor.FromDense(x.Dense()).Split(0.1, 1)
	m, res, err := cp.Constrained(context.Background(), known, cp.ConstrainedOptions{
		Rank: 2, Constraints: []constraint.Set{unimodal, nonneg, nonneg},
		Options: fit.Options{Tol: 1e-12, Starts: 3},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("error below 1e-4: %v, the peak of the first profile is at %d\n", res.RelativeError < 1e-4, argmax(m.Factors[0].Col(0)))
	// Output: error below 1e-4: true, the peak of the first profile is at 2
}

func argmax(v []float64) int {
	at := 0
	for i, x := range v {
		if x > v[at] {
			at = i
		}
	}
	return at
}
