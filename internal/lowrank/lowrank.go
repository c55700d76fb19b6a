// Package lowrank finds the leading left singular vectors of an unfolding:
// the step that Tucker and tensor-train methods repeat.
//
// Two ways lead there. The Gram matrix G = X_(n)*X_(n)ᵀ and its eigenvalues
// cost one pass of matrix products, but squaring the singular values drowns
// those below sqrt(ε)*σ_1 in rounding errors. The triangular factor R of
// X_(n)ᵀ = Q*R, found by TSQR over blocks of fibres, has the same singular
// values to full accuracy, at about four times the cost. [Leading] takes the
// first where the asked error is comfortably above what it can resolve, and
// the second elsewhere.
package lowrank

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Source is data whose unfoldings are asked for. tensor.Dense is one.
type Source interface {
	Shape() []int
	ModeGram(mode int) *tensor.Matrix[float64]
	Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error
}

// Limit says where the singular values are cut: the fewest are kept for
// which the others are of norm Tol at most, but Rank at most (0: no limit)
// and at least one.
type Limit struct {
	Rank int
	Tol  float64
}

// Basis is the leading left singular vectors of an unfolding.
type Basis struct {
	U    *tensor.Matrix[float64] // I×r, orthonormal columns, the largest entry of each positive
	S    []float64               // all min(I, columns) singular values, descending
	Tail float64                 // norm of those that were cut
	Gram bool                    // found by way of the Gram matrix
}

// Rank is the number of vectors.
func (b *Basis) Rank() int { return b.U.Cols }

// GramNoise bounds the squared norm of what rounding errors hide in the
// eigenvalues of an n×n Gram matrix of trace norm².
func GramNoise(n int, norm float64) float64 {
	return 8 * float64(n) * 0x1p-53 * norm * norm
}

// WorkBytes is the memory that the leading vectors of a rows×cols unfolding
// take beside it, by measurement: the partial sums of its Gram matrix, the
// eigenvectors and a few copies; or, where a relative error tol (0: a rank
// decides) lies below what a Gram matrix resolves, the triangular factor, its
// singular vectors and the fibres that are reduced at a time. Of a tall
// unfolding that is copies of all of it.
func WorkBytes(rows, cols, tol float64) float64 {
	n := min(rows, cols)
	if rows <= cols && (tol == 0 || GramResolves(int(n), tol)) {
		squares := 10.0
		if n <= 256 {
			squares = 20 // partial sums of each group of panels
		}
		return 8 * squares * n * n
	}
	if rows > cols {
		return max(8*4*rows*cols, 8*20*n*n)
	}
	return 8 * 20 * n * n
}

// product is a*b, or the largest integer: sparse data may have more columns.
func product(a, b int) int {
	if b > 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}

// GramResolves tells whether the eigenvalues of the n×n Gram matrix of data of
// norm 1 show a tail of norm tol.
func GramResolves(n int, tol float64) bool { return tol*tol >= comfort*GramNoise(n, 1) }

// comfort is how far above the noise a squared tolerance has to be.
const comfort = 64

// Leading finds the left singular vectors of the mode-n unfolding of x, whose
// Frobenius norm is norm, up to the limit.
func Leading(x Source, mode int, norm float64, lim Limit) (Basis, error) {
	if b, good, err := ByGram(x, mode, norm, lim); good || err != nil {
		return b, err
	}
	rows, cols := unfolded(x.Shape(), mode)
	return byTriangle(x, mode, rows, cols, lim)
}

// unfolded is the size of the mode-n unfolding.
func unfolded(shape []int, mode int) (rows, cols int) {
	cols = 1
	for n, s := range shape {
		if n != mode {
			cols = product(cols, s)
		}
	}
	return shape[mode], cols
}

