package cp_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// anyFixture is testdata/any.json, by bench/fixtures/any.py.
type anyFixture struct {
	Shape  []int
	Rank   int
	Losses []struct {
		Loss      string
		Data      []float64
		Factors   [][]float64
		Value     float64
		Gradients [][]float64
	}
	Counts        []float64
	Start         [][]float64
	LogLikelihood map[string]float64 `json:"log_likelihood"`
}

func readAny(t *testing.T) anyFixture {
	t.Helper()
	raw, err := os.ReadFile("testdata/any.json")
	if err != nil {
		t.Fatal(err)
	}
	var f anyFixture
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Losses) != 10 {
		t.Fatalf("%d losses", len(f.Losses))
	}
	return f
}

func matricesOf(shape []int, rank int, list [][]float64) []*tensor.Matrix[float64] {
	var out []*tensor.Matrix[float64]
	for n, data := range list {
		out = append(out, tensor.MatrixOf(shape[n], rank, data))
	}
	return out
}

// Values and gradients of every loss are pyttb's, on data of every kind.
func TestLossesAgreeWithPyTTB(t *testing.T) {
	f := readAny(t)
	for _, c := range f.Losses {
		l, err := loss.Parse(c.Loss)
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.FromSlice(c.Data, f.Shape...)
		data := []cp.Elementwise{x, tensor.FromDense(x)}
		if l.Allows(0) {
			s, err := sparse.FromDense(x)
			if err != nil {
				t.Fatal(err)
			}
			data = append(data, s)
		}
		factors := matricesOf(f.Shape, f.Rank, c.Factors)
		for _, d := range data {
			var grads []*tensor.Matrix[float64]
			for _, size := range f.Shape {
				grads = append(grads, tensor.NewMatrix[float64](size, f.Rank))
			}
			if v := d.LossGradient(factors, grads, l.Block); !(math.Abs(v-c.Value) <= 1e-12*math.Abs(c.Value)) {
				t.Errorf("%s %T: %.16g, pyttb has %.16g", c.Loss, d, v, c.Value)
			}
			if c.Loss == "negative-binomial:4" {
				continue // pyttb's gradient is not the derivative of its value; TestDerivatives of package loss checks ours
			}
			for n, g := range grads {
				top := 0.0
				for _, v := range c.Gradients[n] {
					top = max(top, math.Abs(v))
				}
				for i, v := range g.Data {
					if !(math.Abs(v-c.Gradients[n][i]) <= 1e-12*top) {
						t.Fatalf("%s %T: gradient %d of mode %d is %.16g, pyttb has %.16g", c.Loss, d, i, n, v, c.Gradients[n][i])
					}
				}
			}
		}
	}
}

// From one start every way of cp.APR comes to the likelihood that pyttb's
// cp_apr comes to, on data of every kind.
func TestAPRAgreesWithPyTTB(t *testing.T) {
	f := readAny(t)
	x := tensor.FromSlice(f.Counts, f.Shape...)
	s, err := sparse.FromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	start := &cp.Tensor{Weights: []float64{1, 1}, Factors: matricesOf(f.Shape, 2, f.Start), Modes: make([]tensor.Axis, 3)}
	want := f.LogLikelihood["pdnr"]
	for _, how := range []cp.APRSolver{cp.MU, cp.PDNR, cp.PQNR} {
		for _, d := range []cp.Elementwise{x, s, tensor.FromDense(x)} {
			m, r, err := cp.APR(context.Background(), d, cp.APROptions{Rank: 2, Solver: how, Initial: start, Options: fit.Options{Tol: 1e-12, MaxIters: 5000, Starts: 1}})
			if err != nil {
				t.Fatal(err)
			}
			got := 0.0
			for i, v := range m.Dense().Data() {
				if f.Counts[i] > 0 {
					got += f.Counts[i] * math.Log(v)
				}
				got -= v
			}
			if !(math.Abs(got-want) <= 1e-5*math.Abs(want)) {
				t.Errorf("%s %T: log likelihood %.10g after %d iterations, pyttb has %.10g", how, d, got, r.Iterations, want)
			}
		}
	}
}
