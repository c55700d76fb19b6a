package polynomial

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// maxInjective is the most nodes of a motif for sums over injective maps: they
// have as many terms as there are ways to merge nodes.
const maxInjective = 10

// Injective is the polynomial Q_H, which is P_H with the sum over injective
// maps alone: elements whose marks are at one node are 0. For the adjacency
// matrix of a graph, without loops, it is the number of its subgraphs equal to
// the motif (with the marked nodes at given places) times that of
// [Motif.Automorphisms].
//
// By Möbius inversion it is a combination of the P_H of the motifs whose nodes
// are merged in all ways,
//
//	Q_H = Σ_π Π_(B in π) (-1)^(|B|-1) (|B|-1)! P_(H/π),
//
// of which equal ones are evaluated once (Lovász 2012, section 5.2.3). Cycles
// of up to 7 edges take matrix products alone (Alon, Yuster & Zwick 1997,
// https://doi.org/10.1007/BF02523189). x: n×n, one matrix a channel.
func Injective(ctx context.Context, m Motif, x ...*tensor.Dense[float64]) (*tensor.Dense[float64], error) {
	terms, err := m.terms(x)
	if err != nil {
		return nil, err
	}
	shape := make([]int, len(m.Marked))
	for k := range shape {
		shape[k] = x[0].Shape()[0]
	}
	sum := tensor.New[float64](shape...)
	for _, t := range terms {
		p, err := Eval(ctx, t.motif, x...)
		if err != nil {
			return nil, err
		}
		for i, v := range p.Data() {
			sum.Raw()[i] += float64(t.factor) * v
		}
	}
	eachEqual(shape, func(i int) { sum.Raw()[i] = 0 })
	return sum, nil
}

// InjectiveExact is Injective for matrices of whole numbers, without rounding:
// the elements in C order.
func InjectiveExact(ctx context.Context, m Motif, x ...*tensor.Dense[float64]) ([]*big.Int, error) {
	terms, err := m.terms(x)
	if err != nil {
		return nil, err
	}
	shape := make([]int, len(m.Marked))
	for k := range shape {
		shape[k] = x[0].Shape()[0]
	}
	sum := make([]*big.Int, tensor.Size(shape))
	for i := range sum {
		sum[i] = new(big.Int)
	}
	for _, t := range terms {
		p, err := Exact(ctx, t.motif, x...)
		if err != nil {
			return nil, err
		}
		factor := big.NewInt(t.factor)
		for i, v := range p {
			sum[i].Add(sum[i], v.Mul(v, factor))
		}
	}
	eachEqual(shape, func(i int) { sum[i].SetInt64(0) })
	return sum, nil
}

// eachEqual visits the elements of a shape at which two indices are equal.
func eachEqual(shape []int, visit func(i int)) {
	if len(shape) < 2 {
		return
	}
	at := make([]int, len(shape))
	for i := range tensor.Size(shape) {
		rest := i
		for k := len(shape) - 1; k >= 0; k-- {
			at[k] = rest % shape[k]
			rest /= shape[k]
		}
		for k := range at {
			if slices.Contains(at[:k], at[k]) {
				visit(i)
				break
			}
		}
	}
}

// term is a motif and its factor in a combination.
type term struct {
	motif  Motif
	factor int64
}

// terms merges the nodes of a motif in all ways that keep marked nodes apart.
// For symmetric matrices directions do not matter; without loops in the graph
// adjacent nodes stay apart; where elements are 0 and 1, repeated edges are one.
func (m Motif) terms(x []*tensor.Dense[float64]) ([]term, error) {
	if _, err := m.Operands(x...); err != nil {
		return nil, err
	}
	if len(m.Names) > maxInjective {
		return nil, fmt.Errorf("polynomial: injective maps of a motif of %d nodes; at most %d are expected, or polynomials of all maps", len(m.Names), maxInjective)
	}
	p := properties(x)
	index := map[string]int{}
	var terms []term
	block := make([]int, len(m.Names)) // of each node
	var sizes []int
	var grow func(v int)
	grow = func(v int) {
		if v < len(block) {
			for b := 0; b <= len(sizes); b++ {
				if b < len(sizes) && m.apart(v, b, block, p.loopless) {
					continue
				}
				if b == len(sizes) {
					sizes = append(sizes, 0)
				}
				block[v] = b
				sizes[b]++
				grow(v + 1)
				if sizes[b]--; sizes[b] == 0 {
					sizes = sizes[:b]
				}
			}
			return
		}
		t := term{Motif{Names: letters(len(sizes))}, 1}
		for _, s := range sizes {
			for k := 1; k < s; k++ {
				t.factor *= -int64(k)
			}
		}
		for _, e := range m.Edges {
			e = ordered(Edge{block[e.From], block[e.To], e.Channel}, p.directed)
			if p.binary && slices.Contains(t.motif.Edges, e) {
				continue
			}
			t.motif.Edges = append(t.motif.Edges, e)
		}
		for _, v := range m.Marked {
			t.motif.Marked = append(t.motif.Marked, block[v])
		}
		t.motif = t.motif.Canonical(p.directed)
		key := t.motif.key()
		if i, ok := index[key]; ok {
			terms[i].factor += t.factor
			return
		}
		index[key] = len(terms)
		terms = append(terms, t)
	}
	grow(0)
	return slices.DeleteFunc(terms, func(t term) bool { return t.factor == 0 }), nil
}

// apart says whether node v may not join a block of the nodes before it.
func (m Motif) apart(v, b int, block []int, loopless bool) bool {
	if slices.Contains(m.Marked, v) {
		for _, w := range m.Marked {
			if w < v && block[w] == b {
				return true
			}
		}
	}
	if loopless {
		for _, e := range m.Edges {
			if e.From == v && e.To < v && block[e.To] == b || e.To == v && e.From < v && block[e.From] == b {
				return true
			}
		}
	}
	return false
}

// property is what matrices have in common that saves terms.
type property struct{ directed, loopless, binary bool }

func properties(x []*tensor.Dense[float64]) property {
	p := property{loopless: true, binary: true}
	for _, a := range x {
		n := a.Shape()[0]
		for i := range n {
			for j := range n {
				v := a.At(i, j)
				p.binary = p.binary && (v == 0 || v == 1)
				p.loopless = p.loopless && (i != j || v == 0)
				p.directed = p.directed || v != a.At(j, i)
			}
		}
	}
	return p
}
