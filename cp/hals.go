package cp

import (
	"context"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// HALS fits a CP model whose weights and factors have no negative entry, by
// hierarchical alternating least squares: in turn for each mode n and each
// component r, with G = ⊛_{m≠n} A_m^T*A_m and M = X_(n) * (⊙_{m≠n} A_m),
//
//	a_r ← max(0, a_r + (m_r - A_n*g_r) / g_rr).
//
// A mode's M is computed once and its columns are then passed over until they
// move little, 10 times at most. The error never rises. Of incomplete data
// only the known entries count, with a G and an M of its own for each row.
// Options, notes and errors are those of [ALS]; Polish has no effect. The
// data may have negative entries; the model is then above them.
//
// Cichocki & Phan 2009, https://doi.org/10.1587/transfun.E92.A.708; inner
// passes: Gillis & Glineur 2012, https://doi.org/10.1162/NECO_a_00256.
func HALS(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	return alternate(ctx, "cp.HALS", x, opt, coordinates, true)
}

const (
	halsPasses = 10
	halsLittle = 0.05 // of the movement of the first pass
)

// coordinates is the rule of HALS.
var coordinates = descentRule(func(_, x float64) float64 { return max(0, x) })

// descentRule is coordinate descent, with best(g, v) the x that is allowed for
// which ½*g*(x-v)^2 and what is penalised are least. Given G and M, the rows
// of a factor do not depend on each other, so that all passes over a row are
// made at once.
func descentRule(best func(g, v float64) float64) rule {
	return rule{
		all: func(gram, rhs *tensor.Matrix[float64], cur func() *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
			w := cur()
			forRows(w.Rows, 4*w.Cols*w.Cols, func(i int) { descend(gram, rhs.Row(i), w.Row(i), best) })
			return w, nil
		},
		row: func(gram *tensor.Matrix[float64], rhs, cur []float64) error {
			descend(gram, rhs, cur, best)
			return nil
		},
	}
}

// descend passes over the coordinates of a row until they move little.
func descend(gram *tensor.Matrix[float64], rhs, row []float64, best func(g, v float64) float64) {
	first := 0.0
	for pass := range halsPasses {
		moved := 0.0
		for r, v := range row {
			g := gram.Row(r)
			if !(g[r] > 0) {
				continue
			}
			next := best(g[r], v+(rhs[r]-kernel.Dot(g, row))/g[r])
			moved += (next - v) * (next - v) * g[r]
			row[r] = next
		}
		moved = math.Sqrt(moved)
		if pass == 0 {
			first = moved
		}
		if moved <= halsLittle*first {
			break
		}
	}
}
