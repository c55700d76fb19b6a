// Package partial fits models to tensors of which only some entries are
// known, whatever the format: a format is blocks of parameters in each of
// which the model is linear, so that a block is found from the others by
// least squares over the known entries. The rows of a block that belong to
// one index of a mode have a small system of equations of their own,
//
//	(sum_e φ_e*φ_eᵀ + λ*I) θ_i = sum_e x_e*φ_e + λ*μ,
//
// over the entries e of slice i, where φ_e is the derivative of the model at
// e by θ_i.
package partial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Fill writes the derivatives φ of a model by a row of a block, at the
// entries lo, …, lo+n-1 of lists of indices (one list a mode; that of the
// block's own mode is not read), as rows of dst with a stride.
type Fill func(dst []float64, stride int, index [][]int32, lo, n int)

// Model is a format with its parameters.
type Model interface {
	// Blocks are the parameters: block n holds a row for each index of mode
	// n. A format may have one block more, of one row that all entries share.
	// They come in the order of update.
	Blocks() []*tensor.Matrix[float64]
	// Filler makes the memory of a goroutine that asks for derivatives.
	Filler(block int) Fill
}

// Check names what is wrong with data and options, prefixed by the method.
func Check(method string, x *tensor.Observed, opt fit.Options, p fit.Penalty, more ...error) error {
	errs := []error{opt.Validate(), p.Validate(len(x.Shape()))}
	errs = append(errs, more...)
	if len(x.Shape()) < 2 {
		errs = append(errs, fmt.Errorf("the tensor has %d modes; two at least are needed", len(x.Shape())))
	}
	if x.Count() == 0 {
		errs = append(errs, errors.New("no entry is known; there is nothing to fit"))
	} else if norm := x.Norm(); math.IsNaN(norm) || math.IsInf(norm, 0) {
		errs = append(errs, errors.New("a known entry is NaN or infinite; leave such entries out"))
	} else if norm == 0 {
		errs = append(errs, errors.New("all known entries are zero; there is nothing to fit"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// Run sweeps over the blocks until the relative error settles. x should have
// a mean square of about 1.
func Run(ctx context.Context, x *tensor.Observed, m Model, p fit.Penalty, opt fit.Options, r *fit.Result) error {
	norm := x.Norm()
	return fit.Run(ctx, opt, r, func(int) (float64, error) {
		if err := Sweep(x, m, p); err != nil {
			return 0, err
		}
		return Residual(x, m) / norm, nil
	})
}

// Sweep updates every block once.
func Sweep(x *tensor.Observed, m Model, p fit.Penalty) error {
	for b := range m.Blocks() {
		var err error
		switch {
		case b == len(x.Shape()):
			err = improveCore(x, m.(Tucker), p.Ridge)
		case p.Smooth != nil && p.Smooth[b] > 0:
			err = chain(x, m, b, p)
		default:
			err = apart(x, m, b, p)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", b, err)
		}
	}
	return nil
}

// Unit is the data divided by the root of their mean square, and that.
func Unit(x *tensor.Observed) (*tensor.Observed, float64) {
	rms := x.Norm() / math.Sqrt(float64(x.Count()))
	values := slices.Clone(x.Values())
	kernel.Scal(1/rms, values)
	return x.WithValues(values), rms
}

// systems calls visit with the sums of the derivatives of every row that has
// entries.
func systems(x *tensor.Observed, m Model, b int, visit func(i int, gram *tensor.Matrix[float64], rhs []float64)) {
	g := x.GroupBy(b)
	if m, ok := m.(tabular); ok {
		if left, right := m.tables(b, tableWaste*x.Count()); left != nil {
			pairSystems(g, left, right, visit)
			return
		}
	}
	filler := fillers(m, b, x.Count())
	g.Systems(m.Blocks()[b].Cols, func() func([]float64, int, int, int) {
		fill := filler()
		return func(dst []float64, stride, lo, n int) { fill(dst, stride, g.Index, lo, n) }
	}, visit)
}

// target is the row that those of a block are drawn to.
func target(x *tensor.Observed, m Model, b int, p fit.Penalty) []float64 {
	if !p.Center {
		return make([]float64, m.Blocks()[b].Cols)
	}
	return meanRow(x, m, b)
}

// meanRow is the mean of the rows that have entries.
func meanRow(x *tensor.Observed, m Model, b int) []float64 {
	theta := m.Blocks()[b]
	mean := make([]float64, theta.Cols)
	start, count := x.GroupBy(b).Start, 0
	for i := range theta.Rows {
		if start[i] < start[i+1] {
			kernel.Axpy(1, theta.Row(i), mean)
			count++
		}
	}
	kernel.Scal(1/float64(max(1, count)), mean)
	return mean
}

// apart finds the rows of a block one by one.
func apart(x *tensor.Observed, m Model, b int, p fit.Penalty) error {
	theta, mean := m.Blocks()[b], target(x, m, b, p)
	var fault firstError
	systems(x, m, b, func(i int, gram *tensor.Matrix[float64], rhs []float64) {
		for r := range rhs {
			gram.Data[r*gram.Stride+r] += p.Ridge
			rhs[r] += p.Ridge * mean[r]
		}
		fault.set(linalg.SolveSPDRow(gram, rhs))
		copy(theta.Row(i), rhs)
	})
	if empty := x.Empty(b); len(empty) > 0 {
		mean := meanRow(x, m, b)
		for _, i := range empty {
			copy(theta.Row(i), mean)
		}
	}
	return fault.err
}

// chain finds all rows of a block whose neighbours are tied, at once if they
// are short.
func chain(x *tensor.Observed, m Model, b int, p fit.Penalty) error {
	theta, mean, s := m.Blocks()[b], target(x, m, b, p), p.Smooth[b]
	w := theta.Cols
	gram := make([]*tensor.Matrix[float64], theta.Rows)
	rhs := tensor.NewMatrix[float64](theta.Rows, w)
	systems(x, m, b, func(i int, g *tensor.Matrix[float64], h []float64) {
		gram[i] = g.Clone()
		copy(rhs.Row(i), h)
	})
	for i, d := range gram {
		if d == nil {
			d = tensor.NewMatrix[float64](w, w)
			gram[i] = d
		}
		own := p.Ridge
		if i > 0 {
			own += s
		}
		if i+1 < theta.Rows {
			own += s
		}
		for r := range w {
			d.Data[r*w+r] += own
			rhs.Row(i)[r] += p.Ridge * mean[r]
		}
	}
	if w > chainWidth {
		return chainByRows(theta, gram, rhs, s)
	}
	return chainAtOnce(theta, gram, rhs, s)
}

// chainWidth is the length of rows up to which those of a block are found
// together: it takes an inverse a row.
const chainWidth = 32

// chainAtOnce solves a block tridiagonal system, from the first row to the
// last and back: gram_i*θ_i - s*(θ_{i-1} + θ_{i+1}) = rhs_i.
func chainAtOnce(theta *tensor.Matrix[float64], gram []*tensor.Matrix[float64], rhs *tensor.Matrix[float64], s float64) error {
	w := theta.Cols
	inverse := make([]*tensor.Matrix[float64], theta.Rows)
	for i, d := range gram {
		y := rhs.Row(i)
		if i > 0 {
			before, last := inverse[i-1], rhs.Row(i-1)
			for r := range w {
				y[r] += s * kernel.Dot(before.Row(r), last)
			}
			kernel.Axpy(-s*s, before.Data, d.Data)
		}
		var err error
		if inverse[i], _, err = linalg.SolveSPD(d, tensor.Eye[float64](w), 0); err != nil {
			return err
		}
	}
	for i := theta.Rows - 1; i >= 0; i-- {
		y := rhs.Row(i)
		if i+1 < theta.Rows {
			kernel.Axpy(s, theta.Row(i+1), y)
		}
		for r := range w {
			theta.Set(i, r, kernel.Dot(inverse[i].Row(r), y))
		}
	}
	return nil
}

// chainByRows improves the rows one after the other, from the first to the
// last and back: what chainAtOnce solves, by symmetric Gauss-Seidel.
func chainByRows(theta *tensor.Matrix[float64], gram []*tensor.Matrix[float64], rhs *tensor.Matrix[float64], s float64) error {
	n := theta.Rows
	d := tensor.NewMatrix[float64](theta.Cols, theta.Cols)
	for k := range 2*n - 1 {
		i := min(k, 2*(n-1)-k)
		copy(d.Data, gram[i].Data)
		y := theta.Row(i)
		copy(y, rhs.Row(i))
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < n {
				kernel.Axpy(s, theta.Row(j), y)
			}
		}
		if err := linalg.SolveSPDRow(d, y); err != nil {
			return err
		}
	}
	return nil
}

func lists(x *tensor.Observed) [][]int32 {
	index := make([][]int32, len(x.Shape()))
	for n := range index {
		index[n] = x.Indices(n)
	}
	return index
}

// Values are the model's at the entries of lists of indices.
func Values(m Model, index [][]int32) []float64 {
	const size = 1 << 12
	out := make([]float64, len(index[0]))
	theta := m.Blocks()[0]
	filler := fillers(m, 0, len(out))
	par.Blocks(len(out), size, func(_, lo, hi int) {
		const panel = 64
		fill, rows := filler(), make([]float64, panel*theta.Cols)
		for ; lo < hi; lo += panel {
			n := min(panel, hi-lo)
			fill(rows, theta.Cols, index, lo, n)
			for e := range n {
				out[lo+e] = dot(rows[e*theta.Cols:][:theta.Cols], theta.Row(int(index[0][lo+e])))
			}
		}
	})
	return out
}

// Residual is the norm of data minus model over the known entries.
func Residual(x *tensor.Observed, m Model) float64 {
	d := Values(m, lists(x))
	for e, v := range x.Values() {
		d[e] = v - d[e]
	}
	return kernel.Nrm2(d)
}

func dot(a, b []float64) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// firstError keeps the first of errors that come from several goroutines.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) set(err error) {
	if err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}
