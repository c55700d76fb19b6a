package lowrank

import (
	"math"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

const (
	nearShare = 4    // the unfolding has at least so many rows for each vector
	nearSteps = 5    // before the eigenvectors are computed from scratch
	nearFall  = 0.1  // residual after a step, relative to that before, at most
	nearTol   = 1e-9 // residual of the eigenvectors, relative to the least eigenvalue of theirs
)

// LeadingNear is the vectors of [Leading] up to a rank, for those who know
// nearly the same ones: guess, of orthonormal columns. A step of block Krylov
// iteration (Rayleigh-Ritz on the span of guess and of the Gram matrix times
// guess) or two replace the eigenvalue problem where that can be seen to give
// the leading vectors: what is outside of their span has no eigenvalue as
// large as theirs.
func LeadingNear(x Source, mode int, norm float64, guess *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	shape := x.Shape()
	rows, cols, rank := shape[mode], tensor.Size(shape)/max(1, shape[mode]), guess.Cols
	if nearShare*rank <= rows && rows <= cols && norm > 1e-140 && norm < 1e140 {
		gram := x.ModeGram(mode)
		if err := fault(x); err != nil {
			return nil, err
		}
		if u, err := ritz(gram, guess); u != nil || err != nil {
			return u, err
		}
	}
	b, err := Leading(x, mode, norm, Limit{Rank: rank})
	return b.U, err
}

// ritz is the leading eigenvectors of a Gram matrix near those of u, or nil if
// that cannot be seen.
func ritz(gram, u *tensor.Matrix[float64]) (*tensor.Matrix[float64], error) {
	n, rank := gram.Rows, u.Cols
	trace := 0.0
	for i := range n {
		trace += gram.At(i, i)
	}
	before := math.Inf(1)
	for range nearSteps {
		span := tensor.NewMatrix[float64](n, 2*rank)
		w := tensor.Mul(gram, u)
		h := tensor.Mul(u, tensor.Mul(u.Transpose(), w))
		for i := range n {
			row := span.Row(i)
			copy(row, u.Row(i))
			for j, v := range w.Row(i) {
				row[rank+j] = v - h.At(i, j)
			}
		}
		q, _, err := linalg.QR(span)
		if err != nil {
			return nil, err
		}
		gq := tensor.Mul(gram, q)
		values, y, err := linalg.SymEig(tensor.Mul(q.Transpose(), gq))
		if err != nil {
			return nil, err
		}
		lead := y.Sub(0, y.Rows, 0, rank).Clone()
		u = tensor.Mul(q, lead)
		residual := tensor.Mul(gq, lead)
		outside := trace
		for _, v := range values {
			outside -= v
		}
		least := values[rank-1]
		off := 0.0
		for i := range n {
			for j, v := range residual.Row(i) {
				d := v - values[j]*u.At(i, j)
				off += d * d
			}
		}
		// The eigenvalues of what is outside of u are at most the next one
		// within the span plus the trace of what is outside of that.
		off = math.Sqrt(off)
		if !(least > 1e-6*values[0]) || !(values[rank]+outside < least) {
			return nil, nil
		}
		if off <= nearTol*least {
			return leftColumns(u, rank), nil
		}
		if off > nearFall*before {
			return nil, nil
		}
		before = off
	}
	return nil, nil
}
