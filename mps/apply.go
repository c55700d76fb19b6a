package mps

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// MulState is O|ψ⟩, exactly: bonds multiply.
func (o *Operator) MulState(s *State) *State {
	o.same("MulState", s.Dims())
	out := &State{fidelity: s.fidelity}
	for k, c := range s.sites {
		sh := o.cores[k].Shape()
		w, d, wr := sh[0], sh[1], sh[3]
		// for each l: (i, w', w) from j × r
		m := make([]complex128, o.cores[k].Len())
		kernel.Permute(m, o.cores[k].Data(), []int{w, d, wr, d}, []int{d * d * wr, d * wr, 1, wr})
		y := mulOperator(c.l, kernel.RowMajor(w*d*wr, d, m), c.a, c.r) // l × w × i × w' × r
		x := tensor.FromSlice(y, c.l, w, d, wr, c.r).Permute(1, 0, 2, 3, 4).Clone()
		out.sites = append(out.sites, core[complex128]{w * c.l, d, wr * c.r, x.Data()})
	}
	out.recanonicalize()
	return out
}

// Apply is O|ψ⟩ cut as t says, by zipping up: a sweep multiplies site after
// site by the operator and cuts the bond at once, at a cost that is linear in
// the bonds of the operator but for the cuts; a second sweep cuts the bonds
// where the whole is in canonical form. lost is the part of the squared norm
// that the cuts discarded, an estimate for those of the first sweep, which
// are made ten times as fine as t asks, on bonds twice as large. The norm is
// that of O|ψ⟩ up to what was lost. The center of s moves to site 0.
//
// Stoudenmire & White 2010, https://doi.org/10.1088/1367-2630/12/5/055026.
func (o *Operator) Apply(s *State, t Truncation) (out *State, lost float64, err error) {
	o.same("Apply", s.Dims())
	s.MoveCenter(len(s.sites) - 1)
	n := len(s.sites)
	fine := Truncation{MaxBond: 2 * t.MaxBond, Eps: t.Eps / 10}
	out = &State{sites: make([]core[complex128], n), fidelity: s.fidelity}
	// rest: (l, w) × r', what is not cut yet, on the right of site k.
	rest := newMat[complex128](1, 1)
	rest.Data[0] = 1
	for k := n - 1; k >= 0; k-- {
		c := s.sites[k]
		sh := o.cores[k].Shape()
		w, d, wr := sh[0], sh[1], sh[3]
		// (l, j) × r times r × (w', x)
		cols := rest.Cols
		y := mul(c.tall().View(), kernel.RowMajor(c.r, wr*cols, rest.Data))
		// for each l: (w, i) × (j, w') times (j, w') × x
		z := mulOperator(c.l, kernel.RowMajor(w*d, d*wr, o.cores[k].Data()), y.Data, cols)
		theta := tensor.MatrixOf(c.l*w, d*cols, z)
		if k == 0 {
			out.sites[0] = core[complex128]{1, d, cols, z}
			break
		}
		l, r, part, err := split(theta, fine, false)
		if err != nil {
			return nil, 0, fmt.Errorf("mps: Apply: site %d: %w", k, err)
		}
		out.fidelity *= 1 - part
		out.sites[k] = core[complex128]{r.Rows, d, cols, r.Data}
		rest = l.View()
	}
	if n := out.Norm(); math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, 0, fmt.Errorf("mps: Apply: the norm of the result is %v", n)
	}
	if _, err := out.Compress(t); err != nil {
		return nil, 0, err
	}
	if s.fidelity > 0 {
		lost = 1 - out.fidelity/s.fidelity
	}
	return out, lost, nil
}
