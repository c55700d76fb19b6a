package mps

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// Operator is a matrix product operator,
//
//	O[i, j] = W_0[:, i_0, j_0, :] * W_1[:, i_1, j_1, :] * …
//
// with row index i = (i_0, …) and column index j = (j_0, …). Core k is
// w_k × d_k × d_k × w_{k+1}, with w_0 = w_n = 1. It is not changed once made.
type Operator struct {
	cores []*tensor.Dense[complex128]
}

// NewOperator makes an operator of cores, which it keeps. Cores that do not
// fit together are errors.
func NewOperator(cores ...*tensor.Dense[complex128]) (*Operator, error) {
	if len(cores) == 0 {
		return nil, fmt.Errorf("mps: an operator needs at least one core")
	}
	o := &Operator{}
	bond := 1
	for k, c := range cores {
		sh := c.Shape()
		if len(sh) != 4 || slices.Min(sh) < 1 || sh[0] != bond || sh[1] != sh[2] {
			return nil, fmt.Errorf("mps: core %d of an operator is %v; it must be %d×d×d×w, bonds first and last", k, sh, bond)
		}
		o.cores = append(o.cores, c.Contiguous())
		bond = sh[3]
	}
	if bond != 1 {
		return nil, fmt.Errorf("mps: the last core of an operator has a right bond of %d; it must be 1", bond)
	}
	return o, nil
}

// Sites is the number of sites.
func (o *Operator) Sites() int { return len(o.cores) }

// Dims are the dimensions of the sites.
func (o *Operator) Dims() []int {
	d := make([]int, len(o.cores))
	for k, c := range o.cores {
		d[k] = c.Shape()[1]
	}
	return d
}

// Bonds are the sizes w_0 … w_n of the bonds.
func (o *Operator) Bonds() []int {
	b := []int{1}
	for _, c := range o.cores {
		b = append(b, c.Shape()[3])
	}
	return b
}

// Core is core k: w_k × d_k × d_k × w_{k+1}. The caller must not change it.
func (o *Operator) Core(k int) *tensor.Dense[complex128] { return o.cores[k] }

// Expect is ⟨ψ|O|ψ⟩, not divided by the squared norm.
func (s *State) Expect(o *Operator) complex128 { return Element(s, o, s) }

// Element is the matrix element ⟨a|O|b⟩.
func Element(a *State, o *Operator, b *State) complex128 {
	if !slices.Equal(a.Dims(), b.Dims()) || !slices.Equal(a.Dims(), o.Dims()) {
		panic(fmt.Sprintf("mps: an operator on dimensions %v between states of dimensions %v and %v", o.Dims(), a.Dims(), b.Dims()))
	}
	e := edge[complex128]()
	for k := range b.sites {
		e = e.stepRight(a.sites[k], o.cores[k], b.sites[k])
	}
	return e.a[0]
}
