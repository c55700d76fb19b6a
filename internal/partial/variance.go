package partial

import (
	"fmt"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Covariance is what the known entries leave open about the rows of a model:
// the inverse of each row's penalised equations, with the other blocks as
// they are. Times the variance of the noise it is the covariance of the row.
type Covariance struct {
	m       Model
	inverse [][]*tensor.Matrix[float64] // block, row
}

// CovarianceOf inverts the equations of every row of the blocks of modes.
// The ridge must not be zero for slices without entries to have an inverse.
func CovarianceOf(x *tensor.Observed, m Model, ridge float64) (*Covariance, error) {
	c := &Covariance{m: m}
	for b := range x.Shape() {
		theta := m.Blocks()[b]
		list := make([]*tensor.Matrix[float64], theta.Rows)
		var fault firstError
		invert := func(i int, gram *tensor.Matrix[float64]) {
			for r := range theta.Cols {
				gram.Data[r*gram.Stride+r] += ridge
			}
			v, _, err := linalg.SolveSPD(gram, tensor.Eye[float64](theta.Cols), 0)
			list[i] = v
			fault.set(err)
		}
		systems(x, m, b, func(i int, gram *tensor.Matrix[float64], _ []float64) { invert(i, gram) })
		for _, i := range x.Empty(b) {
			invert(i, tensor.NewMatrix[float64](theta.Cols, theta.Cols))
		}
		if fault.err != nil {
			return nil, fault.err
		}
		c.inverse = append(c.inverse, list)
	}
	return c, nil
}

// Rows are the inverses of the equations of the rows of a block, one below the
// other: (rows*w)×w.
func (c *Covariance) Rows(block int) *tensor.Matrix[float64] {
	list := c.inverse[block]
	w := c.m.Blocks()[block].Cols
	out := tensor.NewMatrix[float64](len(list)*w, w)
	for i, v := range list {
		for r := range w {
			copy(out.Row(i*w+r), v.Row(r))
		}
	}
	return out
}

// FromRows is the covariance that Rows tells of, of each block of a mode.
func FromRows(m Model, rows []*tensor.Matrix[float64]) (*Covariance, error) {
	c := &Covariance{m: m}
	for b, all := range rows {
		theta := m.Blocks()[b]
		w := theta.Cols
		if all.Cols != w || all.Rows != theta.Rows*w {
			return nil, fmt.Errorf("the covariances of mode %d are %d×%d, %d×%d is expected", b, all.Rows, all.Cols, theta.Rows*w, w)
		}
		list := make([]*tensor.Matrix[float64], theta.Rows)
		for i := range list {
			list[i] = all.Sub(i*w, (i+1)*w, 0, w)
		}
		c.inverse = append(c.inverse, list)
	}
	return c, nil
}

// Variances are those of the model's values at entries, in units of the
// variance of the noise: the sum over the modes of φᵀ*C*φ.
func (c *Covariance) Variances(index [][]int32) []float64 {
	out := make([]float64, len(index[0]))
	var filler []func() Fill
	for b := range c.inverse {
		filler = append(filler, fillers(c.m, b, len(out)))
	}
	par.Blocks(len(out), 1<<10, func(_, lo, hi int) {
		for b, list := range c.inverse {
			w := c.m.Blocks()[b].Cols
			fill, row := filler[b](), make([]float64, w)
			for e := lo; e < hi; e++ {
				fill(row, w, index, e, 1)
				v := list[index[b][e]]
				for r, f := range row {
					out[e] += f * dot(v.Row(r), row)
				}
			}
		}
	})
	return out
}
