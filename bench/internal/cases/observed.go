package cases

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// observed are models of data of which some cells are known: a planted model of
// rank 10 and noise of a tenth of its norm (20 dB). The error is the root mean
// square of predictions of as many cells that were left out, over the noise.
func observed() []Case {
	const rank = 10
	add := func(n, known int) Case {
		return Case{
			Name: fmt.Sprintf("observed/shape=%dx%dx%d/known=%.0e/rank=%d", n, n, n, float64(known), rank), Threads: two,
			Bar: Bar{Error: 1.05}, Ours: observedOf, Size: int64(20 * known),
			Task: measure.Task{Job: "observed", Type: "f64", Shape: []int{n, n, n}, Ranks: []int{rank}, Iters: known},
		}
	}
	alone := add(1000, 1_000_000)
	alone.Once = true
	beside := add(200, 400_000)
	beside.Name += "/peer=tensorly"
	beside.Tool, beside.Bar.Ratio, beside.Task.Peer = "observed.py", 20, "tensorly"
	beside.Task.Target = 1.05
	beside.Equal, beside.Calls = anyError, 2 // what it does apart takes less than its sweeps
	beside.Data = []Data{{"observed-200.npy", func(path string) error { return saveObserved(path, beside.Task) }}}
	return []Case{alone, beside}
}

// planted is a model with standard normal factors, times 1/sqrt(rank), so that
// its cells have a variance of 1; the noise has a standard deviation of 0.1.
type planted struct {
	factors []*tensor.Matrix[float64]
	rng     *rand.Rand
}

const noiseSigma = 0.1

func newPlanted(shape []int, rank int) planted {
	p := planted{rng: rand.New(rand.NewPCG(21, 1))}
	for n, s := range shape {
		p.factors = append(p.factors, tensor.MatrixOf(s, rank, random(3+uint64(n), s, rank).Raw()))
	}
	return p
}

// draw makes so many different cells, and values with noise.
func (p planted) draw(count int, seen map[[3]int32]bool) (index [][]int32, values []float64) {
	index = make([][]int32, 3)
	for len(values) < count {
		var at [3]int32
		for n, f := range p.factors {
			at[n] = int32(p.rng.IntN(f.Rows))
		}
		if seen[at] {
			continue
		}
		seen[at] = true
		v := 0.0
		for r := range p.factors[0].Cols {
			v += p.factors[0].Row(int(at[0]))[r] * p.factors[1].Row(int(at[1]))[r] * p.factors[2].Row(int(at[2]))[r]
		}
		v = v/math.Sqrt(float64(p.factors[0].Cols)) + noiseSigma*p.rng.NormFloat64()
		for n, i := range at {
			index[n] = append(index[n], i)
		}
		values = append(values, v)
	}
	return index, values
}

// knownAndLeftOut are the cells of a task.
func knownAndLeftOut(t measure.Task) (index [][]int32, values []float64, outIndex [][]int32, out []float64) {
	p := newPlanted(t.Shape, t.Ranks[0])
	seen := map[[3]int32]bool{}
	index, values = p.draw(t.Iters, seen)
	outIndex, out = p.draw(t.Iters, seen)
	return index, values, outIndex, out
}

// saveObserved writes a row a cell: its indices and its value, the known ones
// first.
func saveObserved(path string, t measure.Task) error {
	index, values, outIndex, out := knownAndLeftOut(t)
	rows := tensor.New[float64](2*t.Iters, 4)
	write := func(first int, index [][]int32, values []float64) {
		for e, v := range values {
			row := rows.Raw()[4*(first+e):]
			for n := range index {
				row[n] = float64(index[n][e])
			}
			row[3] = v
		}
	}
	write(0, index, values)
	write(t.Iters, outIndex, out)
	return tensorio.Save(path, rows)
}

func observedOf(t measure.Task) (o measure.Outcome, err error) {
	index, values, outIndex, out := knownAndLeftOut(t)
	meter := measure.Start()
	x, err := tensor.NewObserved(t.Shape, index, values)
	if err != nil {
		return o, err
	}
	wrong := func(m *cp.Tensor) float64 {
		s := 0.0
		for e, v := range out {
			d := m.At(int(outIndex[0][e]), int(outIndex[1][e]), int(outIndex[2][e])) - v
			s += d * d
		}
		return math.Sqrt(s/float64(len(out))) / noiseSigma
	}
	o.Result = 8 * int64(t.Ranks[0]*(sum(t.Shape)+1))
	var m *cp.Tensor
	err = meter.Timed(&o, nil, func() (float64, error) {
		begin := time.Now()
		var err error
		m, _, err = cp.ALS(context.Background(), x, cp.Options{Rank: t.Ranks[0], Ridge: 1e-6, Init: cp.Greedy, Options: fit.Options{Seed: t.Seed, Tol: 1e-6}})
		return time.Since(begin).Seconds(), err
	})
	if err == nil && m == nil {
		err = errors.New("no model came back")
	}
	if err != nil {
		return o, err
	}
	o.Error = wrong(m)
	o.Capped = t.Target > 0 && o.Error > t.Target
	return o, nil
}
