package tucker

import (
	"math"

	"github.com/polyad/polyad/tensor"
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
// The energies of all leading blocks are the prefix sums of the squared core;
// compare Xiao & Yang 2021, https://arxiv.org/abs/2110.12564.
func (t *Tensor) trim(tol float64) (cut float64) {
	shape, ranks := t.Shape(), t.Ranks()
	total := t.Core.Norm()
	if !(total > 1e-140 && total < 1e140) {
		return 0 // the squares would leave the range
	}
	sums := tensor.Hadamard(t.Core, t.Core).Data()
	total *= total
	noise := 1e-14 * total // of the sums
	inner := 1
	for n := len(ranks) - 1; n >= 0; n-- {
		for i := inner; i < len(sums); i++ {
			if i/inner%ranks[n] != 0 {
				sums[i] += sums[i-inner]
			}
		}
		inner *= ranks[n]
	}
	least := math.Inf(1)
	var best []int
	idx := make([]int, len(ranks))
	for _, s := range sums {
		if total-s+noise <= tol*tol {
			core, factors := 1.0, 0.0
			for n, i := range idx {
				core *= float64(i + 1)
				factors += float64((i + 1) * shape[n])
			}
			if core+factors < least {
				least = core + factors
				best = append(best[:0], idx...)
			}
		}
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < ranks[n] {
				break
			}
			idx[n] = 0
		}
	}
	if best == nil {
		return 0
	}
	rest := t.Core.Clone()
	block := rest
	for n, i := range best {
		t.Core, block = t.Core.Slice(n, 0, i+1, 1), block.Slice(n, 0, i+1, 1)
		f := t.Factors[n]
		t.Factors[n] = f.Sub(0, f.Rows, 0, i+1).Clone()
	}
	t.Core = t.Core.Clone()
	block.CopyFrom(tensor.New[float64](block.Shape()...))
	return rest.Norm()
}
