package stream

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Norm is the Frobenius norm. It is computed once.
func (x *Tensor) Norm() float64 {
	if x.known {
		return x.norm
	}
	var parts []float64
	err := x.each(x.all(), -1, func(_ box, s dense) error {
		parts = append(parts, s.Norm())
		return nil
	})
	if err != nil {
		return math.NaN()
	}
	x.norm, x.known = kernel.Nrm2(parts), true
	return x.norm
}

// CountNonFinite counts the NaN and the infinite elements.
func (x *Tensor) CountNonFinite() (nan, inf int) {
	// A fault is kept for Err, and there is nothing more to count.
	_ = x.each(x.all(), -1, func(_ box, s dense) error {
		a, b := s.CountNonFinite()
		nan, inf = nan+a, inf+b
		return nil
	})
	return nan, inf
}

// rows are the rows of the factors that a box has; that of mode skip is not
// looked at.
func rows(factors []*tensor.Matrix[float64], b box, skip int) []*tensor.Matrix[float64] {
	out := make([]*tensor.Matrix[float64], len(factors))
	for n, f := range factors {
		if n == skip {
			out[n] = &tensor.Matrix[float64]{Rows: b.hi[n] - b.lo[n], Cols: f.Cols, Stride: f.Cols}
			continue
		}
		out[n] = f.Sub(b.lo[n], b.hi[n], 0, f.Cols)
	}
	return out
}

func (x *Tensor) checkFactors(what string, factors []*tensor.Matrix[float64], rank, skip int) {
	if len(factors) != len(x.shape) {
		panic(fmt.Sprintf("stream: %s: %d factors for %d modes", what, len(factors), len(x.shape)))
	}
	for m, f := range factors {
		if m != skip && (f.Rows != x.shape[m] || f.Cols != rank) {
			panic(fmt.Sprintf("stream: %s: factor %d is %d×%d; %d×%d is expected", what, m, f.Rows, f.Cols, x.shape[m], rank))
		}
	}
}

func (x *Tensor) checkMode(what string, mode int) {
	if mode < 0 || mode >= len(x.shape) {
		panic(fmt.Sprintf("stream: %s along mode %d of a tensor of order %d", what, mode, len(x.shape)))
	}
}

// MTTKRP is that of tensor.Dense, in one pass.
func (x *Tensor) MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int) {
	x.checkMode("MTTKRP", mode)
	x.checkFactors("MTTKRP", factors, dst.Cols, mode)
	if dst.Rows != x.shape[mode] {
		panic(fmt.Sprintf("stream: MTTKRP of mode %d of size %d into %d rows", mode, x.shape[mode], dst.Rows))
	}
	for i := range dst.Rows {
		clear(dst.Row(i))
	}
	part := tensor.NewMatrix[float64](dst.Rows, dst.Cols)
	err := x.each(x.all(), -1, func(b box, s dense) error {
		p := part.Sub(0, b.hi[mode]-b.lo[mode], 0, dst.Cols)
		s.MTTKRP(p, rows(factors, b, mode), mode)
		for i := range p.Rows {
			kernel.Axpy(1, p.Row(i), dst.Row(b.lo[mode]+i))
		}
		return nil
	})
	if err != nil {
		spoil(dst)
	}
}

// spoil marks a result that could not be computed.
func spoil(m *tensor.Matrix[float64]) {
	for i := range m.Rows {
		for j := range m.Row(i) {
			m.Row(i)[j] = math.NaN()
		}
	}
}

// ResidualNorm is that of tensor.Dense, in one pass.
func (x *Tensor) ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64 {
	x.checkFactors("ResidualNorm", factors, len(weights), -1)
	var parts []float64
	err := x.each(x.all(), -1, func(b box, s dense) error {
		parts = append(parts, s.ResidualNorm(weights, rows(factors, b, -1)))
		return nil
	})
	if err != nil {
		return math.NaN()
	}
	return kernel.Nrm2(parts)
}

// ModeGram is that of tensor.Dense, in one pass. Slabs have the mode whole.
func (x *Tensor) ModeGram(mode int) *tensor.Matrix[float64] {
	x.checkMode("ModeGram", mode)
	sum := tensor.NewMatrix[float64](x.shape[mode], x.shape[mode])
	err := x.each(x.all(), mode, func(_ box, s dense) error {
		kernel.Axpy(1, s.ModeGram(mode).Data, sum.Data)
		return nil
	})
	if err != nil {
		spoil(sum)
	}
	return sum
}

// Fibers is that of tensor.Dense, in one pass. The order of the fibres
// depends on the layout and the size of a slab alone.
func (x *Tensor) Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error {
	x.checkMode("Fibers", mode)
	return x.each(x.all(), mode, func(_ box, s dense) error {
		return s.Fibers(mode, count, visit)
	})
}

// Project is that of tensor.Dense, in one pass: a slab makes a part of the
// result, which is in memory.
func (x *Tensor) Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	return x.ProjectIn(nil, u, mode)
}

// ProjectIn is that of tensor.Dense: Project in the memory buf, if that is
// long enough.
func (x *Tensor) ProjectIn(buf []float64, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	x.checkMode("Project", mode)
	if u.Rows != x.shape[mode] {
		panic(fmt.Sprintf("stream: Project of mode %d of size %d on %d rows", mode, x.shape[mode], u.Rows))
	}
	// stored is the result with its modes in memory order.
	size := make([]int, len(x.order))
	for k, n := range x.order {
		size[k] = x.shape[n]
		if n == mode {
			size[k] = u.Cols
		}
	}
	if n := tensor.Size(size); n <= len(buf) {
		buf = buf[:n]
	} else {
		buf = kernel.Large[float64](n)
	}
	stored := tensor.FromSlice(buf, size...)
	var own []float64
	err := x.each(x.all(), mode, func(b box, s dense) error {
		p := s.ProjectIn(own, u, mode)
		if own == nil {
			own = p.Raw() // the first piece is the largest
		}
		part := p.Permute(x.order...)
		to := stored
		for k, n := range x.order {
			if n != mode {
				to = to.Slice(k, b.lo[n], b.hi[n], 1)
			}
		}
		to.CopyFrom(part)
		return nil
	})
	if err != nil {
		for i := range stored.Raw() {
			stored.Raw()[i] = math.NaN()
		}
	}
	back := make([]int, len(x.order))
	for k, n := range x.order {
		back[n] = k
	}
	y := stored.Permute(back...)
	axes := tensor.CloneAxes(x.axes)
	axes[mode] = tensor.Axis{Name: axes[mode].Name}
	if err := y.SetAxes(axes...); err != nil {
		panic("stream: " + err.Error())
	}
	return y
}

// Residual is that of tensor.Dense, in one pass. The model is asked for along
// the slowest mode if a slab holds an index of it, else along the longest.
func (x *Tensor) Residual(model func(mode, lo, hi int) *tensor.Dense[float64]) float64 {
	mode, step := x.residualSteps()
	var parts []float64
	compare := func(s dense, m *tensor.Dense[float64]) {
		y, ok := s.(*tensor.Dense[float64])
		if !ok {
			y = tensor.As[float64](s.(*tensor.Dense[float32]))
		}
		parts = append(parts, tensor.Distance(y, m))
	}
	if c := cut(x.all(), x.order, -1, x.limit); len(c.slower) == 0 && (c.at == mode || c.at < 0) {
		err := x.each(x.all(), -1, func(b box, s dense) error {
			for lo := b.lo[mode]; lo < b.hi[mode]; lo += step {
				hi := min(lo+step, b.hi[mode])
				compare(slice(s, mode, lo-b.lo[mode], hi-b.lo[mode]), model(mode, lo, hi))
			}
			return nil
		})
		if err != nil {
			return math.NaN()
		}
		return kernel.Nrm2(parts)
	}
	for lo := 0; lo < x.shape[mode]; lo += step {
		region := x.all()
		region.lo[mode], region.hi[mode] = lo, min(lo+step, x.shape[mode])
		m := model(mode, lo, region.hi[mode])
		err := x.each(region, -1, func(b box, s dense) error {
			at := m
			for n := range x.shape {
				from := b.lo[n] - region.lo[n]
				at = at.Slice(n, from, from+b.hi[n]-b.lo[n], 1)
			}
			compare(s, at)
			return nil
		})
		if err != nil {
			return math.NaN()
		}
	}
	return kernel.Nrm2(parts)
}

// slice is the indices lo, …, hi-1 of a mode of a slab.
func slice(s dense, mode, lo, hi int) dense {
	if d, ok := s.(*tensor.Dense[float64]); ok {
		return d.Slice(mode, lo, hi, 1)
	}
	return s.(*tensor.Dense[float32]).Slice(mode, lo, hi, 1)
}

// residualElements is the size of a model that Residual asks for, unless one
// index of a mode has more.
const residualElements = 1 << 20

// residualSteps chooses the mode along which a model is asked for, and the
// number of its indices at a time.
func (x *Tensor) residualSteps() (mode, step int) {
	total := elements(x.shape)
	for _, n := range x.order { // slowest first
		if x.shape[n] > 1 {
			mode = n
			break
		}
	}
	if total/int64(x.shape[mode]) > int64(max(x.limit, residualElements)) {
		for _, n := range x.order {
			if x.shape[n] > x.shape[mode] {
				mode = n
			}
		}
	}
	slice := total / int64(x.shape[mode])
	return mode, int(max(1, residualElements/slice))
}

// IsContiguous reports whether the elements lie in C order.
func (x *Tensor) IsContiguous() bool {
	return slices.IsSorted(x.order) || elements(x.shape) == int64(slices.Max(x.shape))
}

// Reshaped is the same file, in C order, as a tensor of another shape of the
// same size.
func (x *Tensor) Reshaped(shape ...int) tensor.Sequential {
	if elements(shape) != elements(x.shape) || !x.IsContiguous() {
		panic(fmt.Sprintf("stream: shape %v for a file in C order of shape %v", shape, x.shape))
	}
	y := &Tensor{store: x.store, shape: slices.Clone(shape), axes: make([]tensor.Axis, len(shape)), norm: x.norm, known: x.known}
	y.lay(false)
	return y
}

// Transposed is the same file with the modes in the opposite order.
func (x *Tensor) Transposed() tensor.Sequential {
	y := &Tensor{store: x.store, norm: x.norm, known: x.known}
	for k := range x.shape {
		n := len(x.shape) - 1 - k
		y.shape = append(y.shape, x.shape[n])
		y.strides = append(y.strides, x.strides[n])
		y.axes = append(y.axes, x.axes[n].Clone())
		y.order = append(y.order, len(x.shape)-1-x.order[k])
	}
	return y
}
