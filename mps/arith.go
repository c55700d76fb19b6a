package mps

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

// Add is α·a + β·b, exactly: bonds add up (see [State.Compress]). The states
// are not changed; the fidelity of the sum is that of its truncations, 1.
func Add(alpha complex128, a *State, beta complex128, b *State) *State {
	if !slices.Equal(a.Dims(), b.Dims()) {
		panic(fmt.Sprintf("mps: Add of states of dimensions %v and %v", a.Dims(), b.Dims()))
	}
	n := len(a.sites)
	sum := &State{center: n - 1, fidelity: 1}
	for k := range n {
		x, y := a.sites[k], b.sites[k]
		l, r := x.l+y.l, x.r+y.r
		lo, ro := x.l, x.r // where the block of b begins
		if k == 0 {
			l, lo = 1, 0
		}
		if k == n-1 {
			r, ro = 1, 0
		}
		c := newCore[complex128](l, x.d, r)
		place := func(z core[complex128], l0, r0 int, f complex128) {
			if k > 0 {
				f = 1
			}
			for p := range z.l {
				for i := range z.d {
					for q, v := range z.a[(p*z.d+i)*z.r : (p*z.d+i+1)*z.r] {
						c.a[((l0+p)*c.d+i)*r+r0+q] += f * v
					}
				}
			}
		}
		place(x, 0, 0, alpha)
		place(y, lo, ro, beta)
		sum.sites = append(sum.sites, c)
	}
	sum.recanonicalize()
	return sum
}

// recanonicalize makes cores of any kind those of a state whose center is
// site 0.
func (s *State) recanonicalize() {
	for k := range len(s.sites) - 1 {
		if err := s.shiftRight(k); err != nil {
			panic(fmt.Sprintf("mps: the cores are not finite: %v", err))
		}
	}
	s.center = len(s.sites) - 1
	s.MoveCenter(0)
}

// Compress cuts every bond as t says, from one end to the other, and returns
// the part of the squared norm that was lost. The norm is kept. Every cut is
// the best possible one, and the whole loses at most n-1 times what the best
// state of such bonds would; see [Fit] for a better one.
func (s *State) Compress(t Truncation) (lost float64, err error) {
	old, n := *s.Clone(), len(s.sites)
	right := s.center < n/2
	if right {
		s.MoveCenter(0)
	} else {
		s.MoveCenter(n - 1)
	}
	for range n - 1 {
		k := s.center
		if !right {
			k--
		}
		c, next := s.sites[k], s.sites[k+1]
		var l, r *tensor.Matrix[complex128]
		var part float64
		if right {
			l, r, part, err = split(c.tall(), t, true)
		} else {
			l, r, part, err = split(next.wide(), t, false)
		}
		if err != nil {
			*s = old
			return 0, fmt.Errorf("mps: bond %d: %w", k+1, err)
		}
		if right {
			s.sites[k] = core[complex128]{c.l, c.d, l.Cols, l.Data}
			s.sites[k+1] = next.mulLeft(r.View())
			s.center = k + 1
		} else {
			s.sites[k+1] = core[complex128]{r.Rows, next.d, next.r, r.Data}
			s.sites[k] = c.mulRight(l.View())
			s.center = k
		}
		s.fidelity *= 1 - part
		lost += (1 - lost) * part // 1 minus what is kept would be rounded to 1e-16
	}
	return lost, nil
}

// FromDense is the state with the amplitudes of a tensor d_0×…×d_{n-1}, cut
// as t says. Amplitudes that are not finite are an error.
func FromDense(x *tensor.Dense[complex128], t Truncation) (*State, error) {
	dims := x.Shape()
	if len(dims) == 0 || slices.Min(dims) < 1 {
		return nil, fmt.Errorf("mps: a state of dimensions %v; every site needs at least one index", dims)
	}
	s := &State{sites: make([]core[complex128], len(dims)), fidelity: 1}
	if _, err := s.cut(0, dims, core[complex128]{1, x.Len(), 1, x.Clone().Data()}, t, true); err != nil {
		return nil, err
	}
	return s, nil
}

// FromTrain is a real tensor train as a state.
func FromTrain(x *tt.Tensor) (*State, error) {
	cores := make([]*tensor.Dense[complex128], len(x.Cores))
	for k, c := range x.Cores {
		cores[k] = tensor.AsComplex[complex128](c)
	}
	return FromCores(cores...)
}
