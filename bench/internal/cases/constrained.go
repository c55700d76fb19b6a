package cases

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// constrained is a small model of which a general-purpose solver finds the
// optimum as well: nonnegative, the first factor smooth (Eps is the weight),
// a quarter of the cells unknown.
func constrained() []Case {
	shape, rank := []int{6, 5, 4}, 2
	return []Case{{
		Name: fmt.Sprintf("constrained/shape=%s/rank=%d/sets=nonneg,smooth/missing=0.25/peer=scipy", times(shape), rank), Tool: "constrained.py",
		Threads: two, Once: true, Bar: Bar{Agree: 1e-6}, Ours: constrainedOf,
		Task: measure.Task{Job: "constrained", Peer: "scipy", Type: "f64", Shape: shape, Ranks: []int{rank}, Eps: 0.1},
		Data: []Data{{"constrained.npy", func(path string) error { return saveConstrained(path, shape, rank) }}},
	}}
}

func constrainedOf(t measure.Task) (o measure.Outcome, err error) {
	file, err := tensorio.Open(t.Files[0], tensorio.Options{Missing: "nan"})
	if err != nil {
		return o, err
	}
	defer file.Close()
	x, ok := file.Tensor.(*tensor.Observed)
	if !ok {
		return o, fmt.Errorf("%s became a %T", t.Files[0], file.Tensor)
	}
	first, err := constraint.Of(constraint.Nonneg, constraint.Smooth(t.Eps))
	if err != nil {
		return o, err
	}
	rest, err := constraint.Of(constraint.Nonneg)
	if err != nil {
		return o, err
	}
	var m *cp.Tensor
	err = measure.Start().Run(&o, nil, func() error {
		var r fit.Result
		m, r, err = cp.Constrained(context.Background(), x, cp.ConstrainedOptions{
			Rank: t.Ranks[0], Constraints: []constraint.Set{first, rest, rest},
			Options: fit.Options{Tol: 1e-14, MaxIters: 20000, Starts: 5},
		})
		if len(r.Trace) > 0 {
			f := r.Trace[len(r.Trace)-1]
			o.Error = f * f / 2
		}
		return err
	})
	if err == nil {
		o.Check = m.Dense().Data()
	}
	return o, err
}

// saveConstrained writes a smooth and two sparse factors' model with noise, and
// NaN for every fourth cell or so.
func saveConstrained(path string, shape []int, rank int) error {
	var factors []*tensor.Matrix[float64]
	for n, s := range shape {
		f := random(3+uint64(n), s, rank).Raw()
		for e := range f {
			f[e] = math.Abs(f[e])
			if n == 0 {
				f[e] = math.Exp(-8 * math.Pow(float64(e/rank)/float64(s-1)-float64(e%rank)*0.75, 2))
			} else if e%5 == 0 {
				f[e] = 0
			}
		}
		factors = append(factors, tensor.MatrixOf(s, rank, f))
	}
	m, err := cp.New(nil, factors...)
	if err != nil {
		return err
	}
	x := m.Dense()
	addNoise(x, 0.1)
	for e := range x.Raw() {
		if mixed(uint64(e))%4 == 0 {
			x.Raw()[e] = math.NaN()
		}
	}
	return tensorio.Save(path, x)
}
