package mps

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// State is a matrix product state. It is not safe for concurrent use: even
// what only measures may move the center, which changes the cores and not
// the state.
type State struct {
	sites    []core[complex128]
	center   int
	fidelity float64
}

// core is one site: l×d×r in C order. Its numbers are never changed once the
// core belongs to a state, so that states may share them.
type core[T scalar] struct {
	l, d, r int
	a       []T
}

func newCore[T scalar](l, d, r int) core[T] { return core[T]{l, d, r, make([]T, l*d*r)} }

// tall is the core as a matrix (l·d)×r, wide as one l×(d·r).
func (c core[T]) tall() *tensor.Matrix[T] { return tensor.MatrixOf(c.l*c.d, c.r, c.a) }
func (c core[T]) wide() *tensor.Matrix[T] { return tensor.MatrixOf(c.l, c.d*c.r, c.a) }

// Product is the product state of the given vectors, one a site; dims[k] is
// the length of states[k].
func Product(dims []int, states [][]complex128) *State {
	if len(dims) == 0 || len(dims) != len(states) {
		panic(fmt.Sprintf("mps: Product of %d dimensions and %d states", len(dims), len(states)))
	}
	s := &State{fidelity: 1}
	norm := 1.0
	for k, v := range states {
		if len(v) != dims[k] || dims[k] < 1 {
			panic(fmt.Sprintf("mps: Product: the state of site %d has %d numbers, its dimension is %d", k, len(v), dims[k]))
		}
		c := newCore[complex128](1, dims[k], 1)
		length := norm2(v)
		norm *= length
		if length > 0 {
			for i, x := range v {
				c.a[i] = x / complex(length, 0)
			}
		} else {
			c.a[0] = 1 // an isometry all the same; the center carries the zero
		}
		s.sites = append(s.sites, c)
	}
	s.scaleCenter(complex(norm, 0))
	return s
}

// Basis is the basis state |b_0 b_1 …⟩ of qubits.
func Basis(bits ...int) *State {
	dims, states := make([]int, len(bits)), make([][]complex128, len(bits))
	for k, b := range bits {
		if b != 0 && b != 1 {
			panic(fmt.Sprintf("mps: Basis: bit %d is %d; it must be 0 or 1", k, b))
		}
		dims[k], states[k] = 2, make([]complex128, 2)
		states[k][b] = 1
	}
	return Product(dims, states)
}

// FromCores makes a state of cores D_k × d_k × D_{k+1}, which are copied. The
// center of the result is site 0. Cores that do not fit together, or with
// numbers that are not finite, are errors.
func FromCores(cores ...*tensor.Dense[complex128]) (*State, error) {
	if len(cores) == 0 {
		return nil, fmt.Errorf("mps: a state needs at least one core")
	}
	s := &State{center: len(cores) - 1, fidelity: 1}
	bond := 1
	for k, c := range cores {
		sh := c.Shape()
		if len(sh) != 3 {
			return nil, fmt.Errorf("mps: core %d has order %d; cores are left bond × physical × right bond", k, len(sh))
		}
		if sh[0] != bond || slices.Min(sh) < 1 {
			return nil, fmt.Errorf("mps: core %d is %d×%d×%d, but the bond on its left has size %d", k, sh[0], sh[1], sh[2], bond)
		}
		s.sites = append(s.sites, core[complex128]{sh[0], sh[1], sh[2], c.Clone().Data()})
		bond = sh[2]
	}
	if bond != 1 {
		return nil, fmt.Errorf("mps: the last core has a right bond of %d; it must be 1", bond)
	}
	for k, c := range s.sites {
		if k == len(s.sites)-1 {
			break
		}
		if err := s.shiftRight(k); err != nil {
			return nil, fmt.Errorf("mps: core %d of %d×%d×%d: %w", k, c.l, c.d, c.r, err)
		}
	}
	if n := s.Norm(); math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, fmt.Errorf("mps: the norm of the cores is %v; their numbers must be finite", n)
	}
	s.MoveCenter(0)
	return s, nil
}

// Sites is the number of sites.
func (s *State) Sites() int { return len(s.sites) }

