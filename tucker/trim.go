package tucker

import (
	"math"
	"sort"

	"github.com/polyad/polyad/internal/kernel"
)

const (
	trimMostCore = 1 << 24 // elements of a core that is trimmed
	trimLeastEps = 1e-5    // below, what is cut off drowns in the sums of squares
)

// trim cuts a core with orthonormal factors down to the leading block with
// the fewest parameters whose complement has a norm of at most tol, and
// returns that norm. The modes were cut one by one, each within its share of
// the allowed error; what they left over together may pay for more. (Noise of
// just the allowed size, for one, exceeds the share of the first mode.)
//
// The energies of all leading blocks are the prefix sums of the squared core,
// of which those of two indices of the first mode are held at a time; compare Xiao & Yang 2021, https://arxiv.org/abs/2110.12564.
func (t *Tensor) trim(tol float64) (cut float64) {
	shape, ranks := t.Shape(), t.Ranks()
	total := t.Core.Norm()
	if !(total > 1e-140 && total < 1e140) {
		return 0 // the squares would leave the range
	}
	total *= total
	noise := 1e-14 * total // of the sums
	core := t.Core.Contiguous()
	data, last := core.Data(), len(ranks)-1
	if last == 0 { // rows of one index each
		ranks, last = []int{1, ranks[0]}, 1
		shape = []int{1, shape[0]}
	}
	plane, row := len(data)/ranks[0], ranks[last]
	sums, squares := make([]float64, plane), make([]float64, plane)
	least := math.Inf(1)
	var best []int
	idx := make([]int, len(ranks))
	for first := range ranks[0] {
		for i, v := range data[first*plane:][:plane] {
			squares[i] = v * v
		}
		for n, inner := last, 1; n > 0; n-- {
			outer := inner * ranks[n]
			for lo := 0; lo < plane; lo += outer {
				for i := lo + inner; i < lo+outer; i++ {
					squares[i] += squares[i-inner]
				}
			}
			inner = outer
		}
		for i, v := range squares {
			sums[i] += v
		}
		// Of each row the shortest block will do, as the sums do not fall.
		idx[0] = first
		for lo := 0; lo < plane; lo += row {
			idx[last] = sort.Search(row, func(i int) bool { return total-sums[lo+i]+noise <= tol*tol })
			for n, rest := last-1, lo/row; n > 0; n-- {
				idx[n], rest = rest%ranks[n], rest/ranks[n]
			}
			if idx[last] == row {
				continue
			}
			block, factors := 1.0, 0.0
			for n, i := range idx {
				block *= float64(i + 1)
				factors += float64((i + 1) * shape[n])
			}
			if block+factors < least {
				least = block + factors
				best = append(best[:0], idx...)
			}
		}
	}
	if best == nil {
		return 0
	}
	// The norm of the rest, row by row.
	var parts []float64
	for lo := 0; lo < len(data); lo += row {
		inside := true
		for n, rest := last-1, lo/row; n >= 0; n-- {
			inside = inside && rest%ranks[n] <= best[n]
			rest /= ranks[n]
		}
		from := 0
		if inside {
			from = best[last] + 1
		}
		parts = append(parts, kernel.Nrm2(data[lo+from:lo+row]))
	}
	best = best[len(best)-len(t.Factors):]
	for n, i := range best {
		t.Core = t.Core.Slice(n, 0, i+1, 1)
		f := t.Factors[n]
		t.Factors[n] = f.Sub(0, f.Rows, 0, i+1).Clone()
	}
	return kernel.Nrm2(parts)
}
