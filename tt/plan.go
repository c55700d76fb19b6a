package tt

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
)

// PlanSVD predicts what [SVD] needs for data of a shape in C order, with
// elements of the given size in bytes. Where Eps decides the ranks, half of
// what each cut could have at most is taken to be kept; the notes say so, and
// Parameters is that of the full ranks.
func PlanSVD(shape []int, elemBytes int, opt Options) (fit.Plan, error) {
	p := fit.Plan{Algorithm: "tt.SVD"}
	opt, _, err := opt.prepare("tt.PlanSVD", shape)
	if err != nil {
		return p, err
	}
	full := make([]int, len(shape)-1)
	for k := range full {
		full[k] = 1 << 30
	}
	full = usable(full, shape)
	ranks := opt.Ranks
	p.Parameters = parameters(shape, ranks)
	if ranks == nil {
		p.Parameters = parameters(shape, full)
		for _, r := range full {
			ranks = append(ranks, (r+1)/2)
		}
		p.Notes = append(p.Notes, "eps decides the ranks: half of the largest that are of use is assumed")
	}

	size := 1.0
	for _, s := range shape {
		size *= float64(s)
	}
	data := size * float64(elemBytes)
	work, kept, left := 0.0, 0.0, 1.0
	for k, r := range ranks {
		rows := left * float64(shape[k])
		cols := size / rows
		m := min(rows, cols)
		next := float64(r) * cols
		p.Flops += size*(m+2*float64(r)) + 9*m*m*m
		p.BytesMoved += 2*8*size + 8*next
		work = max(work, kept+lowrank.WorkBytes(rows, cols, opt.Eps/math.Sqrt(float64(len(ranks)))))
		// The first product is made beside the data, and the next in its place.
		if kept == 0 && r < int(m) {
			kept = 8 * next
		}
		work = max(work, kept)
		size, left = next, float64(r)
	}
	// The residual: the model by slabs.
	entries := data / float64(elemBytes)
	slab := min(entries, max(1<<18, entries/float64(shape[0])))
	work = max(work, 3*8*slab)
	p.Flops += 2 * entries * left
	p.BytesMoved += data
	p.PeakBytes = int64(data + work)
	return p, nil
}

func parameters(shape, ranks []int) int64 {
	p, left := 0.0, 1
	for k, s := range shape {
		right := 1
		if k < len(ranks) {
			right = ranks[k]
		}
		p += float64(left) * float64(s) * float64(right)
		left = right
	}
	return int64(p)
}

// PlanSparse predicts what [SVD] needs beside the entries of sparse data of a
// shape, so many of them, for given ranks: an upper bound, in which the fibers
// of a cut are as many as there may be.
func PlanSparse(shape []int, entries int64, opt Options) (fit.Plan, error) {
	p := fit.Plan{Algorithm: "tt.SVD of the entries"}
	opt, _, err := opt.prepare("tt.PlanSparse", shape)
	if err != nil {
		return p, err
	}
	if opt.Ranks == nil && len(shape) > 1 {
		return p, fmt.Errorf("tt.PlanSparse: which ranks eps %v chooses is not known before; give ranks", opt.Eps)
	}
	p.Parameters = parameters(shape, opt.Ranks)
	fibers := make([]float64, len(shape)+1) // of the indices of the modes before
	fibers[0] = 1
	for k, s := range shape {
		fibers[k+1] = min(float64(entries), fibers[k]*float64(s))
	}
	numbers, peak := 1.0, 16*float64(entries)
	for k := len(shape) - 1; k > 0; k-- {
		r := opt.Ranks[k-1]
		c := cut{fibers: fibers[k+1], numbers: numbers, cols: fibers[k], size: float64(shape[k])}
		c.rows = numbers * min(c.size, c.fibers)
		short, long := lowrank.KrylovVectors(r)
		work := c.krylovBytes(short, long)
		if c.rows <= gramRows {
			work = max(work, lowrank.WorkBytes(min(c.rows, gramRows), gramRows, 0))
		}
		if cells := c.rows * c.cols; cells <= writtenCells || float64(short) > min(c.rows, c.cols) {
			work = max(work, 8*cells+lowrank.WorkBytes(c.rows, c.cols, 0))
		}
		peak = max(peak, c.bytes(float64(r))+work)
		p.Flops += 4 * c.fibers * numbers * float64(short)
		p.BytesMoved += 24*c.fibers*numbers + 8*float64(short)*(c.rows+c.cols)
		numbers = float64(r)
	}
	p.PeakBytes = int64(peak) + 8*p.Parameters
	return p, nil
}
