package cp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Online is a CP model of data that grow along one mode, such as time. What
// was appended before is not kept: an append costs two MTTKRPs for each mode
// of what is new, and memory for the model alone.
//
// With C the factor of the growing mode and A_n the others, an append of X
// finds its rows of C with the others fixed,
//
//	C_new = X_(c) * (⊙ A_n) * (⊛ A_n^T*A_n)^-1,
//
// and then each A_n = P_n*Q_n^-1 from sums over all that was appended,
//
//	P_n += X_(n) * (⊙ of the others, C_new)   Q_n += ⊛ of their Grams.
//
// Zhou, Vinh, Bailey, Jia & Davidson 2016,
// https://doi.org/10.1145/2939672.2939763.
type Online struct {
	mode    int
	axes    []tensor.Axis
	factors []*tensor.Matrix[float64] // that of the growing mode is nil
	grown   []float64                 // its rows
	rank    int
	p, q    []*tensor.Matrix[float64]
}

// NewOnline begins a model with the first data, which [ALS] fits; the result
// is of that fit. mode is the one that grows. Incomplete data are an error.
func NewOnline(ctx context.Context, first Data, mode int, opt Options) (*Online, fit.Result, error) {
	const method = "cp.NewOnline"
	if mode < 0 || mode >= len(first.Shape()) || len(first.Shape()) < 2 {
		return nil, fit.Result{Method: method}, fmt.Errorf("%s: growing mode %d of %d; a mode of a tensor with at least two is expected", method, mode, len(first.Shape()))
	}
	if _, ok := first.(Incomplete); ok {
		return nil, fit.Result{Method: method}, fmt.Errorf("%s: %w", method, errIncomplete)
	}
	m, res, err := ALS(ctx, first, opt)
	if err != nil {
		return nil, res, err
	}
	o := &Online{mode: mode, axes: tensor.CloneAxes(first.Axes()), rank: m.Rank(), factors: spreadWeights(m)}
	c := o.factors[mode]
	a := o.axes[mode]
	o.axes[mode] = tensor.Axis{Name: a.Name, Unit: a.Unit, Ordinal: a.Ordinal}
	o.p = make([]*tensor.Matrix[float64], len(o.factors))
	o.q = make([]*tensor.Matrix[float64], len(o.factors))
	for n, f := range o.factors {
		if n != mode {
			o.p[n] = tensor.NewMatrix[float64](f.Rows, o.rank)
			o.q[n] = tensor.NewMatrix[float64](o.rank, o.rank)
		}
	}
	o.gather(first, c)
	o.take(c, first.Axes()[mode])
	return o, res, nil
}

var errIncomplete = errors.New("complete data are needed; fit what is known with cp.ALS")

// Append adds data along the growing mode, of which they may have any number
// of indices. It returns the relative error ||X-M||/||X|| of the appended
// part under the updated model. Data of another shape, incomplete ones and
// values that are not finite are errors, after which the model is as before.
func (o *Online) Append(x Data) (float64, error) {
	const method = "cp.Online.Append"
	if _, ok := x.(Incomplete); ok {
		return 0, fmt.Errorf("%s: %w", method, errIncomplete)
	}
	shape := x.Shape()
	if len(shape) != len(o.factors) {
		return 0, fmt.Errorf("%s: %d modes; the model has %d", method, len(shape), len(o.factors))
	}
	for n, s := range shape {
		if n != o.mode && s != o.factors[n].Rows {
			return 0, fmt.Errorf("%s: mode %d has size %d; the model has %d, and grows along mode %d only", method, n, s, o.factors[n].Rows, o.mode)
		}
	}
	norm := x.Norm()
	if fault := tensor.Err(x); fault != nil {
		return 0, fmt.Errorf("%s: %w", method, fault)
	}
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return 0, fmt.Errorf("%s: the data hold NaN or infinite values", method)
	}
	c := tensor.NewMatrix[float64](shape[o.mode], o.rank)
	all := slices.Clone(o.factors)
	all[o.mode] = c
	x.MTTKRP(c, all, o.mode)
	c, _, err := linalg.SolveSPD(o.gram(-1, nil), c, 0)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", method, err)
	}
	before := slices.Clone(o.factors)
	p, q := cloneSome(o.p), cloneSome(o.q)
	o.gather(x, c)
	for n := range o.factors {
		if n == o.mode {
			continue
		}
		f, _, err := linalg.SolveSPD(o.q[n], o.p[n], 0)
		if err != nil {
			o.factors, o.p, o.q = before, p, q
			return 0, fmt.Errorf("%s: mode %d: %w", method, n, err)
		}
		o.factors[n] = f
	}
	if fault := tensor.Err(x); fault != nil {
		o.factors, o.p, o.q = before, p, q
		return 0, fmt.Errorf("%s: %w", method, fault)
	}
	o.take(c, x.Axes()[o.mode])
	if norm == 0 {
		return 0, nil
	}
	all = slices.Clone(o.factors)
	all[o.mode] = c
	return x.ResidualNorm(ones(o.rank), all) / norm, nil
}

