package cp

import (
	"errors"
	"math"
	"sync"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// system is the least-squares problem of one factor, with a quadratic
// penalty:
//
//	f(A) = ½*sum_i a_i*G_i*a_i^T - <rhs, A> + ½*tr(A^T*Q*A)
//
// where the rows share their G for complete data.
type system struct {
	gram  *tensor.Matrix[float64]   // G of all rows; nil if they differ
	grams []*tensor.Matrix[float64] // G_i; nil where nothing is known
	rhs   *tensor.Matrix[float64]
	quad  constraint.Quadratic
}

// of is the G of a row, or nil.
func (y *system) of(i int) *tensor.Matrix[float64] {
	if y.gram != nil {
		return y.gram
	}
	return y.grams[i]
}

// addProduct adds a_i*G_i to the rows of dst.
func (y *system) addProduct(dst, a *tensor.Matrix[float64]) {
	forRows(a.Rows, a.Cols*a.Cols, func(i int) {
		if g := y.of(i); g != nil {
			for r, v := range a.Row(i) {
				kernel.Axpy(v, g.Row(r), dst.Row(i))
			}
		}
	})
}

// value is f(A).
func (y *system) value(a *tensor.Matrix[float64]) float64 {
	b := tensor.NewMatrix[float64](a.Rows, a.Cols)
	y.addProduct(b, a)
	return kernel.Dot(b.Data, a.Data)/2 - kernel.Dot(y.rhs.Data, a.Data) + y.quad.Value(a)
}

// add adds the equations of another system.
func (y *system) add(o *system) {
	kernel.Axpy(1, o.rhs.Data, y.rhs.Data)
	if y.gram != nil {
		kernel.Axpy(1, o.gram.Data, y.gram.Data)
		return
	}
	for i, g := range o.grams {
		switch {
		case g == nil:
		case y.grams[i] == nil:
			y.grams[i] = g
		default:
			kernel.Axpy(1, g.Data, y.grams[i].Data)
		}
	}
}

// rho is the weight of the proximal term in ADMM: the mean of the diagonal of
// G (Huang et al. 2016, section III-B).
func (y *system) rho() float64 {
	t, rows := 0.0, 0
	if y.gram != nil {
		t, rows = trace(y.gram), 1
	}
	for _, g := range y.grams {
		if g != nil {
			t += trace(g)
			rows++
		}
	}
	rho := t / float64(max(1, rows)*max(1, y.rhs.Cols))
	if !(rho > 0) {
		return 1
	}
	return rho
}

// solver returns a function that overwrites B by the A of A*G + Q*A + rho*A
// = B.
func (y *system) solver(rho float64) (func(b *tensor.Matrix[float64]) error, error) {
	shift := y.quad.L2 + rho
	switch {
	case y.quad.Couples() && y.gram != nil:
		return y.smoothSolver(rho)
	case y.quad.Couples():
		return y.blockSolver(rho)
	case y.gram != nil:
		return func(b *tensor.Matrix[float64]) error {
			x, _, err := linalg.SolveSPD(y.gram, b, shift)
			if err == nil {
				copy(b.Data, x.Data)
			}
			return err
		}, nil
	}
	return func(b *tensor.Matrix[float64]) error {
		var (
			mu    sync.Mutex
			first error
		)
		par.Rows(b.Rows, b.Cols*b.Cols*b.Cols/3+1, func(lo, hi int) {
			g := tensor.NewMatrix[float64](b.Cols, b.Cols)
			for i := lo; i < hi; i++ {
				clear(g.Data)
				if y.grams[i] != nil {
					copy(g.Data, y.grams[i].Data)
				}
				for r := range b.Cols {
					g.Data[r*g.Stride+r] += shift
				}
				if err := linalg.SolveSPDRow(g, b.Row(i)); err != nil {
					mu.Lock()
					first = errors.Join(first, err)
					mu.Unlock()
				}
			}
		})
		return first
	}, nil
}

// smoothSolver diagonalises G, which leaves a band system for each of its
// eigenvectors.
func (y *system) smoothSolver(rho float64) (func(b *tensor.Matrix[float64]) error, error) {
	values, vectors, err := linalg.SymEig(y.gram)
	if err != nil {
		return nil, err
	}
	rows, rank, width := y.rhs.Rows, y.rhs.Cols, y.quad.Width()
	bands := make([]*tensor.Matrix[float64], rank)
	top := max(values[0], 0) + rho
	for r, v := range values {
		band := y.quad.Band(rows, width)
		for i := range rows {
			band.Data[i*band.Stride+width] += max(v, 0) + rho
		}
		if bands[r], err = factorBand(band, top); err != nil {
			return nil, err
		}
	}
	return func(b *tensor.Matrix[float64]) error {
		turned := tensor.Mul(b, vectors)
		par.Rows(rank, 8*rows*(width+1), func(lo, hi int) {
			for r := lo; r < hi; r++ {
				col := turned.Col(r)
				linalg.SolveBand(bands[r], col)
				for i, v := range col {
					turned.Set(i, r, v)
				}
			}
		})
		kernel.Gemm(1, turned.View(), vectors.View().T(), 0, b.View())
		return nil
	}, nil
}

// blockSolver writes all rows, one after the other, as one band system.
func (y *system) blockSolver(rho float64) (func(b *tensor.Matrix[float64]) error, error) {
	rows, rank, reach := y.rhs.Rows, y.rhs.Cols, y.quad.Width()
	width := max(reach*rank, rank-1)
	quad := y.quad.Band(rows, reach)
	band := tensor.NewMatrix[float64](rows*rank, width+1)
	top := rho
	for i := range rows {
		for r := range rank {
			row := band.Row(i*rank + r)
			for k := range reach + 1 {
				row[width-(reach-k)*rank] += quad.At(i, k)
			}
			row[width] += rho
			if g := y.grams[i]; g != nil {
				for q := range r + 1 {
					row[width-r+q] += g.At(r, q)
				}
				top = max(top, g.At(r, r))
			}
		}
	}
	l, err := factorBand(band, top)
	if err != nil {
		return nil, err
	}
	return func(b *tensor.Matrix[float64]) error {
		linalg.SolveBand(l, b.Data)
		return nil
	}, nil
}

// factorBand factors a band matrix that is positive semi-definite; if it is
// singular to working precision, with a little added to the diagonal.
func factorBand(band *tensor.Matrix[float64], top float64) (*tensor.Matrix[float64], error) {
	w := band.Cols - 1
	for more := 1e-14; ; more *= 100 {
		l, err := linalg.BandCholesky(band)
		var notPositive *linalg.NotPositiveDefiniteError
		if err == nil || !errors.As(err, &notPositive) || more > 1e-6 || math.IsNaN(top) {
			return l, err
		}
		for i := range band.Rows {
			band.Data[i*band.Stride+w] += more * max(top, math.SmallestNonzeroFloat64)
		}
	}
}
