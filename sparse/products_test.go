package sparse

import (
	"math"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestProductsAsDense(t *testing.T) {
	for _, shape := range [][]int{{8, 9}, {30, 1, 20, 7}, {5, 300, 4}} {
		index, values := power(5, shape, 700)
		x, err := NewCOO(shape, index, values, Sum)
		if err != nil {
			t.Fatal(err)
		}
		d := x.Dense()
		factors := randomFactors(6, shape, 6)
		for mode := range shape {
			compare := func(what string, got *COO[float64], want *tensor.Dense[float64]) {
				t.Helper()
				if diff := tensor.Sub(got.Dense(), want).Norm(); !(diff <= 1e-12*want.Norm()) {
					t.Errorf("%v: %s of mode %d is off by %v", shape, what, mode, diff)
				}
			}
			compare("TTM", TTM(x, factors[mode].Transpose(), mode), tensor.TTM(d, factors[mode].Transpose(), mode))
			compare("TTV", TTV(x, factors[mode].Col(2), mode), tensor.TTV(d, factors[mode].Col(2), mode))
		}
		if got, want := x.Inner(d), d.Norm()*d.Norm(); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("%v: inner product %v, want %v", shape, got, want)
		}
	}
}