func cloneSome(list []*tensor.Matrix[float64]) []*tensor.Matrix[float64] {
	out := make([]*tensor.Matrix[float64], len(list))
	for n, m := range list {
		if m != nil {
			out[n] = m.Clone()
		}
	}
	return out
}

// gram is the Hadamard product of the Grams of all factors but that of mode
// skip, with c in the place of the growing one (left out if nil).
func (o *Online) gram(skip int, c *tensor.Matrix[float64]) *tensor.Matrix[float64] {
	g := tensor.NewMatrix[float64](o.rank, o.rank)
	for i := range g.Data {
		g.Data[i] = 1
	}
	for n, f := range o.factors {
		if n == skip {
			continue
		}
		if n == o.mode {
			if f = c; c == nil {
				continue
			}
		}
		for i, v := range tensor.Gram(f).Data {
			g.Data[i] *= v
		}
	}
	return g
}

// gather adds data whose rows of the growing factor are c to the sums.
func (o *Online) gather(x Data, c *tensor.Matrix[float64]) {
	all := slices.Clone(o.factors)
	all[o.mode] = c
	for n, f := range o.factors {
		if n == o.mode {
			continue
		}
		part := tensor.NewMatrix[float64](f.Rows, o.rank)
		x.MTTKRP(part, all, n)
		kernel.Axpy(1, part.Data, o.p[n].Data)
		kernel.Axpy(1, o.gram(n, c).Data, o.q[n].Data)
	}
}

// take appends rows of the growing factor with their labels and coordinates,
// which are kept as long as all that was appended had some.
func (o *Online) take(c *tensor.Matrix[float64], axis tensor.Axis) {
	had := len(o.grown) / o.rank
	for i := range c.Rows {
		o.grown = append(o.grown, c.Row(i)...)
	}
	a := &o.axes[o.mode]
	a.Labels = joined(a.Labels, had, axis.Labels, c.Rows)
	a.Coords = joined(a.Coords, had, axis.Coords, c.Rows)
}

// joined is a list of n elements and one of m as one, or nil if either is
// shorter.
func joined[T any](a []T, n int, b []T, m int) []T {
	if len(a) != n || len(b) != m {
		return nil
	}
	return append(a, b...)
}

// Model is the present model, in the form that methods return.
func (o *Online) Model() *Tensor {
	t := &Tensor{Weights: ones(o.rank), Factors: slices.Clone(o.factors), Modes: tensor.CloneAxes(o.axes)}
	t.Factors[o.mode] = tensor.MatrixOf(len(o.grown)/o.rank, o.rank, o.grown)
	t.Factors = cloneAll(t.Factors)
	t.Normalize()
	t.Arrange()
	t.FixSigns()
	return t
}
