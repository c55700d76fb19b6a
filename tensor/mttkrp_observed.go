package tensor

import (
	"fmt"

	"github.com/polyad/polyad/internal/kernel"
)

// MTTKRP is the sum over the known entries; see [Dense.MTTKRP]. The entries
// are sorted by mode once; the cost is then Count*N*R and the memory of a few
// rows for each goroutine.
func (x *Observed) MTTKRP(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	checkMTTKRP(dst, x.shape, factors, mode)
	for i := range dst.Rows {
		clear(dst.Row(i))
	}
	o, values := x.order(mode), x.valuesBy(mode)
	others := without(len(x.shape), mode)
	o.each(dst.Cols, func() func([]float64, int, int, int) {
		row := make([]float64, dst.Cols)
		return func(sum []float64, _, lo, hi int) {
			if len(others) == 2 {
				a, b := factors[others[0]], factors[others[1]]
				ia, ib := o.other[others[0]], o.other[others[1]]
				for k := lo; k < hi; k++ {
					v := values[k]
					p, q := a.Row(int(ia[k])), b.Row(int(ib[k]))
					q = q[:len(p)]
					s := sum[:len(p)]
					for r, f := range p {
						s[r] += v * f * q[r]
					}
				}
				return
			}
			for k := lo; k < hi; k++ {
				o.khatriRaoRow(row, factors, others, k)
				v := values[k]
				for r, f := range row {
					sum[r] += v * f
				}
			}
		}
	}, func(i int, sum []float64) { copy(dst.Row(i), sum) })
}

// khatriRaoRow is the product of the rows of the factors of some modes that
// belong to the sorted entry k.
func (o *modeOrder) khatriRaoRow(row []float64, factors []*Matrix[float64], modes []int, k int) {
	if len(modes) == 0 {
		for r := range row {
			row[r] = 1
		}
		return
	}
	copy(row, factors[modes[0]].Row(int(o.other[modes[0]][k])))
	for _, m := range modes[1:] {
		f := factors[m].Row(int(o.other[m][k]))
		f = f[:len(row)]
		for r := range row {
			row[r] *= f[r]
		}
	}
}

// RowSystems calls visit once for each index i of the mode that has known
// entries, with their number and with the normal equations of row i of the
// mode's factor over those entries:
//
//	gram = sum_e k_e*k_e^T   (R×R, both triangles)
//	rhs  = sum_e x_e*k_e     (R)
//
// where k_e[r] = prod_{m != mode} factors[m][e_m, r]. Calls for different
// rows may be concurrent; gram and rhs are the callee's until it returns. The
// cost is Count*R*(R+N). Tomasi & Bro 2005,
// https://doi.org/10.1016/j.chemolab.2004.07.003.
func (x *Observed) RowSystems(factors []*Matrix[float64], mode int, visit func(i, count int, gram *Matrix[float64], rhs []float64)) {
	if mode < 0 || mode >= len(x.shape) {
		panic(fmt.Sprintf("tensor: RowSystems of mode %d of %d", mode, len(x.shape)))
	}
	rank := factors[mode].Cols
	checkFactors("RowSystems", x.shape, factors, rank, mode)
	o := x.order(mode)
	others := without(len(x.shape), mode)
	x.GroupBy(mode).Systems(rank, func() func([]float64, int, int, int) {
		return func(rows []float64, stride, lo, n int) {
			o.khatriRaoRows(rows, stride, rank, factors, others, lo, n)
		}
	}, func(i int, gram *Matrix[float64], rhs []float64) {
		visit(i, o.start[i+1]-o.start[i], gram, rhs)
	})
}

// Systems calls visit once for each row that has entries, with the sums over
// these
//
//	gram = sum_e φ_e*φ_e^T   (w×w, both triangles)
//	rhs  = sum_e x_e*φ_e     (w)
//
// for vectors φ of the given width: worker makes the memory of a goroutine
// and a function that writes those of entries lo, …, lo+n-1 as rows of a
// stride. Calls of visit may be concurrent; gram and rhs are the callee's
// until it returns.
func (g Grouping) Systems(width int, worker func() (fill func(rows []float64, stride, lo, n int)), visit func(i int, gram *Matrix[float64], rhs []float64)) {
	const panel = 128 // entries whose rows are multiplied at once
	// The value of an entry is one more column of its row: the Gram of these
	// rows has gram and rhs in it.
	wide := width + 1
	g.Sum(wide*wide, func() func([]float64, int, int, int) {
		k, fill := make([]float64, panel*wide), worker()
		return func(sum []float64, _, lo, hi int) {
			gram := kernel.RowMajor(wide, wide, sum)
			for ; lo < hi; lo += panel {
				n := min(panel, hi-lo)
				fill(k, wide, lo, n)
				for e, v := range g.Values[lo : lo+n] {
					k[e*wide+width] = v
				}
				rows := kernel.RowMajor(n, wide, k[:n*wide])
				kernel.Gemm(1, rows.T(), rows, 1, gram)
			}
		}
	}, func(i int, sum []float64) {
		rhs := append([]float64(nil), sum[width*wide:][:width]...)
		for r := 1; r < width; r++ {
			copy(sum[r*width:][:width], sum[r*wide:][:width])
		}
		visit(i, MatrixOf(width, width, sum[:width*width]), rhs)
	})
}

// khatriRaoRows is khatriRaoRow for the sorted entries lo, …, lo+n-1, in rows
// of the given stride.
func (o *modeOrder) khatriRaoRows(rows []float64, stride, rank int, factors []*Matrix[float64], modes []int, lo, n int) {
	if len(modes) != 2 {
		for e := range n {
			o.khatriRaoRow(rows[e*stride:][:rank], factors, modes, lo+e)
		}
		return
	}
	a, b := factors[modes[0]], factors[modes[1]]
	ia, ib := o.other[modes[0]][lo:][:n], o.other[modes[1]][lo:][:n]
	for e, i := range ia {
		p, q, row := a.Row(int(i)), b.Row(int(ib[e])), rows[e*stride:][:rank]
		p, q = p[:len(row)], q[:len(row)]
		for r := range row {
			row[r] = p[r] * q[r]
		}
	}
}
