package cp_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// planted is a CP tensor with factors drawn from a standard normal
// distribution (their absolute values if nonneg), normalised and arranged.
func planted(seed uint64, rank int, nonneg bool, shape ...int) *cp.Tensor {
	rng := rand.New(rand.NewPCG(seed, 77))
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, rank)
		for i := range factors[n].Data {
			v := rng.NormFloat64()
			if nonneg {
				v = math.Abs(v)
			}
			factors[n].Data[i] = v
		}
	}
	t, err := cp.New(nil, factors...)
	if err != nil {
		panic(err)
	}
	t.Normalize()
	t.Arrange()
	t.FixSigns()
	return t
}

// noisy adds normal noise with the given share of the norm.
func noisy(x *tensor.Dense[float64], share float64, seed uint64) *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(seed, 78))
	y := x.Clone()
	noise := make([]float64, x.Len())
	s := 0.0
	for i := range noise {
		noise[i] = rng.NormFloat64()
		s += noise[i] * noise[i]
	}
	f := share * x.Norm() / math.Sqrt(s)
	for i, v := range noise {
		y.Data()[i] += f * v
	}
	return y
}

func TestALSRecoversPlantedRanks(t *testing.T) {
	for _, shape := range [][]int{{30, 20}, {12, 10, 14}, {7, 6, 8, 5}, {5, 4, 6, 3, 4}} {
		for _, rank := range []int{1, 3} {
			x := planted(1, rank, false, shape...).Dense()
			m, r, err := cp.ALS(context.Background(), x, cp.Options{Rank: rank, Options: fit.Options{Tol: 1e-13, MaxIters: 3000, Starts: 3, Seed: 5}})
			if err != nil {
				t.Fatal(err)
			}
			if !(r.RelativeError <= 1e-10) {
				t.Errorf("shape %v rank %d: relative error %g after %d iterations (%s)", shape, rank, r.RelativeError, r.Iterations, r.Stop)
			}
			if d := tensor.Distance(m.Dense(), x) / x.Norm(); !(math.Abs(d-r.RelativeError) <= 1e-12) {
				t.Errorf("shape %v rank %d: the result says %g, the difference is %g", shape, rank, r.RelativeError, d)
			}
		}
	}
}

func TestALSErrorNeverRises(t *testing.T) {
	x := noisy(planted(2, 4, false, 9, 10, 8).Dense(), 0.3, 1)
	for _, data := range []cp.Data{x, most(x, 0.3), tensor.As[float32](x)} {
		_, r, err := cp.ALS(context.Background(), data, cp.Options{Rank: 6, Polish: -1, Options: fit.Options{Tol: -1, MaxIters: 150}})
		if err != nil {
			t.Fatal(err)
		}
		if _, single := data.(*tensor.Dense[float32]); single {
			for i := range r.Trace { // to the rounding of the data
				r.Trace[i] = math.Round(r.Trace[i]*1e5) / 1e5
			}
		}
		checkMonotone(t, r.Trace)
		if len(r.Trace) != 150 || r.Iterations != 150 {
			t.Errorf("%d iterations, a trace of %d", r.Iterations, len(r.Trace))
		}
	}
}

// The trace must be right where ||X||^2 - 2<X,M> + ||M||^2 has no digit left.
func TestALSTraceIsTrueForSmallErrors(t *testing.T) {
	x := noisy(planted(5, 2, false, 8, 7, 6).Dense(), 3e-11, 1)
	m, r, err := cp.ALS(context.Background(), x, cp.Options{Rank: 2, Polish: -1, Options: fit.Options{Tol: -1, MaxIters: 200}})
	if err != nil {
		t.Fatal(err)
	}
	d := tensor.Distance(m.Dense(), x) / x.Norm()
	for _, e := range []float64{r.RelativeError, r.Trace[len(r.Trace)-1]} {
		if !(e > 1e-11 && e < 3e-11 && math.Abs(e-d) <= 1e-13) {
			t.Errorf("relative error %g, the difference is %g", e, d)
		}
	}
}

