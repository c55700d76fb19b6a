package report

import (
	"math"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// listed is complete data most of whose cells are zero and not listed.
type listed interface {
	tensor.Tensor
	Count() int
	Cells() float64
	Observed() (*tensor.Observed, error)
}

// asListed is the data if they are sparse.
func asListed(x tensor.Tensor) (listed, bool) {
	s, ok := x.(listed)
	return s, ok
}

// lossOf is what a result minimised. The names of losses that the library's
// users make are not known; their slices are measured by squares.
func lossOf(r fit.Result) (l loss.Loss, least bool) {
	l, err := loss.Parse(r.Loss)
	if r.Loss == "" || err != nil || l.String() == loss.Gaussian.String() {
		return loss.Gaussian, true
	}
	return l, false
}

// deviance measures cells by a loss: what a model misses, beside what a
// constant does.
type deviance struct {
	loss loss.Loss
	null float64 // the constant
}

// newDeviance finds the constant that suits the mean of the data, as the
// relative error of a result has it.
func newDeviance(l loss.Loss, total, cells float64) deviance {
	if l.DevianceScale() == 1 {
		return deviance{l, 0}
	}
	return deviance{l, l.Best(total / cells)}
}

func (d deviance) of(x, m float64) (residual, square float64) {
	return d.loss.Deviance(x, m), d.loss.Deviance(x, d.null)
}

// sparseErrors measures the slices of a sparse tensor without a walk over its
// zeros: a CP model's deviance of a zero is a multiple of m or m^2, whose sum
// over a slice follows from sums over the factors. It fails for losses
// without such a form.
func sparseErrors(x listed, m *cp.Tensor, l loss.Loss) (t tally, ok bool, err error) {
	power, factor := l.AtZero()
	if power == 0 {
		return t, false, nil
	}
	entries, err := x.Observed()
	if err != nil {
		return t, false, err
	}
	d := newDeviance(l, kernel.Sum(entries.Values()), x.Cells())
	zero := l.Deviance(0, d.null)
	scale := l.DevianceScale() * factor
	t = observedErrors(entries, newChain(m), func(v, model float64) (residual, square float64) {
		residual, square = d.of(v, model)
		return residual - scale*math.Pow(model, float64(power)), square - zero
	})
	for n, sums := range sliceSums(m, power) {
		rest := x.Cells() / float64(len(sums))
		for i, s := range sums {
			t.residual[n][i] = max(0, t.residual[n][i]+scale*s)
			t.square[n][i] += rest * zero
			t.known[n][i] = int64(rest)
		}
	}
	return t, true, nil
}

// sliceSums is the sum of the model, or of its squares, over each slice.
func sliceSums(m *cp.Tensor, power int) [][]float64 {
	rank := m.Rank()
	out := make([][]float64, len(m.Factors))
	for n, f := range m.Factors {
		out[n] = make([]float64, f.Rows)
		if power == 1 {
			rest := columnSums(m, n)
			for i := range out[n] {
				out[n][i] = kernel.Dot(f.Row(i), rest)
			}
			continue
		}
		h := tensor.NewMatrix[float64](rank, rank)
		for r := range rank {
			for s := range rank {
				h.Set(r, s, m.Weights[r]*m.Weights[s])
			}
		}
		for k, g := range m.Factors {
			if k == n {
				continue
			}
			gram := tensor.Mul(g.Transpose(), g)
			for r := range rank {
				for s, v := range gram.Row(r) {
					h.Row(r)[s] *= v
				}
			}
		}
		for i := range out[n] {
			for r, v := range f.Row(i) {
				out[n][i] += v * kernel.Dot(h.Row(r), f.Row(i))
			}
		}
	}
	return out
}

// columnSums is weights[r] times the sums of the columns r of all factors but
// those of some modes.
func columnSums(m *cp.Tensor, except ...int) []float64 {
	out := append([]float64(nil), m.Weights...)
	for k, f := range m.Factors {
		skip := false
		for _, n := range except {
			skip = skip || n == k
		}
		if skip {
			continue
		}
		sums := make([]float64, f.Cols)
		for i := range f.Rows {
			kernel.Axpy(1, f.Row(i), sums)
		}
		for r, s := range sums {
			out[r] *= s
		}
	}
	return out
}
