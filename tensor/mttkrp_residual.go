package tensor

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// checkFactors panics if factors (but that of mode skip) are not I_m×rank.
func checkFactors(what string, shape []int, factors []*Matrix[float64], rank, skip int) {
	if len(factors) != len(shape) {
		panic(fmt.Sprintf("tensor: %s: %d factors for %d modes", what, len(factors), len(shape)))
	}
	for m, f := range factors {
		if m != skip && (f.Rows != shape[m] || f.Cols != rank) {
			panic(fmt.Sprintf("tensor: %s: factor %d is %d×%d; %d×%d is expected", what, m, f.Rows, f.Cols, shape[m], rank))
		}
	}
}

// ResidualNorm is ||X - M|| for the model
//
//	M[i_0, …] = sum_r weights[r] * prod_n factors[n][i_n, r],
//
// computed in float64 from the differences themselves, so that it is right
// even where X and M are nearly equal. It panics for complex elements.
func (x *Dense[T]) ResidualNorm(weights []float64, factors []*Matrix[float64]) float64 {
	checkFactors("ResidualNorm", x.shape, factors, len(weights), -1)
	switch y := any(x).(type) {
	case *Dense[float64]:
		return residualNorm(y, weights, factors)
	case *Dense[float32]:
		return residualNorm(y, weights, factors)
	}
	panic("tensor: ResidualNorm of a complex tensor")
}

func residualNorm[T Float](x *Dense[T], weights []float64, factors []*Matrix[float64]) float64 {
	if x.Len() == 0 {
		return 0
	}
	modes := x.byStride()
	// The last modes, as many as keep their Khatri-Rao product in cache, are
	// the columns of a panel; each index of the others is a row.
	h, cols := len(modes), 1
	for h > 0 && (cols*x.shape[modes[h-1]]*len(weights) <= 1<<14 || h == len(modes)) {
		h--
		cols *= x.shape[modes[h]]
	}
	outer, inner := modes[:h], modes[h:]
	rows := 1
	for _, m := range outer {
		rows *= x.shape[m]
	}
	k := NewMatrix[float64](cols, len(weights))
	newKRRows(ones(len(weights)), factors, inner).fill(k.Data, 0, cols)
	kt := k.Transpose()
	offs := x.offsets(inner)
	size := min(rows, max(1, residualBlock/cols))
	sums := make([]float64, (rows+size-1)/size)
	pool := sync.Pool{New: func() any { return &residualScratch[T]{} }}
	par.Blocks(rows, size, func(b, lo, hi int) {
		s := pool.Get().(*residualScratch[T])
		defer pool.Put(s)
		s.model = grow(s.model, (hi-lo)*(len(weights)+cols+1))
		w, m := s.model[:(hi-lo)*len(weights)], s.model[(hi-lo)*len(weights):]
		newKRRows(weights, factors, outer).fill(w, lo, hi)
		parts := m[(hi-lo)*cols:]
		kernel.Gemm(1, kernel.RowMajor(hi-lo, len(weights), w), kt.View(), 0, kernel.RowMajor(hi-lo, cols, m[:(hi-lo)*cols]))
		for i := lo; i < hi; i++ {
			src := x.data[x.offsetOf(outer, i):]
			if offs != nil {
				s.row = s.row[:0]
				for _, o := range offs {
					s.row = append(s.row, src[o])
				}
				src = s.row
			}
			parts[i-lo] = kernel.Distance(src[:cols], m[(i-lo)*cols:][:cols])
		}
		sums[b] = kernel.Nrm2(parts)
	})
	return kernel.Nrm2(sums)
}

// residualBlock is the number of elements of a model that are made together.
// They stay in the second-level cache.
const residualBlock = 1 << 14

// residualScratch is the memory of one task: rows of the Khatri-Rao products
// and of the model, and a row of elements that do not lie side by side.
type residualScratch[T Float] struct {
	model []float64
	row   []T
}

