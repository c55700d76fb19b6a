package cp

import (
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/tensor"
)

const (
	greedyIters = 60   // updates of a component at most
	greedyTol   = 1e-3 // the least gain of an update, as a share of what the component explains
	// greedyClear is how much more a component must explain than white noise
	// has in as many unknowns, to be the data's: what is fitted to noise comes
	// to 5 to 25 times that.
	greedyClear = 30
	greedyMost  = 0.7 // of what is left: clear in any case
	greedyTries = 10  // columns to begin with for each component; the best are kept, or the first that are clear
)

// greedy is a start for incomplete data: components one by one, each fitted
// by itself, from random columns (or ones, of thin data), to what those before
// it leave. Where the
// known entries are few, all components at once would rather fit the noise
// that the gaps make of each other than find the data's. The components of
// first, if any, come before them.
func greedy(x *tensor.Observed, rank int, first *model, rng *rand.Rand) [][][]float64 {
	d := newDescent(x, 0)
	if first != nil {
		for q := range first.weights {
			d.add(first.component(q))
		}
	}
	doubtful := 0
	for len(d.comps)+doubtful < rank {
		cols, clear := d.find(x, rng)
		if clear {
			d.add(cols)
		} else {
			doubtful++
		}
	}
	// What the clear ones leave is simpler now.
	for range doubtful {
		cols, _ := d.find(x, rng)
		d.add(cols)
	}
	return d.comps
}

// find fits components to what is left until one explains clearly more than
// noise would, and returns that or else the best.
func (d *descent) find(x *tensor.Observed, rng *rand.Rand) (best [][]float64, clear bool) {
	shape, thin := x.Shape(), partial.Thin(x)
	unknowns := 0
	for _, s := range shape {
		unknowns += s
	}
	left := d.left[0]
	enough := min(greedyClear*float64(unknowns)/float64(len(left)), greedyMost) * kernel.Dot(left, left)
	most := math.Inf(-1)
	for try := 0; try < greedyTries && most < enough; try++ {
		cols := make([][]float64, len(d.by))
		for n, by := range d.by {
			cols[n] = make([]float64, shape[n])
			for i := range cols[n] {
				switch {
				case by.Start[i] == by.Start[i+1]: // nothing is known of the slice
				case try == 0 && thin:
					cols[n][i] = 1
				default:
					cols[n][i] = rng.NormFloat64()
				}
			}
		}
		if gain := d.fitNew(cols); gain > most {
			best, most = cols, gain
		}
	}
	return best, most >= enough
}

// fitNew fits a component to what is left and returns by how much it lowers
// the sum of squares.
func (d *descent) fitNew(cols [][]float64) float64 {
	q := len(d.comps)
	d.comps = append(d.comps, cols)
	gain := 0.0
	for range greedyIters {
		before := gain
		if gain = d.update(q, 1); gain-before < greedyTol*gain && before > 0 {
			break
		}
	}
	d.comps = d.comps[:q]
	return gain
}
