package tensor

import (
	"github.com/polyad/polyad/internal/par"
)

// lossEntries is the number of known entries in a block of their sum.
const lossEntries = 1 << 12

// LossGradient is the sum of f over the known entries, with its gradient; see
// [Dense.LossGradient]. The derivatives of the others are 0. It costs one
// evaluation of the model and one MTTKRP for each gradient: Count*N*R each.
func (x *Observed) LossGradient(factors, grads []*Matrix[float64], f Elementwise) float64 {
	rank := factors[0].Cols
	d := x.Evaluate(ones(rank), factors)
	sums := make([]float64, (len(d)+lossEntries-1)/lossEntries)
	par.Blocks(len(d), lossEntries, func(b, lo, hi int) { sums[b] = f(x.values[lo:hi], d[lo:hi], d[lo:hi]) })
	total := 0.0
	for _, s := range sums {
		total += s
	}
	if grads == nil {
		return total
	}
	checkGradients(x.shape, grads, rank)
	y := &Observed{shape: x.shape, index: x.index, values: d, orders: x.orders, sorted: newSorted(len(x.shape))}
	for n, g := range grads {
		if g != nil {
			y.MTTKRP(g, factors, n)
		}
	}
	return total
}
