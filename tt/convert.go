package tt

import (
	"context"
	"fmt"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// FromCP is the train of a CP model, the sum over r of
// weights[r]*factors[0][i_0, r]*…*factors[d-1][i_{d-1}, r], exactly: all inner
// ranks are R, and slice i of an inner core is the diagonal matrix of row i of
// its factor (see [Round]). factors[n]: I_n×R. Factors that do not fit
// together are errors. The axes are unnamed.
func FromCP(weights []float64, factors []*tensor.Matrix[float64]) (*Tensor, error) {
	rank := len(weights)
	if len(factors) == 0 || rank == 0 {
		return nil, fmt.Errorf("tt.FromCP: %d factors of %d components; at least one of each is needed", len(factors), rank)
	}
	for n, f := range factors {
		if f.Cols != rank {
			return nil, fmt.Errorf("tt.FromCP: factor %d is %d×%d, and there are %d weights; a column for each is expected", n, f.Rows, f.Cols, rank)
		}
	}
	t := &Tensor{Modes: make([]tensor.Axis, len(factors))}
	last := len(factors) - 1
	for n, f := range factors {
		left, right := rank, rank
		if n == 0 {
			left = 1
		}
		if n == last {
			right = 1
		}
		g := tensor.New[float64](left, f.Rows, right)
		data := g.Data()
		for i := range f.Rows {
			for r, v := range f.Row(i) {
				if n == 0 {
					v *= weights[r]
				}
				// Of a rank of 1 there is one index; several r add up there.
				data[(min(r, left-1)*f.Rows+i)*right+min(r, right-1)] += v
			}
		}
		t.Cores = append(t.Cores, g)
	}
	return t, nil
}

// FromTucker is the train of a Tucker model, core ×_0 factors[0] ×_1 …: that of
// its core, found by [SVD] with the options given, times the factors, made
// orthonormal before, so that Eps holds for the whole. It costs what the core
// does, however large the tensor. factors[n]: I_n×r_n. The axes are unnamed.
func FromTucker(ctx context.Context, core *tensor.Dense[float64], factors []*tensor.Matrix[float64], opt Options) (*Tensor, fit.Result, error) {
	const method = "tt.FromTucker"
	r := fit.Result{Method: method}
	if core.Order() != len(factors) {
		return nil, r, fmt.Errorf("%s: %d factors for a core of order %d", method, len(factors), core.Order())
	}
	bases := slices.Clone(factors)
	for n, f := range factors {
		if f.Cols != core.Shape()[n] {
			return nil, r, fmt.Errorf("%s: factor %d is %d×%d, and the core has size %d on that mode", method, n, f.Rows, f.Cols, core.Shape()[n])
		}
		q, upper, err := linalg.QR(f)
		if err != nil {
			return nil, r, fmt.Errorf("%s: factor %d: %w", method, n, err)
		}
		bases[n] = q
		core = tensor.TTM(core, upper, n)
	}
	t, r, err := SVD(ctx, core.Contiguous(), opt)
	r.Method = method
	if err != nil {
		return nil, r, err
	}
	for n, q := range bases {
		t.Cores[n] = tensor.TTM(t.Cores[n], q, 1).Contiguous()
	}
	t.Modes = make([]tensor.Axis, len(bases))
	return t, r, nil
}
