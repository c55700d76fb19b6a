package rank

import (
	"math"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// agreement is how well the components of two CP models of one rank match,
// by direction alone, on all modes but one (-1: on all); see
// cp.FactorCongruence.
func agreement(a, b []*tensor.Matrix[float64], skip int) float64 {
	var s, t cp.Tensor
	for n := range a {
		if n != skip {
			s.Factors, t.Factors = append(s.Factors, a[n]), append(t.Factors, b[n])
		}
	}
	for range a[0].Cols {
		s.Weights, t.Weights = append(s.Weights, 1), append(t.Weights, 1)
	}
	return cp.FactorCongruence(&s, &t).Score
}

// Degeneracy is the most negative cosine between two components of a CP
// model,
//
//	min over r < s of  prod_n cos(a_n[:, r], a_n[:, s]),
//
// or 0 if none is negative. Below about -0.9 two components nearly cancel:
// they grow without bound while the fit hardly changes, and mean nothing one
// by one. Krijnen, Dijkstra & Stegeman 2008,
// https://doi.org/10.1007/s11336-008-9056-1.
func Degeneracy(m *cp.Tensor) float64 {
	lowest := 0.0
	for r := range m.Rank() {
		for s := range r {
			product := 1.0
			for _, f := range m.Factors {
				product *= cosine(f, r, s)
			}
			lowest = min(lowest, product)
		}
	}
	return lowest
}

// cosine of columns r and s of a factor; 0 if either is zero.
func cosine(f *tensor.Matrix[float64], r, s int) float64 {
	rs, rr, ss := 0.0, 0.0, 0.0
	for i := range f.Rows {
		u, v := f.At(i, r), f.At(i, s)
		rs += u * v
		rr += u * u
		ss += v * v
	}
	if rr == 0 || ss == 0 {
		return 0
	}
	return rs / (math.Sqrt(rr) * math.Sqrt(ss))
}
