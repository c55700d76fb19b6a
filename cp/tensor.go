package cp

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Tensor is a tensor in CP format: R weights and a factor I_n×R for each
// mode. Modes are the axes of the data it was fitted to.
//
// What a method of this package returns has columns of norm 1, weights that
// are non-negative and descending, and fixed signs (see [Tensor.FixSigns]).
type Tensor struct {
	Weights []float64
	Factors []*tensor.Matrix[float64]
	Modes   []tensor.Axis
}

// New makes a CP tensor of weights and factors, which are used, not copied.
// nil weights are ones. Its modes have no names.
func New(weights []float64, factors ...*tensor.Matrix[float64]) (*Tensor, error) {
	if len(factors) == 0 {
		return nil, fmt.Errorf("cp: at least one factor is needed")
	}
	if weights == nil {
		weights = ones(factors[0].Cols)
	}
	t := &Tensor{Weights: weights, Factors: factors, Modes: make([]tensor.Axis, len(factors))}
	if err := t.check(t.Shape(), len(weights)); err != nil {
		return nil, fmt.Errorf("cp: %w", err)
	}
	return t, nil
}

// Rank is the number of components.
func (t *Tensor) Rank() int { return len(t.Weights) }

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

// Parameters is the number of values that the model stores: R*(1 + sum I_n).
func (t *Tensor) Parameters() int {
	p := len(t.Weights)
	for _, f := range t.Factors {
		p += f.Rows * f.Cols
	}
	return p
}

// Clone is a deep copy.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Weights: slices.Clone(t.Weights), Factors: cloneAll(t.Factors), Modes: tensor.CloneAxes(t.Modes)}
}

func cloneAll(factors []*tensor.Matrix[float64]) []*tensor.Matrix[float64] {
	out := make([]*tensor.Matrix[float64], len(factors))
	for n, f := range factors {
		out[n] = f.Clone()
	}
	return out
}

// At is one element: sum_r weights[r] * prod_n factors[n][idx[n], r].
func (t *Tensor) At(idx ...int) float64 {
	if len(idx) != len(t.Factors) {
		panic(fmt.Sprintf("cp: %d indices for %d modes", len(idx), len(t.Factors)))
	}
	for n, i := range idx {
		if i < 0 || i >= t.Factors[n].Rows {
			panic(fmt.Sprintf("cp: index %d out of range on mode %d of size %d", i, n, t.Factors[n].Rows))
		}
	}
	s := 0.0
	for r, w := range t.Weights {
		for n, i := range idx {
			w *= t.Factors[n].At(i, r)
		}
		s += w
	}
	return s
}

// Dense is the whole tensor, with the axes of the model.
func (t *Tensor) Dense() *tensor.Dense[float64] {
	shape := t.Shape()
	x := tensor.New[float64](shape...)
	if x.Len() > 0 {
		// The rows of the model's unfolding that keeps the modes before h as
		// rows and those from h on as columns; h is where the two are most
		// alike in number.
		h := balanced(shape)
		left := tensor.KhatriRao(t.Weights, t.Factors[:h]...)
		right := tensor.KhatriRao(ones(t.Rank()), t.Factors[h:]...)
		kernel.Gemm(1, left.View(), right.View().T(), 0, kernel.RowMajor(left.Rows, right.Rows, x.Data()))
	}
	if err := x.SetAxes(t.Modes...); err != nil {
		panic("cp: " + err.Error())
	}
	return x
}

// balanced is the number of leading modes whose sizes multiply to about the
// square root of the whole; at least 1 if there is a mode.
func balanced(shape []int) int {
	total := math.Log(tensor.Cells(shape))
	left, best, h := 0.0, math.Inf(1), 0
	for n, s := range shape {
		left += math.Log(float64(s))
		if d := math.Abs(2*left - total); d < best {
			best, h = d, n+1
		}
	}
	return h
}

// Norm is the Frobenius norm, from the Grams of the factors: it costs
// R^2*sum I_n. Where large components cancel each other, the figure has an
// absolute error of about 1e-8 times their size.
func (t *Tensor) Norm() float64 { return math.Sqrt(max(0, innerCP(t, t))) }

// Inner is the inner product of two CP tensors of one shape. It panics if the
// shapes differ.
func (t *Tensor) Inner(u *Tensor) float64 {
	if !slices.Equal(t.Shape(), u.Shape()) {
		panic(fmt.Sprintf("cp: inner product of shapes %v and %v", t.Shape(), u.Shape()))
	}
	return innerCP(t, u)
}

func innerCP(t, u *Tensor) float64 {
	g := tensor.NewMatrix[float64](t.Rank(), u.Rank())
	for r, w := range t.Weights {
		for s, v := range u.Weights {
			g.Set(r, s, w*v)
		}
	}
	for n, f := range t.Factors {
		c := tensor.NewMatrix[float64](t.Rank(), u.Rank())
		kernel.Gemm(1, f.View().T(), u.Factors[n].View(), 0, c.View())
		for i, v := range c.Data {
			g.Data[i] *= v
		}
	}
	return kernel.Sum(g.Data)
}

// Inner is the inner product of data with a model, over the known entries. It
// costs one MTTKRP. It panics if the shapes differ.
func Inner(x Data, t *Tensor) float64 {
	if !slices.Equal(x.Shape(), t.Shape()) {
		panic(fmt.Sprintf("cp: inner product of shapes %v and %v", x.Shape(), t.Shape()))
	}
	mode := 0
	for n, f := range t.Factors {
		if f.Rows < t.Factors[mode].Rows {
			mode = n
		}
	}
	m := tensor.NewMatrix[float64](t.Factors[mode].Rows, t.Rank())
	x.MTTKRP(m, t.Factors, mode)
	s := 0.0
	for r, w := range t.Weights {
		s += w * kernel.Dot(m.Col(r), t.Factors[mode].Col(r))
	}
	return s
}

// Add is the sum of two CP tensors of one shape: its components are those of
// t, then those of u. The modes are those of t. It panics if the shapes
// differ.
func (t *Tensor) Add(u *Tensor) *Tensor {
	if !slices.Equal(t.Shape(), u.Shape()) {
		panic(fmt.Sprintf("cp: sum of shapes %v and %v", t.Shape(), u.Shape()))
	}
	sum := &Tensor{Weights: slices.Concat(t.Weights, u.Weights), Modes: tensor.CloneAxes(t.Modes)}
	for n, f := range t.Factors {
		g := u.Factors[n]
		m := tensor.NewMatrix[float64](f.Rows, f.Cols+g.Cols)
		for i := range f.Rows {
			copy(m.Row(i), f.Row(i))
			copy(m.Row(i)[f.Cols:], g.Row(i))
		}
		sum.Factors = append(sum.Factors, m)
	}
	return sum
}

// Scale is the tensor times a number.
func (t *Tensor) Scale(s float64) *Tensor {
	u := t.Clone()
	kernel.Scal(s, u.Weights)
	return u
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }
