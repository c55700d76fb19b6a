package tt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// listed is data that list the cells that are not zero.
type listed interface {
	Data
	Count() int
	Cells() float64
	Indices(mode int) []int32
	Distance(m sparse.Stepwise, norm float64, model func(mode, lo, hi int) *tensor.Dense[float64]) float64
}

var (
	_ listed = (*sparse.COO[float64])(nil)
	_ listed = (*sparse.COO[float32])(nil)
)

const (
	// listedRoom is the memory that a sweep may take beside sparse data if
	// nothing else is said.
	listedRoom = 4 << 30
	// gramRows is the number of rows of an unfolding up to which its Gram
	// matrix is made, in up to gramPairs products.
	gramRows  = 1 << 10
	gramPairs = 1 << 31
	// writtenCells is the number of cells of an unfolding up to which its zeros
	// are written out.
	writtenCells = 1 << 20
	// walked is the number of cells up to which the distance of a model to
	// sparse data has all its digits.
	walked = 1 << 27
)

// fibersOf are the entries as fibers of one number.
func fibersOf(x listed) *fibers {
	f := &fibers{}
	for n := range x.Shape() {
		f.index = append(f.index, x.Indices(n))
	}
	values := make([]float64, x.Count())
	switch x := x.(type) {
	case *sparse.COO[float64]:
		copy(values, x.Values())
	case *sparse.COO[float32]:
		kernel.Widen(values, x.Values())
	default:
		panic(fmt.Sprintf("tt: data of type %T do not hand over their values", x))
	}
	f.y = tensor.MatrixOf(len(values), 1, values)
	return f
}

// sweepListed finds the cores from the last to the first: entries in C order
// are then grouped as each cut needs them. used is the relative error of the
// cuts.
func sweepListed(ctx context.Context, x listed, norm float64, opt Options, r *fit.Result, clock *fit.Clock) (t *Tensor, used float64, err error) {
	if opt.Room == 0 {
		opt.Room = listedRoom
	}
	shape := x.Shape()
	d := len(shape)
	t = &Tensor{Cores: make([]*tensor.Dense[float64], d), Modes: make([]tensor.Axis, d)}
	if x.Count() == 0 {
		for k, size := range shape {
			t.Cores[k] = tensor.New[float64](1, size, 1)
			if k > 0 {
				t.Cores[k].Raw()[0] = 1
			}
		}
		return t, 0, nil
	}
	left := newBudget(opt.Eps, norm, d-1)
	rng := rand.New(rand.NewPCG(opt.Seed, 0x7f4a7c159e3779b9))
	rest := fibersOf(x)
	for k := d - 1; k > 0; k-- {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		stop := clock.Time("unfoldings")
		u := rest.unfold(k, shape[k])
		stop()
		stop = clock.Time("singular vectors")
		b, xu, err := u.leading(ctx, k, shape[k], lowrank.Limit{Rank: opt.limit(k - 1), Tol: left.tol()}, opt.Room, rng)
		stop()
		if err != nil {
			return nil, 0, err
		}
		left.cut(b.Tail)
		t.Cores[k] = u.core(b.U, shape[k])
		rest = u.rest(xu)
		r.Iterations = d - k
		r.Trace = append(r.Trace, left.used)
		if opt.Progress != nil {
			opt.Progress(fit.Event{Method: r.Method, Starts: 1, Iteration: d - k, MaxIters: d - 1, RelativeError: left.used})
		}
	}
	t.Cores[0] = tensor.New[float64](1, shape[0], rest.y.Cols)
	first := matrixOf(t.Cores[0], 2)
	for i := range rest.y.Rows {
		copy(first.Row(int(rest.at(0, i))), rest.y.Row(i))
	}
	defer clock.Time("trim")()
	opt.Ranks = slices.Clone(opt.Ranks)
	slices.Reverse(opt.Ranks)
	if t, used, err = t.reverse().trim(opt, left); err != nil {
		return nil, 0, err
	}
	return t.reverse(), used, nil
}

// cut is the sizes of a cut: of the fibers, of the numbers in each, of the
// unfolding and of the mode.
type cut struct{ fibers, numbers, rows, cols, size float64 }

// bytes is the memory of the fibers with their places and the unfolding by
// columns and by rows, the basis and the core that it becomes, and the fibers of
// the next cut.
func (c cut) bytes(rank float64) float64 {
	return 8 * (3*c.fibers*c.numbers + 4*c.fibers + rank*(c.rows+c.size*c.numbers+c.cols))
}

// krylovBytes is the memory of so many vectors of the short side of an
// unfolding, and of the long one.
func (c cut) krylovBytes(short, long int) float64 {
	return 8 * (float64(short)*min(c.rows, c.cols) + float64(long)*max(c.rows, c.cols))
}

// leading finds the leading left singular vectors U of an unfolding, and XᵀU.
func (u *unfolding) leading(ctx context.Context, k, size int, lim lowrank.Limit, room int64, rng *rand.Rand) (b lowrank.Basis, xu *tensor.Matrix[float64], err error) {
	rows, cols := u.Size()
	norm := kernel.Nrm2(u.y.Data)
	if rows >= kernel.LastOfFiber {
		return b, nil, fmt.Errorf("the cut of the sparse data before mode %d has %d rows, and less than 2^31 are supported; use smaller ranks", k, rows)
	}
	c := cut{fibers: float64(u.y.Rows), numbers: float64(u.y.Cols), rows: float64(rows), cols: float64(cols), size: float64(size)}
	afford := func(rank int, work float64) error {
		return fit.Afford(room, c.bytes(float64(rank))+work, "the cut of the sparse data before mode %d, %d×%d with %d fibers of %d numbers, to %d vectors",
			k, cols, rows, u.y.Rows, u.y.Cols, rank)
	}
	cells := float64(rows) * float64(cols)
	good := false
	if cells > writtenCells && rows <= gramRows && u.pairs() <= gramPairs {
		if b, good, err = lowrank.ByGram(u, 0, norm, lim); err != nil {
			return b, nil, err
		}
	}
	if cells > writtenCells && !good {
		b, xu, good, err = lowrank.Krylov(ctx, u, norm, lim, rng, func(short, long int) error {
			return afford(max(1, lim.Rank), c.krylovBytes(short, long))
		})
		if good || err != nil {
			return b, xu, err
		}
		if err = afford(max(1, lim.Rank), 8*cells+lowrank.WorkBytes(float64(rows), float64(cols), share(lim.Tol, norm))); err != nil {
			return b, nil, err
		}
	}
	if !good {
		if b, err = lowrank.Leading(u.dense(), 0, norm, lim); err != nil {
			return b, nil, err
		}
	}
	if err = afford(b.Rank(), 0); err != nil {
		return b, nil, err
	}
	xu = tensor.NewMatrix[float64](cols, b.Rank())
	u.TransposeTimes(xu, b.U)
	return b, xu, nil
}

// residualListed is ||X - T||. cuts is the same from what was cut off, whose
// squares add up; it has fewer digits than what is found by visiting all cells,
// but more than a difference of norms that nearly cancel.
func (t *Tensor) residualListed(x listed, cuts float64) float64 {
	norm := t.Norm()
	e := x.Distance(t, norm, t.slabs())
	if x.Cells() > walked && !(e > 3e-4*norm) {
		return cuts
	}
	return e
}
