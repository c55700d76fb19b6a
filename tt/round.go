package tt

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Orthogonalize is the same tensor in cores of which those before center are
// left-orthogonal (sum over a, i of g[a, i, b]*g[a, i, c] = 1 if b = c, else
// 0) and those after it right-orthogonal, so that the norm of the tensor is
// that of core center. Ranks that exceed the size of a core on either side
// shrink.
func (t *Tensor) Orthogonalize(center int) (*Tensor, error) {
	if center < 0 || center >= len(t.Cores) {
		panic(fmt.Sprintf("tt: Orthogonalize around core %d of %d", center, len(t.Cores)))
	}
	s := t.clone()
	for k := range center {
		g, next := s.Cores[k], s.Cores[k+1]
		q, r, err := linalg.QR(matrixOf(g, 2))
		if err != nil {
			return nil, fmt.Errorf("tt: core %d: %w", k, err)
		}
		s.Cores[k] = coreOf(q, g.Shape()[0], g.Shape()[1], q.Cols)
		s.Cores[k+1] = coreOf(tensor.Mul(r, matrixOf(next, 1)), r.Rows, next.Shape()[1], next.Shape()[2])
	}
	for k := len(s.Cores) - 1; k > center; k-- {
		g, next := s.Cores[k], s.Cores[k-1]
		l, q, err := linalg.LQ(matrixOf(g, 1))
		if err != nil {
			return nil, fmt.Errorf("tt: core %d: %w", k, err)
		}
		s.Cores[k] = coreOf(q, q.Rows, g.Shape()[1], g.Shape()[2])
		s.Cores[k-1] = coreOf(tensor.Mul(matrixOf(next, 2), l), next.Shape()[0], next.Shape()[1], l.Cols)
	}
	return s, nil
}

// matrixOf is a core as a matrix whose rows are its first n modes.
func matrixOf(g *tensor.Dense[float64], n int) *tensor.Matrix[float64] {
	s := g.Shape()
	return tensor.MatrixOf(tensor.Size(s[:n]), tensor.Size(s[n:]), g.Data())
}

func coreOf(m *tensor.Matrix[float64], shape ...int) *tensor.Dense[float64] {
	if m.Stride != m.Cols {
		m = m.Clone()
	}
	return tensor.FromSlice(m.Data, shape...)
}

// Norm is the Frobenius norm of the tensor. It comes from orthogonal
// transformations of the cores, not from <T, T>, so that the norm of a
// difference of nearly equal trains is accurate.
func (t *Tensor) Norm() float64 {
	s, err := t.Orthogonalize(0)
	if err != nil {
		return math.NaN() // a core is not finite
	}
	return s.Cores[0].Norm()
}

// Round lowers the ranks of a train: a sweep of QR factorisations from the
// last core to the first, then one of truncated singular value decompositions
// back. Given Eps, ||T - rounded|| is at most Eps*||T||. bound is the relative
// error that was made: the cuts are orthogonal to each other, so it is the
// root of the sum of their squares. All cores of the result but the last are
// left-orthogonal. The train itself is not changed.
//
// Oseledets 2011, https://doi.org/10.1137/090752286, algorithm 2.
func Round(t *Tensor, opt Options) (rounded *Tensor, bound float64, err error) {
	opt, _, err = opt.prepare("tt.Round", t.Shape())
	if err != nil {
		return nil, math.NaN(), err
	}
	s, err := t.Orthogonalize(0)
	if err != nil {
		return nil, math.NaN(), fmt.Errorf("tt.Round: %w", err)
	}
	d := len(s.Cores)
	left := newBudget(opt.Eps, s.Cores[0].Norm(), d-1)
	for k := range d - 1 {
		g, next := s.Cores[k], s.Cores[k+1]
		u, sv, vt, err := linalg.SVD(matrixOf(g, 2))
		if err != nil {
			return nil, math.NaN(), fmt.Errorf("tt.Round: core %d: %w", k, err)
		}
		r, tail := lowrank.Cutoff(sv, opt.limit(k), left.tol())
		left.cut(tail)
		s.Cores[k] = coreOf(u.Sub(0, u.Rows, 0, r), g.Shape()[0], g.Shape()[1], r)
		carry := vt.Sub(0, r, 0, vt.Cols).Clone()
		for i := range r {
			for j := range carry.Cols {
				carry.Data[i*carry.Cols+j] *= sv[i]
			}
		}
		s.Cores[k+1] = coreOf(tensor.Mul(carry, matrixOf(next, 1)), r, next.Shape()[1], next.Shape()[2])
	}
	return s, left.used, nil
}
