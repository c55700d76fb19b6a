package network

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

// BoundaryOptions are those of [Boundary].
type BoundaryOptions struct {
	// Truncation of the boundary states, whose bonds grow without it by the
	// horizontal bonds of every row. Default: MaxBond 64, Eps 1e-20.
	mps.Truncation
}

// BoundaryResult is the value Z = Phase·exp(Log) of a lattice.
type BoundaryResult struct {
	// Log is ln|Z|, which is finite where Z itself would overflow; −Inf for
	// Z = 0.
	Log float64
	// Phase is Z/|Z|.
	Phase complex128
	// ErrorBound bounds |Z − Z_exact|/|Z|, to the first order in what the
	// cuts discard.
	ErrorBound float64
	// MaxBond is the largest bond of a boundary state.
	MaxBond int
}

// Value is Z, if it is no larger than a number can be.
func (r BoundaryResult) Value() complex128 { return r.Phase * complex(math.Exp(r.Log), 0) }

// Boundary contracts a network on a rectangular lattice. Tensor rows[i][j] is
// up × left × down × right; axes over the rim have size 1. Rows from above
// and from below are taken into a matrix product state each, whose bonds are
// cut, until they meet in the middle. (To contract a network of two layers,
// such as the norm of a PEPS, contract the layers site by site first.)
//
// The error: with the norms e_i of what the cuts at row i discarded, and b_i
// of the state of all rows beyond, |Z − Z_exact| ≤ Σ e_i·b_i. The b_i are
// those of a second pair of states, which go on beyond the middle; that they
// are cut too is of second order.
//
// Verstraete & Cirac 2004, arXiv cond-mat/0407066; Lubasch, Cirac & Bañuls
// 2014, https://doi.org/10.1103/PhysRevB.90.064425.
func Boundary(ctx context.Context, rows [][]*tensor.Dense[complex128], opt BoundaryOptions) (BoundaryResult, error) {
	var res BoundaryResult
	if err := checkLattice(rows); err != nil {
		return res, err
	}
	if opt.MaxBond == 0 {
		opt.MaxBond = 64
	}
	if opt.Eps == 0 {
		opt.Eps = 1e-20
	}
	below := make([][]*tensor.Dense[complex128], len(rows))
	for i, row := range rows {
		for _, x := range row {
			below[len(rows)-1-i] = append(below[len(rows)-1-i], x.Permute(2, 1, 0, 3).Clone())
		}
	}
	n := len(rows)
	top, err := absorb(ctx, rows, opt.Truncation)
	if err != nil {
		return res, err
	}
	bottom, err := absorb(ctx, below, opt.Truncation)
	if err != nil {
		return res, err
	}
	// States meet above row m: top[m] has m rows, bottom[n-m] the others.
	m := (n + 1) / 2
	z := mps.Overlap(conjugate(top[m].state), bottom[n-m].state)
	res.Log = math.Log(cmplx.Abs(z)) + top[m].log + bottom[n-m].log
	res.Phase = 1
	if a := cmplx.Abs(z); a > 0 {
		res.Phase = z / complex(a, 0)
	}
	for i := range n + 1 {
		res.MaxBond = max(res.MaxBond, top[i].state.MaxBond(), bottom[i].state.MaxBond())
	}
	if z == 0 {
		// Nothing to be relative to.
		for i := range n + 1 {
			if top[i].discarded+bottom[i].discarded > 0 {
				res.ErrorBound = math.Inf(1)
			}
		}
		return res, nil
	}
	for i := 1; i <= m; i++ {
		res.ErrorBound += top[i].discarded * math.Exp(top[i].log+bottom[n-i].log-res.Log)
	}
	for i := 1; i <= n-m; i++ {
		res.ErrorBound += bottom[i].discarded * math.Exp(bottom[i].log+top[n-i].log-res.Log)
	}
	return res, nil
}

// boundary is the state of some rows: exp(log)·state, which has norm 1.
// discarded is the norm of what the cuts at the last row discarded, over that
// of the state.
type boundary struct {
	state     *mps.State
	log       float64
	discarded float64
}

