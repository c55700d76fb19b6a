package rank

import (
	"fmt"
	"slices"

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

// PlanSparse predicts what the choice of a rank takes beside the entries of
// sparse data of a shape, so many of them, as [Plan] does: the slices that hold
// the most are written out, and the lists of entries copied on the way. It holds
// for data with unknown entries too, whose candidates are fitted to fewer.
func PlanSparse(format string, shape []int, entries int64, opt Options) (fit.Plan, error) {
	if slices.Contains(shape, 0) {
		return Plan(format, shape, 8, opt) // is refused
	}
	block := shape
	if cells := tensor.Cells(shape); cells > writtenEntries || slices.Max(shape) > maxMode {
		block = slices.Clone(shape)
		for n, size := range block {
			block[n] = min(size, longestWritten)
		}
		block = capped(block, tensor.Cells(block), writtenEntries)
	}
	p, err := Plan(format, block, 8, opt)
	if err != nil {
		return p, err
	}
	p.PeakBytes += entries * int64(24+12*len(shape))
	for _, size := range shape {
		p.PeakBytes += 20 * int64(size) // counts of entries, and places
	}
	return p, nil
}

const (
	// searchBytes is what the models of the candidates and the parts of the
	// entries take, at most, by measurement.
	searchBytes = 4 << 20
	// eigenArrays is the number of n×n arrays that the eigenvectors of one take.
	eigenArrays = 8.4
)
