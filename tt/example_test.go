package tt_test

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

// sine is sin(x_1 + x_2 + x_3 + x_4) on a grid of n points a variable.
func sine(n int) *tensor.Dense[float64] {
	x := tensor.New[float64](n, n, n, n)
	data := x.Data()
	for i := range data {
		s := 0
		for j := i; j > 0; j /= n {
			s += j % n
		}
		data[i] = math.Sin(0.1 * float64(s))
	}
	return x
}

func decompose(x *tensor.Dense[float64]) *tt.Tensor {
	t, _, err := tt.SVD(context.Background(), x, tt.Options{Eps: 1e-10})
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleSVD() {
	x := sine(12)
	t, r, err := tt.SVD(context.Background(), x, tt.Options{Eps: 1e-8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ranks", t.Ranks(), "error kept:", r.RelativeError <= 1e-8)
	fmt.Println(t.Parameters(), "numbers instead of", x.Len())
	// Output:
	// ranks [1 2 2 2 1] error kept: true
	// 144 numbers instead of 20736
}

// Sparse data are not written out: these have 10^18 cells.
func ExampleSVD_sparse() {
	index := [][]int32{{3, 3, 500, 500}, {7, 7, 7, 7}, {1, 900_000, 1, 900_000}}
	x, err := sparse.NewCOO([]int{1_000_000, 1_000_000, 1_000_000}, index, []float64{1, 2, 3, 6}, sparse.Refuse)
	if err != nil {
		fmt.Println(err)
		return
	}
	t, r, err := tt.SVD(context.Background(), x, tt.Options{Eps: 1e-6})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("ranks %v, error kept: %v, %.4f\n", t.Ranks(), r.RelativeError <= 1e-6, t.At(500, 7, 900_000))
	// Output: ranks [1 1 1 1], error kept: true, 6.0000
}

func ExampleRound() {
	t := decompose(sine(8))
	sum := t.Add(t).Add(t)
	small, bound, err := tt.Round(sum, tt.Options{Eps: 1e-10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sum.Ranks(), "->", small.Ranks(), bound <= 1e-10)
	// Output: [1 6 6 6 1] -> [1 2 2 2 1] true
}

func ExampleDataOf() {
	_, err := tt.DataOf(tensor.New[complex64](2, 2))
	fmt.Println(err)
	// Output: tt: the data are complex; a tensor-train decomposition needs real numbers
}

func ExampleNew() {
	// x[i, j] = i + j as a train of rank 2: (i, 1)·(1, j).
	t, err := tt.New(
		tensor.FromSlice([]float64{0, 1, 1, 1, 2, 1}, 1, 3, 2),
		tensor.FromSlice([]float64{1, 1, 1, 0, 1, 2}, 2, 3, 1),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Dense().Data())
	// Output: [0 1 2 1 2 3 2 3 4]
}

func ExampleTensor_At() {
	t := decompose(sine(8))
	fmt.Printf("%.6f %.6f\n", t.At(1, 2, 3, 4), math.Sin(1))
	// Output: 0.841471 0.841471
}

func ExampleTensor_AtBatch() {
	t := decompose(sine(8))
	fmt.Printf("%.4f\n", t.AtBatch([][]int{{1, 0, 0, 0}, {1, 2, 3, 4}, {7, 7, 7, 7}}))
	// Output: [0.0998 0.8415 0.3350]
}

func ExampleTensor_Dense() {
	x := sine(8)
	fmt.Println(tensor.Distance(decompose(x).Dense(), x) <= 1e-10*x.Norm())
	// Output: true
}

func ExampleTensor_Norm() {
	x := sine(8)
	fmt.Printf("%.6f %.6f\n", decompose(x).Norm(), x.Norm())
	// Output: 57.479656 57.479656
}

func ExampleTensor_Inner() {
	x := sine(8)
	t := decompose(x)
	fmt.Printf("%.4f %.4f\n", t.Inner(t), tensor.Inner(x, x))
	// Output: 3303.9109 3303.9109
}

func ExampleTensor_Add() {
	t := decompose(sine(8))
	sum := t.Add(t)
	fmt.Printf("%v %.6f\n", sum.Ranks(), sum.At(1, 2, 3, 4))
	// Output: [1 4 4 4 1] 1.682942
}

func ExampleTensor_Hadamard() {
	t := decompose(sine(8))
	square := t.Hadamard(t)
	fmt.Printf("%v %.6f\n", square.Ranks(), square.At(1, 2, 3, 4))
	// Output: [1 4 4 4 1] 0.708073
}

func ExampleTensor_Scale() {
	fmt.Printf("%.6f\n", decompose(sine(8)).Scale(-2).At(1, 2, 3, 4))
	// Output: -1.682942
}

func ExampleTensor_Parameters() {
	fmt.Println(decompose(sine(8)).Parameters())
	// Output: 96
}

func ExampleTensor_Orthogonalize() {
	t := decompose(sine(8))
	c, err := t.Orthogonalize(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.6f %.6f\n", c.Cores[2].Norm(), t.Norm())
	// Output: 57.479656 57.479656
}

func ExamplePlanSVD() {
	p, err := tt.PlanSVD([]int{500, 500, 500}, 8, tt.Options{Ranks: []int{10, 10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.2f GB at the peak, %d parameters\n", p.Algorithm, float64(p.PeakBytes)/1e9, p.Parameters)
	// Output: tt.SVD: 1.10 GB at the peak, 60000 parameters
}

func ExamplePlanSparse() {
	p, err := tt.PlanSparse([]int{3000, 2000, 1000}, 1_000_000, tt.Options{Ranks: []int{10, 10}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d parameters, less than a GB beside the entries: %v\n", p.Algorithm, p.Parameters, p.PeakBytes < 1e9)
	// Output: tt.SVD of the entries: 240000 parameters, less than a GB beside the entries: true
}

// A sum of two products of functions of one variable each.
func ExampleFromCP() {
	a := tensor.MatrixOf(2, 2, []float64{1, 0, 2, 1})
	b := tensor.MatrixOf(3, 2, []float64{1, 1, 1, 2, 1, 3})
	t, err := tt.FromCP([]float64{10, 1}, []*tensor.Matrix[float64]{a, b, a})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Ranks(), t.At(1, 2, 1)) // 10*2*1*2 + 1*1*3*1
	// Output: [1 2 2 1] 43
}

func ExampleFromTucker() {
	core := tensor.FromSlice([]float64{1, 0, 0, 2}, 2, 2)
	a := tensor.MatrixOf(3, 2, []float64{1, 0, 0, 1, 1, 1})
	t, r, err := tt.FromTucker(context.Background(), core, []*tensor.Matrix[float64]{a, a}, tt.Options{Eps: 1e-12})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %v %.1f %v\n", t.Shape(), t.Ranks(), t.At(2, 2), r.RelativeError < 1e-12)
	// Output: [3 3] [1 2 1] 3.0 true
}

func shift() *tensor.Matrix[float64] {
	return tensor.MatrixOf(2, 2, []float64{0, 1, 0, 0})
}

func ExampleKronecker() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	fmt.Println(a.Dense().Data)
	// Output: [0 0 1 0 0 0 0 1 0 0 0 0 0 0 0 0]
}

func ExampleIdentity() {
	fmt.Println(tt.Identity(2, 2).Dense().Data)
	// Output: [1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1]
}

func ExampleNewMatrix() {
	a, err := tt.NewMatrix(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 1, 2, 3, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.RowShape(), a.ColShape(), a.Ranks(), a.Parameters())
	// Output: [2] [3] [1 1] 6
}

func ExampleMatrixSVD() {
	// Of a 4×4 matrix that is a Kronecker product.
	m := tensor.MatrixOf(4, 4, []float64{
		1, 2, 2, 4,
		3, 4, 6, 8,
		3, 6, 4, 8,
		9, 12, 12, 16,
	})
	a, _, err := tt.MatrixSVD(context.Background(), m, []int{2, 2}, []int{2, 2}, tt.Options{Eps: 1e-10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %.0f\n", a.Ranks(), a.At([]int{1, 0}, []int{0, 1}))
	// Output: [1 1 1] 6
}

func ExampleMatrix_MulVec() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	x := decompose(tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2))
	fmt.Printf("%.0f\n", a.MulVec(x).Dense().Data())
	// Output: [3 4 0 0]
}

func ExampleMatrix_Mul() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	fmt.Println(a.Mul(a).Norm(), a.Mul(a.Transpose()).Dense().Data)
	// Output: 0 [1 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0]
}

func ExampleMatrix_Add() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	sum := a.Add(a.Transpose())
	fmt.Println(sum.Ranks(), sum.Dense().Data)
	// Output: [1 2 1] [0 0 1 0 0 0 0 1 1 0 0 0 0 1 0 0]
}

func ExampleMatrix_Round() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	s, _, err := a.Add(a).Round(tt.Options{Eps: 1e-10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %.0f\n", s.Ranks(), s.At([]int{0, 1}, []int{1, 1}))
	// Output: [1 1 1] 2
}

func ExampleMatrix_Inner() {
	a := tt.Kronecker(shift(), tensor.Eye[float64](2))
	x := decompose(tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2))
	fmt.Printf("%.0f\n", a.Inner(x, x)) // 1*3 + 2*4
	// Output: 11
}

func ExampleMatrix_Transpose() {
	fmt.Println(tt.Kronecker(shift()).Transpose().Dense().Data)
	// Output: [0 0 1 0]
}

func ExampleMatrix_Scale() {
	fmt.Println(tt.Kronecker(shift()).Scale(3).Dense().Data)
	// Output: [0 3 0 0]
}