// ByGram is [Leading] if the Gram matrix shows the vectors well enough, and
// not good else.
func ByGram(x Source, mode int, norm float64, lim Limit) (b Basis, good bool, err error) {
	rows, cols := unfolded(x.Shape(), mode)
	noise := GramNoise(rows, norm)
	// The square of the smallest numbers of float64 is nothing.
	scaled := norm == 0 || norm > 1e-140 && norm < 1e140
	if rows > cols || !scaled || !(lim.Tol == 0 && lim.Rank > 0 || lim.Tol*lim.Tol >= comfort*noise) {
		return b, false, nil
	}
	most := min(rows, cols)
	gram := x.ModeGram(mode)
	if err := fault(x); err != nil {
		return b, false, err
	}
	var (
		w []float64
		v *tensor.Matrix[float64]
	)
	if lim.Rank > 0 {
		w, v, err = linalg.SymEigLeading(gram, lim.Rank)
	} else {
		w, v, err = linalg.SymEig(gram)
	}
	if err != nil {
		return b, false, err
	}
	b.Gram = true
	b.S = make([]float64, most)
	for i := range b.S {
		b.S[i] = math.Sqrt(max(0, w[i]))
	}
	// The noise is counted as cut, so that the true tail is within Tol.
	tol := math.Sqrt(max(0, lim.Tol*lim.Tol-noise))
	r, tail := Cutoff(b.S, lim.Rank, tol)
	b.Tail = tail
	b.U = leftColumns(v, r)
	// A rank that was asked for may lie beyond what the Gram resolves. The
	// vectors are good if the tail stands out of the noise, or if the last
	// one kept is so large that the noise cannot turn it.
	good = r == most || tail*tail >= comfort*noise || w[r-1] >= 1e-6*w[0] || lim.Tol > 0 && tail <= lim.Tol
	return b, good, nil
}

// fault is what kept data from answering, if they can tell.
func fault(x Source) error {
	if f, ok := x.(interface{ Err() error }); ok {
		return f.Err()
	}
	return nil
}

// rememberer is data that keep what was computed from a pass over them, so
// that an interrupted run need not repeat it.
type rememberer interface {
	Remember(what string, compute func() (*tensor.Matrix[float64], error)) (*tensor.Matrix[float64], error)
}

// byTriangle takes the singular value decomposition of the triangular factor.
func byTriangle(x Source, mode, rows, cols int, lim Limit) (b Basis, err error) {
	compute := func() (*tensor.Matrix[float64], error) { return triangle(x, mode, rows, cols) }
	var r *tensor.Matrix[float64]
	if m, ok := x.(rememberer); ok {
		r, err = m.Remember(fmt.Sprintf("triangle %d", mode), compute)
	} else {
		r, err = compute()
	}
	if err != nil {
		return b, err
	}
	u, s, _, err := linalg.SVD(r.Transpose())
	if err != nil {
		return b, fmt.Errorf("singular values of the mode-%d unfolding: %w", mode, err)
	}
	b.S = s
	k, tail := Cutoff(s, lim.Rank, lim.Tol)
	b.Tail = tail
	b.U = leftColumns(u, k)
	return b, nil
}

// triangle reduces X_(n)ᵀ to a triangular factor, block by block.
func triangle(x Source, mode, rows, cols int) (r *tensor.Matrix[float64], err error) {
	// RᵀR = X_(n)*X_(n)ᵀ so far.
	count := max(4*rows, (1<<19)/max(1, rows))
	err = x.Fibers(mode, min(count, cols), func(block *tensor.Matrix[float64]) error {
		stack := block
		if r != nil {
			stack = tensor.NewMatrix[float64](r.Rows+block.Rows, rows)
			copy(stack.Data, r.Data)
			copy(stack.Data[len(r.Data):], block.Data)
		}
		if stack.Rows <= rows {
			r = stack.Clone()
			return nil
		}
		var err error
		r, err = linalg.QRTriangle(stack)
		return err
	})
	return r, err
}

// Cutoff is linalg.TruncationRank, but at least 1: no format has a rank of 0.
func Cutoff(s []float64, rank int, tol float64) (int, float64) {
	r, tail := linalg.TruncationRank(s, rank, tol)
	if r == 0 && len(s) > 0 {
		return linalg.TruncationRank(s, 1, -1)
	}
	return r, tail
}

// leftColumns copies the first r columns and fixes their signs.
func leftColumns(u *tensor.Matrix[float64], r int) *tensor.Matrix[float64] {
	out := u.Sub(0, u.Rows, 0, r).Clone()
	for j := range r {
		best := 0.0
		for i := range out.Rows {
			if v := out.At(i, j); math.Abs(v) > math.Abs(best) {
				best = v
			}
		}
		if best < 0 {
			for i := range out.Rows {
				out.Set(i, j, -out.At(i, j))
			}
		}
	}
	return out
}
