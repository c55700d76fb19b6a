package mps

import (
	"fmt"
	"math/cmplx"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Apply1 multiplies site k by u: d×d. A matrix that is not unitary moves the
// center there first. Numbers that are not finite panic; [State.Apply] returns
// an error.
func (s *State) Apply1(k int, u *tensor.Matrix[complex128]) {
	s.check("Apply1", k)
	s.checkGate("Apply1", u, k, 1)
	if err := finite(u); err != nil {
		panic(fmt.Sprintf("mps: Apply1: site %d: %v", k, err))
	}
	if k != s.center && !unitary(u) {
		s.MoveCenter(k)
	}
	s.sites[k] = s.sites[k].mulPhysical(u)
}

// Apply2 multiplies sites k and k+1 by u, whose rows and columns are indexed
// by (i_k, i_{k+1}) in C order: 4×4 for qubits. The bond between them is cut
// as t says; lost is the part of the squared norm that was discarded, and the
// norm is that of the state before the cut. The center is one of the two
// sites afterwards. Numbers that are not finite are errors, and leave the
// state as it was.
func (s *State) Apply2(k int, u *tensor.Matrix[complex128], t Truncation) (lost float64, err error) {
	s.check("Apply2", k)
	s.check("Apply2", k+1)
	s.checkGate("Apply2", u, k, 2)
	if err := finite(u); err != nil {
		return 0, fmt.Errorf("mps: sites %d and %d: %w", k, k+1, err)
	}
	return s.apply(k, []int{s.sites[k].d, s.sites[k+1].d}, u, t, s.center <= k)
}

// Apply multiplies the sites of a list, in any order and distance, by u,
// whose rows and columns are indexed by their indices in C order: the site
// that is named first is the most significant. Sites that are no neighbours
// are brought together by swaps and back again. See Apply2 for the rest; lost
// is 1 minus the product of what the cuts have kept. See [State.Run] for many
// gates.
func (s *State) Apply(u *tensor.Matrix[complex128], t Truncation, sites ...int) (lost float64, err error) {
	ops, err := s.operations([]Gate{{u, sites}})
	if err != nil {
		return 0, err
	}
	old, kept := *s.Clone(), s.fidelity
	for _, o := range ops {
		if len(o.dims) == 1 {
			s.Apply1(o.first, o.u)
		} else if _, err := s.apply(o.first, o.dims, o.u, t, s.center <= o.first); err != nil {
			*s = old
			return 0, err
		}
	}
	if kept == 0 {
		return 0, nil
	}
	return 1 - s.fidelity/kept, nil
}

// apply multiplies the sites from k on by a gate and cuts the product into
// cores of the given dimensions. With right, the last of them is the center
// then, else the first.
func (s *State) apply(k int, dims []int, u *tensor.Matrix[complex128], t Truncation, right bool) (float64, error) {
	n := len(dims)
	old := *s.Clone()
	s.MoveCenter(max(k, min(s.center, k+n-1)))
	block := s.sites[k]
	for i := 1; i < n; i++ {
		c := s.sites[k+i]
		m := mul(block.tall().View(), c.wide().View())
		block = core[complex128]{block.l, block.d * c.d, c.r, m.Data}
	}
	lost, err := s.cut(k, dims, block.mulPhysical(u), t, right)
	if err != nil {
		*s = old
	}
	return lost, err
}

// cut replaces the sites from k on by cores whose product is block, within t,
// and makes the last of them the center with right, else the first.
func (s *State) cut(k int, dims []int, block core[complex128], t Truncation, right bool) (float64, error) {
	kept, n := 1.0, len(dims)
	rest := block
	if right {
		for i, d := range dims[:n-1] {
			theta := tensor.MatrixOf(rest.l*d, rest.d/d*rest.r, rest.a)
			l, r, lost, err := split(theta, t, true)
			if err != nil {
				return 0, fmt.Errorf("mps: sites %d to %d: %w", k, k+n-1, err)
			}
			s.sites[k+i] = core[complex128]{rest.l, d, l.Cols, l.Data}
			rest = core[complex128]{r.Rows, rest.d / d, rest.r, r.Data}
			kept *= 1 - lost
		}
		s.center = k + n - 1
	} else {
		for i := n - 1; i > 0; i-- {
			d := dims[i]
			theta := tensor.MatrixOf(rest.l*(rest.d/d), d*rest.r, rest.a)
			l, r, lost, err := split(theta, t, false)
			if err != nil {
				return 0, fmt.Errorf("mps: sites %d to %d: %w", k, k+n-1, err)
			}
			s.sites[k+i] = core[complex128]{r.Rows, d, rest.r, r.Data}
			rest = core[complex128]{rest.l, rest.d / d, l.Cols, l.Data}
			kept *= 1 - lost
		}
		s.center = k
	}
	s.sites[s.center] = rest
	s.fidelity *= kept
	return 1 - kept, nil
}

// mulPhysical multiplies the physical index by u: m×d.
func (c core[T]) mulPhysical(u *tensor.Matrix[T]) core[T] {
	out := newCore[T](c.l, u.Rows, c.r)
	gemmBatch(c.l, 1, u.View(), false, 0, kernel.RowMajor(c.d, c.r, c.a), false, c.d*c.r,
		0, kernel.RowMajor(u.Rows, c.r, out.a), u.Rows*c.r)
	return out
}

// checkGate panics unless u acts on the n sites from k on.
func (s *State) checkGate(method string, u *tensor.Matrix[complex128], k, n int) {
	d := 1
	for _, c := range s.sites[k : k+n] {
		d *= c.d
	}
	if u.Rows != d || u.Cols != d {
		panic(fmt.Sprintf("mps: %s: the gate is %d×%d, the sites from %d on have dimension %d", method, u.Rows, u.Cols, k, d))
	}
}

// finite is an error that names an element of u which is not finite.
func finite(u *tensor.Matrix[complex128]) error {
	for i := range u.Rows {
		for j, v := range u.Row(i) {
			if cmplx.IsNaN(v) || cmplx.IsInf(v) {
				return fmt.Errorf("element (%d, %d) of the gate is %v; it must be finite", i, j, v)
			}
		}
	}
	return nil
}

// unitary reports whether u is unitary to working precision.
func unitary(u *tensor.Matrix[complex128]) bool {
	for i := range u.Rows {
		for j := range i + 1 {
			sum := complex128(0)
			for l := range u.Cols {
				sum += u.At(i, l) * cmplx.Conj(u.At(j, l))
			}
			if i == j {
				sum -= 1
			}
			if !(cmplx.Abs(sum) <= 1e-13*float64(u.Rows)) {
				return false
			}
		}
	}
	return true
}
