package complete

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// rates are of rank 2, positive, and a share of the counts drawn from them is
// known.
func rates(t *testing.T) (known, truth *tensor.Observed) {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 1))
	shape := []int{16, 14, 12}
	factors := make([]*tensor.Matrix[float64], 3)
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, 2)
		for i := range s {
			for r := range 2 {
				factors[n].Set(i, r, 0.1+2*math.Pow(math.Sin(math.Pi*float64(i+1)/float64(s)*float64(r+1)), 2))
			}
		}
	}
	all := tensor.FromDense(tensor.New[float64](shape...))
	m := all.Evaluate([]float64{1, 1}, factors)
	counts := make([]float64, len(m))
	for e, v := range m {
		for p := rng.ExpFloat64(); p < v; p += rng.ExpFloat64() {
			counts[e]++
		}
	}
	known, left := all.WithValues(counts).Split(0.5, 1)
	_, truth = all.WithValues(m).Split(0.5, 1)
	if left.Count() != truth.Count() {
		t.Fatal("the splits differ")
	}
	return known, truth
}

func nonneg(t *testing.T) constraint.Set {
	t.Helper()
	s, err := constraint.Parse("nonneg")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The rates of cells that are not known come out nearly as well as 80 free
// parameters can be told from 1344 counts: their deviance is then 80/1344.
func TestPoisson(t *testing.T) {
	known, truth := rates(t)
	res, err := Run(context.Background(), known, Options{Loss: loss.Poisson, MaxRank: 3})
	if err != nil {
		t.Fatal(err)
	}
	if res.Chosen.Ranks[0] != 2 || !(res.Deviance > 0.8 && res.Deviance < 1.4) || res.Deviance != res.Chosen.Deviance {
		t.Errorf("rank %v, deviance %v of counts left out", res.Chosen.Ranks, res.Deviance)
	}
	values, _ := res.Predict(indices(truth))
	if d := deviance(loss.Poisson, truth.Values(), values); !(d < 1.5*80.0/1344) {
		t.Errorf("deviance %v of the true rates", d)
	}
	if _, se := res.Predict(indices(truth)); !math.IsNaN(se[0]) {
		t.Errorf("a standard error is %v", se[0])
	}
}

func TestConstraintsHold(t *testing.T) {
	known, truth := rates(t)
	sets := []constraint.Set{nonneg(t), {}, nonneg(t)}
	res, err := Run(context.Background(), known, Options{MaxRank: 3, Constraints: sets})
	if err != nil {
		t.Fatal(err)
	}
	m := res.Model.(*cp.Tensor)
	for _, n := range []int{0, 2} {
		for _, v := range m.Factors[n].Data {
			if !(v >= 0) {
				t.Fatalf("mode %d has %v", n, v)
			}
		}
	}
	rmse, _, err := res.Score(truth)
	if err != nil {
		t.Fatal(err)
	}
	if _, se := res.Predict(indices(truth)); res.Chosen.Ranks[0] != 2 || !(rmse < 1) || !(se[0] > 0) {
		t.Errorf("rank %v, rmse %v, se %v", res.Chosen.Ranks, rmse, se[0])
	}
}

func TestSpecialFaults(t *testing.T) {
	known, _ := rates(t)
	for want, o := range map[string]Options{
		"losses and constraints are for the format cp": {Format: "tt", Loss: loss.Poisson},
		"4 constraints for 3 modes":                    {Loss: loss.Poisson, Constraints: make([]constraint.Set, 4)},
		"ties between neighbouring slices":             {Loss: loss.Poisson, Smooth: []float64{1, 1, 1}},
		"the constraint l2 does the same":              {Constraints: []constraint.Set{nonneg(t)}, Ridge: 0.1},
	} {
		if _, err := Run(context.Background(), known, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// Counts are completed under a loss and constraints together.
func TestLossUnderConstraints(t *testing.T) {
	known, truth := rates(t)
	smooth, err := constraint.Parse("nonneg,smooth:0.01")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(context.Background(), known, Options{Loss: loss.Poisson, MaxRank: 3, Constraints: []constraint.Set{smooth, nonneg(t), nonneg(t)}})
	if err != nil {
		t.Fatal(err)
	}
	values, _ := res.Predict(indices(truth))
	if d := deviance(loss.Poisson, truth.Values(), values); res.Chosen.Ranks[0] != 2 || res.Chosen.Ridge != 0 || !(d < 1.5*80.0/1344) {
		t.Errorf("rank %v, ridge %v, deviance %v of the true rates", res.Chosen.Ranks, res.Chosen.Ridge, d)
	}
}
