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

// Sampled gradients come near the optimum that the whole gradient finds.
func TestGCPAdamIsNearGCP(t *testing.T) {
	x := counts(2, 2, 0.8, 20, 18, 16)
	known, _ := tensor.FromDense(x).Split(0.2, 1)
	for _, c := range []struct {
		name string
		x    cp.Elementwise
		how  cp.Sampling
		note bool
		loss loss.Loss
	}{
		{"dense, uniform", x, "", false, loss.Poisson},
		{"observed, uniform", known, cp.Uniform, false, loss.Poisson},
		{"sparse, stratified", sparseOf(x), "", false, loss.Poisson},
		{"sparse, semi-stratified", sparseOf(x), cp.SemiStratified, false, loss.Poisson},
		{"sparse, uniform", sparseOf(x), cp.Uniform, false, loss.Poisson},
		{"sparse, poisson-log", sparseOf(x), "", true, loss.PoissonLog},
	} {
		_, want, err := cp.GCP(context.Background(), c.x, cp.GCPOptions{Rank: 2, Loss: c.loss, Options: fit.Options{MaxIters: 200}})
		if err != nil {
			t.Fatal(err)
		}
		_, res, err := cp.GCPAdam(context.Background(), c.x, cp.AdamOptions{
			GCPOptions: cp.GCPOptions{Rank: 2, Loss: c.loss, Options: fit.Options{MaxIters: 25, Tol: 1e-4}},
			Sampling:   c.how, Samples: 400, Epoch: 250, Rate: 0.01,
		})
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(res.RelativeError-want.RelativeError) <= 0.03) {
			t.Errorf("%s: relative error %v after %d epochs, GCP has %v", c.name, res.RelativeError, res.Iterations, want.RelativeError)
		}
		if c.note != strings.Contains(strings.Join(res.Notes, " "), "an estimate") {
			t.Errorf("%s: notes %q", c.name, res.Notes)
		}
	}
}

func TestGCPAdamErrorsAndThreads(t *testing.T) {
	x := counts(1, 2, 1, 14, 13, 12)
	known, _ := tensor.FromDense(x).Split(0.2, 1)
	base := cp.GCPOptions{Rank: 2, Loss: loss.Poisson, Options: fit.Options{MaxIters: 2}}
	for want, c := range map[string]struct {
		x   cp.Elementwise
		opt cp.AdamOptions
	}{
		"with unknown cells draw uniform": {known, cp.AdamOptions{GCPOptions: base, Sampling: cp.Stratified}},
		`sampling "all": uniform`:         {x, cp.AdamOptions{GCPOptions: base, Sampling: "all"}},
		"samples -1":                      {x, cp.AdamOptions{GCPOptions: base, Samples: -1}},
		"rate NaN":                        {x, cp.AdamOptions{GCPOptions: base, Rate: math.NaN()}},
		"epoch of -1":                     {x, cp.AdamOptions{GCPOptions: base, Epoch: -1}},
	} {
		if _, _, err := cp.GCPAdam(context.Background(), c.x, c.opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	testkit.Threads(t, "GCPAdam", func() *cp.Tensor {
		m, _, err := cp.GCPAdam(context.Background(), sparseOf(x), cp.AdamOptions{GCPOptions: base, Samples: 3000, Epoch: 10})
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func ExampleGCPAdam() {
	x := sparseOf(counts(8, 2, 4, 12, 11, 10))
	m, _, err := cp.GCPAdam(context.Background(), x, cp.AdamOptions{
		GCPOptions: cp.GCPOptions{Rank: 2, Loss: loss.Poisson, Options: fit.Options{MaxIters: 20, Tol: 1e-4}},
		Epoch:      200,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	score := cp.FactorCongruence(m, planted(8, 2, true, 12, 11, 10)).Score
	fmt.Println("planted components found:", score > 0.9)
	// Output: planted components found: true
}
