package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// canonical are CP models of dense data: a planted model of the rank that is
// fitted, and noise of a tenth of its norm (20 dB).
func canonical() []Case {
	var list []Case
	add := func(job, kind, peer string, shape []int, rank int, bar Bar) *Case {
		name := fmt.Sprintf("cp-%s-%s-%d", times(shape), kind, rank)
		list = append(list, Case{
			Name: fmt.Sprintf("cp/shape=%s/type=%s/rank=%d/job=%s/peer=%s", times(shape), kind, rank, job, peer),
			Tool: "cp.py", Threads: two, Bar: bar,
			Task: measure.Task{Job: job, Peer: peer, Type: kind, Shape: shape, Ranks: []int{rank}, Iters: 10},
			Data: []Data{
				{name + ".npy", func(path string) error { return savePlanted(path, kind, shape, rank) }},
				{name + "-start.npy", func(path string) error { return saveStart(path, shape, rank) }},
			},
			Ours: byType(kind, alsOf[float32], alsOf[float64]),
		})
		c := &list[len(list)-1]
		if job == "sweep" {
			c.Calls = float64(c.Task.Iters + 2)
		}
		return c
	}
	cube, hyper := []int{300, 300, 300}, []int{60, 60, 60, 60}
	for _, s := range []struct {
		peer       string
		sweep, fit float64
	}{{"tensorly", 6, 20}, {"pyttb", 2, 5}} {
		c := add("sweep", "f64", s.peer, cube, 16, Bar{Ratio: s.sweep, Roof: 1.8, Memory: 1.3})
		c.Work, c.Equal = sweepWork(cube, 8, 16), sameError
		c = add("fit", "f64", s.peer, cube, 16, Bar{Ratio: s.fit, Memory: 1.3})
		c.Prepare, c.Equal = bestOfOurs, anyError
	}
	c := add("sweep", "f32", "tensorly", hyper, 20, Bar{Memory: 1.3})
	c.Work, c.Equal = sweepWork(hyper, 4, 20), sameError
	c = add("fit", "f32", "tensorly", hyper, 20, Bar{Ratio: 6, Memory: 1.3})
	c.Prepare, c.Equal = bestOfOurs, anyError
	return list
}

// sweepWork is what a sweep must do by the best algorithm known, the
// multi-sweep tree of Ma & Solomonik (2022): N/(N-1) products of the data with
// R columns for order N (two where what those leave would be about as large as
// the data), the data read once for each, and what each leaves written once and
// read once, as its first use is made while it lies in the cache.
func sweepWork(shape []int, bytes, rank int) func(measure.Outcome) measure.Work {
	return func(measure.Outcome) measure.Work {
		p := tensor.PlanSweep(shape, bytes, rank)
		return measure.Work{Flops: p.Flops, Bytes: p.BytesMoved}
	}
}

// sameError is an Equal for runs that do the same from the same start.
func sameError(_ measure.Task, o, p measure.Outcome) error {
	if d := o.Error - p.Error; !(-1e-3*p.Error <= d && d <= 1e-3*p.Error) {
		return fmt.Errorf("after the same sweeps our error is %g, the peer's %g", o.Error, p.Error)
	}
	return nil
}

// bestOfOurs makes the best error that we reach from a few starts, to 1e-4 of
// it, the target of both sides.
func bestOfOurs(ctx context.Context, r Runner, t *measure.Task) error {
	for t.Seed = range 3 {
		o, err := r.Ours(ctx, *t)
		if err != nil {
			return err
		}
		if e := o.Error * EqualError; t.Seed == 0 || e < t.Target {
			t.Target = e
		}
	}
	return nil
}

// anyError is an Equal for runs that say themselves whether they reached the
// target.
func anyError(measure.Task, measure.Outcome, measure.Outcome) error { return nil }

// alsOf fits a CP model: to convergence, with the defaults, or a number of
// sweeps from a given start. The time of a sweep is the difference between a
// run with one and one with more.
func alsOf[T tensor.Float](t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[T](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	o.Result = 8 * int64(t.Ranks[0]*(sum(t.Shape)+1))
	call := func(x cp.Data, opt cp.Options) (float64, error) {
		begin := time.Now()
		_, r, err := cp.ALS(context.Background(), x, opt)
		o.Error = r.RelativeError
		return time.Since(begin).Seconds(), err
	}
	little := make([]int, len(t.Shape))
	for n := range little {
		little[n] = 6
	}
	warm := func() error {
		_, err := call(random(1, little...), cp.Options{Rank: 2, Options: fit.Options{MaxIters: 3}})
		return err
	}
	if t.Job == "fit" {
		opt := cp.Options{Rank: t.Ranks[0], Options: fit.Options{Seed: t.Seed}}
		err = meter.Timed(&o, warm, func() (float64, error) { return call(x, opt) })
		o.Capped = t.Target > 0 && o.Error > t.Target
		return o, err
	}
	start, err := loadStart(t.Files[1], t.Shape, t.Ranks[0])
	if err != nil {
		return o, err
	}
	opt := cp.Options{Rank: t.Ranks[0], Initial: start, Polish: -1, Compress: cp.Never, Options: fit.Options{Tol: -1}}
	err = meter.Timed(&o, warm, func() (float64, error) {
		opt.MaxIters = 1
		one, err := call(x, opt)
		if err != nil {
			return 0, err
		}
		opt.MaxIters = 1 + t.Iters
		more, err := call(x, opt)
		return (more - one) / float64(t.Iters), err
	})
	return o, err
}

// savePlanted writes a model with standard normal factors and noise.
func savePlanted(path, kind string, shape []int, rank int) error {
	var factors []*tensor.Matrix[float64]
	for n, s := range shape {
		factors = append(factors, tensor.MatrixOf(s, rank, random(3+uint64(n), s, rank).Raw()))
	}
	m, err := cp.New(nil, factors...)
	if err != nil {
		return err
	}
	x := m.Dense()
	addNoise(x, 0.1)
	if kind == "f32" {
		return tensorio.Save(path, tensor.As[float32](x))
	}
	return tensorio.Save(path, x)
}

// addNoise of a norm relative to that of x.
func addNoise(x *tensor.Dense[float64], relative float64) {
	noise := random(9, x.Shape()...)
	scale := relative * x.Norm() / noise.Norm()
	for e, v := range noise.Raw() {
		x.Raw()[e] += scale * v
	}
}

// saveStart writes factors, one below the other.
func saveStart(path string, shape []int, rank int) error {
	return tensorio.Save(path, random(17, sum(shape), rank))
}

func loadStart(path string, shape []int, rank int) (*cp.Tensor, error) {
	file, x, err := openDense[float64](path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all := append([]float64(nil), x.Raw()...)
	var factors []*tensor.Matrix[float64]
	for _, s := range shape {
		factors = append(factors, tensor.MatrixOf(s, rank, all[:s*rank]))
		all = all[s*rank:]
	}
	return cp.New(nil, factors...)
}

func sum(x []int) (s int) {
	for _, v := range x {
		s += v
	}
	return s
}
