package lowrank

import (
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Sketchable is data whose unfoldings can be multiplied by random matrices.
type Sketchable interface {
	Source
	Projector
}

// Sketch is a random range Q of an unfolding (see [Range]) and X ×_n Qᵀ, which
// is made in the memory m; an X that lies there already is overwritten.
func Sketch(x Sketchable, mode, columns, power int, rng *rand.Rand, m *Memory) (q *tensor.Matrix[float64], y *tensor.Dense[float64], err error) {
	if m.holds(x) {
		if q, err = Range(x, mode, columns, power, rng, new(Memory)); err != nil {
			return nil, nil, err
		}
		return q, Shrink(x.(*tensor.Dense[float64]), q, mode), nil
	}
	width := 1 // of Q
	for n, s := range kroneckerShape(x.Shape(), mode, columns) {
		if n != mode {
			width *= s
		}
	}
	m.reserve(x, mode, min(width, x.Shape()[mode]))
	if q, err = Range(x, mode, columns, power, rng, m); err != nil {
		return nil, nil, err
	}
	return q, m.Project(x, q, mode), nil
}

// kroneckerShape is the shape of the sketch that [Range] makes.
func kroneckerShape(shape []int, mode, columns int) []int {
	out := slices.Clone(shape)
	for _, f := range kroneckerOrder(shape, mode, columns) {
		out[f.mode] = f.columns
	}
	return out
}

// Range finds Q: I×l of orthonormal columns, l ≥ min(columns, I), whose span
// nearly contains the leading left singular vectors of the mode-n unfolding
// of x: an orthonormal basis of
//
//	(X_(n)*X_(n)ᵀ)^power * X_(n) * (Ω_0 ⊗ … ⊗ Ω_{N-1})
//
// with Gaussian matrices Ω_m, small enough for their Kronecker product to have
// about as many columns as are asked for. Such a sketch costs little more than
// one look at the data, whatever their size; each power costs another, and
// sharpens the decay of the singular values. The largest product is made in
// the memory m.
//
// Minster, Li & Ballard 2024, https://doi.org/10.1137/22M1540363.
func Range(x Sketchable, mode, columns, power int, rng *rand.Rand, m *Memory) (*tensor.Matrix[float64], error) {
	shape := x.Shape()
	var y Sketchable = x
	for k, f := range kroneckerOrder(shape, mode, columns) {
		omega := tensor.NormalMatrix(rng, shape[f.mode], f.columns)
		if k == 0 {
			y = m.Project(y, omega, f.mode)
		} else {
			y = y.Project(omega, f.mode)
		}
	}
	w := tensor.NewMatrix[float64](shape[mode], tensor.Size(y.Shape())/shape[mode])
	at := 0
	err := y.Fibers(mode, w.Cols, func(rows *tensor.Matrix[float64]) error {
		for j := range rows.Rows {
			for i, v := range rows.Row(j) {
				w.Data[i*w.Cols+at] = v
			}
			at++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	q, _, err := linalg.QR(w)
	for range power {
		if err != nil {
			return nil, err
		}
		if w, err = gramTimes(x, mode, q); err == nil {
			q, _, err = linalg.QR(w)
		}
	}
	return q, err
}

// gramTimes is X_(n)*X_(n)ᵀ*Q, with one pass over the data.
func gramTimes(x Source, mode int, q *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	sum := tensor.NewMatrix[float64](q.Rows, q.Cols)
	err := x.Fibers(mode, max(1024, (1<<18)/q.Rows), func(rows *tensor.Matrix[float64]) error {
		p := tensor.Mul(tensor.Mul(rows, q).Transpose(), rows) // l×I
		for i := range p.Rows {
			for j, v := range p.Row(i) {
				sum.Data[j*sum.Cols+i] += v
			}
		}
		return nil
	})
	return sum, err
}

type kroneckerFactor struct{ mode, columns int }

// kroneckerOrder chooses the columns of the Ω_m, the modes that shrink most
// first. A mode whose size is all used needs no Ω_m.
func kroneckerOrder(shape []int, mode, columns int) []kroneckerFactor {
	var list []kroneckerFactor
	for m := range shape {
		if m != mode {
			list = append(list, kroneckerFactor{m, 1})
		}
	}
	for product := 1; product < columns; {
		// The one with the fewest grows.
		best := -1
		for i, f := range list {
			if f.columns < shape[f.mode] && (best < 0 || f.columns < list[best].columns) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		list[best].columns++
		product = 1
		for _, f := range list {
			product = min(product*f.columns, columns)
		}
	}
	list = slices.DeleteFunc(list, func(f kroneckerFactor) bool { return f.columns == shape[f.mode] })
	slices.SortStableFunc(list, func(a, b kroneckerFactor) int {
		return a.columns*shape[b.mode] - b.columns*shape[a.mode]
	})
	return list
}
