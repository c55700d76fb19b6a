package rank

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

// TT chooses the inner ranks r_1, …, r_{N-1} of a tensor train of x, as
// Tucker does for its ranks: the singular values are those of the sequential
// unfoldings, I_0…I_{k-1} × I_k…I_{N-1}.
func TT(ctx context.Context, x tensor.Tensor, opt Options) (*Evidence, error) {
	x, text, err := written(x, writtenEntries, opt.Seed)
	if err == nil {
		_, err = tt.DataOf(x)
	}
	if err != nil {
		return nil, fmt.Errorf("rank.TT: %w", err)
	}
	ev, err := choose(ctx, format{
		name:    "tt",
		spectra: bondSpectra,
		lowest:  func(order int) []int { return ones(order - 1) },
		usable:  usableTT,
		approximate: func(ctx context.Context, x *tensor.Dense[float64], ranks []int) (*tensor.Dense[float64], error) {
			if len(ranks) == 0 {
				return x, nil
			}
			t, _, err := tt.SVD(ctx, x, tt.Options{Ranks: ranks})
			if err != nil {
				return nil, err
			}
			return t.Dense(), nil
		},
		expand: func(shape, ranks []int) []int {
			inner := len(ranks)
			full, seen := make([]int, len(shape)-1), 0
			for k := range full {
				if shape[k] > 1 {
					seen++
				}
				full[k] = 1
				if seen > 0 && seen <= inner {
					full[k] = ranks[seen-1]
				}
			}
			return full
		},
	}, x, opt)
	if err != nil {
		return nil, fmt.Errorf("rank.TT: %w", err)
	}
	ev.based(text)
	return ev, nil
}

// bondSpectra are the singular values of the sequential unfoldings, the
// leading ones, from the compressed tensor: a projection of each mode keeps
// those that rise above the noise.
func bondSpectra(modes []spectrum, shape []int, core *tensor.Dense[float64]) ([]spectrum, error) {
	order := len(shape)
	spectra := make([]spectrum, order-1)
	for k := range spectra {
		rows, cols := tensor.Size(shape[:k+1]), tensor.Size(shape[k+1:])
		spectra[k] = spectrum{m: min(rows, cols), n: max(rows, cols)}
		switch k {
		case 0:
			spectra[k].values = modes[0].values
			continue
		case order - 2:
			spectra[k].values = modes[order-1].values
			continue
		}
		left := tensor.Size(core.Shape()[:k+1])
		matrix, short := core.Reshape(left, core.Len()/left), 0
		if left > core.Len()/left {
			short = 1
		}
		if size := matrix.Shape()[short]; size > maxMode {
			return nil, fmt.Errorf("the unfolding after mode %d has %d singular values; ranks are chosen from up to %d: give the ranks, or a relative error", k, size, maxMode)
		}
		var err error
		if spectra[k].values, err = rootEigenvalues(matrix.ModeGram(short), matrix.Shape()[short]); err != nil {
			return nil, fmt.Errorf("singular values of the unfolding after mode %d: %w", k, err)
		}
	}
	return spectra, nil
}

// usableTT lowers each rank to the sizes of the unfolding on either side.
func usableTT(shape, ranks []int) {
	left := 1
	for k := range ranks {
		left = min(ranks[k], left*shape[k])
		ranks[k] = left
	}
	right := 1
	for k := len(ranks) - 1; k >= 0; k-- {
		right = min(ranks[k], right*shape[k+1])
		ranks[k] = right
	}
}
