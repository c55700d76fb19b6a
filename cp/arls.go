package cp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// LevOptions of [ARLSLEV]. Rank is needed (unless Initial gives it); the zero
// value of everything else works.
type LevOptions struct {
	Options

	// Samples is the number of rows that a least-squares problem is left
	// with, at most. Default 16384.
	Samples int
}

const (
	levSamples = 1 << 14
	levSweeps  = 5       // of an iteration
	levFails   = 3       // iterations in a row without a gain that end a run
	levFixed   = 1 << 17 // cells of the estimate of the error
)

// ARLSLEV fits a CP model to very sparse complete data by alternating
// randomised least squares: of the rows of the Khatri-Rao product, which are
// as many as the cells of a slice, those that matter are drawn by the product
// of the leverage scores of the factors, and the data only looked up along
// the fibres that they stand for,
//
//	min over A_n of || S*((⊙_{m≠n} A_m)*A_n^T - X_(n)^T) ||.
//
// Rows with a probability above 1/Samples are included for certain, the
// others drawn and weighted, and what is drawn more than once is taken once
// with the weights added. A mode with no more than Samples rows is solved
// exactly.
//
// An iteration is five sweeps. Its error is estimated on one set of cells
// drawn at the start, half of them zeros; the best model by that estimate is
// kept, and the run ends after three iterations that gain less than Tol. The
// trace is of the estimates, the relative error of the result exact.
// Options, notes and errors are those of [ALS]; Polish and Compress are of
// no use here. Incomplete data are an error.
//
// Larsen & Kolda 2022, https://doi.org/10.1137/21M1441754, arXiv:2006.16438.
func ARLSLEV(ctx context.Context, x Elementwise, opt LevOptions) (*Tensor, fit.Result, error) {
	const method = "cp.ARLSLEV"
	failed := fit.Result{Method: method, Seed: opt.Seed}
	if opt.Samples < 0 {
		return nil, failed, fmt.Errorf("%s: samples %d: a positive number is expected", method, opt.Samples)
	}
	if opt.Samples == 0 {
		opt.Samples = levSamples
	}
	cells, complete, err := listCells(x)
	if err == nil && !complete {
		err = errors.New("complete data are needed; use cp.ALS, which fits the known entries")
	}
	var fibres []*fibreIndex
	if err == nil {
		fibres, err = indexFibres(cells)
	}
	if err != nil {
		return nil, failed, fmt.Errorf("%s: %w", method, err)
	}
	return fitStarts(ctx, method, x, opt.Options, false, func(ctx context.Context, o Options, s *sweeper, r *fit.Result) error {
		s.update = leastSquares
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(r.Start)+1<<33))
		fixed := newCellSampler(cells, true, Stratified, rng).sample(levFixed, Stratified)
		best, kept, fails := math.Inf(1), (*model)(nil), 0
		rest := o.Options
		rest.Tol = -1
		err := fit.Run(ctx, rest, r, func(int) (float64, error) {
			if fails == levFails {
				return 0, fit.ErrNoProgress
			}
			for range levSweeps {
				for n := range s.factors {
					if err := s.updateSampled(n, fibres[n], cells, opt.Samples, rng); err != nil {
						return 0, fmt.Errorf("mode %d: %w", n, err)
					}
				}
			}
			defer s.clock.Time("fit")()
			t := Tensor{Weights: s.weights, Factors: s.factors}
			e := math.Sqrt(max(0, fixed.value(loss.Gaussian, spreadWeights(&t), nil))) / s.norm
			fails++
			if e < best-max(o.Tol, 0) {
				fails = 0
			}
			if e < best {
				best = e
				kept = &model{weights: slices.Clone(s.weights), factors: cloneAll(s.factors)}
			}
			return e, nil
		})
		if kept != nil {
			kept.setGrams()
			s.model = kept
		}
		return err
	})
}

// updateSampled updates the factor of a mode from a sample of the rows of its
// least-squares problem.
func (s *sweeper) updateSampled(n int, at *fibreIndex, cells *tensor.Observed, samples int, rng *rand.Rand) error {
	if at.rows <= float64(samples) {
		_, err := s.updateFactor(n)
		return err
	}
	stop := s.clock.Time("sample")
	rows, err := drawRows(s.factors, at.others, samples, rng)
	stop()
	if err != nil {
		return err
	}
	stop = s.clock.Time("fibres")
	rank := len(s.weights)
	z := tensor.NewMatrix[float64](len(rows), rank) // scaled by the roots of the weights
	rhs := s.rhs[n]
	clear(rhs.Data)
	key, values := cells.Indices(n), cells.Values()
	scaled := make([]float64, rank)
	for k, row := range rows {
		zk, root := z.Row(k), math.Sqrt(row.weight)
		for r := range zk {
			zk[r] = root
		}
		for j, m := range at.others {
			for r, v := range s.factors[m].Row(int(row.index[j])) {
				zk[r] *= v
			}
		}
		for r, v := range zk {
			scaled[r] = root * v
		}
		for _, e := range at.find(row.index) {
			b := rhs.Row(int(key[e]))
			for r, v := range scaled {
				b[r] += values[e] * v
			}
		}
	}
	g := tensor.Gram(z)
	stop()
	defer s.clock.Time("solve")()
	addDiagonal(g, s.penalties())
	w, _, err := linalg.SolveSPD(g, rhs, 0)
	if err != nil {
		return err
	}
	s.replace(n, w)
	return nil
}

// krRow is a row of a Khatri-Rao product with the weight of its equation.
type krRow struct {
	index  []int32
	weight float64
}

// drawRows chooses rows of the Khatri-Rao product of the factors of some
// modes by their leverage scores. They come in no repeated form.
func drawRows(factors []*tensor.Matrix[float64], modes []int, samples int, rng *rand.Rand) ([]krRow, error) {
	probs := make([][]float64, len(modes))
	for j, m := range modes {
		p, err := leverage(factors[m])
		if err != nil {
			return nil, err
		}
		probs[j] = p
	}
	certain, mass := likelyRows(probs, 1/float64(samples))
	rows := make(map[string]int, samples)
	list := make([]krRow, 0, samples)
	for _, index := range certain {
		rows[packIndex(index)] = len(list)
		list = append(list, krRow{index, 1})
	}
	draws := samples - len(certain)
	if draws <= 0 || mass >= 1-1e-12 {
		return list, nil
	}
	sums := make([][]float64, len(probs))
	for j, p := range probs {
		s := 0.0
		for _, v := range p {
			s += v
			sums[j] = append(sums[j], s)
		}
	}
	index := make([]int32, len(modes))
	// A draw of a row that is certain does not count. They are at most as
	// likely as all others, or the draws are cut.
	for tries := 0; draws > 0 && tries < 20*samples; tries++ {
		p := 1.0
		for j, s := range sums {
			i := min(sort.SearchFloat64s(s, rng.Float64()*s[len(s)-1]), len(s)-1)
			index[j] = int32(i)
			p *= probs[j][i]
		}
		if !(p > 0) {
			continue
		}
		key := packIndex(index)
		k, seen := rows[key]
		if seen && k < len(certain) {
			continue
		}
		draws--
		w := (1 - mass) / (p * float64(samples-len(certain)))
		if seen {
			list[k].weight += w
			continue
		}
		rows[key] = len(list)
		list = append(list, krRow{slices.Clone(index), w})
	}
	return list, nil
}

// leverage is the probabilities of rows in proportion to their leverage
// scores a_i^T*(A^T*A)^-1*a_i.
func leverage(a *tensor.Matrix[float64]) ([]float64, error) {
	w, _, err := linalg.SolveSPD(tensor.Gram(a), a, 0)
	if err != nil {
		return nil, err
	}
	p := make([]float64, a.Rows)
	total := 0.0
	for i := range p {
		p[i] = max(0, dotShort(a.Row(i), w.Row(i)))
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p, nil
}

// likelyRows lists the rows whose probability, a product of one of each list,
// exceeds a threshold, and their mass.
func likelyRows(probs [][]float64, above float64) (rows [][]int32, mass float64) {
	order := make([][]int, len(probs))
	rest := make([]float64, len(probs)+1) // product of the largest of the lists from j on
	rest[len(probs)] = 1
	for j := len(probs) - 1; j >= 0; j-- {
		p := probs[j]
		for i := range p {
			order[j] = append(order[j], i)
		}
		slices.SortStableFunc(order[j], func(a, b int) int {
			switch {
			case p[a] > p[b]:
				return -1
			case p[a] < p[b]:
				return 1
			}
			return 0
		})
		rest[j] = rest[j+1] * p[order[j][0]]
	}
	index := make([]int32, len(probs))
	var walk func(j int, p float64)
	walk = func(j int, p float64) {
		if j == len(probs) {
			rows = append(rows, slices.Clone(index))
			mass += p
			return
		}
		for _, i := range order[j] {
			q := p * probs[j][i]
			if !(q*rest[j+1] > above) {
				break
			}
			index[j] = int32(i)
			walk(j+1, q)
		}
	}
	walk(0, 1)
	return rows, mass
}

func packIndex(index []int32) string {
	b := make([]byte, 0, 4*len(index))
	for _, i := range index {
		b = append(b, byte(i), byte(i>>8), byte(i>>16), byte(i>>24))
	}
	return string(b)
}

// fibreIndex finds the listed cells along a mode by their indices on the
// others.
type fibreIndex struct {
	others []int
	sizes  []int
	rows   float64 // fibres that there are
	keys   []uint64
	entry  []int32
}

// indexFibres makes one for each mode.
func indexFibres(cells *tensor.Observed) ([]*fibreIndex, error) {
	shape := cells.Shape()
	list := make([]*fibreIndex, len(shape))
	for n := range shape {
		f := &fibreIndex{rows: 1}
		for m, s := range shape {
			if m != n {
				f.others = append(f.others, m)
				f.sizes = append(f.sizes, s)
				f.rows *= float64(s)
			}
		}
		if f.rows >= 1<<63 {
			return nil, fmt.Errorf("mode %d has %.3g fibres; up to 2^63 can be numbered", n, f.rows)
		}
		f.entry = make([]int32, cells.Count())
		all := make([]uint64, cells.Count())
		for e := range all {
			f.entry[e] = int32(e)
			for j, m := range f.others {
				all[e] = all[e]*uint64(f.sizes[j]) + uint64(cells.Indices(m)[e])
			}
		}
		slices.SortFunc(f.entry, func(a, b int32) int {
			switch {
			case all[a] < all[b]:
				return -1
			case all[a] > all[b]:
				return 1
			}
			return int(a) - int(b)
		})
		f.keys = make([]uint64, len(all))
		for k, e := range f.entry {
			f.keys[k] = all[e]
		}
		list[n] = f
	}
	return list, nil
}

// find lists the entries of a fibre.
func (f *fibreIndex) find(index []int32) []int32 {
	key := uint64(0)
	for j, i := range index {
		key = key*uint64(f.sizes[j]) + uint64(i)
	}
	lo, _ := slices.BinarySearch(f.keys, key)
	hi := lo
	for hi < len(f.keys) && f.keys[hi] == key {
		hi++
	}
	return f.entry[lo:hi]
}
