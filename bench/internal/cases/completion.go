package cases

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// completion are real data of which one cell in ten is known, zeros counting
// as missing. The error is the root mean square of the cells left out. Ours
// chooses its model by cross-validation of the known cells; the peers get the
// rank that does best on the cells left out.
func completion() []Case {
	var list []Case
	for _, data := range []string{"birmingham", "hangzhou"} {
		for _, peer := range []string{"tensorly", "pyttb"} {
			list = append(list, Case{
				Name: fmt.Sprintf("completion/data=%s/missing=0.9/peer=%s", data, peer), Tool: "completion.py", Threads: two, Input: data,
				Bar: Bar{Better: true}, Ours: completionOf, Equal: anyError,
				Task: measure.Task{Job: "completion", Peer: peer, Type: "f64", Iters: 10},
			})
		}
	}
	return list
}

// mixed scatters the numbers of cells (the last step of SplitMix64; Steele,
// Lea & Flood 2014, https://doi.org/10.1145/2660193.2660195): a cell is known
// if the result is a multiple of Iters. bench/peers/completion.py has the same.
func mixed(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func completionOf(t measure.Task) (o measure.Outcome, err error) {
	f, err := tensorio.Open(t.Files[0], tensorio.Options{})
	if err != nil {
		return o, err
	}
	defer f.Close()
	whole, ok := f.Tensor.(*tensor.Dense[float64])
	if !ok {
		return o, fmt.Errorf("%s: an array of float64 is expected, this is %T", t.Files[0], f.Tensor)
	}
	x := tensor.FromDense(whole)
	strides := tensor.CStrides(x.Shape())
	part := func(want bool) *tensor.Observed {
		return x.Select(func(e int) bool {
			at := t.Seed << 32
			for n, s := range strides {
				at += uint64(s) * uint64(x.Indices(n)[e])
			}
			return x.Values()[e] != 0 && (mixed(at)%uint64(t.Iters) == 0) == want
		})
	}
	known, out := part(true), part(false)
	meter := measure.Start()
	var res *complete.Result
	err = meter.Timed(&o, nil, func() (float64, error) {
		begin := time.Now()
		var err error
		res, err = complete.Run(context.Background(), known, complete.Options{Seed: t.Seed})
		return time.Since(begin).Seconds(), err
	})
	if err != nil {
		return o, err
	}
	o.Error, _, err = res.Score(out)
	if err == nil && math.IsNaN(o.Error) {
		err = fmt.Errorf("the error of %d cells is no number", out.Count())
	}
	o.Ranks = res.Chosen.Ranks
	return o, err
}
