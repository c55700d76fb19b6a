package cases

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tucker"
)

// tuckers are Tucker models of a dense tensor of multilinear rank (20, 20, 20)
// and a tenth of noise, to the ranks that were planted.
func tuckers() []Case {
	shape, ranks := []int{300, 300, 300}, []int{20, 20, 20}
	var list []Case
	for _, s := range []struct {
		peer, job string
		bar       float64
	}{{"tensorly", "hooi", 50}, {"pyttb", "sthosvd", 1.5}} {
		list = append(list, Case{
			Name: fmt.Sprintf("tucker/shape=%s/ranks=%s/job=%s/peer=%s", times(shape), times(ranks), s.job, s.peer),
			Tool: "tucker_tt.py", Threads: two, Bar: Bar{Ratio: s.bar, Memory: 1.3}, Ours: tuckerOf,
			Task: measure.Task{Job: s.job, Peer: s.peer, Type: "f64", Shape: shape, Ranks: ranks, Iters: 5},
			Data: []Data{{"tucker.npy", func(path string) error { return saveTucker(path, shape, ranks) }}},
			Work: func(measure.Outcome) measure.Work {
				p, err := tucker.PlanSTHOSVD(shape, 8, tucker.Options{Ranks: ranks})
				if err != nil {
					panic(err) // ranks that fit the shape
				}
				return measure.Work{Flops: p.Flops, Bytes: p.BytesMoved}
			},
		})
	}
	return list
}

func tuckerOf(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[float64](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	call := func(x tucker.Data, opt tucker.Options) error {
		method := tucker.STHOSVD
		if t.Job == "hooi" {
			method = tucker.HOOI
			opt.Options = fit.Options{MaxIters: t.Iters, Tol: -1}
		}
		m, r, err := method(context.Background(), x, opt)
		if err == nil {
			o.Error, o.Ranks, o.Result = r.RelativeError, m.Ranks(), 8*int64(m.Parameters())
		}
		return err
	}
	err = meter.Run(&o, func() error { return call(random(1, 4, 4, 4), tucker.Options{Ranks: []int{2, 2, 2}}) },
		func() error { return call(x, tucker.Options{Ranks: t.Ranks}) })
	return o, err
}

func saveTucker(path string, shape, ranks []int) error {
	var factors []*tensor.Matrix[float64]
	for n, s := range shape {
		factors = append(factors, tensor.MatrixOf(s, ranks[n], random(3+uint64(n), s, ranks[n]).Raw()))
	}
	x := tensor.TTMChain(random(2, ranks...), factors)
	addNoise(x, 0.1)
	return tensorio.Save(path, x)
}
