package cp_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// poissonDraw is one count with the given mean (Knuth's product of uniforms).
func poissonDraw(rng *rand.Rand, mean float64) float64 {
	k, p := 0.0, rng.Float64()
	for limit := math.Exp(-mean); p > limit; k++ {
		p *= rng.Float64()
	}
	return k
}

// counts are Poisson counts around a planted non-negative model.
func counts(seed uint64, rank int, mean float64, shape ...int) *tensor.Dense[float64] {
	x := planted(seed, rank, true, shape...).Dense()
	rng := rand.New(rand.NewPCG(seed, 7))
	scale, sum := mean*float64(x.Len()), 0.0
	for _, v := range x.Data() {
		sum += v
	}
	for i, v := range x.Data() {
		x.Data()[i] = poissonDraw(rng, v*scale/sum)
	}
	return x
}

func TestGCPGaussianIsALS(t *testing.T) {
	x := planted(3, 3, false, 9, 8, 7).Dense()
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range x.Data() {
		x.Data()[i] += 0.05 * rng.NormFloat64()
	}
	observed, _ := tensor.FromDense(x).Split(0.3, 1)
	for name, d := range map[string]cp.Elementwise{"dense": x, "observed": observed} {
		_, als, err := cp.ALS(context.Background(), d, cp.Options{Rank: 3, Options: fit.Options{Tol: 1e-13, Starts: 3}})
		if err != nil {
			t.Fatal(err)
		}
		_, gcp, err := cp.GCP(context.Background(), d, cp.GCPOptions{Rank: 3, Options: fit.Options{Tol: 1e-13, Starts: 3}})
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(als.RelativeError-gcp.RelativeError) <= 1e-7) {
			t.Errorf("%s: relative error %v after %d iterations, ALS has %v", name, gcp.RelativeError, gcp.Iterations, als.RelativeError)
		}
	}
}

// The best rank-1 Poisson model is the product of the margins.
func TestGCPPoissonOfRankOne(t *testing.T) {
	x := counts(1, 3, 2, 6, 5, 4)
	m, res, err := cp.GCP(context.Background(), x, cp.GCPOptions{Rank: 1, Loss: loss.Poisson, Options: fit.Options{Tol: 1e-14}})
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	margins := [][]float64{make([]float64, 6), make([]float64, 5), make([]float64, 4)}
	for i := range 6 {
		for j := range 5 {
			for k := range 4 {
				v := x.At(i, j, k)
				total += v
				margins[0][i] += v
				margins[1][j] += v
				margins[2][k] += v
			}
		}
	}
	dev := 0.0
	for i := range 6 {
		for j := range 5 {
			for k := range 4 {
				want := margins[0][i] * margins[1][j] * margins[2][k] / (total * total)
				dev += loss.Poisson.Deviance(x.At(i, j, k), want)
				if got := m.At(i, j, k); !(math.Abs(got-want) <= 1e-5*(1+want)) {
					t.Errorf("m(%d, %d, %d) = %v, want %v", i, j, k, got, want)
				}
			}
		}
	}
	if !(math.Abs(res.Deviance-dev) <= 1e-9*dev) || res.Loss != "poisson" {
		t.Errorf("%s deviance %v, want %v", res.Loss, res.Deviance, dev)
	}
}

func sparseOf(x *tensor.Dense[float64]) *sparse.COO[float64] {
	s, err := sparse.FromDense(x)
	if err != nil {
		panic(err)
	}
	return s
}

// Zeros that are not stored are zeros: sparse data give what dense data give.
func TestGCPSparseIsDense(t *testing.T) {
	x := counts(6, 3, 0.4, 9, 8, 7)
	for _, l := range []loss.Loss{loss.Gaussian, loss.Poisson, loss.PoissonLog} {
		var errs, devs []float64
		for _, d := range []cp.Elementwise{x, sparseOf(x)} {
			_, res, err := cp.GCP(context.Background(), d, cp.GCPOptions{Rank: 3, Loss: l, Options: fit.Options{MaxIters: 25}})
			if err != nil {
				t.Fatal(err)
			}
			errs, devs = append(errs, res.RelativeError), append(devs, res.Deviance)
		}
		if !(math.Abs(errs[0]-errs[1]) <= 1e-6) || !(math.Abs(devs[0]-devs[1]) <= 1e-5*devs[0]) {
			t.Errorf("%s: relative errors %v, deviances %v", l, errs, devs)
		}
	}
}

// dataFor are data that a loss allows.
func dataFor(t *testing.T, l loss.Loss, rng *rand.Rand) *tensor.Dense[float64] {
	x := tensor.New[float64](7, 6, 5)
	for i := range x.Data() {
		v := math.Floor(4 * rng.Float64() * rng.Float64())
		for _, try := range []float64{v, v + 1, min(v, 1)} {
			if v = try; l.Allows(v) {
				break
			}
		}
		if err := l.Check(v); err != nil {
			t.Fatal(err)
		}
		x.Data()[i] = v
	}
	return x
}

