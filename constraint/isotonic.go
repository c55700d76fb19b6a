package constraint

import "math"

// scalar is a function of one number, ½(x-v)^2 + l1*|x| on [lo, hi] to be
// minimised over x; at is where. It grows with v.
type scalar struct{ lo, hi, l1 float64 }

func (f scalar) at(v float64) float64 {
	switch {
	case v > f.l1:
		v -= f.l1
	case v < -f.l1:
		v += f.l1
	default:
		v = 0
	}
	return min(max(v, f.lo), f.hi)
}

// run is a block of neighbours that share a value.
type run struct {
	count, sum, squares float64
	cost                float64 // of all runs up to this one
}

func (r run) mean() float64 { return r.sum / r.count }

// pool adds v at the end of a rising sequence of runs, and joins runs that
// would fall (pool adjacent violators; Ayer et al. 1955,
// https://doi.org/10.1214/aoms/1177728423). Since f.at never falls and is the
// same for all entries, f.at of the means of the runs minimises the sum of f
// over the sequences that rise.
func pool(runs []run, v float64, f scalar) []run {
	cur := run{count: 1, sum: v, squares: v * v}
	for len(runs) > 0 && runs[len(runs)-1].mean() >= cur.mean() {
		top := runs[len(runs)-1]
		cur.count += top.count
		cur.sum += top.sum
		cur.squares += top.squares
		runs = runs[:len(runs)-1]
	}
	c := f.at(cur.mean())
	cur.cost = (cur.squares-2*c*cur.sum+cur.count*c*c)/2 + f.l1*cur.count*math.Abs(c)
	if len(runs) > 0 {
		cur.cost += runs[len(runs)-1].cost
	}
	return append(runs, cur)
}

// isotonic overwrites v by the rising sequence that is nearest to it in the
// sense of f.
func isotonic(v []float64, f scalar) {
	runs := make([]run, 0, len(v))
	for _, x := range v {
		runs = pool(runs, x, f)
	}
	i := 0
	for _, r := range runs {
		c := f.at(r.mean())
		for range int(r.count) {
			v[i] = c
			i++
		}
	}
}

// antitonic does it for a falling sequence.
func antitonic(v []float64, f scalar) {
	reverse(v)
	isotonic(v, f)
	reverse(v)
}

func reverse(v []float64) {
	for i, j := 0, len(v)-1; i < j; i, j = i+1, j-1 {
		v[i], v[j] = v[j], v[i]
	}
}

// peak is the number of entries before the split for which a rising
// beginning and a falling rest are nearest to v (the first of equals): one
// pass forward and one backward, each of which knows the cost of every prefix
// (Stout 2008, https://doi.org/10.1016/j.csda.2008.08.005).
func peak(v []float64, f scalar) int {
	n := len(v)
	cost := make([]float64, n+1)
	runs := make([]run, 0, n)
	for i, x := range v {
		runs = pool(runs, x, f)
		cost[i+1] = runs[len(runs)-1].cost
	}
	best, at := cost[n], n
	runs = runs[:0]
	for i := n - 1; i >= 0; i-- {
		runs = pool(runs, v[i], f)
		if c := cost[i] + runs[len(runs)-1].cost; c <= best {
			best, at = c, i
		}
	}
	return at
}

// unimodalize overwrites v by the nearest sequence that rises and then falls.
func unimodalize(v []float64, f scalar) {
	at := peak(v, f)
	isotonic(v[:at], f)
	antitonic(v[at:], f)
}
