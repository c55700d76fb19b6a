package mps

import (
	"fmt"
	"math/cmplx"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// AddOperators is α·a + β·b, exactly: bonds add up (see [Operator.Compress]).
func AddOperators(alpha complex128, a *Operator, beta complex128, b *Operator) *Operator {
	return unvec(Add(alpha, a.vec(), beta, b.vec()))
}

// Scale is α times the operator.
func (o *Operator) Scale(alpha complex128) *Operator {
	cores := slices.Clone(o.cores)
	cores[0] = tensor.Scale(alpha, cores[0])
	return &Operator{cores}
}

// Mul is the product o·p, exactly: bonds multiply (see [Operator.Compress]).
func (o *Operator) Mul(p *Operator) *Operator {
	o.same("Mul", p.Dims())
	cores := make([]*tensor.Dense[complex128], len(o.cores))
	for k, w := range o.cores {
		v := p.cores[k]
		a, b := w.Shape(), v.Shape()
		d := a[1]
		// (w, i, w') × j  times  j × (v, l, v')
		left := make([]complex128, w.Len())
		kernel.Permute(left, w.Data(), []int{a[0], d, a[3], d}, []int{d * d * a[3], d * a[3], 1, a[3]})
		right := make([]complex128, v.Len())
		kernel.Permute(right, v.Data(), []int{d, b[0], d, b[3]}, []int{d * b[3], d * d * b[3], b[3], 1})
		m := mul(kernel.RowMajor(a[0]*d*a[3], d, left), kernel.RowMajor(d, b[0]*d*b[3], right))
		x := tensor.FromSlice(m.Data, a[0], d, a[3], b[0], d, b[3]).Permute(0, 3, 1, 4, 2, 5)
		cores[k] = x.Clone().Reshape(a[0]*b[0], d, d, a[3]*b[3])
	}
	return &Operator{cores}
}

// Adjoint is the conjugate transpose.
func (o *Operator) Adjoint() *Operator {
	cores := make([]*tensor.Dense[complex128], len(o.cores))
	for k, w := range o.cores {
		c := w.Permute(0, 2, 1, 3).Clone()
		for i, v := range c.Data() {
			c.Data()[i] = cmplx.Conj(v)
		}
		cores[k] = c
	}
	return &Operator{cores}
}

// Compress cuts every bond as t says, in the Frobenius norm, and returns the
// operator and the part of its squared norm that was lost. Unlike that of a
// state, the norm of the result is what was kept: no factor is put on the
// rest.
func (o *Operator) Compress(t Truncation) (*Operator, float64, error) {
	s := o.vec()
	s.recanonicalize()
	lost, err := s.Compress(t)
	if err != nil {
		return nil, 0, err
	}
	if lost > 0 {
		s.Scale(cmplx.Sqrt(complex(1-lost, 0)))
	}
	return unvec(s), lost, nil
}

// Norm is the Frobenius norm.
func (o *Operator) Norm() float64 {
	s := o.vec()
	s.recanonicalize()
	return s.Norm()
}

// Dense is the whole matrix, for small chains.
func (o *Operator) Dense() *tensor.Matrix[complex128] {
	dims := o.Dims()
	var split []int
	for _, d := range dims {
		split = append(split, d, d)
	}
	order := make([]int, 2*len(dims))
	size := 1
	for k, d := range dims {
		order[k], order[len(dims)+k] = 2*k, 2*k+1
		size *= d
	}
	x := o.vec().Dense().Reshape(split...).Permute(order...).Clone()
	return tensor.MatrixOf(size, size, x.Data())
}

// Variance is ⟨O²⟩ − ⟨O⟩² of a Hermitian operator, divided by the squared
// norm where it belongs: zero for eigenstates. It is ‖(O − ⟨O⟩)ψ‖²/‖ψ‖², of
// which rounding leaves about 1e-16 of ⟨O²⟩.
func (s *State) Variance(o *Operator) float64 {
	n := s.Norm()
	mean := real(s.Expect(o)) / (n * n)
	shift, err := SumOfTerms(s.Dims(), []Term{{Coefficient: complex(-mean, 0)}})
	if err != nil {
		panic(fmt.Sprintf("mps: Variance of a state whose mean is %v", mean))
	}
	d := AddOperators(1, o, 1, shift)
	return max(0, real(Element(s, d.Adjoint().Mul(d), s))/(n*n))
}

// vec is the operator as a state with sites of dimension d², whose cores are
// no isometries.
func (o *Operator) vec() *State {
	s := &State{fidelity: 1}
	for _, c := range o.cores {
		sh := c.Shape()
		s.sites = append(s.sites, core[complex128]{sh[0], sh[1] * sh[2], sh[3], c.Data()})
	}
	return s
}

// unvec is the operator of such a state.
func unvec(s *State) *Operator {
	o := &Operator{}
	for _, c := range s.sites {
		d := 1
		for d*d < c.d {
			d++
		}
		o.cores = append(o.cores, tensor.FromSlice(c.a, c.l, d, d, c.r))
	}
	return o
}

func (o *Operator) same(method string, dims []int) {
	if !slices.Equal(o.Dims(), dims) {
		panic(fmt.Sprintf("mps: %s: an operator on dimensions %v and %v", method, o.Dims(), dims))
	}
}
