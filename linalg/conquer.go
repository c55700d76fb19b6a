package linalg

import (
	"cmp"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
)

// vectors are the eigenvectors or singular vectors of the two halves of a
// problem, one in each row of q, that a merge combines to those of the whole.
// Vectors of the first half are zero from column split on, those of the second
// half before it, until deflation mixes some of them.
type vectors struct {
	q     kernel.Mat[float64]
	split int
}

func (v vectors) row(i int) []float64 {
	return v.q.Data[i*v.q.RS : i*v.q.RS+v.q.Cols]
}

// rotate replaces the vectors i and j by c·v_i + s·v_j and c·v_j − s·v_i.
func (v vectors) rotate(i, j int, c, s float64) {
	kernel.Rotate(c, s, v.row(i), v.row(j))
}

// parallelHalves is the size from which the two halves of a problem are solved
// side by side.
const parallelHalves = 256

// These say in which of the two halves a vector is not zero.
const (
	firstHalf  = 1
	secondHalf = 2
)

// grouping orders the coordinates of a merge so that those with a part in the
// first half come first and those with a part in the second half last.
type grouping struct {
	coords        []int // of the vectors, grouped
	place         []int // place[j] is where the coordinate with the j-th pole went
	first, second int   // how many have a part in each half
}

// group groups the coordinates that a merge keeps; keep lists them by pole.
func group(keep, in []int, s *space) grouping {
	g := grouping{coords: s.takeInts(len(keep))[:0], place: s.takeInts(len(keep))}
	for _, kind := range [...]int{firstHalf, firstHalf | secondHalf, secondHalf} {
		for j, c := range keep {
			if in[c] == kind {
				g.place[j] = len(g.coords)
				g.coords = append(g.coords, c)
			}
		}
		if kind != secondHalf {
			g.first = len(g.coords)
		}
		if kind == firstHalf {
			g.second = len(keep) - len(g.coords)
		}
	}
	return g
}

// combine overwrites the vectors from first on with those of the merged
// problem, in their final order: order lists rows of coef, the coordinates of
// a vector in the grouping, and deflated coordinates (rows of coef +
// coordinate). There is one product per half.
func (v vectors) combine(coef kernel.Mat[float64], g grouping, order []int, first int, s space) {
	rows, k, cols := coef.Rows, coef.Cols, v.q.Cols
	out := kernel.RowMajor(rows, cols, s.take(rows*cols))
	part := func(coords []int, coef kernel.Mat[float64], lo, hi int) {
		w := kernel.RowMajor(len(coords), hi-lo, s.floats[:len(coords)*(hi-lo)])
		for i, c := range coords {
			copy(w.Data[i*w.RS:(i+1)*w.RS], v.row(c)[lo:hi])
		}
		kernel.Gemm(1, coef, w, 0, out.Sub(0, rows, lo, hi))
	}
	part(g.coords[:g.first], coef.Sub(0, rows, 0, g.first), 0, v.split)
	part(g.coords[k-g.second:], coef.Sub(0, rows, k-g.second, k), v.split, cols)
	// The vectors that stay are put aside before their rows are taken.
	stay, n := s.floats, 0
	for _, o := range order {
		if o >= rows {
			copy(stay[n:n+cols], v.row(o-rows))
			n += cols
		}
	}
	for i, o := range order {
		if o < rows {
			copy(v.row(first+i), out.Data[o*cols:(o+1)*cols])
		} else {
			copy(v.row(first+i), stay[:cols])
			stay = stay[cols:]
		}
	}
}

// mergeOrder gives the order of combine, and the values in it: roots
// ascending, and the values d of the deflated coordinates.
func mergeOrder(roots []float64, deflated []int, d []float64, s *space) (order []int, values []float64) {
	k := len(roots)
	slices.SortStableFunc(deflated, func(a, b int) int { return cmp.Compare(d[a], d[b]) })
	order, values = s.takeInts(len(d))[:0], s.take(len(d))[:0]
	for i, j := 0, 0; i < k || j < len(deflated); {
		if j == len(deflated) || i < k && roots[i] <= d[deflated[j]] {
			order, values = append(order, i), append(values, roots[i])
			i++
		} else {
			order, values = append(order, k+deflated[j]), append(values, d[deflated[j]])
			j++
		}
	}
	return order, values
}

// ascending numbers the elements of a and b, which are in ascending order
// each, in that order; those of b follow those of a.
func ascending(a, b []float64, s *space) []int {
	order := s.takeInts(len(a) + len(b))[:0]
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if j == len(b) || i < len(a) && a[i] <= b[j] {
			order = append(order, i)
			i++
		} else {
			order = append(order, len(a)+j)
			j++
		}
	}
	return order
}

// unitVectors sets the vectors, zero on entry, to the unit matrix, or to its
// first and last column.
func unitVectors(q kernel.Mat[float64], full bool) {
	for i := range q.Rows {
		switch {
		case full:
			q.Data[i*q.RS+i] = 1
		case i == 0:
			q.Data[0] = 1
		}
		if !full && i == q.Rows-1 {
			q.Data[i*q.RS+1] = 1
		}
	}
}

func clearVectors(q kernel.Mat[float64]) {
	for i := range q.Rows {
		clear(q.Data[i*q.RS : i*q.RS+q.Cols])
	}
}

// normalise scales x to unit length.
func normalise(x []float64) {
	kernel.Scal(1/math.Sqrt(kernel.Dot(x, x)), x)
}
