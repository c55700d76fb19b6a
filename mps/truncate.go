package mps

import (
	"math"

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

// rounding is the size of a Schmidt coefficient, over the largest, that is
// taken for zero.
const rounding = 1e-14

// split cuts the matrix θ ≈ L·R. With right, L has orthonormal columns and R
// carries the rest; else R has orthonormal rows. The norm of θ is kept, and
// lost is the part of its square that was discarded.
func split[T scalar](theta *tensor.Matrix[T], t Truncation, right bool) (l, r *tensor.Matrix[T], lost float64, err error) {
	u, sv, vh, err := svd(theta)
	if err != nil {
		return nil, nil, 0, err
	}
	k, lost := t.rank(sv)
	f := 1 / math.Sqrt(1-lost)
	l, r = u.Sub(0, u.Rows, 0, k).Clone(), vh.Sub(0, k, 0, vh.Cols).Clone()
	if right {
		for i := range k {
			scale(sv[i]*f, r.Row(i))
		}
	} else {
		for i := range l.Rows {
			row := l.Row(i)
			for j := range row {
				row[j] *= fromReal[T](sv[j] * f)
			}
		}
	}
	return l, r, lost, nil
}

// rank is how many of the Schmidt coefficients sv to keep, at least one, and
// the part of the sum of squares that the others make.
func (t Truncation) rank(sv []float64) (k int, lost float64) {
	total := 0.0
	for _, v := range sv {
		total += v * v
	}
	if total == 0 {
		return 1, 0
	}
	k = len(sv)
	if t.MaxBond > 0 {
		k = min(k, t.MaxBond)
	}
	tail := 0.0
	for _, v := range sv[k:] {
		tail += v * v
	}
	for k > 1 {
		w := sv[k-1] * sv[k-1]
		if tail+w > t.Eps*total && sv[k-1] > rounding*sv[0] {
			break
		}
		tail += w
		k--
	}
	return k, tail / total
}
