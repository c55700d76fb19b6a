package rank

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
)

// Tucker chooses the ranks of a Tucker model of x, one for each mode: a
// *tensor.Dense[float64], a *tensor.Dense[float32] or sparse data, as for
// [CP]; data with unknown entries are an error: package complete has a choice
// for them.
//
// Candidates are the ranks that remain as a bound on the singular values of
// the unfoldings falls to what white noise alone would reach, and the ranks
// of the optimal hard threshold (Gavish & Donoho 2014,
// https://doi.org/10.1109/TIT.2014.2323359), both with the noise estimated
// from the median singular value. Between them, entries left out decide: the
// fewest parameters whose held-out error is within one standard error of the
// least. Where what rises above the noise is too large for that, the optimal
// hard threshold decides, and the reasons say so.
func Tucker(ctx context.Context, x tensor.Tensor, opt Options) (*Evidence, error) {
	x, text, err := written(x, writtenEntries, opt.Seed)
	if err == nil {
		_, err = tucker.DataOf(x)
	}
	if err != nil {
		return nil, fmt.Errorf("rank.Tucker: %w", err)
	}
	ev, err := choose(ctx, format{
		name: "tucker",
		spectra: func(modes []spectrum, _ []int, _ *tensor.Dense[float64]) ([]spectrum, error) {
			return modes, nil
		},
		lowest: ones,
		usable: usableTucker,
		approximate: func(ctx context.Context, x *tensor.Dense[float64], ranks []int) (*tensor.Dense[float64], error) {
			t, _, err := tucker.STHOSVD(ctx, x, tucker.Options{Ranks: ranks})
			if err != nil {
				return nil, err
			}
			return t.Dense(), nil
		},
		expand: func(shape, ranks []int) []int {
			full := make([]int, len(shape))
			for n, size := range shape {
				full[n] = 1
				if size > 1 {
					full[n], ranks = ranks[0], ranks[1:]
				}
			}
			return full
		},
	}, x, opt)
	if err != nil {
		return nil, fmt.Errorf("rank.Tucker: %w", err)
	}
	ev.based(text)
	return ev, nil
}

// usableTucker lowers each rank to the size of its mode and to the product
// of the others.
func usableTucker(shape, ranks []int) {
	for n := range ranks {
		ranks[n] = min(ranks[n], shape[n])
	}
	for changed := true; changed; {
		changed = false
		for n := range ranks {
			others := 1
			for m, r := range ranks {
				if m != n {
					others *= r
				}
				if others >= ranks[n] {
					break
				}
			}
			if others < ranks[n] {
				ranks[n], changed = others, true
			}
		}
	}
}
