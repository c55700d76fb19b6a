package linalg

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// NNLS finds, for each column b of B: m×p, the x ≥ 0 that minimises
// ‖A·x − b‖ for A: m×n; they are the columns of X: n×p. The active-set method
// of Lawson & Hanson (Solving Least Squares Problems, 1974, chapter 23) works
// on the triangular factor of A, so that the condition number is not squared.
// For many right-hand sides and a Gram matrix at hand, see [NNLSGram].
func NNLS[T tensor.Float](a, b *tensor.Matrix[T]) (*tensor.Matrix[T], error) {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("linalg: NNLS with A of %d×%d and B of %d×%d", a.Rows, a.Cols, b.Rows, b.Cols))
	}
	amax, err := maxAbs("NNLS", a)
	if err != nil {
		return nil, err
	}
	bmax, err := maxAbs("NNLS", b)
	if err != nil {
		return nil, err
	}
	sa, sb := scaleFor[T](amax), scaleFor[T](bmax)
	f := factor(scaled(a, sa))
	c := f.project(scaled(b, sb).View())
	columns := tensor.Convert[float64](f.r()).Transpose()
	x := tensor.NewMatrix[T](a.Cols, b.Cols)
	errs := make([]error, b.Cols)
	par.Do(b.Cols, func(j int) {
		rhs := make([]float64, c.Rows)
		for i := range rhs {
			rhs[i] = float64(c.At(i, j))
		}
		y, err := lawsonHanson(columns, rhs, Epsilon[T]())
		if err != nil {
			errs[j] = fmt.Errorf("linalg: NNLS: column %d of B: %w", j, err)
			return
		}
		for i, v := range y {
			x.Set(i, j, T(v/sb*sa))
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// lawsonHanson solves one problem. Row j of columns is column j of A, which
// has about as many rows as columns; eps is the precision of its elements.
//
// The matrix and the right-hand side are kept multiplied by an orthogonal
// matrix that makes the passive columns (those with x_j > 0), in the order
// in which they came, upper triangular. What the passive columns leave of the
// right-hand side then stands in the rows below.
func lawsonHanson(columns *tensor.Matrix[float64], b []float64, eps float64) ([]float64, error) {
	n, k := columns.Rows, columns.Cols
	w := columns.Clone()
	b = slices.Clone(b)
	x, z := make([]float64, n), make([]float64, n)
	var passive []int
	isPassive, rejected := make([]bool, n), make([]bool, n)
	tol := 10 * eps * float64(n) * kernel.Nrm2(b)
	norms := make([]float64, n)
	for j := range n {
		norms[j] = kernel.Nrm2(w.Row(j))
	}
	for limit := 30 * (n + 1); limit > 0; limit-- {
		p := len(passive)
		// The steepest admissible descent, relative to the column's norm.
		best, slope := -1, tol
		for j := range n {
			if p == k || isPassive[j] || rejected[j] || norms[j] == 0 {
				continue
			}
			if s := kernel.Dot(w.Row(j)[p:], b[p:]) / norms[j]; s > slope {
				best, slope = j, s
			}
		}
		if best < 0 {
			return x, nil
		}
		if !enter(w, b, best, p) || b[p]/w.At(best, p) <= 0 || math.Abs(w.At(best, p)) <= eps*norms[best] {
			rejected[best] = true
			continue
		}
		passive = append(passive, best)
		isPassive[best] = true
		clear(rejected)
		for {
			solvePassive(w, b, passive, z)
			step := 1.0
			for _, j := range passive {
				if z[j] <= 0 {
					step = min(step, x[j]/(x[j]-z[j]))
				}
			}
			if step == 1 {
				for _, j := range passive {
					x[j] = z[j]
				}
				break
			}
			for q := len(passive) - 1; q >= 0; q-- {
				j := passive[q]
				stuck := z[j] <= 0 && x[j]/(x[j]-z[j]) <= step
				x[j] += step * (z[j] - x[j])
				if stuck || x[j] <= 0 {
					x[j] = 0
					isPassive[j] = false
					leave(w, b, passive, q)
					passive = slices.Delete(passive, q, q+1)
				}
			}
		}
	}
	return nil, fmt.Errorf("non-negative least squares with %d unknowns: %w", n, ErrNoConvergence)
}

// enter makes column j fit for place p of the triangle by a reflector on the
// rows from p on. It reports whether the column has anything there.
func enter(w *tensor.Matrix[float64], b []float64, j, p int) bool {
	v := slices.Clone(w.Row(j)[p:])
	beta, tau := reflect(v)
	if beta == 0 {
		return false
	}
	if tau != 0 {
		for l := range w.Rows {
			y := w.Row(l)[p:]
			kernel.Axpy(-tau*kernel.Dot(v, y), v, y)
		}
		kernel.Axpy(-tau*kernel.Dot(v, b[p:]), v, b[p:])
	}
	col := w.Row(j)[p:]
	col[0] = beta
	clear(col[1:])
	return true
}

// leave makes the passive columns triangular again without the one in place
// q, by rotations of neighbouring rows.
func leave(w *tensor.Matrix[float64], b []float64, passive []int, q int) {
	for i := q; i+1 < len(passive); i++ {
		col := w.Row(passive[i+1])
		r := math.Hypot(col[i], col[i+1])
		if r == 0 {
			continue
		}
		c, s := col[i]/r, col[i+1]/r
		turn := func(y []float64) { y[i], y[i+1] = c*y[i]+s*y[i+1], c*y[i+1]-s*y[i] }
		for l := range w.Rows {
			turn(w.Row(l))
		}
		turn(b)
		col[i], col[i+1] = r, 0
	}
}

// solvePassive solves the triangle of the passive columns into z.
func solvePassive(w *tensor.Matrix[float64], b []float64, passive []int, z []float64) {
	y := slices.Clone(b[:len(passive)])
	for q := len(passive) - 1; q >= 0; q-- {
		col := w.Row(passive[q])
		z[passive[q]] = y[q] / col[q]
		kernel.Axpy(-z[passive[q]], col[:q], y[:q])
	}
}