func TestALSDoesNotDependOnScaleOrOrder(t *testing.T) {
	x := noisy(planted(8, 3, false, 7, 9, 8).Dense(), 0.1, 2)
	opt := cp.Options{Rank: 3, Ridge: 1e-4, Options: fit.Options{Tol: 1e-13, MaxIters: 2000}}
	a, ra, err := cp.ALS(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	big := x.Clone()
	for i := range big.Data() {
		big.Data()[i] *= 1 << 40
	}
	b, rb, err := cp.ALS(context.Background(), big, opt)
	if err != nil {
		t.Fatal(err)
	}
	if s := cp.FactorCongruence(a, b).Score; !(s >= 1-1e-8) || !(math.Abs(ra.RelativeError-rb.RelativeError) <= 1e-9) {
		t.Errorf("scaled data: congruence %v, errors %v and %v", s, ra.RelativeError, rb.RelativeError)
	}
	// The same start, with the modes in another order.
	start := planted(9, 3, false, 7, 9, 8)
	opt.Initial = start
	a, _, err = cp.ALS(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	order := []int{2, 0, 1}
	turned := &cp.Tensor{Weights: start.Weights}
	for _, n := range order {
		turned.Factors = append(turned.Factors, start.Factors[n])
	}
	opt.Initial = turned
	b, _, err = cp.ALS(context.Background(), x.Permute(order...), opt)
	if err != nil {
		t.Fatal(err)
	}
	if d := tensor.Distance(a.Dense().Permute(order...), b.Dense()) / x.Norm(); !(d <= 1e-5) {
		t.Errorf("permuted modes: models apart by %g", d)
	}
}

func TestALSGivesTheSameBitsForASeed(t *testing.T) {
	x := noisy(planted(1, 3, false, 40, 50, 30).Dense(), 0.1, 4)
	type method func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error)
	for _, data := range []cp.Data{x, tensor.As[float32](x), most(x, 0.5)} {
		for name, run := range map[string]method{"ALS": cp.ALS, "HALS": cp.HALS} {
			opt := cp.Options{Rank: 3, Options: fit.Options{MaxIters: 15, Starts: 2, Seed: 11}}
			first := testkit.Threads(t, fmt.Sprintf("%T, %s", data, name), func() *cp.Tensor {
				m, _, err := run(context.Background(), data, opt)
				if err != nil {
					t.Fatal(err)
				}
				return m
			})
			opt.Seed = 12
			m, _, err := run(context.Background(), data, opt)
			if err != nil {
				t.Fatal(err)
			}
			if reflect.DeepEqual(first, m) {
				t.Errorf("%T, %s: the same model with another seed", data, name)
			}
		}
	}
}

func TestALSKeepsTheBestOfItsStarts(t *testing.T) {
	x := noisy(planted(4, 5, false, 6, 5, 4).Dense(), 0.1, 4)
	opt := cp.Options{Rank: 4, Polish: -1, Options: fit.Options{MaxIters: 30, Starts: 5, Seed: 2}}
	_, all, err := cp.ALS(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Starts = 1
	_, one, err := cp.ALS(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !(all.RelativeError <= one.RelativeError) || all.Starts != 5 || all.Seed != 2 {
		t.Errorf("five starts: %v (start %d of %d), the first alone: %v", all.RelativeError, all.Start, all.Starts, one.RelativeError)
	}
	if all.Start == 0 && all.RelativeError != one.RelativeError {
		t.Error("the first start depends on how many there are")
	}
}

func TestALSFromNVecs(t *testing.T) {
	// Orthogonal components: the singular vectors are the answer already.
	f := make([]*tensor.Matrix[float64], 3)
	for n := range f {
		f[n] = tensor.NewMatrix[float64](6, 3)
		for r := range 3 {
			f[n].Set((r*2+n)%6, r, 1)
		}
	}
	truth, err := cp.New([]float64{3, 2, 1}, f...)
	if err != nil {
		t.Fatal(err)
	}
	opt := cp.Options{Rank: 3, Init: cp.NVecs, Options: fit.Options{MaxIters: 2}}
	_, r, err := cp.ALS(context.Background(), truth.Dense(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if !(r.RelativeError <= 1e-13) {
		t.Errorf("relative error %g", r.RelativeError)
	}
	// A mode too long for its Gram matrix, and a rank above the other sizes.
	x := planted(5, 4, false, 2500, 3, 4).Dense()
	_, r, err = cp.ALS(context.Background(), x, cp.Options{Rank: 4, Init: cp.NVecs, Options: fit.Options{Tol: 1e-13, MaxIters: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.RelativeError <= 1e-6) {
		t.Errorf("long mode: relative error %g", r.RelativeError)
	}
	if _, _, err := cp.ALS(context.Background(), most(x, 0.1), opt); err == nil || !strings.Contains(err.Error(), "complete data") {
		t.Errorf("nvecs of incomplete data: error %v", err)
	}
}

func TestInputsAreNotChanged(t *testing.T) {
	x := noisy(planted(1, 2, true, 5, 6, 4).Dense(), 0.1, 1)
	before := x.Clone()
	kept := most(x, 0.4)
	values := append([]float64(nil), kept.Values()...)
	start := planted(2, 2, true, 5, 6, 4)
	start.Weights[0] = 3
	was := start.Clone()
	opt := cp.Options{Initial: start, Options: fit.Options{MaxIters: 20}}
	for _, data := range []cp.Data{x, kept} {
		for _, run := range []func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error){cp.ALS, cp.HALS} {
			m, _, err := run(context.Background(), data, opt)
			if err != nil {
				t.Fatal(err)
			}
			m.Scale(0)
			for _, f := range m.Factors { // the model shares nothing
				clear(f.Data)
			}
		}
	}
	if !tensor.Equal(x, before) || !reflect.DeepEqual(values, kept.Values()) || !reflect.DeepEqual(start, was) {
		t.Error("an input was changed")
	}
}

func TestCancelled(t *testing.T) {
	x := noisy(planted(1, 3, true, 12, 11, 10).Dense(), 0.2, 1)
	for _, data := range []cp.Data{x, most(x, 0.3)} {
		for _, run := range []func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error){cp.ALS, cp.HALS} {
			ctx, cancel := context.WithCancel(context.Background())
			m, r, err := run(ctx, data, cp.Options{Rank: 3, Options: fit.Options{Tol: -1, MaxIters: 1000000, Starts: 3, Progress: func(e fit.Event) {
				if e.Iteration == 7 {
					cancel()
				}
			}}})
			if !errors.Is(err, context.Canceled) || m == nil {
				t.Fatalf("model %v, error %v", m, err)
			}
			if r.Stop != fit.Cancelled || r.Iterations != 7 || r.Start != 0 {
				t.Errorf("stop %s after %d iterations of start %d", r.Stop, r.Iterations, r.Start)
			}
			if d := data.ResidualNorm(m.Weights, m.Factors) / data.Norm(); !(math.Abs(d-r.RelativeError) <= 1e-12) {
				t.Errorf("the result says %v, the model has %v", r.RelativeError, d)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	x := planted(1, 2, false, 3, 4, 2).Dense()
	zero := tensor.New[float64](3, 4)
	nan := x.Clone()
	nan.Set(math.NaN(), 0, 1, 1)
	other := planted(1, 2, false, 3, 4, 3)
	for _, c := range []struct {
		x    cp.Data
		opt  cp.Options
		want []string
	}{
		{x, cp.Options{}, []string{"rank 0"}},
		{x, cp.Options{Rank: 7}, []string{"rank 7 is more than 6"}},
		{x, cp.Options{Rank: -1, Init: "guess", Ridge: -1, Options: fit.Options{Tol: 2, Starts: -1}},
			[]string{"rank -1", `init "guess": random, nvecs or greedy`, "ridge -1", "tolerance 2", "starts -1"}},
		{x, cp.Options{Rank: 3, Initial: other}, []string{"initial model: 2 weights for rank 3"}},
		{x, cp.Options{Initial: other}, []string{"factor 2 is 3×2, 2×2 is expected"}},
		{zero, cp.Options{Rank: 1}, []string{"zero; there is nothing to fit"}},
		{nan, cp.Options{Rank: 1}, []string{"NaN", "FromDense"}},
		{tensor.New[float64](3, 0), cp.Options{Rank: 1}, []string{"mode 1 has size 0"}},
		{tensor.New[complex128](3, 2), cp.Options{Rank: 1}, []string{"complex"}},
		{tensor.New[float64](), cp.Options{Rank: 1}, []string{"single number"}},
	} {
		for _, run := range []func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error){cp.ALS, cp.HALS} {
			m, _, err := run(context.Background(), c.x, c.opt)
			if m != nil || err == nil {
				t.Errorf("%v: model %v, error %v", c.want, m, err)
				continue
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		}
	}
}

func TestUnusualShapes(t *testing.T) {
	constant := tensor.New[float64](4, 3, 5)
	for i := range constant.Data() {
		constant.Data()[i] = 2.5
	}
	for _, c := range []struct {
		name string
		x    cp.Data
		rank int
	}{
		{"a vector", planted(1, 1, false, 9).Dense(), 1},
		{"one number", planted(1, 1, false, 1, 1, 1).Dense(), 1},
		{"modes of size 1", planted(1, 2, false, 5, 1, 4).Dense(), 2},
		{"a constant, rank 1", constant, 1},
		{"a constant, rank 3", constant, 3},
		{"a rank above every size", planted(1, 6, false, 3, 4, 5).Dense(), 12},
		{"a constant with holes", most(constant, 0.3), 2},
		{"float32", tensor.As[float32](planted(1, 2, false, 6, 5, 4).Dense()), 2},
	} {
		m, r, err := cp.ALS(context.Background(), c.x, cp.Options{Rank: c.rank, Options: fit.Options{Tol: 1e-13, MaxIters: 2000, Starts: 3}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !(r.RelativeError <= 1e-6) {
			t.Errorf("%s: relative error %g (%s after %d)", c.name, r.RelativeError, r.Stop, r.Iterations)
		}
		for n, f := range m.Factors {
			for q := range c.rank {
				s := 0.0
				for _, v := range f.Col(q) {
					s += v * v
				}
				if !(math.Abs(s-1) <= 1e-12) && m.Weights[q] != 0 {
					t.Errorf("%s: column %d of factor %d has squared norm %v", c.name, q, n, s)
				}
			}
		}
	}
}

func TestEmptySlicesAreNamed(t *testing.T) {
	x := planted(3, 2, false, 6, 5, 7).Dense()
	known := tensor.FromDense(x)
	rows := known.Indices(1)
	kept := known.Select(func(e int) bool { return rows[e] != 3 })
	if err := kept.SetAxes(tensor.Axis{}, tensor.Axis{Name: "day", Labels: []string{"Mo", "Tu", "We", "Th", "Fr"}}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	m, r, err := cp.ALS(context.Background(), kept, cp.Options{Rank: 2, Options: fit.Options{Tol: 1e-13, Starts: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.RelativeError <= 1e-8) {
		t.Errorf("relative error %g", r.RelativeError)
	}
	if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "mode 1 (day): no known entry in Th") {
		t.Errorf("notes %q", r.Notes)
	}
	if v := m.At(2, 3, 1); v != 0 {
		t.Errorf("an entry of the empty slice is %v", v)
	}
	if m.Modes[1].Labels[3] != "Th" {
		t.Errorf("modes %v", m.Modes)
	}
}

func TestALSCompletesHiddenEntries(t *testing.T) {
	x := planted(3, 3, false, 20, 18, 16).Dense()
	kept, left := tensor.FromDense(x).Split(0.8, 3)
	m, r, err := cp.ALS(context.Background(), kept, cp.Options{Rank: 3, Options: fit.Options{Tol: 1e-12, Starts: 3, MaxIters: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	if e := left.ResidualNorm(m.Weights, m.Factors) / left.Norm(); !(e <= 1e-6) {
		t.Errorf("relative error %g on the entries that were left out, %g on the others", e, r.RelativeError)
	}
}
