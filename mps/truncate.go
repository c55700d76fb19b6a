package mps

import (
	"math"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Truncation says how much a cut keeps. The zero value keeps all that is
// above rounding.
type Truncation struct {
	// MaxBond is the largest bond; 0 for no limit.
	MaxBond int
	// Eps is the part of the squared norm that a cut may discard where
	// MaxBond would allow to keep it: the sum of the squares of the discarded
	// Schmidt coefficients, over that of all.
	Eps float64
}

const (
	// rounding is the size of a Schmidt coefficient, over the largest, that
	// is taken for zero.
	rounding = 1e-14
	// gramResolves is the part of the squared norm that a Gram matrix, whose
	// eigenvalues are off by some 1e-15 of the largest, tells from zero well.
	gramResolves = 1e-12
)

// split cuts the matrix θ ≈ L·R. With right, L has orthonormal columns and R
// carries the rest; else R has orthonormal rows. The norm of θ is kept, and
// lost is the part of its square that was discarded.
func split[T scalar](theta *tensor.Matrix[T], t Truncation, right bool) (l, r *tensor.Matrix[T], lost float64, err error) {
	if !right {
		// The mirror image: θᴴ ≈ Rᴴ·Lᴴ.
		rh, lh, lost, err := split(adjoint(theta), t, true)
		if err != nil {
			return nil, nil, 0, err
		}
		return adjoint(lh), adjoint(rh), lost, nil
	}
	if theta.Rows > theta.Cols+theta.Cols/4 {
		q, rest, err := field.QR(theta)
		if err != nil {
			return nil, nil, 0, err
		}
		l, r, lost, err = split(rest, t, true)
		if err != nil {
			return nil, nil, 0, err
		}
		m := mul(q.View(), l.View())
		return tensor.MatrixOf(m.Rows, m.Cols, m.Data), r, lost, nil
	}
	if n := min(theta.Rows, theta.Cols); t.Eps >= gramResolves || t.MaxBond > 0 && t.MaxBond < n {
		var ok bool
		if l, r, lost, ok, err = splitGram(theta, t); ok || err != nil {
			return l, r, lost, err
		}
	}
	u, sv, vh, err := field.SVD(theta)
	if err != nil {
		return nil, nil, 0, err
	}
	w := make([]float64, len(sv))
	for i, v := range sv {
		if v > rounding*sv[0] {
			w[i] = v / sv[0] * (v / sv[0])
		}
	}
	k, lost := t.rank(w)
	l, r = u.Sub(0, u.Rows, 0, k).Clone(), vh.Sub(0, k, 0, vh.Cols).Clone()
	for i := range k {
		field.Scale(sv[i]/math.Sqrt(1-lost), r.Row(i))
	}
	return l, r, lost, nil
}

// splitGram finds the columns of L as the leading eigenvectors of θ·θᴴ, at
// less than half the cost of singular vectors: of the two sides one is
// needed, and what is discarded matters rather than what is smallest among
// the kept. It answers ok = false where the Gram matrix does not resolve what
// t asks for.
func splitGram[T scalar](theta *tensor.Matrix[T], t Truncation) (l, r *tensor.Matrix[T], lost float64, ok bool, err error) {
	norm := norm2(theta.Data)
	if norm == 0 || !(norm > 1e-100 && norm < 1e100) {
		return nil, nil, 0, false, nil
	}
	g := tensor.NewMatrix[T](theta.Rows, theta.Rows)
	field.Gemm(1, theta.View(), false, theta.View().T(), true, 0, g.View())
	most := theta.Rows
	if t.MaxBond > 0 {
		most = min(most, t.MaxBond)
	}
	w, v, err := eigLeading(g, most)
	if err != nil {
		return nil, nil, 0, false, err
	}
	for i := range w {
		w[i] = max(w[i], 0)
	}
	k, lost := t.rank(w)
	if t.Eps < gramResolves && lost < gramResolves {
		return nil, nil, 0, false, nil
	}
	l = v
	if k < v.Cols {
		l = v.Sub(0, v.Rows, 0, k).Clone()
	}
	r = tensor.NewMatrix[T](k, theta.Cols)
	field.Gemm(1, l.View().T(), true, theta.View(), false, 0, r.View())
	field.Scale(norm/norm2(r.Data), r.Data)
	return l, r, lost, true, nil
}

// rank is how many of the squared Schmidt coefficients w, which descend, to
// keep, at least one, and the part of their sum that the others make.
func (t Truncation) rank(w []float64) (k int, lost float64) {
	total := 0.0
	for _, v := range w {
		total += v
	}
	if total == 0 {
		return 1, 0
	}
	k = len(w)
	if t.MaxBond > 0 {
		k = min(k, t.MaxBond)
	}
	tail := 0.0
	for _, v := range w[k:] {
		tail += v
	}
	for k > 1 && (tail+w[k-1] <= t.Eps*total || w[k-1] == 0) {
		k--
		tail += w[k]
	}
	return k, tail / total
}

// schmidt is the singular value decomposition of a bond matrix without what
// is rounding, squares of the values not summed.
func schmidt(c kernel.Mat[complex128]) (u *tensor.Matrix[complex128], s []float64, vh *tensor.Matrix[complex128], err error) {
	u, s, vh, err = field.SVD(tensor.MatrixOf(c.Rows, c.Cols, c.Data))
	if err != nil {
		return nil, nil, nil, err
	}
	k := 1
	for k < len(s) && s[k] > rounding*s[0] {
		k++
	}
	return u.Sub(0, u.Rows, 0, k).Clone(), s[:k], vh.Sub(0, k, 0, vh.Cols).Clone(), nil
}
