package network

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
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
	// ErrorEstimate is |Z − Z_exact|/|Z| at most, to the first order in what
	// the cuts discard.
	ErrorEstimate float64
	// ErrorBound bounds |Z − Z_exact|/|Z| rigorously, but for rounding. Where
	// little is cut it is near the estimate; else it grows with a power of the
	// number of rows, and is often no help.
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
// of the state of all rows beyond, |Z − Z_exact| ≤ Σ e_i·b_i. For the
// estimate, the b_i are those of a second pair of states, which go on beyond
// the middle; that they are cut too is of second order. For the bound, the
// distance g_i of such a state from the exact one is added, g_i ≤ R_i·g_{i-1}
// + e_i, where R_i is no less than the norm of a row as an operator: the
// smaller of its Frobenius norm and the product of the norms of its tensors as
// matrices from (up, left) to (down, right).
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
				res.ErrorEstimate, res.ErrorBound = math.Inf(1), math.Inf(1)
			}
		}
		return res, nil
	}
	norms := make([]float64, n) // logarithms
	for i, row := range rows {
		norms[i] = rowNorm(row)
	}
	topOff := distances(top, norms)
	slices.Reverse(norms)
	bottomOff := distances(bottom, norms)
	add := func(cut, beyond boundary, off float64) {
		if cut.discarded == 0 {
			return
		}
		e := cut.discarded * math.Exp(cut.log+beyond.log-res.Log)
		res.ErrorEstimate += e
		res.ErrorBound += e * (1 + off)
	}
	for i := 1; i <= m; i++ {
		add(top[i], bottom[n-i], bottomOff[n-i])
	}
	for i := 1; i <= n-m; i++ {
		add(bottom[i], top[n-i], topOff[n-i])
	}
	if math.IsNaN(res.ErrorBound) { // a state beyond the middle is 0
		res.ErrorBound = math.Inf(1)
	}
	return res, nil
}

// distances bound those of states from the exact ones, over their norms, where
// norms has the logarithms of bounds of the norms of the rows.
func distances(states []boundary, norms []float64) []float64 {
	off := make([]float64, len(states))
	for i := 1; i < len(states); i++ {
		if off[i-1] > 0 {
			off[i] = off[i-1] * math.Exp(norms[i-1]+states[i-1].log-states[i].log)
		}
		off[i] += states[i].discarded
	}
	return off
}

// rowNorm is the logarithm of a number no less than the norm of a row as an
// operator from the indices above to those below.
func rowNorm(row []*tensor.Dense[complex128]) float64 {
	factors, frobenius := 0.0, 0.0
	env := kernel.RowMajor(1, 1, []complex128{1})
	for _, x := range row {
		s := x.Shape()
		u, l, d, r := s[0], s[1], s[2], s[3]
		// As operators on what passes from site to site, the tensors follow one
		// another.
		factors += math.Log(norm(x.Clone().Data(), u*l, d*r))
		// Σ over up and down of A·E·Aᴴ, with A from left to right.
		a := kernel.RowMajor(l, u*d*r, x.Permute(1, 0, 2, 3).Clone().Data())
		y := kernel.RowMajor(l, u*d*r, make([]complex128, l*u*d*r))
		kernel.GemmComplex(1, env, false, a, false, 0, y)
		next := kernel.RowMajor(r, r, make([]complex128, r*r))
		kernel.GemmComplex(1, kernel.RowMajor(l*u*d, r, a.Data).T(), true, kernel.RowMajor(l*u*d, r, y.Data), false, 0, next)
		trace := 0.0
		for i := range r {
			trace += real(next.Data[i*r+i])
		}
		if trace == 0 {
			return math.Inf(-1)
		}
		for i := range next.Data {
			next.Data[i] /= complex(trace, 0)
		}
		frobenius += math.Log(trace) / 2
		env = next
	}
	return min(factors, frobenius)
}

// norm is the largest singular value of a matrix in C order, or its Frobenius
// norm, which is no less, if that cannot be found.
func norm(data []complex128, rows, cols int) float64 {
	_, s, _, err := linalg.SVDComplex(tensor.MatrixOf(rows, cols, data))
	if err != nil {
		sum := 0.0
		for _, v := range data {
			sum += real(v)*real(v) + imag(v)*imag(v)
		}
		return math.Sqrt(sum)
	}
	return s[0]
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
