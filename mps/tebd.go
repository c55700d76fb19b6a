package mps

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// TEBDOptions are those of [TEBD] and [Trotter].
type TEBDOptions struct {
	Truncation
	// Step is the time of a step, and Steps their number.
	Step  float64
	Steps int
	// Order of the splitting: 1, 2 or 4; the error of a given time falls as
	// that power of the step. Default 2.
	Order int
	// Imaginary asks for exp(−tH) instead of exp(−itH): long times lead to
	// the ground state. The norm is set to 1 after every step.
	Imaginary bool
}

// TEBD applies exp(−itH), t = Steps·Step, to a state in place, for a sum H of
// Hermitian terms on one site or two neighbours, by the gates of [Trotter],
// each followed by a cut. lost is the part of the squared norm that the cuts
// of unitary gates discarded in all; with Imaginary, what they discarded at
// each, put together in the same way.
//
// Vidal 2004, https://doi.org/10.1103/PhysRevLett.93.040502.
func TEBD(ctx context.Context, s *State, terms []Term, opt TEBDOptions) (lost float64, err error) {
	if !opt.Imaginary {
		gates, err := Trotter(s.Dims(), terms, opt)
		if err != nil {
			return 0, err
		}
		return s.Run(ctx, gates, opt.Truncation)
	}
	steps := opt.Steps
	opt.Steps = 1
	gates, err := Trotter(s.Dims(), terms, opt)
	if err != nil {
		return 0, err
	}
	kept := 1.0
	for range steps {
		part, err := s.Run(ctx, gates, opt.Truncation)
		if err != nil {
			return 0, err
		}
		kept *= 1 - part
		s.Normalize()
	}
	return 1 - kept, nil
}

// Trotter is a product of gates on neighbours for exp(−itH), or exp(−tH) with
// Imaginary, of a sum H of Hermitian terms on one site or two neighbours:
// terms on even and on odd bonds in turn, in the formulas of Suzuki. Terms on
// one site are divided among the bonds beside it. Truncation is not used.
//
// Suzuki 1990, https://doi.org/10.1016/0375-9601(90)90962-N.
func Trotter(dims []int, terms []Term, opt TEBDOptions) ([]Gate, error) {
	if opt.Steps < 0 || math.IsNaN(opt.Step) || math.IsInf(opt.Step, 0) {
		return nil, fmt.Errorf("mps: Trotter: %d steps of %v", opt.Steps, opt.Step)
	}
	bonds, err := bondTerms(dims, terms)
	if err != nil {
		return nil, fmt.Errorf("mps: Trotter: %w", err)
	}
	// Parts of a step: turn is the parity of the bonds, f the share of it.
	type part struct {
		turn int
		f    float64
	}
	strang := func(f float64) []part { return []part{{0, f / 2}, {1, f}, {0, f / 2}} }
	var step []part
	switch orDefault(opt.Order, 2) {
	case 1:
		step = []part{{0, 1}, {1, 1}}
	case 2:
		step = strang(1)
	case 4:
		p := 1 / (4 - math.Cbrt(4))
		for _, f := range []float64{p, p, 1 - 4*p, p, p} {
			step = append(step, strang(f)...)
		}
	default:
		return nil, fmt.Errorf("mps: Trotter: order %d; it must be 1, 2 or 4", opt.Order)
	}
	// Neighbouring parts of one parity are one.
	var all []part
	for range opt.Steps {
		for _, p := range step {
			if n := len(all); n > 0 && all[n-1].turn == p.turn {
				all[n-1].f += p.f
			} else {
				all = append(all, p)
			}
		}
	}
	factor := complex(0, -opt.Step)
	if opt.Imaginary {
		factor = complex(-opt.Step, 0)
	}
	type key struct {
		bond int
		f    float64
	}
	made := map[key]*tensor.Matrix[complex128]{}
	var gates []Gate
	for _, p := range all {
		for k := p.turn; k < len(bonds); k += 2 {
			u, ok := made[key{k, p.f}]
			if !ok {
				u = bonds[k].exp(factor * complex(p.f, 0))
				made[key{k, p.f}] = u
			}
			gates = append(gates, Gate{u, bonds[k].sites})
		}
	}
	return gates, nil
}

