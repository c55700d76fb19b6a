package linalg

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// NNLSGram finds, for each row f of M: m×n, the x ≥ 0 that minimises
//
//	½·x·G·xᵀ − f·xᵀ
//
// for a symmetric positive semi-definite G: n×n; they are the rows of
// X: m×n. With G = AᵀA and f = bᵀA this is least ‖A·xᵀ − b‖ over x ≥ 0, the
// inner step of alternating non-negative least squares.
//
// Rows are solved by block principal pivoting (Kim & Park 2011,
// https://doi.org/10.1137/110821172), in float64. A row whose pivoting meets
// a singular block or does not end is solved by active sets instead, on a
// square root of G.
func NNLSGram[T tensor.Float](g *tensor.Matrix[float64], m *tensor.Matrix[T]) (*tensor.Matrix[T], error) {
	n := g.Rows
	if g.Cols != n || m.Cols != n {
		panic(fmt.Sprintf("linalg: NNLSGram with G of %d×%d and M of %d×%d", g.Rows, g.Cols, m.Rows, m.Cols))
	}
	if _, err := maxAbs("NNLSGram", g); err != nil {
		return nil, err
	}
	if _, err := maxAbs("NNLSGram", m); err != nil {
		return nil, err
	}
	// Unit diagonal: then one tolerance does for all components. A zero on
	// the diagonal is a component without influence; it stays at zero.
	d := make([]float64, n)
	s := tensor.NewMatrix[float64](n, n)
	for i := range n {
		if v := g.At(i, i); v > 0 {
			d[i] = 1 / math.Sqrt(v)
		}
		for j := range i + 1 {
			v := g.At(i, j) * d[i] * d[j]
			s.Data[i*n+j], s.Data[j*n+i] = v, v
		}
		s.Data[i*n+i] = 1
	}
	x := tensor.NewMatrix[T](m.Rows, n)
	hard := make([]bool, m.Rows)
	par.Rows(m.Rows, n*n*n/3+1, func(lo, hi int) {
		p := newPrincipal(s)
		for i := lo; i < hi; i++ {
			for j, v := range m.Row(i) {
				p.f[j] = float64(v) * d[j]
			}
			if hard[i] = !p.solve(); hard[i] {
				continue
			}
			for j, v := range p.x {
				x.Set(i, j, T(v*d[j]))
			}
		}
	})
	if slices.Contains(hard, true) {
		if err := hardRows(s, d, m, x, hard); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// hardRows solves the rows that are marked, with A = Λ^(1/2)·Vᵀ and
// b = Λ^(-1/2)·Vᵀ·f from the eigenvalues of G.
func hardRows[T tensor.Float](g *tensor.Matrix[float64], d []float64, m, x *tensor.Matrix[T], hard []bool) error {
	n := g.Rows
	w, v, err := SymEig(g)
	if err != nil {
		return err
	}
	rank := 0
	for rank < n && w[rank] > float64(n)*0x1p-52*w[0] {
		rank++
	}
	vt := v.Transpose()
	columns := tensor.NewMatrix[float64](n, rank)
	for j := range n {
		for l := range rank {
			columns.Set(j, l, math.Sqrt(w[l])*v.At(j, l))
		}
	}
	errs := make([]error, m.Rows)
	par.Blocks(m.Rows, 16, func(_, lo, hi int) {
		b, f := make([]float64, rank), make([]float64, n)
		for i := lo; i < hi; i++ {
			if !hard[i] {
				continue
			}
			for j, e := range m.Row(i) {
				f[j] = float64(e) * d[j]
			}
			for l := range b {
				b[l] = kernel.Dot(vt.Row(l), f) / math.Sqrt(w[l])
			}
			y, err := lawsonHanson(columns, b, 0x1p-52)
			if err != nil {
				errs[i] = fmt.Errorf("linalg: NNLSGram: row %d: %w", i, err)
				continue
			}
			for j, e := range y {
				x.Set(i, j, T(e*d[j]))
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// principal solves rows one after another; each starts from the passive set
// of the row before.
type principal struct {
	g       *tensor.Matrix[float64]
	l       *tensor.Matrix[float64] // Cholesky factor of the passive block
	f, x, y []float64               // right-hand side, solution, dual y = G·x − f
	passive []bool
	index   []int // the passive components
	fresh   bool  // l is that of index
}

func newPrincipal(g *tensor.Matrix[float64]) *principal {
	n := g.Rows
	return &principal{g: g, f: make([]float64, n), x: make([]float64, n), y: make([]float64, n), passive: make([]bool, n)}
}

// solve reports whether it found a solution.
func (p *principal) solve() bool {
	n := p.g.Rows
	fmax := 0.0
	for _, v := range p.f {
		fmax = max(fmax, math.Abs(v))
	}
	tol := 8 * float64(n) * 0x1p-52 * fmax
	fewest, patience := n+1, 3
	for limit := 10 * (n + 1); limit > 0; limit-- {
		if !p.refresh() {
			p.reset()
			return false
		}
		p.evaluate()
		bad, last := 0, -1
		for j := range n {
			if p.wrong(j, tol) {
				bad++
				last = j
			}
		}
		if bad == 0 {
			for j, v := range p.x {
				p.x[j] = max(v, 0)
			}
			return true
		}
		all := true
		switch {
		case bad < fewest:
			fewest, patience = bad, 3
		case patience > 0:
			patience--
		default:
			all = false
		}
		for j := range n {
			if j == last || all && p.wrong(j, tol) {
				p.passive[j] = !p.passive[j]
			}
		}
		p.fresh = false
	}
	p.reset()
	return false
}

// wrong reports whether component j violates its side of the conditions
// x ≥ 0, y ≥ 0, x·y = 0.
func (p *principal) wrong(j int, tol float64) bool {
	if p.passive[j] {
		return p.x[j] < -tol
	}
	return p.y[j] < -tol
}

func (p *principal) reset() {
	clear(p.passive)
	p.fresh = false
}

// refresh factors the passive block, unless it is that of the last call. It
// reports whether the block is safely positive definite.
func (p *principal) refresh() bool {
	if p.fresh {
		return true
	}
	p.index = p.index[:0]
	for j, is := range p.passive {
		if is {
			p.index = append(p.index, j)
		}
	}
	k := len(p.index)
	p.l = tensor.NewMatrix[float64](k, k)
	for i, a := range p.index {
		for j, b := range p.index[:i+1] {
			p.l.Data[i*k+j] = p.g.At(a, b)
		}
	}
	if cholesky(p.l) != nil {
		return false
	}
	for i := range k {
		if e := p.l.At(i, i); e*e < 64*float64(k)*0x1p-52 {
			return false
		}
	}
	p.fresh = true
	return true
}

// evaluate computes x and y for the passive set.
func (p *principal) evaluate() {
	k := len(p.index)
	u := newMat[float64](k, 1)
	for i, j := range p.index {
		u.Data[i] = p.f[j]
	}
	solveRow(p.l, u.Data)
	substituteBlock(false, p.l.View().T(), u)
	clear(p.x)
	for i, j := range p.index {
		p.x[j] = u.Data[i]
	}
	for j := range p.y {
		p.y[j] = 0
		if !p.passive[j] {
			p.y[j] = kernel.Dot(p.g.Row(j), p.x) - p.f[j]
		}
	}
}
