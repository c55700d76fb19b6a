package complete

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

const (
	sketchRows  = 4  // of a sketch, for each column
	sketchHits  = 2  // rows of the sketch that a row goes to
	sketchSteps = 30 // of conjugate gradients, at most
	startSteps  = 6  // of the subspace iteration that makes the start
)

// MatrixOptions are those of [Matrix]. Rank is needed.
type MatrixOptions struct {
	fit.Options

	Rank int
	// Solve is the relative residual at which a row's least squares problem
	// counts as solved: alternating minimisation bears inexact rows. Default
	// 1e-6.
	Solve float64
}

// Matrix completes a matrix of given rank by alternating minimisation in time
// nearly linear in Count*R: the least squares problem of a row, with n known
// entries, is solved by conjugate gradients in O(n*R) a step, preconditioned
// by the triangular factor of a sketch with 4*R rows, so that the number of
// steps does not depend on the problem. (By normal equations a row costs
// n*R^2.) The start is the leading singular subspace of the matrix with zeros
// for what is unknown. The model is a CP tensor of two modes.
//
// Measured on two cores, five iterations of square matrices with 200 known
// entries a row take 0.25 s for 100,000 entries at rank 10, 0.87 s for 400,000,
// and 4.0 s for 400,000 at rank 40: the time grows as the power 1.0 of
// Count*R.
//
// Rows and columns without known entries are zero. Errors: a tensor that is
// no matrix, a rank out of range, data that are zero or not finite.
//
// Gu, Song, Yin & Zhang 2023, "Low rank matrix completion via robust
// alternating minimization in nearly linear time", arXiv 2302.11068.
func Matrix(ctx context.Context, x *tensor.Observed, opt MatrixOptions) (*cp.Tensor, fit.Result, error) {
	const method = "complete.Matrix"
	res := fit.Result{Method: method, Seed: opt.Seed, Starts: 1}
	errs := []error{opt.Validate()}
	if len(x.Shape()) != 2 {
		errs = append(errs, fmt.Errorf("the tensor has %d modes; a matrix has 2", len(x.Shape())))
	} else if most := min(x.Shape()[0], x.Shape()[1]); opt.Rank < 1 || opt.Rank > most {
		errs = append(errs, fmt.Errorf("rank %d: a number from 1 to %d is expected", opt.Rank, most))
	}
	if opt.Solve == 0 {
		opt.Solve = 1e-6
	}
	if !(opt.Solve > 0 && opt.Solve < 1) {
		errs = append(errs, fmt.Errorf("relative residual %v of a row: a number between 0 and 1 is expected", opt.Solve))
	}
	norm := x.Norm()
	if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		errs = append(errs, errors.New("the known entries are zero, NaN or infinite; there is nothing to fit"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, res, fmt.Errorf("%s: %w", method, err)
	}
	rng := rand.New(rand.NewPCG(opt.Seed, 0))
	rows := tensor.NewMatrix[float64](x.Shape()[0], opt.Rank)
	cols := tensor.NormalMatrix(rng, x.Shape()[1], opt.Rank)
	for range startSteps {
		x.MTTKRP(rows, []*tensor.Matrix[float64]{nil, cols}, 0)
		q, _, err := linalg.QR(rows)
		if err != nil {
			return nil, res, fmt.Errorf("%s: %w", method, err)
		}
		rows = q
		x.MTTKRP(cols, []*tensor.Matrix[float64]{rows, nil}, 1)
		if q, _, err = linalg.QR(cols); err != nil {
			return nil, res, fmt.Errorf("%s: %w", method, err)
		}
		cols = q
	}
	factors := []*tensor.Matrix[float64]{rows, cols}
	for n, f := range factors {
		for _, i := range x.Empty(n) {
			clear(f.Row(i))
		}
	}
	weights := make([]float64, opt.Rank)
	for r := range weights {
		weights[r] = 1
	}
	err := fit.Run(ctx, opt.Options, &res, func(int) (float64, error) {
		for n := range factors {
			solveRows(x, factors[n], factors[1-n], n, opt.Solve)
			if n == 0 { // an orthonormal factor keeps the columns' problems well posed
				q, _, err := linalg.QR(factors[0])
				if err != nil {
					return 0, err
				}
				factors[0] = q
			}
		}
		return x.ResidualNorm(weights, factors) / norm, nil
	})
	if err != nil && ctx.Err() == nil {
		return nil, res, err
	}
	t, fault := cp.New(weights, factors...)
	if fault != nil {
		return nil, res, fmt.Errorf("%s: %w", method, fault)
	}
	t.Modes = tensor.CloneAxes(x.Axes())
	t.Normalize()
	t.Arrange()
	res.SetError(x.ResidualNorm(t.Weights, t.Factors) / norm)
	return t, res, err
}

// solveRows finds every row of a factor from the other one.
func solveRows(x *tensor.Observed, dst, other *tensor.Matrix[float64], mode int, tol float64) {
	g := x.GroupBy(mode)
	index := g.Index[1-mode]
	g.Rows(func() func(i, lo, hi int) {
		s := newSketched(other.Cols)
		return func(i, lo, hi int) {
			s.solve(dst.Row(i), other, index[lo:hi], g.Values[lo:hi], tol, uint64(i))
		}
	})
}

// sketched is the memory of one goroutine that solves least squares problems.
type sketched struct {
	rank              int
	sketch            *tensor.Matrix[float64]
	gram              *tensor.Matrix[float64]
	grad, z, dir, out []float64
	residual          []float64
}

func newSketched(rank int) *sketched {
	v := func() []float64 { return make([]float64, rank) }
	return &sketched{rank: rank, sketch: tensor.NewMatrix[float64](sketchRows*rank, rank), gram: tensor.NewMatrix[float64](rank, rank), grad: v(), z: v(), dir: v(), out: v()}
}

// solve improves theta, the least squares solution of A*theta = b where the
// rows of A are those of other with these numbers, until the gradient has
// fallen to tol of the one at zero.
func (s *sketched) solve(theta []float64, other *tensor.Matrix[float64], index []int32, b []float64, tol float64, seed uint64) {
	s.precondition(other, index, seed)
	if cap(s.residual) < len(b) {
		s.residual = make([]float64, len(b))
	}
	res := s.residual[:len(b)]
	clear(s.grad)
	clear(s.out)
	for e, j := range index {
		row := other.Row(int(j))
		res[e] = b[e] - inner(row, theta)
		for r, v := range row {
			s.grad[r] += v * res[e]
			s.out[r] += v * b[e]
		}
	}
	copy(s.z, s.out)
	s.apply(s.z)
	bound := tol * tol * inner(s.out, s.z)
	copy(s.z, s.grad)
	s.apply(s.z)
	copy(s.dir, s.z)
	rho := inner(s.grad, s.z)
	for range sketchSteps {
		if !(rho > bound) {
			return
		}
		// A*dir, and Aᵀ*(A*dir) on the way.
		clear(s.out)
		square := 0.0
		for _, j := range index {
			row := other.Row(int(j))
			v := inner(row, s.dir)
			square += v * v
			for r, f := range row {
				s.out[r] += f * v
			}
		}
		if !(square > 0) {
			return
		}
		step := rho / square
		for r := range theta {
			theta[r] += step * s.dir[r]
			s.grad[r] -= step * s.out[r]
		}
		copy(s.z, s.grad)
		s.apply(s.z)
		next := inner(s.grad, s.z)
		for r, v := range s.z {
			s.dir[r] = v + next/rho*s.dir[r]
		}
		rho = next
	}
}

// precondition makes the Cholesky factor of the Gram matrix of a sketch of A:
// each row is added, with a random sign, to a few rows of the sketch.
func (s *sketched) precondition(other *tensor.Matrix[float64], index []int32, seed uint64) {
	rows := s.sketch
	if len(index) > rows.Rows {
		clear(rows.Data)
		rng := rand.NewPCG(seed, 0x736b65746368)
		for _, j := range index {
			row := other.Row(int(j))
			u := rng.Uint64()
			for range sketchHits {
				dst := rows.Row(int(u >> 32 % uint64(rows.Rows)))
				sign := 1 - 2*float64(u&1)
				for r, v := range row {
					dst[r] += sign * v
				}
				u = u*0x9e3779b97f4a7c15 + 1
			}
		}
		kernel.Gemm(1/float64(sketchHits), rows.View().T(), rows.View(), 0, s.gram.View())
	} else {
		clear(s.gram.Data)
		for _, j := range index {
			row := other.Row(int(j))
			for r, v := range row {
				for q, w := range row[:r+1] {
					s.gram.Data[r*s.rank+q] += v * w
				}
			}
		}
	}
	s.factor()
}

// factor overwrites the lower triangle of gram with its Cholesky factor; a
// pivot that has vanished gets a little of the trace.
func (s *sketched) factor() {
	n, g := s.rank, s.gram.Data
	least := 0.0
	for r := range n {
		least += g[r*n+r]
	}
	least = 1e-10*least/float64(n) + math.SmallestNonzeroFloat64
	for i := range n {
		for j := range i {
			g[i*n+j] = (g[i*n+j] - inner(g[i*n:i*n+j], g[j*n:j*n+j])) / g[j*n+j]
		}
		g[i*n+i] = math.Sqrt(max(least, g[i*n+i]-inner(g[i*n:i*n+i], g[i*n:i*n+i])))
	}
}

// apply solves L*Lᵀ*y = v in place.
func (s *sketched) apply(v []float64) {
	n, g := s.rank, s.gram.Data
	for i := range n {
		v[i] = (v[i] - inner(g[i*n:i*n+i], v[:i])) / g[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		v[i] /= g[i*n+i]
		for j := range i {
			v[j] -= g[i*n+j] * v[i]
		}
	}
}

func inner(a, b []float64) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
