package tt

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// SVD decomposes a tensor into a train by successive truncated singular value
// decompositions (TT-SVD): with Y = X at first, for k = 0, …, d-2,
//
//	Y as a matrix, (r_k*I_k)×(I_{k+1}…I_{d-1}),  ≈ U*S*Vᵀ,  G_k = U,  Y ← S*Vᵀ,
//
// of r_{k+1} terms, and G_{d-1} is what is left. Given Eps, the
// relative error ||X-T||/||X|| is at most Eps; given ranks, it is at most
// sqrt(d-1) times the least possible. All cores but the last (the first, for
// data in Fortran order) have orthonormal columns.
//
// The squared errors of the d-1 cuts add up, so each may lose an equal share
// of Eps²*||X||², and what one leaves goes to the next; what is left in the end
// is spent on the train. Singular vectors come
// from the Gram matrix where Eps is comfortably above what it resolves (about
// 1e-6), and from a QR factorisation elsewhere. Data in C or Fortran order
// are not copied: until an unfolding is cut, its core is a unit matrix and
// the next unfolding is the same memory.
//
// Sparse data are cut from the last mode to the first and never written out.
// What a cut leaves of them is dense along the rank and sparse along the modes
// that are to come: r numbers for each combination of their indices that
// occurs. There are no more of those than entries, so that the memory is
// O(entries*r) beside the cores, whatever the sizes of the modes. Singular
// vectors come from Gram matrices of up to 1024 rows, from unfoldings of up to
// 2^20 cells as they are, and else from block Krylov spaces with a random start
// (Seed; see Musco & Musco 2015, https://arxiv.org/abs/1504.05477), whose error
// is near the least. It is that of the train that is reported in any case. All
// cores but the first are orthonormal. A cut that would need more than Room is
// an error.
//
// Oseledets 2011, https://doi.org/10.1137/090752286.
func SVD(ctx context.Context, x Data, opt Options) (*Tensor, fit.Result, error) {
	const method = "tt.SVD"
	r := fit.Result{Method: method, Stop: fit.Direct, Seed: opt.Seed, Starts: 1}
	if _, err := DataOf(x); err != nil {
		return nil, r, err
	}
	opt, notes, err := opt.prepare(method, x.Shape())
	if err != nil {
		return nil, r, err
	}
	r.Notes = notes
	norm, err := checkNorm(x)
	if err != nil {
		return nil, r, fmt.Errorf("%s: %w", method, err)
	}
	var clock fit.Clock
	var t *Tensor
	used := 0.0 // relative error of the cuts
	l, sparsely := x.(listed)
	if sparsely {
		t, used, err = sweepListed(ctx, l, norm, opt, &r, &clock)
	} else {
		t, err = sweepRight(ctx, x, norm, opt, &r, &clock)
	}
	if err == nil {
		t.Modes = tensor.CloneAxes(x.Axes())
		stop := clock.Time("residual")
		e := 0.0
		if sparsely {
			e = t.residualListed(l, used*norm)
		} else {
			e = t.residual(x)
		}
		err = tensor.Err(x)
		if norm > 0 {
			e /= norm
			r.SetError(e)
			if note := opt.note(e); note != "" {
				r.Notes = append(r.Notes, note)
			}
		} else {
			r.SetError(0)
		}
		stop()
	}
	r.Phases = clock.Phases()
	if err != nil {
		if ctx.Err() != nil {
			r.Stop = fit.Cancelled
		}
		return nil, r, fmt.Errorf("%s: %w", method, err)
	}
	return t, r, nil
}

// sweepRight finds the cores from the first to the last, or the other way
// round for data whose first mode is the fastest.
func sweepRight(ctx context.Context, x Data, norm float64, opt Options, r *fit.Result, clock *fit.Clock) (*Tensor, error) {
	if back := reversed(x); back != nil {
		opt.Ranks = slices.Clone(opt.Ranks)
		slices.Reverse(opt.Ranks)
		t, err := sweepRight(ctx, back, norm, opt, r, clock)
		if err != nil {
			return nil, err
		}
		return t.reverse(), nil
	}
	shape := x.Shape()
	d := len(shape)
	t := &Tensor{Modes: make([]tensor.Axis, d)}
	left := newBudget(opt.Eps, norm, d-1)
	y := x    // what is left, (rank·I_k)×(I_{k+1}…), or x itself
	rank := 1 // r_k
	// What is left of a projection stays in its memory, of so many bytes.
	projected, kept := false, 0.0
	for k := range d - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := rank * shape[k]
		if k > 0 {
			y = matrix(y, rows)
		}
		cols := tensor.Size(y.Shape()) / rows
		if err := fit.Afford(opt.Room, kept+lowrank.WorkBytes(float64(rows), float64(cols), share(left.tol(), norm)), "the unfolding of cut %d, %d×%d,", k, rows, cols); err != nil {
			return nil, err
		}
		stop := clock.Time("singular vectors")
		b, err := lowrank.Leading(y, 0, norm, lowrank.Limit{Rank: opt.limit(k), Tol: left.tol()})
		stop()
		if err != nil {
			return nil, err
		}
		left.cut(b.Tail)
		if b.Rank() == rows && contiguous(y) {
			b.U = tensor.Eye[float64](rows)
		} else {
			stop = clock.Time("mode products")
			if d, ok := y.(*tensor.Dense[float64]); ok && projected {
				y = lowrank.Shrink(d, b.U, 0)
			} else {
				if err := fit.Afford(opt.Room, 8*float64(b.Rank())*float64(cols), "the projection of cut %d on %d of %d vectors", k, b.Rank(), rows); err != nil {
					return nil, err
				}
				y = y.Project(b.U, 0)
				projected, kept = true, 8*float64(tensor.Size(y.Shape()))
			}
			stop()
			if err := tensor.Err(x); err != nil {
				return nil, err
			}
		}
		t.Cores = append(t.Cores, tensor.FromSlice(b.U.Data, rank, shape[k], b.Rank()))
		rank = b.Rank()
		r.Iterations = k + 1
		r.Trace = append(r.Trace, left.used)
		if opt.Progress != nil {
			opt.Progress(fit.Event{Method: r.Method, Starts: 1, Iteration: k + 1, MaxIters: d - 1, RelativeError: left.used})
		}
	}
	if !projected {
		if err := fit.Afford(opt.Room, 8*float64(tensor.Size(shape)), "the last core, which is all of the data,"); err != nil {
			return nil, err
		}
	}
	last, err := remainder(y, rank, shape[d-1])
	if err != nil {
		return nil, err
	}
	t.Cores = append(t.Cores, last)
	defer clock.Time("trim")()
	t, _, err = t.trim(opt, left)
	return t, err
}