// Every loss, on dense and on observed data: the deviance falls, the model is
// stationary (no small move of a factor lowers the loss), the reported
// figures are those of the model that is returned.
func TestGCPEveryLoss(t *testing.T) {
	for _, name := range loss.Names() {
		l, err := loss.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(2, 3))
		x := dataFor(t, l, rng)
		observed, _ := tensor.FromDense(x).Split(0.2, 3)
		for kind, d := range map[string]cp.Elementwise{"dense": x, "observed": observed, "sparse": sparseOf(x)} {
			m, res, err := cp.GCP(context.Background(), d, cp.GCPOptions{Rank: 2, Loss: l, Options: fit.Options{MaxIters: 300, Tol: 1e-9}})
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			if len(res.Trace) == 0 || !(res.RelativeError < 1) || !(res.Trace[len(res.Trace)-1] <= res.Trace[0]) {
				t.Errorf("%s, %s: relative error %v, trace %v", name, kind, res.RelativeError, res.Trace)
			}
			if last := res.Trace[len(res.Trace)-1]; !(math.Abs(last-res.RelativeError) <= 1e-7) {
				t.Errorf("%s, %s: the trace ends at %v, the model has %v", name, kind, last, res.RelativeError)
			}
			dev := 0.0
			known := tensor.FromDense(x)
			if kind == "observed" {
				known = observed
			}
			for e, v := range known.Values() {
				at := []int{int(known.Indices(0)[e]), int(known.Indices(1)[e]), int(known.Indices(2)[e])}
				mv := m.At(at...)
				if l.Lower() == 0 && mv < 0 {
					t.Fatalf("%s: the model is %v at %v", name, mv, at)
				}
				dev += l.Deviance(v, max(mv, l.Lower()))
			}
			if !(math.Abs(dev-res.Deviance) <= 1e-6*(1+math.Abs(dev))) {
				t.Errorf("%s, %s: deviance %v, want %v", name, kind, res.Deviance, dev)
			}
		}
	}
}

func TestGCPErrors(t *testing.T) {
	x := counts(1, 2, 1, 4, 3, 2)
	if err := x.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{Name: "b", Labels: []string{"p", "q", "r"}}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	bad := x.Clone()
	bad.Set(-3, 2, 1, 0)
	half := x.Clone()
	half.Set(0.5, 3, 2, 1)
	none, err := tensor.NewObserved([]int{3, 3, 3}, [][]int32{{}, {}, {}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	flat := tensor.New[float64](3, 3, 3)
	for i := range flat.Data() {
		flat.Data()[i] = 2
	}
	for want, c := range map[string]struct {
		x   cp.Elementwise
		opt cp.GCPOptions
	}{
		"cell (a=2, b=q, 0) holds -3 under the loss poisson":  {bad, cp.GCPOptions{Rank: 2, Loss: loss.Poisson}},
		"cell (a=3, b=r, 1) holds 0.5 under the loss poisson": {half, cp.GCPOptions{Rank: 2, Loss: loss.Poisson}},
		"all entries are missing":                             {none, cp.GCPOptions{Rank: 2}},
		"a constant already explains the data":                {flat, cp.GCPOptions{Rank: 2, Loss: loss.Poisson}},
		"rank 0: a positive number":                           {x, cp.GCPOptions{}},
		"ridge -1":                                            {x, cp.GCPOptions{Rank: 1, Ridge: -1}},
		"a non-negative start is needed":                      {x, cp.GCPOptions{Initial: planted(1, 2, false, 4, 3, 2), Nonneg: true}},
	} {
		if _, _, err := cp.GCP(context.Background(), c.x, c.opt); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "cp.GCP: ") {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	_, res, err := cp.GCP(context.Background(), x, cp.GCPOptions{Rank: 2})
	if err != nil || len(res.Notes) == 0 || !strings.Contains(res.Notes[0], "whole numbers") {
		t.Errorf("no warning about categories: %v, %v", res.Notes, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if m, res, err := cp.GCP(ctx, x, cp.GCPOptions{Rank: 2, Loss: loss.Poisson}); m == nil || res.Stop != fit.Cancelled || err != ctx.Err() {
		t.Errorf("cancelled: %v, %s, %v", m, res.Stop, err)
	}
}

func TestGCPSameBitsAtAnyThreads(t *testing.T) {
	x := counts(4, 3, 0.5, 40, 30, 35)
	observed, _ := tensor.FromDense(x).Split(0.5, 1)
	for _, d := range []cp.Elementwise{x, observed, sparseOf(x)} {
		testkit.Threads(t, fmt.Sprintf("%T", d), func() *cp.Tensor {
			m, _, err := cp.GCP(context.Background(), d, cp.GCPOptions{Rank: 4, Loss: loss.Poisson, Options: fit.Options{MaxIters: 10, Seed: 3}})
			if err != nil {
				t.Fatal(err)
			}
			return m
		})
	}
}

// The data are counts around a planted model: components are found again.
func ExampleGCP() {
	x := counts(8, 2, 4, 12, 11, 10)
	m, res, err := cp.GCP(context.Background(), x, cp.GCPOptions{Rank: 2, Loss: loss.Poisson})
	if err != nil {
		fmt.Println(err)
		return
	}
	score := cp.FactorCongruence(m, planted(8, 2, true, 12, 11, 10)).Score
	fmt.Printf("loss %s, planted components found: %v\n", res.Loss, score > 0.95)
	// Output: loss poisson, planted components found: true
}
