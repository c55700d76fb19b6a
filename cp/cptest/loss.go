package cptest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// curved is a loss that is no polynomial, with different derivatives for
// data and model.
func curved(x, m, d []float64) (sum float64) {
	for i, v := range m {
		sum += math.Sin(v) + x[i]*v*v
		d[i] = math.Cos(v) + 2*x[i]*v
	}
	return sum
}

// checkLoss compares the sum of a loss and its gradient with sums written out
// entry by entry.
func checkLoss(t *testing.T, x cp.Elementwise, entries []Entry, factors []*tensor.Matrix[float64], tol float64) {
	t.Helper()
	rank := factors[0].Cols
	want := make([]*tensor.Matrix[float64], len(factors))
	size := make([]*tensor.Matrix[float64], len(factors))
	for n, f := range factors {
		want[n], size[n] = tensor.NewMatrix[float64](f.Rows, rank), tensor.NewMatrix[float64](f.Rows, rank)
	}
	total, scale := 0.0, 0.0
	d := make([]float64, 1)
	for _, e := range entries {
		m := 0.0
		for r := range rank {
			m += term(factors, e.Index, -1, r)
		}
		v := curved([]float64{e.Value}, []float64{m}, d)
		total += v
		scale += 1 + math.Abs(e.Value)*m*m
		for n := range factors {
			for r := range rank {
				k := term(factors, e.Index, n, r)
				want[n].Data[e.Index[n]*rank+r] += d[0] * k
				size[n].Data[e.Index[n]*rank+r] += (1 + math.Abs(e.Value*m)) * math.Abs(k)
			}
		}
	}
	near(t, "sum of losses", x.LossGradient(factors, nil, curved), total, scale, tol)
	for skip := -1; skip < len(factors); skip++ {
		grads := make([]*tensor.Matrix[float64], len(factors))
		for n, f := range factors {
			if n == skip {
				continue
			}
			grads[n] = tensor.NewMatrix[float64](f.Rows, rank+1).Sub(0, f.Rows, 0, rank)
			for i := range f.Rows {
				grads[n].Row(i)[0] = math.NaN() // what was there must not matter
			}
		}
		near(t, "sum of losses", x.LossGradient(factors, grads, curved), total, scale, tol)
		for n, g := range grads {
			if g == nil {
				continue
			}
			for i := range g.Rows {
				for r := range rank {
					near(t, fmt.Sprintf("gradient of mode %d at (%d, %d)", n, i, r), g.At(i, r), want[n].At(i, r), size[n].At(i, r), tol)
				}
			}
		}
	}
	asked := 0
	at, v, found := x.FindCell(func(v float64) bool { asked++; return v == entries[len(entries)/2].Value })
	if !found || asked == 0 || v != entries[len(entries)/2].Value {
		t.Errorf("FindCell found %v: %v", found, v)
	} else if k := slices.IndexFunc(entries, func(e Entry) bool { return slices.Equal(e.Index, at) }); k < 0 || entries[k].Value != v {
		t.Errorf("FindCell found %v at %v", v, at)
	}
	asked = 0
	if _, _, found := x.FindCell(func(float64) bool { asked++; return false }); found || asked == 0 {
		t.Errorf("FindCell found %v after %d questions", found, asked)
	}
}
