package cp_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// From the same start, every solver comes to the optimum that GCP comes to,
// on every kind of data.
func TestAPRIsGCP(t *testing.T) {
	x := counts(2, 2, 1.5, 9, 8, 7)
	known, _ := tensor.FromDense(x).Split(0.2, 1)
	start := planted(2, 2, true, 9, 8, 7)
	for kind, d := range map[string]cp.Elementwise{"dense": x, "sparse": sparseOf(x), "observed": known} {
		_, want, err := cp.GCP(context.Background(), d, cp.GCPOptions{Initial: start, Loss: loss.Poisson, Options: fit.Options{Tol: 1e-13, MaxIters: 3000}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []cp.APRSolver{"", cp.PDNR, cp.PQNR, cp.MU} {
			m, res, err := cp.APR(context.Background(), d, cp.APROptions{Initial: start, Solver: s, Options: fit.Options{Tol: 1e-11, MaxIters: 3000}})
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Abs(res.Deviance-want.Deviance) <= 1e-5*want.Deviance) {
				t.Errorf("%s, %s: deviance %v after %d sweeps, GCP has %v", kind, s, res.Deviance, res.Iterations, want.Deviance)
			}
			for k := 1; k < len(res.Trace); k++ {
				if res.Trace[k] > res.Trace[k-1]+1e-9 {
					t.Errorf("%s, %s: the deviance rose in sweep %d", kind, s, k+1)
					break
				}
			}
			for _, f := range m.Factors {
				for _, v := range f.Data {
					if v < 0 {
						t.Fatalf("%s, %s: an entry of a factor is %v", kind, s, v)
					}
				}
			}
		}
	}
}

// At an optimum, slices of the model sum to slices of the data.
func TestAPRKeepsMargins(t *testing.T) {
	x := counts(5, 3, 0.3, 12, 9, 6)
	m, _, err := cp.APR(context.Background(), sparseOf(x), cp.APROptions{Rank: 3, Solver: cp.PDNR, Options: fit.Options{Tol: 1e-12}})
	if err != nil {
		t.Fatal(err)
	}
	d := m.Dense()
	for mode := range 3 {
		for i := range x.Shape()[mode] {
			sx, sd := 0.0, 0.0
			for _, v := range x.Slice(mode, i, i+1, 1).Data() {
				sx += v
			}
			for _, v := range d.Slice(mode, i, i+1, 1).Data() {
				sd += v
			}
			if !(math.Abs(sx-sd) <= 1e-3*(1+sx)) {
				t.Errorf("mode %d: slice %d sums to %v, in the model to %v", mode, i, sx, sd)
			}
		}
	}
}

func TestAPRErrorsAndThreads(t *testing.T) {
	x := counts(1, 2, 1, 4, 3, 2)
	if _, _, err := cp.APR(context.Background(), x, cp.APROptions{Rank: 2, Solver: "newton"}); err == nil || !strings.Contains(err.Error(), "pdnr, pqnr or mu") {
		t.Errorf("unknown solver: %v", err)
	}
	bad := x.Clone()
	bad.Set(-1, 0, 0, 1)
	if _, _, err := cp.APR(context.Background(), bad, cp.APROptions{Rank: 2}); err == nil || !strings.Contains(err.Error(), "cp.APR: cell (0, 0, 1) holds -1") {
		t.Errorf("negative count: %v", err)
	}
	s := sparseOf(counts(4, 3, 0.5, 40, 30, 35))
	testkit.Threads(t, "APR", func() *cp.Tensor {
		m, _, err := cp.APR(context.Background(), s, cp.APROptions{Rank: 4, Options: fit.Options{MaxIters: 3}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func ExampleAPR() {
	x := counts(8, 2, 4, 12, 11, 10)
	m, res, err := cp.APR(context.Background(), x, cp.APROptions{Rank: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	score := cp.FactorCongruence(m, planted(8, 2, true, 12, 11, 10)).Score
	fmt.Printf("loss %s, planted components found: %v\n", res.Loss, score > 0.95)
	// Output: loss poisson, planted components found: true
}