// bondTerm is what a Hamiltonian is on a bond, by its eigenvectors.
type bondTerm struct {
	sites []int
	w     []float64
	v     *tensor.Matrix[complex128]
}

// exp is exp(f·h).
func (b bondTerm) exp(f complex128) *tensor.Matrix[complex128] {
	n := len(b.w)
	x := b.v.Clone()
	for i := range n {
		row := x.Row(i)
		for j := range row {
			row[j] *= cmplx.Exp(f * complex(b.w[j], 0))
		}
	}
	m := mul(x.View(), adjoint(b.v).View())
	return tensor.MatrixOf(n, n, m.Data)
}

// bondTerms puts terms together on the bonds of a chain, or on its only site.
func bondTerms(dims []int, terms []Term) ([]bondTerm, error) {
	names := &matrixNames{index: map[string]int{}}
	n := len(dims)
	if n == 0 {
		return nil, fmt.Errorf("a chain needs at least one site")
	}
	list := make([]bondTerm, max(n-1, 1))
	h := make([]*tensor.Matrix[complex128], len(list))
	for k := range list {
		list[k].sites = []int{k, k + 1}
		d := dims[k]
		if n == 1 {
			list[k].sites = []int{0}
		} else {
			d *= dims[k+1]
		}
		h[k] = tensor.NewMatrix[complex128](d, d)
	}
	add := func(k int, f complex128, a, b *tensor.Matrix[complex128]) {
		for i := range h[k].Rows {
			for j := range h[k].Cols {
				v := f * a.At(i/b.Rows, j/b.Rows) * b.At(i%b.Rows, j%b.Rows)
				h[k].Set(i, j, h[k].At(i, j)+v)
			}
		}
	}
	for i, t := range terms {
		w, err := names.word(dims, t)
		if err != nil {
			return nil, fmt.Errorf("term %d: %w", i, err)
		}
		if w.id[0] < 0 {
			w.id = []int{len(names.list)}
			names.list = append(names.list, tensor.Eye[complex128](dims[0]))
		}
		a := names.list[w.id[0]]
		switch k := w.sites[0]; {
		case len(w.sites) == 2 && w.sites[1] == k+1:
			add(k, w.coefficient, a, names.list[w.id[1]])
		case len(w.sites) == 1 && n == 1:
			add(0, w.coefficient, a, tensor.Eye[complex128](1))
		case len(w.sites) == 1:
			f := w.coefficient
			if k > 0 && k < n-1 {
				f /= 2
			}
			if k < n-1 {
				add(k, f, a, tensor.Eye[complex128](dims[k+1]))
			}
			if k > 0 {
				add(k-1, f, tensor.Eye[complex128](dims[k-1]), a)
			}
		default:
			return nil, fmt.Errorf("term %d is on sites %v; terms must be on one site or on two neighbours", i, w.sites)
		}
	}
	for k := range list {
		for i := range h[k].Rows {
			for j := range i + 1 {
				if d := cmplx.Abs(h[k].At(i, j) - cmplx.Conj(h[k].At(j, i))); d > 1e-12*(1+cmplx.Abs(h[k].At(i, j))) {
					return nil, fmt.Errorf("the terms on sites %v are not Hermitian: elements (%d, %d) and (%d, %d) are %v and %v", list[k].sites, i, j, j, i, h[k].At(i, j), h[k].At(j, i))
				}
			}
		}
		var err error
		if list[k].w, list[k].v, err = linalg.HermEig(h[k]); err != nil {
			return nil, err
		}
	}
	return list, nil
}
