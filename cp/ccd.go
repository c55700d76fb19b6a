package cp

import (
	"context"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// ccdInner is how often the columns of a component are updated in turn before
// the next component's.
const ccdInner = 2

// CCD fits a CP model to the known entries by cyclic coordinate descent
// (CCD++): the columns of one component after another are fitted to what the
// other components leave,
//
//	a_i = sum_e (x_e - m_e + a_i*k_e)*k_e / (λ + sum_e k_e^2),
//
// over the entries e of slice i, with k_e the product of the component's
// other columns there. It minimises what [ALS] minimises, the ridge included,
// and comes to the same optima in more iterations, each of which costs
// Count*R*N instead of Count*R*(R+N): it is the method for large ranks, and
// needs no system of equations. The columns of a component are kept at equal
// norms, as the penalty has them at its least.
//
// Initial, Init and Seed choose the start as in ALS; Polish and Compress
// are of no use here. Errors, notes and cancellation are those of ALS.
//
// Yu, Hsieh, Si & Dhillon 2012, https://doi.org/10.1109/ICDM.2012.168; for
// tensors: Karlsson, Kressner & Uschmajew 2016,
// https://doi.org/10.1016/j.parco.2015.10.002.
func CCD(ctx context.Context, x *tensor.Observed, opt Options) (*Tensor, fit.Result, error) {
	return fitStarts(ctx, "cp.CCD", x, opt, false, func(ctx context.Context, o Options, s *sweeper, r *fit.Result) error {
		c := newDescent(x, penaltyOf(o.Ridge, s.norm, len(x.Shape())))
		for q := range s.weights {
			c.add(s.component(q))
		}
		err := fit.Run(ctx, o.Options, r, func(int) (float64, error) {
			defer s.clock.Time("columns")()
			for q := range c.comps {
				c.shift(q, 1)
				for range ccdInner {
					c.update(q, 0)
				}
				c.shift(q, -1)
			}
			return kernel.Nrm2(c.left[0]) / s.norm, nil
		})
		s.set(c.comps)
		return err
	})
}

// penaltyOf is the factor of the sum of ||A_n||^2 in the objective.
func penaltyOf(ridge, norm float64, modes int) float64 {
	return ridge * math.Pow(norm, 2-2/float64(modes))
}

// component is component q with its weight spread evenly over the columns.
func (m *model) component(q int) [][]float64 {
	cols := make([][]float64, len(m.factors))
	share := math.Pow(math.Abs(m.weights[q]), 1/float64(len(cols)))
	for n, f := range m.factors {
		cols[n] = f.Col(q)
		kernel.Scal(share, cols[n])
	}
	if m.weights[q] < 0 {
		kernel.Scal(-1, cols[0])
	}
	return cols
}

// set makes the model one of these components.
func (m *model) set(comps [][][]float64) {
	for q, cols := range comps {
		m.weights[q] = 1
		for n, col := range cols {
			for i, v := range col {
				m.factors[n].Set(i, q, v)
			}
		}
	}
	m.normalize()
}

// descent is the state of coordinate descent: components, a column for each
// mode, and what they leave of the data. That is held once in the order of
// each mode, so that every pass reads memory in a row.
type descent struct {
	by     []tensor.Grouping
	left   [][]float64
	others [][]int // the modes but one
	comps  [][][]float64
	ridge  float64
}

func newDescent(x *tensor.Observed, ridge float64) *descent {
	d := &descent{ridge: ridge}
	for n := range x.Shape() {
		by := x.GroupBy(n)
		d.by = append(d.by, by)
		d.left = append(d.left, append([]float64(nil), by.Values...))
		var others []int
		for m := range x.Shape() {
			if m != n {
				others = append(others, m)
			}
		}
		d.others = append(d.others, others)
	}
	return d
}

// add makes cols one more component and takes it from what is left.
func (d *descent) add(cols [][]float64) {
	d.comps = append(d.comps, cols)
	d.shift(len(d.comps)-1, -1)
}

// shift adds sign times component q to what is left of the data.
func (d *descent) shift(q int, sign float64) {
	cols := d.comps[q]
	for n := range d.by {
		left, col := d.left[n], cols[n]
		d.rows(n, cols, 1, func(k []float64, i, lo, _ int, _ []float64) {
			v := sign * col[i]
			for e, f := range k {
				left[lo+e] += v * f
			}
		}, func(int, []float64) {})
	}
}

// update improves the columns of component q, which must have been added to
// what is left, one mode after another. A row counts as if it had extra more
// entries of zero. It returns by how much the component lowers the sum of
// squares.
func (d *descent) update(q int, extra float64) (gain float64) {
	cols := d.comps[q]
	for n, col := range cols {
		left := d.left[n]
		num, den := make([]float64, len(col)), make([]float64, len(col))
		d.rows(n, cols, 2, func(k []float64, _, lo, _ int, sum []float64) {
			s, t := 0.0, 0.0
			for e, f := range k {
				s += left[lo+e] * f
				t += f * f
			}
			sum[0] += s
			sum[1] += t
		}, func(i int, sum []float64) { num[i], den[i] = sum[0], sum[1] })
		more := d.ridge
		if extra > 0 {
			more += extra * kernel.Sum(den) / float64(len(left))
		}
		gain = 0
		for i := range col {
			if d.by[n].Start[i] == d.by[n].Start[i+1] {
				continue
			}
			if den[i] == 0 {
				col[i] = 0
				continue
			}
			col[i] = num[i] / (den[i] + more)
			gain += col[i] * (2*num[i] - col[i]*den[i])
		}
		level(cols)
	}
	return gain
}

// level scales the columns of a component to equal norms.
func level(cols [][]float64) {
	product := 1.0
	norms := make([]float64, len(cols))
	for n, col := range cols {
		norms[n] = kernel.Nrm2(col)
		product *= math.Pow(norms[n], 1/float64(len(cols)))
	}
	if !(product > 0) || math.IsInf(product, 1) {
		return
	}
	for n, col := range cols {
		kernel.Scal(product/norms[n], col)
	}
}

// rows visits the entries of every row of mode n in pieces: use gets the
// products k of the other columns at the entries lo, …, hi-1 of row i, and
// may add to sum; done gets the sum over the row.
func (d *descent) rows(n int, cols [][]float64, width int, use func(k []float64, i, lo, hi int, sum []float64), done func(i int, sum []float64)) {
	const piece = 512
	by := d.by[n]
	others := d.others[n]
	by.Sum(width, func() func([]float64, int, int, int) {
		k := make([]float64, piece)
		return func(sum []float64, row, lo, hi int) {
			for ; lo < hi; lo += piece {
				part := k[:min(piece, hi-lo)]
				products(part, by.Index, cols, others, lo)
				use(part, row, lo, lo+len(part), sum)
			}
		}
	}, done)
}

// products are those of the columns of some modes at the entries from lo on.
func products(k []float64, index [][]int32, cols [][]float64, modes []int, lo int) {
	if len(modes) == 2 {
		a, b := cols[modes[0]], cols[modes[1]]
		ia, ib := index[modes[0]][lo:][:len(k)], index[modes[1]][lo:][:len(k)]
		for e := range k {
			k[e] = a[ia[e]] * b[ib[e]]
		}
		return
	}
	for e := range k {
		k[e] = 1
	}
	for _, m := range modes {
		col := cols[m]
		for e, i := range index[m][lo:][:len(k)] {
			k[e] *= col[i]
		}
	}
}