// absorb takes in row after row, and gives the states of no row, one, ….
func absorb(ctx context.Context, rows [][]*tensor.Dense[complex128], t mps.Truncation) ([]boundary, error) {
	width := len(rows[0])
	trivial := make([]*tensor.Dense[complex128], width)
	for j := range trivial {
		trivial[j] = tensor.FromSlice([]complex128{1}, 1, 1, 1)
	}
	state, err := mps.FromCores(trivial...)
	if err != nil {
		return nil, err
	}
	list := []boundary{{state: state}}
	for i, row := range rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cores := make([]*tensor.Dense[complex128], width)
		for j, x := range row {
			cores[j] = joined(state.Core(j), x)
		}
		before := list[len(list)-1]
		state, err = mps.FromCores(cores...)
		if err != nil {
			return nil, fmt.Errorf("network: row %d: %w", i, err)
		}
		norm := state.Normalize()
		if norm == 0 {
			list = append(list, boundary{state, math.Inf(-1), 0})
			continue
		}
		lost, err := state.Compress(t)
		if err != nil {
			return nil, fmt.Errorf("network: row %d: %w", i, err)
		}
		// The state is what was kept, not scaled up.
		kept := math.Sqrt(1 - lost)
		list = append(list, boundary{state, before.log + math.Log(norm*kept), math.Sqrt(lost) / kept})
	}
	return list, nil
}

// joined is a site of a state, left × physical × right, with the tensor up ×
// left × down × right below it: (left, left) × down × (right, right).
func joined(c, x *tensor.Dense[complex128]) *tensor.Dense[complex128] {
	cs, xs := c.Shape(), x.Shape()
	a := c.Permute(0, 2, 1).Clone()
	m := make([]complex128, a.Len()/cs[1]*(x.Len()/xs[0]))
	kernel.GemmComplex(1, kernel.RowMajor(cs[0]*cs[2], cs[1], a.Data()), false, kernel.RowMajor(xs[0], x.Len()/xs[0], x.Contiguous().Data()), false,
		0, kernel.RowMajor(cs[0]*cs[2], x.Len()/xs[0], m))
	y := tensor.FromSlice(m, cs[0], cs[2], xs[1], xs[2], xs[3]).Permute(0, 2, 3, 1, 4).Clone()
	return y.Reshape(cs[0]*xs[1], xs[2], cs[2]*xs[3])
}

// conjugate is the state with conjugated amplitudes.
func conjugate(s *mps.State) *mps.State {
	var cores []*tensor.Dense[complex128]
	for k := range s.Sites() {
		c := s.Core(k)
		for i, v := range c.Data() {
			c.Data()[i] = cmplx.Conj(v)
		}
		cores = append(cores, c)
	}
	out, err := mps.FromCores(cores...)
	if err != nil {
		panic("network: the conjugate of a state is none: " + err.Error())
	}
	return out
}

func checkLattice(rows [][]*tensor.Dense[complex128]) error {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return fmt.Errorf("network: a lattice needs at least one row and one column")
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return fmt.Errorf("network: row %d has %d tensors, row 0 has %d", i, len(row), len(rows[0]))
		}
		for j, x := range row {
			if x.Order() != 4 || slices.Min(x.Shape()) < 1 {
				return fmt.Errorf("network: tensor (%d, %d) is %v; it must be up × left × down × right, none of size 0", i, j, x.Shape())
			}
			up, left := 1, 1
			if i > 0 {
				up = rows[i-1][j].Shape()[2]
			}
			if j > 0 {
				left = row[j-1].Shape()[3]
			}
			s := x.Shape()
			if s[0] != up || s[1] != left {
				return fmt.Errorf("network: tensor (%d, %d) is %v; its neighbours, or the rim, ask for up %d and left %d", i, j, s, up, left)
			}
			if i == len(rows)-1 && s[2] != 1 || j == len(row)-1 && s[3] != 1 {
				return fmt.Errorf("network: tensor (%d, %d) is %v; on the rim, axes down and right must have size 1", i, j, s)
			}
		}
	}
	return nil
}