// Dims are the dimensions d_k of the sites.
func (s *State) Dims() []int {
	d := make([]int, len(s.sites))
	for k, c := range s.sites {
		d[k] = c.d
	}
	return d
}

// Bonds are the sizes D_0 … D_n of the bonds, the first and last of which
// are 1.
func (s *State) Bonds() []int {
	b := make([]int, len(s.sites)+1)
	b[0] = 1
	for k, c := range s.sites {
		b[k+1] = c.r
	}
	return b
}

// MaxBond is the largest of the bonds.
func (s *State) MaxBond() int { return slices.Max(s.Bonds()) }

// Core is a copy of core k: D_k × d_k × D_{k+1}.
func (s *State) Core(k int) *tensor.Dense[complex128] {
	s.check("Core", k)
	c := s.sites[k]
	return tensor.FromSlice(slices.Clone(c.a), c.l, c.d, c.r)
}

// Clone is a copy of the state. It shares memory with s until one of the two
// changes.
func (s *State) Clone() *State {
	return &State{slices.Clone(s.sites), s.center, s.fidelity}
}

// Fidelity is the product of the shares of the squared norm that the cuts so
// far have kept: 1 for a state without truncations. For unitary gates it is
// the estimate of |⟨ψ|φ⟩|² for the state ψ and the φ of no truncation, and in
// practice a close one (Zhou, Stoudenmire & Waintal 2020,
// https://doi.org/10.1103/PhysRevX.10.041038).
func (s *State) Fidelity() float64 { return s.fidelity }

// Norm is sqrt(⟨ψ|ψ⟩), the norm of the center.
func (s *State) Norm() float64 { return norm2(s.sites[s.center].a) }

// Normalize divides the state by its norm, which it returns. A state of norm
// zero is left as it is.
func (s *State) Normalize() float64 {
	n := s.Norm()
	if n > 0 {
		s.scaleCenter(complex(1/n, 0))
	}
	return n
}

// Scale multiplies the state by a number.
func (s *State) Scale(alpha complex128) { s.scaleCenter(alpha) }

func (s *State) scaleCenter(alpha complex128) {
	if alpha == 1 {
		return
	}
	c := s.sites[s.center]
	a := make([]complex128, len(c.a))
	for i, v := range c.a {
		a[i] = alpha * v
	}
	s.sites[s.center] = core[complex128]{c.l, c.d, c.r, a}
}

// Amplitude is ⟨b_0 b_1 …|ψ⟩ for the basis state with index bits[k] on site k.
func (s *State) Amplitude(bits ...int) complex128 {
	if len(bits) != len(s.sites) {
		panic(fmt.Sprintf("mps: Amplitude of %d indices for %d sites", len(bits), len(s.sites)))
	}
	row := []complex128{1}
	for k, c := range s.sites {
		b := bits[k]
		if b < 0 || b >= c.d {
			panic(fmt.Sprintf("mps: Amplitude: index %d on site %d, whose dimension is %d", b, k, c.d))
		}
		next := make([]complex128, c.r)
		slice := kernel.Mat[complex128]{Rows: c.l, Cols: c.r, RS: c.d * c.r, CS: 1, Data: c.a[b*c.r:]}
		kernel.GemmComplex(1, kernel.RowMajor(1, c.l, row), false, slice, false, 0, kernel.RowMajor(1, c.r, next))
		row = next
	}
	return row[0]
}

// Dense is the vector of all amplitudes as a tensor d_0×…×d_{n-1}.
func (s *State) Dense() *tensor.Dense[complex128] {
	x := kernel.RowMajor(1, 1, []complex128{1})
	for _, c := range s.sites {
		y := newMat[complex128](x.Rows, c.d*c.r)
		kernel.GemmComplex(1, x, false, c.wide().View(), false, 0, y)
		x = kernel.RowMajor(x.Rows*c.d, c.r, y.Data)
	}
	return tensor.FromSlice(x.Data, s.Dims()...)
}

func (s *State) check(method string, k int) {
	if k < 0 || k >= len(s.sites) {
		panic(fmt.Sprintf("mps: %s: site %d of %d", method, k, len(s.sites)))
	}
}