const (
	trimLeastEps       = 1e-5    // below, what is left of Eps drowns in rounding errors
	trimMostParameters = 1 << 24 // of a train that is trimmed
)

// trim spends what the cuts left of Eps: each rank in turn may use it all.
// The train is a projection of the data, and what is cut off is orthogonal to
// what was before, so that the squares of the errors still add up; used is the
// relative error of all cuts.
func (t *Tensor) trim(opt Options, b budget) (trimmed *Tensor, used float64, err error) {
	used = b.used
	if opt.Eps < trimLeastEps || b.norm == 0 || t.Parameters() > trimMostParameters {
		return t, used, nil
	}
	b.cuts, b.left, b.used = 1, b.left*(1-1e-6), 0
	s, cuts, err := t.round(opt, func(float64) budget { return b })
	if err != nil {
		return nil, 0, err
	}
	if s.Parameters() >= t.Parameters() {
		return t, used, nil
	}
	return s, math.Hypot(used, cuts.used), nil
}

// slabEntries is the most of a model that is made at a time, where possible.
const slabEntries = 1 << 18

// residual is ||X - T||. Where what belongs to an index of the first mode is
// large, leading modes are taken together, so that smaller slabs are made.
func (t *Tensor) residual(x Data) float64 {
	rest := 1
	lead := len(t.Cores) // modes that are taken together
	for lead > 1 && rest <= slabEntries/t.Cores[lead-1].Shape()[1] {
		lead--
		rest *= t.Cores[lead].Shape()[1]
	}
	switch x.(type) {
	case *tensor.Dense[float64], *tensor.Dense[float32]:
	default:
		return x.Residual(t.slabs())
	}
	if lead < 2 || lead == len(t.Cores) || !contiguous(x) {
		return x.Residual(t.slabs())
	}
	first := t.Cores[0]
	for _, g := range t.Cores[1:lead] {
		m := tensor.Mul(matrixOf(first, 2), matrixOf(g, 1))
		first = tensor.FromSlice(m.Data, 1, m.Rows*g.Shape()[1], g.Shape()[2])
	}
	merged := &Tensor{Cores: append([]*tensor.Dense[float64]{first}, t.Cores[lead:]...)}
	return x.(tensor.Sequential).Reshaped(merged.Shape()...).(Data).Residual(merged.slabs())
}

// remainder is what is left after the last cut as the last core, rank×size×1.
func remainder(y Data, rank, size int) (*tensor.Dense[float64], error) {
	if d, ok := y.(*tensor.Dense[float64]); ok {
		return tensor.FromSlice(slices.Clone(d.Data()), rank, size, 1), nil
	}
	if rank > 1 {
		return matrix(y, rank).Project(tensor.Eye[float64](rank), 0).Reshape(rank, size, 1), nil
	}
	core := tensor.New[float64](1, size, 1)
	err := y.Fibers(len(y.Shape())-1, 1, func(row *tensor.Matrix[float64]) error {
		copy(core.Raw(), row.Data)
		return nil
	})
	return core, err
}

// share is a norm in units of another, which may be 0.
func share(tol, norm float64) float64 {
	if norm > 0 {
		return tol / norm
	}
	return 0
}

// matrix is y as rows×…, the same memory if it is contiguous.
func matrix(y Data, rows int) Data {
	size := tensor.Size(y.Shape())
	return y.(tensor.Sequential).Reshaped(rows, size/rows).(Data)
}

// contiguous reports whether the next unfolding is the same memory.
func contiguous(y Data) bool {
	s, ok := y.(tensor.Sequential)
	return ok && s.IsContiguous()
}

// reversed is the data with the modes in the opposite order, without a copy,
// if that makes them contiguous where they are not; else nil.
func reversed(x Data) Data {
	s, ok := x.(tensor.Sequential)
	if !ok || s.IsContiguous() {
		return nil
	}
	if back := s.Transposed(); back.IsContiguous() {
		return back.(Data)
	}
	return nil
}

// reverse is the train of the tensor with the modes in the opposite order.
func (t *Tensor) reverse() *Tensor {
	s := &Tensor{}
	for k := len(t.Cores) - 1; k >= 0; k-- {
		s.Cores = append(s.Cores, t.Cores[k].Permute(2, 1, 0).Contiguous())
		s.Modes = append(s.Modes, t.Modes[k].Clone())
	}
	return s
}
