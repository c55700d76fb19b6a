package rank

import (
	"fmt"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Plan predicts the memory that the choice of a rank takes for complete dense
// data of a shape, with elements of the given size in bytes: of [CP], [Tucker]
// or [TT], by the name of the format. The peak is that of the compression by
// which the data are made small: a Gram matrix a mode with its eigenvectors, and
// the projected data. Ranks are tried on what is left, one after the other.
// For Tucker and TT the data decide how far they are compressed: the prediction
// is an upper bound. Flops are those of the compression.
func Plan(format string, shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	if err := opt.Validate(); err != nil {
		return fit.Plan{}, fmt.Errorf("rank.Plan: %w", err)
	}
	if format != "cp" && format != "tucker" && format != "tt" {
		return fit.Plan{}, fmt.Errorf("rank.Plan: format %q; cp, tucker or tt is expected", format)
	}
	cells := tensor.Cells(shape)
	for n, s := range shape {
		if s < 1 {
			return fit.Plan{}, fmt.Errorf("rank.Plan: mode %d has size %d; at least 1 is expected", n, s)
		}
	}
	p := fit.Plan{Algorithm: "rank." + format, PeakBytes: int64(cells)*int64(elemBytes) + searchBytes}
	bound := format != "cp"
	if format == "cp" && (opt.NonNegative || cells <= coreEntries) {
		p.BytesMoved = cells * float64(elemBytes)
		return p, nil // slices are taken, or all
	}
	small := shape
	if !bound {
		small = capped(shape, cells, coreEntries)
	} else {
		p.Notes = append(p.Notes, "the data decide how far they are compressed; the prediction is an upper bound")
	}
	most, now := 0.0, 0.0 // now: of the projected data, in float64
	left := cells
	for n, s := range shape {
		rows := float64(s)
		p.Flops += left*rows + 4*rows*rows*rows + 2*left*float64(small[n])
		p.BytesMoved += 2 * left * float64(elemBytes)
		left *= float64(small[n]) / rows
		next := 8 * left
		most = max(most, now+8*eigenArrays*rows*rows, now+next)
		now = next
	}
	p.PeakBytes += int64(most)
	return p, nil
}

const (
	// searchBytes is what the models of the candidates and the parts of the
	// entries take, at most, by measurement.
	searchBytes = 4 << 20
	// eigenArrays is the number of n×n arrays that the eigenvectors of one take.
	eigenArrays = 8.4
)
