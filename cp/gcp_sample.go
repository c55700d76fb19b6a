package cp

import (
	"math/rand/v2"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// cellSampler draws cells of data: of those that are listed, and of the zeros
// that are not.
type cellSampler struct {
	cells    *tensor.Observed
	complete bool // cells that are not listed are zero
	how      Sampling
	rng      *rand.Rand
	zeros    float64        // cells that are not listed
	at       map[string]int // place of each listed cell; made when first needed
	key      []byte
}

func newCellSampler(cells *tensor.Observed, complete bool, how Sampling, rng *rand.Rand) *cellSampler {
	d := &cellSampler{cells: cells, complete: complete, how: how, rng: rng}
	if complete {
		d.zeros = 1
		for _, s := range cells.Shape() {
			d.zeros *= float64(s)
		}
		d.zeros -= float64(cells.Count())
	}
	return d
}

// cellSample is cells with weights that make sums over them estimates of sums
// over all known cells.
type cellSample struct {
	index   [][]int32
	values  []float64
	weights []float64
	correct int // the loss of a zero is taken away from that of the first so many
}

// sample draws about count cells, with repetitions.
func (d *cellSampler) sample(count int, how Sampling) *cellSample {
	order := len(d.cells.Shape())
	s := &cellSample{index: make([][]int32, order)}
	listed := d.cells.Count()
	add := func(at func(n int) int32, value, weight float64) {
		for n := range s.index {
			s.index[n] = append(s.index[n], at(n))
		}
		s.values = append(s.values, value)
		s.weights = append(s.weights, weight)
	}
	entry := func(weight float64) {
		e := d.rng.IntN(listed)
		add(func(n int) int32 { return d.cells.Indices(n)[e] }, d.cells.Values()[e], weight)
	}
	anywhere := make([]int32, order)
	random := func() {
		for n, size := range d.cells.Shape() {
			anywhere[n] = int32(d.rng.IntN(size))
		}
	}
	at := func(n int) int32 { return anywhere[n] }
	switch {
	case !d.complete:
		for range count {
			entry(float64(listed) / float64(count))
		}
	case how == Uniform:
		w := (d.zeros + float64(listed)) / float64(count)
		for range count {
			random()
			v := 0.0
			if e, ok := d.find(anywhere); ok {
				v = d.cells.Values()[e]
			}
			add(at, v, w)
		}
	default:
		half := count / 2
		if listed > 0 {
			for range half {
				entry(float64(listed) / float64(half))
			}
		}
		if how == SemiStratified {
			s.correct = len(s.values)
			for range count - half {
				random()
				add(at, 0, (d.zeros+float64(listed))/float64(count-half))
			}
			break
		}
		if d.zeros == 0 {
			break
		}
		for range count - half {
			for random(); ; random() {
				if _, ok := d.find(anywhere); !ok {
					break
				}
			}
			add(at, 0, d.zeros/float64(count-half))
		}
	}
	return s
}

// find is the place of a listed cell.
func (d *cellSampler) find(at []int32) (int, bool) {
	pack := func(at func(n int) int32) {
		d.key = d.key[:0]
		for n := range d.cells.Shape() {
			i := at(n)
			d.key = append(d.key, byte(i), byte(i>>8), byte(i>>16), byte(i>>24))
		}
	}
	if d.at == nil {
		d.at = make(map[string]int, d.cells.Count())
		for e := range d.cells.Count() {
			pack(func(n int) int32 { return d.cells.Indices(n)[e] })
			d.at[string(d.key)] = e
		}
	}
	pack(func(n int) int32 { return at[n] })
	e, ok := d.at[string(d.key)]
	return e, ok
}

// value estimates the sum of losses of a model, and its gradient unless grads
// is nil.
func (s *cellSample) value(l loss.Loss, factors, grads []*tensor.Matrix[float64]) float64 {
	const block = 1 << 10
	rank := factors[0].Cols
	m := make([]float64, len(s.values))
	sums := make([]float64, (len(m)+block-1)/block)
	par.Blocks(len(m), block, func(b, lo, hi int) {
		row := make([]float64, rank)
		var none, slope, one [1]float64
		for e := lo; e < hi; e++ {
			s.khatriRao(row, factors, e, -1)
			one[0] = kernel.Sum(row)
			f := l.Block(s.values[e:e+1], one[:], m[e:e+1])
			if e < s.correct {
				f -= l.Block(none[:], one[:], slope[:])
				m[e] -= slope[0]
			}
			sums[b] += s.weights[e] * f
			m[e] *= s.weights[e] // the weighted derivative
		}
	})
	if grads != nil {
		par.Do(len(factors), func(n int) {
			clear(grads[n].Data)
			row := make([]float64, rank)
			for e, d := range m {
				s.khatriRao(row, factors, e, n)
				g := grads[n].Row(int(s.index[n][e]))
				for r, v := range row {
					g[r] += d * v
				}
			}
		})
	}
	total := 0.0
	for _, v := range sums {
		total += v
	}
	return total
}

// khatriRao is the product of the rows of all factors but one that belong to
// cell e.
func (s *cellSample) khatriRao(row []float64, factors []*tensor.Matrix[float64], e, skip int) {
	for r := range row {
		row[r] = 1
	}
	for n, f := range factors {
		if n == skip {
			continue
		}
		g := f.Row(int(s.index[n][e]))
		g = g[:len(row)]
		for r := range row {
			row[r] *= g[r]
		}
	}
}
