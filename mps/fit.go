package mps

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// FitOptions are those of [Fit]. The zero value of all but Truncation works.
type FitOptions struct {
	Truncation
	// Sweeps is the most sweeps over the chain. Default 20.
	Sweeps int
	// Tol ends the run when a sweep changes the squared norm of the fit by
	// less than this part of it. Default 1e-9.
	Tol float64
}

// FitResult says how a fit went.
type FitResult struct {
	Sweeps int
	// Converged is false if the sweeps ran out.
	Converged bool
	// Lost is ‖O|ψ⟩ − |φ⟩‖²/‖O|ψ⟩‖², computed as 1 − ‖φ‖²/‖Oψ‖², which
	// rounding limits to about 1e-15.
	Lost float64
}

// Fit finds the state φ of bonds within opt.Truncation that is nearest to
// O|ψ⟩, or to ψ itself if o is nil, starting from guess (nil: what
// [Operator.Apply] or [State.Compress] finds). Two sites at a time take the
// best value for all others fixed, in sweeps to and fro. The norm of φ is
// that of the projection, at most ‖Oψ‖.
//
// Verstraete & Cirac 2004, arXiv cond-mat/0407066; Schollwöck 2011,
// https://doi.org/10.1016/j.aop.2010.09.012, section 4.5.2.
func Fit(ctx context.Context, o *Operator, psi, guess *State, opt FitOptions) (*State, FitResult, error) {
	var res FitResult
	if o == nil {
		o = identity(psi.Dims())
	}
	o.same("Fit", psi.Dims())
	opt.Sweeps = orDefault(opt.Sweeps, 20)
	if opt.Tol == 0 {
		opt.Tol = 1e-9
	}
	if guess == nil {
		var err error
		if guess, _, err = o.Apply(psi, opt.Truncation); err != nil {
			return nil, res, err
		}
	}
	o.same("Fit", guess.Dims())
	phi := guess.Clone()
	n := len(phi.sites)
	full := real(Element(psi, o.Adjoint().Mul(o), psi))
	if !(full > 0) || math.IsInf(full, 0) {
		return nil, res, fmt.Errorf("mps: Fit: the squared norm of what is to be fitted is %v; it must be positive and finite", full)
	}
	if n == 1 {
		return o.MulState(psi), FitResult{Converged: true}, nil
	}
	phi.MoveCenter(0)
	left, right := make([]*env[complex128], n), make([]*env[complex128], n)
	left[0], right[n-1] = edge[complex128](), edge[complex128]()
	for k := n - 1; k > 1; k-- {
		right[k-1] = right[k].stepLeft(phi.sites[k], o.cores[k], psi.sites[k])
	}
	before := 0.0
	for res.Sweeps < opt.Sweeps && !res.Converged {
		now := 0.0
		for step := range 2 * (n - 1) {
			if err := ctx.Err(); err != nil {
				return nil, res, err
			}
			k, rightward := step, true
			if step >= n-1 {
				k, rightward = 2*(n-1)-1-step, false
			}
			theta := nearest(left[k], right[k+1], o.cores[k], o.cores[k+1], psi.sites[k], psi.sites[k+1])
			l, r, lost, err := split(theta, opt.Truncation, rightward)
			if err != nil {
				return nil, res, fmt.Errorf("mps: Fit: sites %d and %d: %w", k, k+1, err)
			}
			d := phi.sites[k].d
			phi.sites[k] = core[complex128]{theta.Rows / d, d, l.Cols, l.Data}
			d = phi.sites[k+1].d
			phi.sites[k+1] = core[complex128]{r.Rows, d, theta.Cols / d, r.Data}
			if rightward {
				phi.center = k + 1
				left[k+1] = left[k].stepRight(phi.sites[k], o.cores[k], psi.sites[k])
			} else {
				phi.center = k
				right[k] = right[k+1].stepLeft(phi.sites[k+1], o.cores[k+1], psi.sites[k+1])
			}
			// The best value is what the cut has kept, without its factor.
			phi.scaleCenter(complex(math.Sqrt(1-lost), 0))
			now = phi.Norm()
		}
		res.Sweeps++
		now *= now
		res.Converged = math.Abs(now-before) <= opt.Tol*now
		before = now
	}
	res.Lost = max(0, 1-before/full)
	phi.fidelity = psi.fidelity * min(1, before/full)
	return phi, res, nil
}

// nearest is the two sites of O|ψ⟩ between two environments, as a matrix.
func nearest[T scalar](l, r *env[T], w, v *tensor.Dense[T], a, b core[T]) *tensor.Matrix[T] {
	wr, d, e := w.Shape()[3], w.Shape()[1], v.Shape()[1]
	x := l.meetRight(w, a) // (p, i) × (w', q)
	y := r.meetLeft(v, b)  // q × w' × (i, p')
	turned := make([]T, len(y))
	kernel.Permute(turned, y, []int{wr, a.r, e * r.last}, []int{e * r.last, wr * e * r.last, 1})
	m := mul(kernel.RowMajor(l.first*d, wr*a.r, x), kernel.RowMajor(wr*a.r, e*r.last, turned))
	return tensor.MatrixOf(m.Rows, m.Cols, m.Data)
}

// identity is the operator that changes nothing.
func identity(dims []int) *Operator {
	o := &Operator{}
	for _, d := range dims {
		o.cores = append(o.cores, tensor.FromSlice(slices.Clone(tensor.Eye[complex128](d).Data), 1, d, d, 1))
	}
	return o
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}
