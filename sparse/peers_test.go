package sparse

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// pyttb's products of a sparse tensor; see bench/fixtures/any.py.
func TestProductsAgreeWithPyTTB(t *testing.T) {
	raw, err := os.ReadFile("testdata/products.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Shape                                        []int
		Index                                        [][]int32
		Values                                       []float64
		Rank                                         int
		Factors, Vectors, Matrices, Mttkrp, Ttv, Ttm [][]float64
		Inner, Norm                                  float64
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	index := make([][]int32, 3)
	for _, at := range f.Index {
		for n, i := range at {
			index[n] = append(index[n], i)
		}
	}
	x, err := NewCOO(f.Shape, index, f.Values, Refuse)
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want []float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %d numbers, pyttb has %d", what, len(got), len(want))
		}
		for i, v := range got {
			if !(math.Abs(v-want[i]) <= 1e-12*(1+math.Abs(want[i]))) {
				t.Fatalf("%s: %v at %d, pyttb has %v", what, v, i, want[i])
			}
		}
	}
	var factors []*tensor.Matrix[float64]
	for n, data := range f.Factors {
		factors = append(factors, tensor.MatrixOf(f.Shape[n], f.Rank, data))
	}
	for n, size := range f.Shape {
		dst := tensor.NewMatrix[float64](size, f.Rank)
		x.MTTKRP(dst, factors, n)
		near("MTTKRP", dst.Data, f.Mttkrp[n])
		near("TTV", TTV(x, f.Vectors[n], n).Dense().Data(), f.Ttv[n])
		near("TTM", TTM(x, tensor.MatrixOf(2, size, f.Matrices[n]), n).Dense().Data(), f.Ttm[n])
	}
	near("norm", []float64{x.Norm()}, []float64{f.Norm})
	model := tensor.New[float64](f.Shape...)
	weights := []float64{1, 1, 1}
	all := tensor.FromDense(model)
	near("inner product", []float64{x.Inner(all.WithValues(all.Evaluate(weights, factors)).Dense(0))}, []float64{f.Inner})
}
