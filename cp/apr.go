package cp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// APRSolver names how a row of a factor is found in [APR].
type APRSolver string

// The solvers there are.
const (
	// PDNR is a damped Newton method on the entries that are not held at 0.
	PDNR APRSolver = "pdnr"
	// PQNR is a quasi-Newton method: L-BFGS-B.
	PQNR APRSolver = "pqnr"
	// MU multiplies the entries by factors that lower the loss: steps that are
	// cheap and small.
	MU APRSolver = "mu"
)

// APROptions of [APR]. Rank is needed (unless Initial gives it); the zero
// value of everything else works.
type APROptions struct {
	fit.Options

	// Rank is the number of components. Default: the rank of Initial.
	Rank int
	// Solver finds the rows of a factor. Default MU, whose small steps from a
	// random start came to lower deviances than the exact solvers on event
	// data; PDNR is quicker near the optimum.
	Solver APRSolver
	// Initial, if not nil, is the first start. It is not changed. Other
	// starts are uniform on [0, 1), scaled to the sum of the data.
	Initial *Tensor
}

// APR fits a CP model with no negative entry to counts by alternating
// Poisson regression: with the other factors fixed, each row b of a factor
// minimises
//
//	sum_r b_r*s_r - sum_e x_e*log(sum_r b_r*k_e[r])
//
// over the cells e of its slice that are not zero, where k_e is the product
// of the other factors' rows there and s their sum over the whole slice (over
// its known cells, if some are unknown). The rows do not depend on each other
// and are solved side by side; a sweep costs Count*N*R for each step within,
// and Count*N*R^2 with PDNR. It minimises what [GCP] minimises with the loss
// poisson, and describes the result in the same way.
//
// Chi & Kolda 2012, https://doi.org/10.1137/110859063; the solvers by rows:
// Hansen, Plantenga & Kolda 2015,
// https://doi.org/10.1080/10556788.2015.1009977.
func APR(ctx context.Context, x Elementwise, opt APROptions) (*Tensor, fit.Result, error) {
	const method = "cp.APR"
	failed := fit.Result{Method: method, Seed: opt.Seed, Loss: loss.Poisson.String()}
	solve := map[APRSolver]func(row *poissonRow, b []float64){"": multiplyRow, PDNR: newtonRow, PQNR: quasiNewtonRow, MU: multiplyRow}[opt.Solver]
	if solve == nil {
		return nil, failed, fmt.Errorf("%s: solver %q: pdnr, pqnr or mu is expected", method, opt.Solver)
	}
	cells, complete, err := listCells(x)
	if err != nil {
		return nil, failed, fmt.Errorf("%s: %w", method, err)
	}
	o := GCPOptions{Options: opt.Options, Rank: opt.Rank, Loss: loss.Poisson, Initial: opt.Initial}
	return fitLoss(ctx, method, x, o, func(ctx context.Context, p *lossProblem, factors []*tensor.Matrix[float64], r *fit.Result) error {
		return fit.Run(ctx, p.opt.Options, r, func(int) (float64, error) {
			stop := p.clock.Time("rows")
			for n := range factors {
				updatePoissonRows(cells, complete, factors, n, solve)
			}
			stop()
			balanceColumns(factors)
			defer p.clock.Time("fit")()
			return p.relative(p.losses(factors, nil)), nil
		})
	})
}

// listCells lists the known cells of data, or those that are not zero if all
// others are known to be zero (complete).
func listCells(x Elementwise) (cells *tensor.Observed, complete bool, err error) {
	switch d := x.(type) {
	case Sparse:
		cells, err = d.Observed()
		return cells, true, err
	case listed:
		cells, err = d.NonZeros()
		return cells, true, err
	case *tensor.Observed:
		return d, false, nil
	}
	return nil, false, errors.New("the cells of these data cannot be listed; use cp.GCP with the loss poisson")
}

// poissonRow is the regression of one row of a factor.
type poissonRow struct {
	x []float64 // counts, none of them zero
	k []float64 // len(x)×R
	s []float64
	// work space
	kt, w                              []float64 // the transpose of k and weights of the cells, for rows of many
	m, g, next, step, h, known, packed []float64
	free                               []int
}

const tinyMean = 1e-300 // that a logarithm or a quotient is taken of

// value is the loss at b; m becomes the means.
func (p *poissonRow) value(b []float64) float64 {
	p.means(b)
	f := kernel.Dot(b, p.s)
	for e, c := range p.x {
		f -= c * math.Log(p.m[e])
	}
	return f
}

// means are those of the cells at b.
func (p *poissonRow) means(b []float64) {
	n, rank := len(p.x), len(b)
	if n >= aprMany {
		kernel.Gemm(1, kernel.RowMajor(1, rank, b), kernel.RowMajor(rank, n, p.kt), 0, kernel.RowMajor(1, n, p.m))
		for e, v := range p.m {
			p.m[e] = max(v, tinyMean)
		}
		return
	}
	for e := range p.x {
		p.m[e] = max(dotShort(p.k[e*rank:][:rank], b), tinyMean)
	}
}

