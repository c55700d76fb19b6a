package linalg_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func ExampleSolveSPDRow() {
	g := tensor.MatrixOf(2, 2, []float64{4, 2, 2, 3})
	b := []float64{8, 7}
	if err := linalg.SolveSPDRow(g, b); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", b)
	// Output: [1.25 1.50]
}

func TestSolveSPDRowAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, n := range []int{1, 2, 3, 5, 16, 33, 64, 70} {
		for _, deficient := range []bool{false, true} {
			rows := 2 * n
			if deficient {
				rows = max(1, n/2)
			}
			a := tensor.NewMatrix[float64](rows, n)
			for i := range a.Data {
				a.Data[i] = rng.NormFloat64() * math.Pow(10, float64(i%3))
			}
			g := tensor.Gram(a)
			b := make([]float64, n)
			for i := range b {
				for r := range rows {
					b[i] += a.At(r, i)
				}
			}
			want, _, err := linalg.SolveSPD(g, tensor.MatrixOf(1, n, append([]float64(nil), b...)), 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := linalg.SolveSPDRow(g.Clone(), b); err != nil {
				t.Fatal(err)
			}
			for i, v := range b {
				if !(math.Abs(v-want.Data[i]) <= 1e-8*(1+math.Abs(want.Data[i]))) {
					t.Fatalf("n=%d deficient=%v: x[%d] = %v, %v expected", n, deficient, i, v, want.Data[i])
				}
			}
		}
	}
	if err := linalg.SolveSPDRow(tensor.MatrixOf(1, 1, []float64{math.NaN()}), []float64{1}); err == nil {
		t.Error("NaN gave no error")
	}
	g, b := tensor.MatrixOf(2, 2, []float64{4, 2, 2, 3}), []float64{8, 7}
	if allocs := testing.AllocsPerRun(100, func() {
		copy(g.Data, []float64{4, 2, 2, 3})
		_ = linalg.SolveSPDRow(g, b)
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
