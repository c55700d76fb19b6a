package cases

import (
	"context"
	"math"
	"slices"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
)

// trains are tensor trains: of data, and rounded to lower ranks.
func trains() []Case {
	shape := slices.Repeat([]int{20}, 6)
	smooth := []Data{{"tt.npy", func(path string) error { return saveSmooth(path, shape) }}}
	work := func(o measure.Outcome) measure.Work {
		p, err := tt.PlanSVD(shape, 8, tt.Options{Ranks: o.Ranks})
		if err != nil {
			return measure.Work{}
		}
		return measure.Work{Flops: p.Flops, Bytes: p.BytesMoved}
	}
	name := "tt/shape=20x20x20x20x20x20/eps=1e-4/peer="
	list := []Case{{
		Name: name + "tntorch", Tool: "tucker_tt.py", Threads: two, Bar: Bar{Ratio: 1.5, Memory: 1.3}, Data: smooth, Ours: trainOf, Work: work,
		Task: measure.Task{Job: "tt", Peer: "tntorch", Type: "f64", Shape: shape, Eps: 1e-4, Method: "eig"},
	}, {
		Name: name + "tensorly", Tool: "tucker_tt.py", Threads: two, Bar: Bar{Ratio: 3, Memory: 1.3}, Data: smooth, Ours: trainOf, Work: work,
		Task: measure.Task{Job: "tt", Peer: "tensorly", Type: "f64", Shape: shape, Eps: 1e-4},
		Prepare: func(ctx context.Context, r Runner, t *measure.Task) error { // it takes ranks, but no eps
			o, err := r.Ours(ctx, *t)
			t.Ranks = o.Ranks
			return err
		},
	}}
	for _, method := range []string{"svd", "eig"} { // tntorch's two algorithms
		list = append(list, Case{
			Name: "round/cores=50/n=4/from=100/to=50/peer=tntorch/method=" + method, Tool: "tucker_tt.py", Threads: two,
			Bar: Bar{Ratio: 2, Memory: 1.3}, Ours: rounded,
			Data: []Data{{"round.npy", saveTrain}},
			Task: measure.Task{Job: "round", Peer: "tntorch", Type: "f64", Shape: trainShape, Ranks: []int{50}, Method: method},
			Work: func(measure.Outcome) measure.Work { return roundWork(50, 4, 100, 50) },
		})
	}
	return list
}

// roundWork is that of rounding: one sweep makes the cores orthonormal (QR of
// a 4r×r matrix and its product with the next core), the other truncates (QR
// of a 4r×s matrix, with s the new rank, and the products with its factors).
// The singular values of triangles are left out.
func roundWork(cores, n, r, s float64) measure.Work {
	qr := func(m, k float64) float64 { return 4*m*k*k - 4*k*k*k/3 }
	return measure.Work{
		Flops: cores * (qr(n*r, r) + 2*n*r*r*r + qr(n*s, r) + 2*n*s*r*s + 2*r*s*n*r),
		Bytes: cores * 8 * n * (3*r*r + 2*r*s + s*s),
	}
}

// trainShape is cores, size of a mode, rank.
var trainShape = []int{50, 4, 100}

// coreShapes are those of the cores of a train.
func coreShapes(shape []int) (list [][]int) {
	for k := range shape[0] {
		s := []int{shape[2], shape[1], shape[2]}
		if k == 0 {
			s[0] = 1
		}
		if k == shape[0]-1 {
			s[2] = 1
		}
		list = append(list, s)
	}
	return list
}

func trainOf(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[float64](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	call := func(x tt.Data, opt tt.Options) error {
		m, r, err := tt.SVD(context.Background(), x, opt)
		if err == nil {
			ranks := m.Ranks()
			o.Error, o.Ranks, o.Result = r.RelativeError, ranks[1:len(ranks)-1], 8*int64(m.Parameters())
		}
		return err
	}
	err = meter.Run(&o, func() error { return call(random(1, 4, 4, 4), tt.Options{Eps: 0.1}) },
		func() error { return call(x, tt.Options{Eps: t.Eps}) })
	return o, err
}

func rounded(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[float64](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	var cores []*tensor.Dense[float64]
	at := 0
	for _, shape := range coreShapes(t.Shape) {
		size := tensor.Size(shape)
		cores = append(cores, tensor.FromSlice(x.Raw()[at:at+size], shape...))
		at += size
	}
	train, err := tt.New(cores...)
	if err != nil {
		return o, err
	}
	call := func(train *tt.Tensor, rank int) (*tt.Tensor, error) {
		small, _, err := tt.Round(train, tt.Options{Ranks: slices.Repeat([]int{rank}, len(train.Cores)-1)})
		return small, err
	}
	tiny, err := tt.New(random(1, 1, 4, 6), random(2, 6, 4, 6), random(3, 6, 4, 1))
	if err != nil {
		return o, err
	}
	var small *tt.Tensor
	err = meter.Run(&o, func() error { _, err := call(tiny, 3); return err }, func() error {
		small, err = call(train, t.Ranks[0])
		return err
	})
	if err != nil {
		return o, err
	}
	all := small.Ranks()
	o.Ranks, o.Result = all[1:len(all)-1], 8*int64(small.Parameters())
	o.Error = small.Add(train.Scale(-1)).Norm() / train.Norm()
	return o, nil
}

// saveSmooth writes a smooth function on a grid and a little noise.
func saveSmooth(path string, shape []int) error {
	x := random(5, shape...)
	out := x.Raw()
	for e := range out {
		s := 0
		for k, rest := len(shape)-1, e; k >= 0; k-- {
			s += rest % shape[k]
			rest /= shape[k]
		}
		f := 1 / (1 + float64(s))
		out[e] = f * (1 + 2e-5*out[e])
	}
	return tensorio.Save(path, x)
}

// saveTrain writes cores, one after the other, of a train whose singular
// values fall slowly.
func saveTrain(path string) error {
	var all []float64
	for k, shape := range coreShapes(trainShape) {
		g := random(100+uint64(k), shape...).Raw()
		for e := range g {
			g[e] *= math.Pow(0.95, float64(e%shape[2]))
		}
		all = append(all, g...)
	}
	return tensorio.Save(path, tensor.FromSlice(all, len(all)))
}