// gradient is the gradient for the means in m.
func (p *poissonRow) gradient(g []float64) {
	copy(g, p.s)
	if n := len(p.x); n >= aprMany {
		for e, c := range p.x {
			p.w[e] = c / p.m[e]
		}
		kernel.Gemm(-1, kernel.RowMajor(1, n, p.w), kernel.RowMajor(n, len(g), p.k), 1, kernel.RowMajor(1, len(g), g))
		return
	}
	for e, c := range p.x {
		w := c / p.m[e]
		k := p.k[e*len(g):][:len(g)]
		i := 0
		for ; i+4 <= len(g) && i+4 <= len(k); i += 4 {
			y, x := (*[4]float64)(g[i:]), (*[4]float64)(k[i:])
			y[0] -= w * x[0]
			y[1] -= w * x[1]
			y[2] -= w * x[2]
			y[3] -= w * x[3]
		}
		for ; i < len(g); i++ {
			g[i] -= w * k[i]
		}
	}
}

// dotShort is the inner product of short vectors.
func dotShort(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x) && i+4 <= len(y); i += 4 {
		p, q := (*[4]float64)(x[i:]), (*[4]float64)(y[i:])
		s0 += p[0] * q[0]
		s1 += p[1] * q[1]
		s2 += p[2] * q[2]
		s3 += p[3] * q[3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return s0 + s1 + (s2 + s3)
}

// residual of the first-order conditions min(b, g) = 0, beside s.
func (p *poissonRow) residual(b, g []float64) float64 {
	most := 0.0
	for r, v := range b {
		if p.s[r] > 0 {
			most = max(most, math.Abs(min(v*float64(len(b)), g[r]/p.s[r])))
		}
	}
	return most
}

const (
	aprMany   = 16   // cells of a row from which on products are worth a call
	aprInner  = 10   // steps on a row in a sweep, at most
	aprEnough = 1e-6 // residual of a row that is solved
)

// newtonRow makes damped Newton steps on the entries that are not held at 0,
// with a line search along the projected step.
func newtonRow(p *poissonRow, b []float64) {
	rank := len(b)
	f := p.value(b)
	damping := 1e-5
	for range aprInner {
		p.gradient(p.g)
		if p.residual(b, p.g) <= aprEnough {
			return
		}
		p.free = p.free[:0]
		for r, v := range b {
			if v > 0 || p.g[r] < 0 {
				p.free = append(p.free, r)
			}
		}
		n := len(p.free)
		p.packed = p.packed[:0]
		for e, c := range p.x {
			k := p.k[e*rank:][:rank]
			w := math.Sqrt(c) / p.m[e]
			for _, r := range p.free {
				p.packed = append(p.packed, w*k[r])
			}
		}
		h := tensor.MatrixOf(n, n, p.h[:n*n])
		rows := kernel.RowMajor(len(p.x), n, p.packed)
		kernel.Gemm(1, rows.T(), rows, 0, h.View())
		most := 0.0
		for i := range n {
			most = max(most, h.At(i, i))
		}
		for i, r := range p.free {
			p.step[i] = -p.g[r]
			h.Data[i*n+i] += damping * most
		}
		if linalg.SolveSPDRow(h, p.step[:n]) != nil {
			return
		}
		next, moved := 0.0, false
		for alpha := 1.0; alpha > 1e-6; alpha /= 2 {
			copy(p.next, b)
			slope := 0.0
			for i, r := range p.free {
				p.next[r] = max(0, b[r]+alpha*p.step[i])
				slope += p.g[r] * (p.next[r] - b[r])
			}
			next = p.value(p.next)
			if next <= f+1e-4*slope && slope < 0 {
				moved = true
				break
			}
			damping *= 3.5
		}
		if !moved {
			p.value(b)
			return
		}
		damping = max(damping/3.5, 1e-12)
		copy(b, p.next)
		f = next
	}
}

// quasiNewtonRow lets L-BFGS-B go on from b.
func quasiNewtonRow(p *poissonRow, b []float64) {
	clear(p.next)
	q := optimize.New(func(x, g []float64) float64 {
		f := p.value(x)
		p.gradient(g)
		return f
	}, b, p.next, nil, 3)
	for range aprInner {
		if p.residual(q.X, q.G) <= aprEnough || !q.Step() {
			return
		}
	}
}

// multiplyRow multiplies b by the ratio of the two parts of the gradient. An
// entry of 0 that should grow is made positive first.
func multiplyRow(p *poissonRow, b []float64) {
	const (
		zero   = 1e-10
		revive = 1e-2
	)
	for step := range aprInner {
		p.means(b)
		p.gradient(p.g)
		if p.residual(b, p.g) <= aprEnough {
			return
		}
		if step == 0 {
			top, revived := 0.0, false
			for _, v := range b {
				top = max(top, v)
			}
			for r, v := range b {
				if v <= zero*top && p.g[r] < 0 {
					b[r], revived = revive*top, true
				}
			}
			if revived {
				p.means(b)
				p.gradient(p.g)
			}
		}
		for r := range b {
			if p.s[r] > 0 {
				b[r] *= max(0, 1-p.g[r]/p.s[r])
			}
		}
	}
}

// updatePoissonRows solves for every row of the factor of a mode.
func updatePoissonRows(cells *tensor.Observed, complete bool, factors []*tensor.Matrix[float64], mode int, solve func(*poissonRow, []float64)) {
	rank := factors[mode].Cols
	by := cells.GroupBy(mode)
	var others []int
	whole := ones(rank) // of a slice: the product of the column sums
	for n, f := range factors {
		if n == mode {
			continue
		}
		others = append(others, n)
		sums := make([]float64, rank)
		for i := range f.Rows {
			kernel.Axpy(1, f.Row(i), sums)
		}
		for r, v := range sums {
			whole[r] *= v
		}
	}
	scratch := sync.Pool{New: func() any {
		return &poissonRow{g: make([]float64, rank), next: make([]float64, rank), step: make([]float64, rank),
			h: make([]float64, rank*rank), known: make([]float64, rank)}
	}}
	rows := factors[mode].Rows
	par.Blocks(rows, max(1, min(8, rows/64)), func(_, lo, hi int) { // rows of short modes are long
		p := scratch.Get().(*poissonRow)
		defer scratch.Put(p)
		for i := lo; i < hi; i++ {
			b := factors[mode].Row(i)
			p.load(by, i, others, factors, rank, complete)
			if p.s = whole; !complete {
				p.s = p.known
			}
			if len(p.x) == 0 {
				if complete || by.Start[i] < by.Start[i+1] {
					clear(b)
				}
				continue
			}
			if kernel.Sum(b) == 0 { // a row that was empty
				for r := range b {
					if p.s[r] > 0 {
						b[r] = kernel.Sum(p.x) / (float64(rank) * p.s[r])
					}
				}
			}
			solve(p, b)
		}
	})
}

// load takes the cells of row i.
func (p *poissonRow) load(by tensor.Grouping, i int, others []int, factors []*tensor.Matrix[float64], rank int, complete bool) {
	p.x = p.x[:0]
	p.k = slices.Grow(p.k[:0], rank*(by.Start[i+1]-by.Start[i]))
	clear(p.known)
	for e := by.Start[i]; e < by.Start[i+1]; e++ {
		at := len(p.k)
		p.k = p.k[:at+rank]
		row := p.k[at:]
		switch len(others) {
		case 0:
			row[0] = 1 // a vector; its rank is 1
		case 1:
			copy(row, factors[others[0]].Row(int(by.Index[others[0]][e])))
		default:
			f := factors[others[0]].Row(int(by.Index[others[0]][e]))[:len(row)]
			g := factors[others[1]].Row(int(by.Index[others[1]][e]))[:len(row)]
			for r := range row {
				row[r] = f[r] * g[r]
			}
		}
		for _, n := range others[min(2, len(others)):] {
			f := factors[n].Row(int(by.Index[n][e]))[:len(row)]
			for r := range row {
				row[r] *= f[r]
			}
		}
		if !complete {
			for r, v := range row {
				p.known[r] += v
			}
		}
		if by.Values[e] == 0 {
			p.k = p.k[:at]
			continue
		}
		p.x = append(p.x, by.Values[e])
	}
	n := len(p.x)
	if cap(p.m) < n {
		p.m, p.w, p.kt = make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n*rank)
	}
	p.m, p.w, p.kt = p.m[:n], p.w[:n], p.kt[:n*rank]
	if n >= aprMany {
		kernel.Permute(p.kt, p.k, []int{rank, n}, []int{1, rank})
	}
}

// balanceColumns gives the columns of each component the same sum of
// magnitudes in all modes.
func balanceColumns(factors []*tensor.Matrix[float64]) {
	for r := range factors[0].Cols {
		sums := make([]float64, len(factors))
		logs := 0.0
		for n, f := range factors {
			for i := range f.Rows {
				sums[n] += math.Abs(f.At(i, r))
			}
			logs += math.Log(sums[n])
		}
		if math.IsInf(logs, -1) {
			continue // a component of zeros
		}
		c := math.Exp(logs / float64(len(factors)))
		for n, f := range factors {
			for i := range f.Rows {
				f.Data[i*f.Stride+r] *= c / sums[n]
			}
		}
	}
}
