package cp

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// scattered is a planted CP tensor of which count entries, drawn at random,
// are known, with noise of a relative size; truth is the entries without it.
func scattered(t testing.TB, shape []int, rank, count int, noise float64, seed uint64) (x *tensor.Observed, truth []float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 77))
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = tensor.NormalMatrix(rng, s, rank)
	}
	index := make([][]int32, len(shape))
	seen := map[int]bool{}
	for len(seen) < count {
		at, place := make([]int32, len(shape)), 0
		for n, s := range shape {
			at[n] = int32(rng.IntN(s))
			place = place*s + int(at[n])
		}
		if seen[place] {
			continue
		}
		seen[place] = true
		for n, i := range at {
			index[n] = append(index[n], i)
		}
	}
	o, err := tensor.NewObserved(shape, index, make([]float64, count))
	if err != nil {
		t.Fatal(err)
	}
	truth = o.Evaluate(ones(rank), factors)
	values := make([]float64, count)
	size := noise * math.Sqrt(dot(truth, truth)/float64(count))
	for e, v := range truth {
		values[e] = v + size*rng.NormFloat64()
	}
	return o.WithValues(values), truth
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// objective is what ALS and CCD minimise.
func objective(x *tensor.Observed, m *Tensor, ridge float64) float64 {
	d := x.ResidualNorm(m.Weights, m.Factors)
	n := float64(len(m.Factors))
	penalty := 0.0
	for _, w := range m.Weights {
		penalty += n * math.Pow(w, 2/n)
	}
	return d*d + penaltyOf(ridge, x.Norm(), len(m.Factors))*penalty
}

// The two methods come to the same optimum of the same objective.
func TestCCDAndALSAgree(t *testing.T) {
	for _, shape := range [][]int{{20, 15, 12}, {30, 25}, {8, 9, 7, 6}} {
		x, _ := scattered(t, shape, 2, tensor.Size(shape)/3, 0.1, 3)
		o := Options{Rank: 2, Ridge: 1e-3, Init: Greedy, Options: fit.Options{Seed: 5, Tol: 1e-13, MaxIters: 4000}}
		a, ra, err := ALS(context.Background(), x, o)
		if err != nil {
			t.Fatal(err)
		}
		c, rc, err := CCD(context.Background(), x, o)
		if err != nil {
			t.Fatal(err)
		}
		fa, fc := objective(x, a, 1e-3), objective(x, c, 1e-3)
		if !(math.Abs(fa-fc) <= 1e-7*fa) || !(math.Abs(ra.RelativeError-rc.RelativeError) <= 1e-5) {
			t.Errorf("%v: objective %v by ALS (%d), %v by CCD (%d); relative errors %v, %v", shape, fa, ra.Iterations, fc, rc.Iterations, ra.RelativeError, rc.RelativeError)
		}
		if len(shape) > 2 {
			if s := FactorCongruence(a, c); !(s.Score > 0.999) {
				t.Errorf("%v: the models match by %v", shape, s)
			}
		}
	}
}

// Where one entry in a hundred is known, random starts fit what the gaps make
// of the data; greedy ones find the components.
func TestGreedyFindsWhatIsThere(t *testing.T) {
	x, truth := scattered(t, []int{120, 120, 120}, 4, 17000, 0.1, 8)
	m, _, err := ALS(context.Background(), x, Options{Rank: 4, Init: Greedy, Options: fit.Options{Tol: 1e-7}})
	if err != nil {
		t.Fatal(err)
	}
	miss := 0.0
	for e, v := range x.Evaluate(m.Weights, m.Factors) {
		miss += (v - truth[e]) * (v - truth[e])
	}
	if miss = math.Sqrt(miss / dot(truth, truth)); !(miss < 0.04) {
		t.Errorf("the noiseless entries are missed by %v of their size; noise of 0.1 and 1440 unknowns for 17000 entries leave 0.03", miss)
	}
	// From a smaller model it goes on.
	two, _, err := ALS(context.Background(), x, Options{Rank: 2, Init: Greedy, Options: fit.Options{Tol: 1e-5}})
	if err != nil {
		t.Fatal(err)
	}
	_, res, err := ALS(context.Background(), x, Options{Rank: 4, Init: Greedy, Initial: two, Options: fit.Options{Tol: 1e-7}})
	if err != nil {
		t.Fatal(err)
	}
	if !(res.RelativeError < 0.105) {
		t.Errorf("from two components: relative error %v", res.RelativeError)
	}
}

func TestCCDThreads(t *testing.T) {
	x, _ := scattered(t, []int{400, 30, 20}, 3, 40000, 0.1, 8)
	testkit.Threads(t, "CCD", func() *Tensor {
		m, _, err := CCD(context.Background(), x, Options{Rank: 3, Init: Greedy, Options: fit.Options{MaxIters: 5}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func TestGreedyFaults(t *testing.T) {
	x, _ := scattered(t, []int{6, 5, 4}, 1, 60, 0, 1)
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(ALS(context.Background(), x.Dense(0), Options{Rank: 1, Init: Greedy})), "init greedy is for data with unknown entries"},
		{second(HALS(context.Background(), x, Options{Rank: 1, Init: Greedy})), "negative entries"},
		{second(CCD(context.Background(), x, Options{Rank: 0})), "rank 0: a positive number"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %q", c.err, c.want)
		}
	}
}

func second(_ *Tensor, _ fit.Result, err error) error { return err }

// A slice of which nothing is known is zero, and is named.
func TestCCDEmptySlice(t *testing.T) {
	x, _ := scattered(t, []int{10, 9, 8}, 2, 400, 0, 1)
	x = x.Select(func(e int) bool { return x.Indices(1)[e] != 4 })
	m, res, err := CCD(context.Background(), x, Options{Rank: 2, Init: Greedy, Options: fit.Options{MaxIters: 50}})
	if err != nil {
		t.Fatal(err)
	}
	if m.At(3, 4, 5) != 0 || len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "mode 1: no known entry in 4") {
		t.Errorf("%v at an unknown slice, notes %q", m.At(3, 4, 5), res.Notes)
	}
}
