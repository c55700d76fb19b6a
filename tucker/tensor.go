package tucker

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Tensor is a tensor in Tucker format: a core r_0×…×r_{N-1} and a factor
// I_n×r_n for each mode. Modes are the axes of the data it was fitted to.
// Methods return orthonormal factors and a core in C order; arithmetic does
// not need them.
type Tensor struct {
	Core    *tensor.Dense[float64]
	Factors []*tensor.Matrix[float64]
	Modes   []tensor.Axis
}

// New makes a model of a core and factors, with unnamed axes. Shapes that do
// not fit are errors.
func New(core *tensor.Dense[float64], factors []*tensor.Matrix[float64]) (*Tensor, error) {
	t := &Tensor{Core: core, Factors: factors, Modes: make([]tensor.Axis, len(factors))}
	if err := t.check(t.Shape()); err != nil {
		return nil, fmt.Errorf("tucker: %w", err)
	}
	return t, nil
}

// check reports a model that does not fit together or is not of this shape.
func (t *Tensor) check(shape []int) error {
	if t.Core == nil || len(t.Factors) != t.Core.Order() {
		return fmt.Errorf("%d factors do not fit the core", len(t.Factors))
	}
	if !slices.Equal(t.Shape(), shape) {
		return fmt.Errorf("it has the shape %v, the data have %v", t.Shape(), shape)
	}
	for n, f := range t.Factors {
		if f.Cols != t.Core.Shape()[n] {
			return fmt.Errorf("factor %d is %d×%d, and the core has size %d on that mode", n, f.Rows, f.Cols, t.Core.Shape()[n])
		}
	}
	return nil
}

// Ranks are the sizes of the core.
func (t *Tensor) Ranks() []int { return t.Core.Shape() }

// Shape is the size of each mode.
func (t *Tensor) Shape() []int {
	s := make([]int, len(t.Factors))
	for n, f := range t.Factors {
		s[n] = f.Rows
	}
	return s
}

// Axes are the names and labels of the modes.
func (t *Tensor) Axes() []tensor.Axis { return t.Modes }

// Parameters is the number of numbers in the core and the factors.
func (t *Tensor) Parameters() int {
	p := t.Core.Len()
	for _, f := range t.Factors {
		p += f.Rows * f.Cols
	}
	return p
}

// At is one entry, sum over a, b, … of core[a, b, …]*factors[0][i_0, a]*….
func (t *Tensor) At(idx ...int) float64 {
	if len(idx) != len(t.Factors) {
		panic(fmt.Sprintf("tucker: %d indices for %d modes", len(idx), len(t.Factors)))
	}
	y := t.Core.Data()
	// The last mode of what is left is contracted with its row.
	for n := len(idx) - 1; n >= 0; n-- {
		f := t.Factors[n]
		if idx[n] < 0 || idx[n] >= f.Rows {
			panic(fmt.Sprintf("tucker: index %d out of range on mode %d of size %d", idx[n], n, f.Rows))
		}
		row := f.Row(idx[n])
		z := make([]float64, t.size(n))
		for i := range z {
			for j, w := range row {
				z[i] += w * y[i*len(row)+j]
			}
		}
		y = z
	}
	return y[0]
}

// size is the number of elements of the first n modes of the core.
func (t *Tensor) size(n int) int { return tensor.Size(t.Core.Shape()[:n]) }

// Dense is the whole tensor, core ×_0 factors[0] ×_1 factors[1] …, with its
// axes.
func (t *Tensor) Dense() *tensor.Dense[float64] {
	x := tensor.TTMChain(t.Core, t.Factors).Contiguous()
	if err := x.SetAxes(t.Modes...); err != nil {
		panic("tucker: " + err.Error())
	}
	return x
}

// slabs gives the dense tensor in pieces: the function that it returns makes
// that at the indices lo, …, hi-1 of a mode, in memory that its next call
// uses again.
func (t *Tensor) slabs() func(mode, lo, hi int) *tensor.Dense[float64] {
	var buf, part []float64
	var whole *tensor.Dense[float64] // the core times all factors but the first and the last
	return func(mode, lo, hi int) *tensor.Dense[float64] {
		if len(t.Factors) == 0 {
			return t.Core
		}
		// The last product is the large one. It is along the first or the
		// last mode, so that the piece lies in C order, but not along the one
		// that is cut.
		f := slices.Clone(t.Factors)
		f[mode] = f[mode].Sub(lo, hi, 0, f[mode].Cols)
		last := len(f) - 1
		if mode == last {
			last = 0
		}
		m := f[last]
		f[last] = nil
		var y *tensor.Dense[float64]
		if mode == 0 && last > 0 {
			if whole == nil {
				f[0] = nil
				whole = tensor.TTMChain(t.Core, f).Contiguous()
				f[0] = t.Factors[0].Sub(lo, hi, 0, t.Factors[0].Cols)
			}
			shape := slices.Clone(whole.Shape())
			rest := tensor.Size(shape[1:])
			shape[0] = hi - lo
			part = slices.Grow(part[:0], (hi-lo)*rest)[:(hi-lo)*rest]
			kernel.Gemm(1, f[0].View(), kernel.RowMajor(f[0].Cols, rest, whole.Data()), 0, kernel.RowMajor(hi-lo, rest, part))
			y = tensor.FromSlice(part, shape...)
		} else {
			y = tensor.TTMChain(t.Core, f).Contiguous()
		}
		shape := slices.Clone(y.Shape())
		shape[last] = m.Rows
		size := tensor.Size(shape)
		if cap(buf) < size {
			buf = make([]float64, size)
		}
		rest := size / max(1, m.Rows)
		if last == 0 {
			kernel.Gemm(1, m.View(), kernel.RowMajor(m.Cols, rest, y.Data()), 0, kernel.RowMajor(m.Rows, rest, buf[:size]))
		} else {
			kernel.Gemm(1, kernel.RowMajor(rest, m.Cols, y.Data()), m.View().T(), 0, kernel.RowMajor(rest, m.Rows, buf[:size]))
		}
		return tensor.FromSlice(buf[:size], shape...)
	}
}

