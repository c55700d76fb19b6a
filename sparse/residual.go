package sparse

import (
	"math"
	"sort"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	// lost is the part of the terms below which their difference, a sum over
	// the listed entries taken from the norm of the whole model, has no more
	// than half its digits.
	lost = 1e-7
	// walked is the number of cells up to which all of them are then visited.
	walked = 1 << 27
	// slabCells is the number of cells that are written out at a time.
	slabCells = 1 << 18
)

// ResidualNorm is ||X - M|| over all cells, zeros included, for the model
//
//	M[i_0, …] = sum_r weights[r] * prod_n factors[n][i_n, r].
//
// It is the sum over the listed entries of (x-m)^2 - m^2, and ||M||^2 from the
// Grams of the factors. Where these nearly cancel, all cells are visited, up
// to 2^27 of them; a larger tensor has a residual below 3e-4 of its norm with
// fewer correct digits.
func (x *COO[T]) ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64 {
	checkFactors("ResidualNorm", x.shape, factors, len(weights), -1)
	square, ok := x.identity(modelSquare(weights, factors), func(visit func(b, lo int, m []float64)) { x.evaluate(weights, factors, visit) })
	if !ok && x.Cells() <= walked {
		return x.walk(weights, factors)
	}
	return math.Sqrt(square)
}

// identity is ||X - M||^2 from ||M||^2 and the values of M at the entries; not
// ok if it has lost its digits.
func (x *COO[T]) identity(model float64, evaluate func(visit func(b, lo int, m []float64))) (square float64, ok bool) {
	listed := make([]float64, (len(x.values)+evalBlock-1)/evalBlock)
	size := make([]float64, len(listed))
	evaluate(func(b, lo int, m []float64) {
		s, t := 0.0, 0.0
		for k, v := range m {
			d := float64(x.values[lo+k])
			s += d * (d - 2*v)
			t += d*d + v*v
		}
		listed[b], size[b] = s, t
	})
	square = model + kernel.Sum(listed)
	if square <= lost*(model+kernel.Sum(size)) {
		return max(0, square), false
	}
	return square, true
}

// modelSquare is ||M||^2.
func modelSquare(weights []float64, factors []*tensor.Matrix[float64]) float64 {
	rank := len(weights)
	g := tensor.NewMatrix[float64](rank, rank)
	for r, w := range weights {
		for q, v := range weights {
			g.Set(r, q, w*v)
		}
	}
	for _, f := range factors {
		for k, v := range tensor.Gram(f).Data {
			g.Data[k] *= v
		}
	}
	return max(0, kernel.Sum(g.Data))
}

// walk is ResidualNorm by writing out all cells.
func (x *COO[T]) walk(weights []float64, factors []*tensor.Matrix[float64]) float64 {
	return x.slabs(func(d *tensor.Dense[float64], lo, hi int) float64 {
		part := append([]*tensor.Matrix[float64]{factors[0].Sub(lo, hi, 0, factors[0].Cols)}, factors[1:]...)
		return d.ResidualNorm(weights, part)
	})
}

// slabs writes out all cells, a slab of the first mode after the other, and
// returns the norm of what visit makes of them.
func (x *COO[T]) slabs(visit func(d *tensor.Dense[float64], lo, hi int) float64) float64 {
	rest := 1
	for _, s := range x.shape[1:] {
		rest *= s
	}
	rows := max(1, slabCells/max(rest, 1))
	norms := make([]float64, (x.shape[0]+rows-1)/rows)
	for b := range norms {
		lo, hi := b*rows, min((b+1)*rows, x.shape[0])
		shape := append([]int{hi - lo}, x.shape[1:]...)
		d := tensor.New[float64](shape...)
		data := d.Raw()
		first := sort.Search(len(x.values), func(e int) bool { return int(x.index[0][e]) >= lo })
		last := sort.Search(len(x.values), func(e int) bool { return int(x.index[0][e]) >= hi })
		for e := first; e < last; e++ {
			at := int(x.index[0][e]) - lo
			for m, list := range x.index[1:] {
				at = at*x.shape[m+1] + int(list[e])
			}
			data[at] = float64(x.values[e])
		}
		norms[b] = visit(d, lo, hi)
	}
	return kernel.Nrm2(norms)
}

// Residual is ||X - M|| over all cells, for a model that is handed over in
// slabs: model(0, lo, hi) is M at the indices lo, …, hi-1 of the first mode.
// It walks over every cell; see [COO.Distance] for models that need not.
func (x *COO[T]) Residual(model func(mode, lo, hi int) *tensor.Dense[float64]) float64 {
	return x.slabs(func(d *tensor.Dense[float64], lo, hi int) float64 {
		return tensor.Distance(d, model(0, lo, hi))
	})
}

// evalBlock is the number of entries at which the model is evaluated at once.
const evalBlock = 1 << 12

// evaluate hands over the values of a CP model at the listed entries, a block
// at a time: m[k] belongs to entry lo+k.
func (x *COO[T]) evaluate(weights []float64, factors []*tensor.Matrix[float64], visit func(b, lo int, m []float64)) {
	par.Blocks(len(x.values), evalBlock, func(b, lo, hi int) {
		row := make([]float64, len(weights))
		m := make([]float64, hi-lo)
		for e := lo; e < hi; e++ {
			copy(row, weights)
			for n, f := range factors[1:] {
				for r, v := range f.Row(int(x.index[n+1][e])) {
					row[r] *= v
				}
			}
			s := 0.0
			for r, v := range factors[0].Row(int(x.index[0][e])) {
				s += row[r] * v
			}
			m[e-lo] = s
		}
		visit(b, lo, m)
	})
}

// Evaluate is the value of a CP model at each listed entry:
//
//	sum_r weights[r] * prod_n factors[n][i_n, r]
func (x *COO[T]) Evaluate(weights []float64, factors []*tensor.Matrix[float64]) []float64 {
	checkFactors("Evaluate", x.shape, factors, len(weights), -1)
	out := make([]float64, len(x.values))
	x.evaluate(weights, factors, func(_, lo int, m []float64) { copy(out[lo:], m) })
	return out
}