// Epsilon is the relative rounding error of an element: 2^-52, or 2^-23 for
// single precision.
func (x *Dense[T]) Epsilon() float64 {
	switch any(*new(T)).(type) {
	case float32, complex64:
		return 0x1p-23
	}
	return 0x1p-52
}

// ResidualNorm is the norm of the difference from a model over the known
// entries; see [Dense.ResidualNorm].
func (x *Observed) ResidualNorm(weights []float64, factors []*Matrix[float64]) float64 {
	d := x.Evaluate(weights, factors)
	for e, v := range x.values {
		d[e] = v - d[e]
	}
	return kernel.Nrm2(d)
}

// Evaluate is the value of a CP model at each known entry:
//
//	sum_r weights[r] * prod_n factors[n][i_n, r]
func (x *Observed) Evaluate(weights []float64, factors []*Matrix[float64]) []float64 {
	checkFactors("Evaluate", x.shape, factors, len(weights), -1)
	out := make([]float64, len(x.values))
	par.Blocks(len(out), 1<<12, func(_, lo, hi int) {
		if len(factors) == 3 {
			x.evaluate3(out, weights, factors, lo, hi)
			return
		}
		row := make([]float64, len(weights))
		for e := lo; e < hi; e++ {
			copy(row, weights)
			for m, f := range factors[1:] {
				for r, v := range f.Row(int(x.index[m+1][e])) {
					row[r] *= v
				}
			}
			s := 0.0
			for r, v := range factors[0].Row(int(x.index[0][e])) {
				s += row[r] * v
			}
			out[e] = s
		}
	})
	return out
}

// evaluate3 is Evaluate of the entries [lo, hi) of a tensor of order 3.
func (x *Observed) evaluate3(out, weights []float64, factors []*Matrix[float64], lo, hi int) {
	a, b, c := factors[0], factors[1], factors[2]
	ia, ib, ic := x.index[0], x.index[1], x.index[2]
	for e := lo; e < hi; e++ {
		p, q, t := a.Row(int(ia[e])), b.Row(int(ib[e])), c.Row(int(ic[e]))
		p, q, t = p[:len(weights)], q[:len(weights)], t[:len(weights)]
		s := 0.0
		for r, w := range weights {
			s += p[r] * q[r] * (w * t[r])
		}
		out[e] = s
	}
}

// byStride are the modes, the one with the largest stride first; modes of
// size 1 come before all.
func (x *Dense[T]) byStride() []int {
	modes := make([]int, len(x.shape))
	for n := range modes {
		modes[n] = n
	}
	stride := func(n int) int {
		if x.shape[n] == 1 {
			return math.MaxInt
		}
		return x.strides[n]
	}
	for i := range modes { // insertion sort: stable, and there are few
		for j := i; j > 0 && stride(modes[j-1]) < stride(modes[j]); j-- {
			modes[j-1], modes[j] = modes[j], modes[j-1]
		}
	}
	return modes
}

// offsetOf is the offset of the index with number k, in the order of the
// given modes, the last of them fastest.
func (x *Dense[T]) offsetOf(modes []int, k int) int {
	o := 0
	for i := len(modes) - 1; i >= 0; i-- {
		s := x.shape[modes[i]]
		o += k % s * x.strides[modes[i]]
		k /= s
	}
	return o
}

// offsets are the offsets of all indices of the given modes, or nil if they
// are 0, 1, 2, …
func (x *Dense[T]) offsets(modes []int) []int {
	count, unit := 1, true
	for i := len(modes) - 1; i >= 0; i-- {
		n := modes[i]
		unit = unit && (x.shape[n] == 1 || x.strides[n] == count)
		count *= x.shape[n]
	}
	if unit {
		return nil
	}
	o := make([]int, count)
	for k := range o {
		o[k] = x.offsetOf(modes, k)
	}
	return o
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }
