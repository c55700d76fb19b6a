package tt

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Tensor is a tensor in tensor-train format: core k is r_k×I_k×r_{k+1}. Modes are
// the axes of the data it was fitted to.
type Tensor struct {
	Cores []*tensor.Dense[float64]
	Modes []tensor.Axis
}

// New makes a train of cores, with unnamed axes. Cores that do not fit
// together are errors.
func New(cores ...*tensor.Dense[float64]) (*Tensor, error) {
	if len(cores) == 0 {
		return nil, fmt.Errorf("tt: a train has at least one core")
	}
	rank := 1
	for k, g := range cores {
		if g.Order() != 3 {
			return nil, fmt.Errorf("tt: core %d has order %d; 3 is expected", k, g.Order())
		}
		if g.Shape()[0] != rank {
			return nil, fmt.Errorf("tt: core %d has the shape %v; its first size should be %d", k, g.Shape(), rank)
		}
		rank = g.Shape()[2]
	}
	if rank != 1 {
		return nil, fmt.Errorf("tt: the last core has the shape %v; its last size should be 1", cores[len(cores)-1].Shape())
	}
	return &Tensor{Cores: cores, Modes: make([]tensor.Axis, len(cores))}, nil
}

// Ranks are r_0 … r_d, the first and last of which are 1.
func (t *Tensor) Ranks() []int {
	r := []int{1}
	for _, g := range t.Cores {
		r = append(r, g.Shape()[2])
	}
	return r
}

// Shape is the size of each mode.
func (t *Tensor) Shape() []int {
	s := make([]int, len(t.Cores))
	for k, g := range t.Cores {
		s[k] = g.Shape()[1]
	}
	return s
}

// Axes are the names and labels of the modes.
func (t *Tensor) Axes() []tensor.Axis { return t.Modes }

// Parameters is the number of numbers in the cores.
func (t *Tensor) Parameters() int {
	p := 0
	for _, g := range t.Cores {
		p += g.Len()
	}
	return p
}

// At is one entry, the product of the matrices G_0[:, i_0, :] ….
func (t *Tensor) At(idx ...int) float64 { return t.evaluator().at(idx) }

// AtBatch is many entries: entry e has the index list[e]. They are computed
// side by side.
func (t *Tensor) AtBatch(list [][]int) []float64 {
	out := make([]float64, len(list))
	cores := t.evaluator().cores
	par.Blocks(len(list), 256, func(_, lo, hi int) {
		e := evaluator{t: t, cores: cores}
		for i := lo; i < hi; i++ {
			out[i] = e.at(list[i])
		}
	})
	return out
}

// evaluator holds the memory of the cores and two work rows.
type evaluator struct {
	t     *Tensor
	cores [][]float64
	v, w  []float64
}

func (t *Tensor) evaluator() *evaluator {
	e := &evaluator{t: t}
	for _, g := range t.Cores {
		e.cores = append(e.cores, g.Data())
	}
	return e
}

func (e *evaluator) at(idx []int) float64 {
	if len(idx) != len(e.cores) {
		panic(fmt.Sprintf("tt: %d indices for %d modes", len(idx), len(e.cores)))
	}
	v, w := append(e.v[:0], 1), e.w
	for k, i := range idx {
		s := e.t.Cores[k].Shape()
		if i < 0 || i >= s[1] {
			panic(fmt.Sprintf("tt: index %d out of range on mode %d of size %d", i, k, s[1]))
		}
		w = slices.Grow(w[:0], s[2])[:s[2]]
		clear(w)
		for a, f := range v {
			o := (a*s[1] + i) * s[2]
			for b, g := range e.cores[k][o : o+s[2]] {
				w[b] += f * g
			}
		}
		v, w = w, v
	}
	e.v, e.w = v, w
	return v[0]
}

// Dense is the whole tensor with its axes. The cores are multiplied from the
// end that makes less work.
func (t *Tensor) Dense() *tensor.Dense[float64] {
	x := t.dense(new(scratch))
	if err := x.SetAxes(t.Modes...); err != nil {
		panic("tt: " + err.Error())
	}
	return x
}

// scratch is the memory of products of cores: the next one uses it again.
type scratch struct{ whole, even, odd []float64 }

// dense is the whole tensor, in the memory of the scratch.
func (t *Tensor) dense(m *scratch) *tensor.Dense[float64] {
	shape, r := t.Shape(), t.Ranks()
	last := len(shape) - 1
	if last == 0 {
		return t.Cores[0].Reshape(shape...)
	}
	fromLeft, fromRight := 0.0, 0.0
	for k, left, right := 0, 1.0, 1.0; k < len(shape); k++ {
		j := last - k
		left *= float64(shape[k])
		right *= float64(shape[j])
		fromLeft += left * float64(r[k]*r[k+1])
		fromRight += right * float64(r[j]*r[j+1])
	}
	mul := func(a, b *tensor.Dense[float64], k int, whole bool) *tensor.Dense[float64] {
		buf := &m.even
		switch {
		case whole:
			buf = &m.whole
		case k%2 == 1:
			buf = &m.odd
		}
		size := a.Shape()[0] * b.Shape()[1]
		if cap(*buf) < size {
			*buf = make([]float64, size)
		}
		z := tensor.FromSlice((*buf)[:size], a.Shape()[0], b.Shape()[1])
		kernel.Gemm(1, rows(a), rows(b), 0, rows(z))
		return z
	}
	if fromLeft <= fromRight {
		y := t.Cores[0].Reshape(shape[0], r[1])
		for k := 1; k <= last; k++ {
			n := y.Shape()[0]
			y = mul(y, t.Cores[k].Reshape(r[k], shape[k]*r[k+1]), k, k == last).Reshape(n*shape[k], r[k+1])
		}
		return y.Reshape(shape...)
	}
	y := t.Cores[last].Reshape(r[last], shape[last])
	for k := last - 1; k >= 0; k-- {
		n := y.Shape()[1]
		y = mul(t.Cores[k].Reshape(r[k]*shape[k], r[k+1]), y, k, k == 0).Reshape(r[k], shape[k]*n)
	}
	return y.Reshape(shape...)
}

// rows is a tensor of order 2 as the kernels see it.
func rows(x *tensor.Dense[float64]) kernel.Mat[float64] {
	return kernel.RowMajor(x.Shape()[0], x.Shape()[1], x.Data())
}

// slabs gives the dense tensor in pieces: the function that it returns makes
// that at the indices lo, …, hi-1 of a mode, in memory that its next call
// uses again.
func (t *Tensor) slabs() func(mode, lo, hi int) *tensor.Dense[float64] {
	m := new(scratch)
	return func(mode, lo, hi int) *tensor.Dense[float64] {
		s := &Tensor{Cores: slices.Clone(t.Cores)}
		s.Cores[mode] = s.Cores[mode].Slice(1, lo, hi, 1).Contiguous()
		return s.dense(m)
	}
}
