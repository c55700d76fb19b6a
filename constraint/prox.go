package constraint

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Prox overwrites V by the A that minimises
//
//	h(A) + rho/2 * ||A - V||^2
//
// where h is all of the set but the quadratic part. For shapes that are not
// convex (unimodal, orthonormal) it is a global minimum. An infinite rho
// gives the nearest point that satisfies the set. A set that fixes or ties
// the factor leaves V alone. V must pass [Set.Check].
func (s Set) Prox(v *tensor.Matrix[float64], rho float64) error {
	if !(rho > 0) {
		return fmt.Errorf("constraint: a proximal step with rho %v; a positive number is expected", rho)
	}
	if s.orthonormal {
		return polar(v)
	}
	if s.fixed || s.tied > 0 || s.Plain() {
		return nil
	}
	lo, hi := s.Bounds()
	f := scalar{lo, hi, s.l1 / rho}
	if s.Separable() {
		par.Rows(v.Rows, 4*v.Cols, func(first, end int) {
			for i := first; i < end; i++ {
				row := v.Row(i)
				for r, x := range row {
					row[r] = f.at(x)
				}
			}
		})
		return nil
	}
	par.Rows(v.Cols, 16*v.Rows, func(first, end int) {
		for r := first; r < end; r++ {
			col := v.Col(r)
			s.column(col, f)
			for i, x := range col {
				v.Set(i, r, x)
			}
		}
	})
	return nil
}

// column is Prox of a column. Isotonic regression commutes with adding a
// constant, so that the simplex comes last and its multiplier needs no
// search over shapes.
func (s Set) column(v []float64, f scalar) {
	if s.simplex {
		free := scalar{math.Inf(-1), math.Inf(1), 0} // |a| sums to 1 whatever l1 is
		switch s.shape {
		case increasing:
			isotonic(v, free)
		case decreasing:
			antitonic(v, free)
		case unimodal:
			s.unimodalSimplex(v, free)
			return
		}
		onSimplex(v, f.lo, f.hi)
		return
	}
	switch s.shape {
	case increasing:
		isotonic(v, f)
	case decreasing:
		antitonic(v, f)
	case unimodal:
		unimodalize(v, f)
	default:
		for i, x := range v {
			v[i] = f.at(x)
		}
	}
	if s.unit {
		if norm := kernel.Nrm2(v); norm > 1 {
			for i, x := range v {
				v[i] = x / norm
			}
		}
	}
}

// unimodalSimplex tries every place of the peak.
func (s Set) unimodalSimplex(v []float64, free scalar) {
	best := math.Inf(1)
	var kept []float64
	for at := range v {
		w := slices.Clone(v)
		isotonic(w[:at], free)
		antitonic(w[at:], free)
		onSimplex(w, s.lo, s.hi)
		d := 0.0
		for i, x := range w {
			d += (x - v[i]) * (x - v[i])
		}
		if d < best {
			best, kept = d, w
		}
	}
	copy(v, kept)
}

// polar overwrites V = U*S*W^T by U*W^T, the nearest matrix with orthonormal
// columns (Schönemann 1966, https://doi.org/10.1007/BF02289451).
func polar(v *tensor.Matrix[float64]) error {
	u, _, wt, err := linalg.SVD(v)
	if err != nil {
		return fmt.Errorf("constraint: orthonormal: %w", err)
	}
	kernel.Gemm(1, u.View(), wt.View(), 0, v.View())
	return nil
}

// Penalty is what a factor that satisfies the set adds to the objective: its
// L1 norm and quadratic part with their weights.
func (s Set) Penalty(a *tensor.Matrix[float64]) float64 {
	p := s.quad.Value(a)
	if s.l1 > 0 {
		sum := 0.0
		for i := range a.Rows {
			for _, v := range a.Row(i) {
				sum += math.Abs(v)
			}
		}
		p += s.l1 * sum
	}
	return p
}

// Coordinate is the x within the bounds that minimises ½*g*(x-v)^2 + l1*|x|,
// for a g that is positive: a step of coordinate descent on a set that is
// [Set.Separable].
func (s Set) Coordinate(g, v float64) float64 {
	lo, hi := s.Bounds()
	return scalar{lo, hi, s.l1 / g}.at(v)
}
