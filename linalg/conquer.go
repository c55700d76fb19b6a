package linalg

import (
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
	x, y := v.row(i), v.row(j)
	for l, a := range x {
		b := y[l]
		x[l], y[l] = c*a+s*b, c*b-s*a
	}
}

// parallelHalves is the size from which the two halves of a problem are solved
// side by side.
const parallelHalves = 256

// halves says in which of the two halves a vector is not zero.
type halves uint8

const (
	firstHalf  halves = 1
	secondHalf halves = 2
)

// grouping orders the coordinates of a merge so that those with a part in the
// first half come first and those with a part in the second half last.
type grouping struct {
	coords        []int // of the vectors, grouped
	place         []int // place[j] is where the coordinate with the j-th pole went
	first, second int   // how many have a part in each half
}

// group groups the coordinates that a merge keeps; keep lists them by pole.
func group(keep []int, in []halves) grouping {
	g := grouping{place: make([]int, len(keep))}
	for _, kind := range []halves{firstHalf, firstHalf | secondHalf, secondHalf} {
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

// combine is coef·v for the vectors of the grouping, one product per half.
func (v vectors) combine(coef kernel.Mat[float64], g grouping) kernel.Mat[float64] {
	rows, k, cols := coef.Rows, coef.Cols, v.q.Cols
	out := newMat[float64](rows, cols)
	part := func(coords []int, coef kernel.Mat[float64], lo, hi int) {
		w := newMat[float64](len(coords), hi-lo)
		for i, c := range coords {
			copy(w.Data[i*w.RS:(i+1)*w.RS], v.row(c)[lo:hi])
		}
		kernel.Gemm(1, coef, w, 0, out.Sub(0, rows, lo, hi))
	}
	part(g.coords[:g.first], coef.Sub(0, rows, 0, g.first), 0, v.split)
	part(g.coords[k-g.second:], coef.Sub(0, rows, k-g.second, k), v.split, cols)
	return out
}

// arrange writes the vectors of a merged problem, in their final order, to
// the rows from first on: order lists the combined ones (numbers below k) and
// deflated coordinates (k + coordinate).
func (v vectors) arrange(order []int, combined kernel.Mat[float64], first, k int) {
	w := newMat[float64](len(order), v.q.Cols)
	for i, o := range order {
		src := combined.Data
		if o < k {
			src = src[o*combined.RS:]
		} else {
			src = v.row(o - k)
		}
		copy(w.Data[i*w.RS:(i+1)*w.RS], src)
	}
	for i := range order {
		copy(v.row(first+i), w.Data[i*w.RS:(i+1)*w.RS])
	}
}

// mergeOrder gives the order of arrange, and the values in it: roots
// ascending, and the values d of the deflated coordinates.
func mergeOrder(roots []float64, deflated []int, d []float64) (order []int, values []float64) {
	k := len(roots)
	order = make([]int, 0, k+len(deflated))
	for i := range roots {
		order = append(order, i)
	}
	for _, c := range deflated {
		order = append(order, k+c)
	}
	value := func(o int) float64 {
		if o < k {
			return roots[o]
		}
		return d[o-k]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := value(a), value(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	values = make([]float64, len(order))
	for i, o := range order {
		values[i] = value(o)
	}
	return order, values
}

// ascending are the numbers below n in ascending order of d.
func ascending(d []float64) []int {
	order, _ := mergeOrder(d, nil, nil)
	return order
}

// normalise scales x to unit length.
func normalise(x []float64) {
	kernel.Scal(1/math.Sqrt(kernel.Dot(x, x)), x)
}
