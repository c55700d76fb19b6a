package cp_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

func checkNonNegative(t *testing.T, m *cp.Tensor) {
	t.Helper()
	for n, f := range m.Factors {
		if v := slices.Min(f.Data); !(v >= 0) {
			t.Errorf("factor %d holds %v", n, v)
		}
	}
	if v := slices.Min(m.Weights); !(v >= 0) {
		t.Errorf("a weight is %v", v)
	}
}

func TestHALSRecoversPlantedParts(t *testing.T) {
	truth := planted(3, 4, true, 15, 12, 13)
	// Parts with zeros, which make the non-negative model unique.
	for _, f := range truth.Factors {
		for i := range f.Rows {
			f.Set(i, i%4, 0)
		}
	}
	truth.Normalize()
	x := truth.Dense()
	for _, data := range []cp.Data{x, most(x, 0.4)} {
		opt := cp.Options{Rank: 4, Options: fit.Options{Tol: 1e-12, MaxIters: 3000, Starts: 2, Seed: 1}}
		m, r, err := cp.HALS(context.Background(), data, opt)
		if err != nil {
			t.Fatal(err)
		}
		checkNonNegative(t, m)
		if !(r.RelativeError <= 1e-6) {
			t.Errorf("%T: relative error %g after %d iterations (%s)", data, r.RelativeError, r.Iterations, r.Stop)
		}
		if s := cp.FactorMatchScore(m, truth); !(s.Score >= 1-1e-4) {
			t.Errorf("%T: factor match score %v", data, s.Score)
		}
	}
}

// most hides a share of the entries.
func most(x *tensor.Dense[float64], hidden float64) *tensor.Observed {
	kept, _ := tensor.FromDense(x).Split(hidden, 9)
	return kept
}

func TestHALSErrorNeverRises(t *testing.T) {
	// Data with negative entries, which no non-negative model reaches.
	x := noisy(planted(4, 3, false, 9, 8, 7).Dense(), 0.3, 1)
	for _, data := range []cp.Data{x, most(x, 0.3)} {
		m, r, err := cp.HALS(context.Background(), data, cp.Options{Rank: 5, Options: fit.Options{Tol: -1, MaxIters: 100}})
		if err != nil {
			t.Fatal(err)
		}
		checkNonNegative(t, m)
		checkMonotone(t, r.Trace)
	}
}

func checkMonotone(t *testing.T, trace []float64) {
	t.Helper()
	for i := 1; i < len(trace); i++ {
		if !(trace[i] <= trace[i-1]+1e-12) {
			t.Errorf("iteration %d: the relative error rises from %v to %v", i+1, trace[i-1], trace[i])
		}
	}
	if len(trace) == 0 || math.IsNaN(trace[0]) {
		t.Error("no trace")
	}
}
