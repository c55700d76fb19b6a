package mps

import (
	"fmt"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
)

// Center is the site whose core is no isometry: those before it have
// orthonormal columns (sum over a, i of conj(A[a,i,b])·A[a,i,c] = 1 if b = c,
// else 0), those after it orthonormal rows.
func (s *State) Center() int { return s.center }

// MoveCenter makes another site the center. With site 0 the state is
// right-canonical, with the last one left-canonical. It does not change the
// state, but bonds that are larger than either side of the chain can use
// shrink. A state with numbers that are not finite panics.
func (s *State) MoveCenter(site int) {
	s.check("MoveCenter", site)
	var err error
	for s.center < site && err == nil {
		err = s.shiftRight(s.center)
		s.center++
	}
	for s.center > site && err == nil {
		err = s.shiftLeft(s.center)
		s.center--
	}
	if err != nil {
		panic(fmt.Sprintf("mps: MoveCenter: the state is not finite: %v", err))
	}
}

// shiftRight makes core k an isometry from the left and multiplies the rest
// into core k+1.
func (s *State) shiftRight(k int) error {
	c := s.sites[k]
	q, r, err := field.QR(c.tall())
	if err != nil {
		return err
	}
	s.sites[k] = core[complex128]{c.l, c.d, q.Cols, q.Data}
	s.sites[k+1] = s.sites[k+1].mulLeft(r.View())
	return nil
}

// shiftLeft makes core k an isometry from the right and multiplies the rest
// into core k-1.
func (s *State) shiftLeft(k int) error {
	c := s.sites[k]
	q, r, err := field.QR(adjoint(c.wide()))
	if err != nil {
		return err
	}
	s.sites[k] = core[complex128]{q.Cols, c.d, c.r, adjoint(q).Data}
	s.sites[k-1] = s.sites[k-1].mulRight(adjoint(r).View())
	return nil
}

// mulLeft is M·A for M: m×l.
func (c core[T]) mulLeft(m kernel.Mat[T]) core[T] {
	out := newCore[T](m.Rows, c.d, c.r)
	field.Gemm(1, m, false, c.wide().View(), false, 0, out.wide().View())
	return out
}

// mulRight is A·M for M: r×m.
func (c core[T]) mulRight(m kernel.Mat[T]) core[T] {
	out := newCore[T](c.l, c.d, m.Cols)
	field.Gemm(1, c.tall().View(), false, m, false, 0, out.tall().View())
	return out
}
