package polynomial

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// Plan plans the contraction of a motif for graphs of n nodes. Its operands are
// those of [Motif.Operands]; [einsum.RunSemiring] evaluates the polynomial in
// other sums and products.
func (m Motif) Plan(ctx context.Context, n int, opt einsum.Options) (*einsum.Plan, error) {
	if err := m.Check(m.channels()); err != nil {
		return nil, err
	}
	var inputs [][]int
	var shapes [][]int
	for _, e := range m.Edges {
		inputs, shapes = append(inputs, []int{e.From, e.To}), append(shapes, []int{n, n})
	}
	for _, v := range m.isolated() {
		inputs, shapes = append(inputs, []int{v}), append(shapes, []int{n})
	}
	if len(inputs) == 0 {
		inputs, shapes = [][]int{{}}, [][]int{{}} // the number 1
	}
	e, err := einsum.Indices(inputs, m.Marked)
	if err != nil {
		return nil, err
	}
	return e.Plan(ctx, opt, shapes...)
}

// Operands are the operands of the plan of a motif: the matrix of each edge,
// then a vector of ones for each node without edges; the number 1 if there are
// none. x: n×n, one a channel.
func (m Motif) Operands(x ...*tensor.Dense[float64]) ([]*tensor.Dense[float64], error) {
	if len(x) == 0 {
		return nil, errors.New("polynomial: no matrix was given; the adjacency matrix of a graph is expected")
	}
	for k, a := range x {
		if s := a.Shape(); len(s) != 2 || s[0] != s[1] || s[0] != x[0].Shape()[0] {
			return nil, fmt.Errorf("polynomial: matrix %d has shape %v; square matrices of one size are expected", k, s)
		}
	}
	if err := m.Check(len(x)); err != nil {
		return nil, err
	}
	var ops []*tensor.Dense[float64]
	for _, e := range m.Edges {
		ops = append(ops, x[e.Channel])
	}
	for range m.isolated() {
		ones := tensor.New[float64](x[0].Shape()[0])
		for i := range ones.Raw() {
			ones.Raw()[i] = 1
		}
		ops = append(ops, ones)
	}
	if len(ops) == 0 {
		ops = append(ops, tensor.FromSlice([]float64{1}))
	}
	return ops, nil
}

// isolated are the nodes without edges.
func (m Motif) isolated() []int {
	var out []int
	for v := range m.Names {
		if !slices.ContainsFunc(m.Edges, func(e Edge) bool { return e.From == v || e.To == v }) {
			out = append(out, v)
		}
	}
	return out
}

// Eval is the polynomial P_H of a motif: of order 0 without marks, else with a
// mode of size n a mark. x: n×n, one matrix a channel.
func Eval(ctx context.Context, m Motif, x ...*tensor.Dense[float64]) (*tensor.Dense[float64], error) {
	p, ops, err := m.prepare(ctx, x)
	if err != nil {
		return nil, err
	}
	return einsum.Run(ctx, p, ops...)
}

// Exact is Eval for matrices of whole numbers, without rounding: the elements
// of P_H in C order.
func Exact(ctx context.Context, m Motif, x ...*tensor.Dense[float64]) ([]*big.Int, error) {
	p, ops, err := m.prepare(ctx, x)
	if err != nil {
		return nil, err
	}
	return einsum.Exact(ctx, p, ops...)
}

func (m Motif) prepare(ctx context.Context, x []*tensor.Dense[float64]) (*einsum.Plan, []*tensor.Dense[float64], error) {
	ops, err := m.Operands(x...)
	if err != nil {
		return nil, nil, err
	}
	p, err := m.Plan(ctx, x[0].Shape()[0], einsum.Options{})
	return p, ops, err
}