// Norm is the Frobenius norm of the tensor: that of the core if the factors
// are orthonormal. It is found without squaring, from the R factors.
func (t *Tensor) Norm() float64 {
	core := t.Core
	for n, f := range t.Factors {
		if isOrthonormal(f) {
			continue
		}
		_, r, err := linalg.QR(f)
		if err != nil {
			return math.NaN() // the factor is not finite
		}
		core = tensor.TTM(core, r, n)
	}
	return core.Norm()
}

func isOrthonormal(f *tensor.Matrix[float64]) bool {
	for i, row := 0, tensor.Gram(f); i < row.Rows; i++ {
		for j, v := range row.Row(i) {
			want := 0.0
			if i == j {
				want = 1
			}
			if !(math.Abs(v-want) <= 1e-14*float64(f.Rows+10)) {
				return false
			}
		}
	}
	return true
}

// Inner is the inner product with another Tucker tensor of the same shape,
// <core_t, core_u ×_0 (A_0ᵀB_0) ×_1 …>. Nothing of the tensors' size is
// formed.
func (t *Tensor) Inner(u *Tensor) float64 {
	t.sameShape("Inner", u)
	ms := make([]*tensor.Matrix[float64], len(t.Factors))
	for n, a := range t.Factors {
		ms[n] = tensor.Mul(a.Transpose(), u.Factors[n])
	}
	return tensor.Inner(t.Core, tensor.TTMChain(u.Core, ms))
}

func (t *Tensor) sameShape(what string, u *Tensor) {
	if !slices.Equal(t.Shape(), u.Shape()) {
		panic(fmt.Sprintf("tucker: %s of shapes %v and %v", what, t.Shape(), u.Shape()))
	}
}

// Scale is alpha times the tensor. Factors are shared.
func (t *Tensor) Scale(alpha float64) *Tensor {
	return &Tensor{Core: tensor.Scale(alpha, t.Core), Factors: slices.Clone(t.Factors), Modes: tensor.CloneAxes(t.Modes)}
}

// Add is the sum of two Tucker tensors of one shape, exactly: the factors
// stand side by side and the cores lie on the diagonal, so that ranks add up
// (see [Tensor.Round]). The axes are those of t.
func (t *Tensor) Add(u *Tensor) *Tensor {
	t.sameShape("Add", u)
	s := &Tensor{Modes: tensor.CloneAxes(t.Modes)}
	ranks := make([]int, len(t.Factors))
	for n, a := range t.Factors {
		b := u.Factors[n]
		ranks[n] = a.Cols + b.Cols
		f := tensor.NewMatrix[float64](a.Rows, ranks[n])
		for i := range a.Rows {
			copy(f.Row(i), a.Row(i))
			copy(f.Row(i)[a.Cols:], b.Row(i))
		}
		s.Factors = append(s.Factors, f)
	}
	s.Core = tensor.New[float64](ranks...)
	low, high := s.Core, s.Core
	for n, r := range t.Ranks() {
		low, high = low.Slice(n, 0, r, 1), high.Slice(n, r, ranks[n], 1)
	}
	low.CopyFrom(t.Core)
	if len(ranks) == 0 {
		s.Core.Set(t.Core.At() + u.Core.At())
		return s
	}
	high.CopyFrom(u.Core)
	return s
}

// Orthogonalize is the same tensor with orthonormal factors: A_n = Q_n*R_n,
// and the R_n go into the core.
func (t *Tensor) Orthogonalize() (*Tensor, error) {
	s := &Tensor{Core: t.Core, Modes: tensor.CloneAxes(t.Modes)}
	for n, f := range t.Factors {
		q, r, err := linalg.QR(f)
		if err != nil {
			return nil, fmt.Errorf("tucker: factor %d: %w", n, err)
		}
		s.Factors = append(s.Factors, q)
		s.Core = tensor.TTM(s.Core, r, n)
	}
	s.Core = s.Core.Contiguous()
	return s, nil
}
