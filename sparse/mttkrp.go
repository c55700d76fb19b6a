package sparse

import (
	"fmt"

	"github.com/polyad/polyad/tensor"
)

// checkFactors panics if factors (but that of mode skip) are not I_m×rank.
func checkFactors(what string, shape []int, factors []*tensor.Matrix[float64], rank, skip int) {
	if len(factors) != len(shape) {
		panic(fmt.Sprintf("sparse: %s: %d factors for %d modes", what, len(factors), len(shape)))
	}
	for m, f := range factors {
		if m != skip && (f.Rows != shape[m] || f.Cols != rank) {
			panic(fmt.Sprintf("sparse: %s: factor %d is %d×%d; %d×%d is expected", what, m, f.Rows, f.Cols, shape[m], rank))
		}
	}
}

// MTTKRP writes the matricized tensor times Khatri-Rao product of all factors
// but one into dst: I_mode×R,
//
//	dst[i, r] = sum over the entries e with e_mode = i of x_e * prod_{m != mode} factors[m][e_m, r]
func (x *COO[T]) MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int) {
	checkFactors("MTTKRP", x.shape, factors, dst.Cols, mode)
	if dst.Rows != x.shape[mode] {
		panic(fmt.Sprintf("sparse: MTTKRP: the result has %d rows; %d are expected", dst.Rows, x.shape[mode]))
	}
	for i := range dst.Rows {
		clear(dst.Row(i))
	}
	row := make([]float64, dst.Cols)
	for e, v := range x.values {
		for r := range row {
			row[r] = float64(v)
		}
		for m, f := range factors {
			if m != mode {
				for r, w := range f.Row(int(x.index[m][e])) {
					row[r] *= w
				}
			}
		}
		for r, w := range dst.Row(int(x.index[mode][e])) {
			dst.Row(int(x.index[mode][e]))[r] = w + row[r]
		}
	}
}
