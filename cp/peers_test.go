package cp_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// peers is what bench/fixtures/cp.py writes.
type peers struct {
	ALS []struct {
		Shape           []int
		Rank, Sweeps    int
		Data            []float64
		Start           [][]float64
		TensorLy, PyTTB []float64
	}
	Match struct {
		A, B       [][]float64
		WeightsA   []float64 `json:"weights_a"`
		WeightsB   []float64 `json:"weights_b"`
		Score      float64
		Congruence float64
	}
}

func readPeers(t *testing.T) (p peers) {
	t.Helper()
	text, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func flatModel(t *testing.T, weights []float64, factors [][]float64, rank int) *cp.Tensor {
	t.Helper()
	var f []*tensor.Matrix[float64]
	for _, data := range factors {
		f = append(f, tensor.MatrixOf(len(data)/rank, rank, data))
	}
	m, err := cp.New(weights, f...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALSAgreesWithTensorLyAndPyTTB(t *testing.T) {
	p := readPeers(t)
	if len(p.ALS) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range p.ALS {
		x := tensor.FromSlice(c.Data, c.Shape...)
		opt := cp.Options{
			Initial: flatModel(t, nil, c.Start, c.Rank),
			Polish:  -1,
			Options: fit.Options{MaxIters: c.Sweeps, Tol: -1},
		}
		// All entries are observed: the two paths must agree as well.
		for _, data := range []cp.Data{x, tensor.FromDense(x)} {
			m, r, err := cp.ALS(context.Background(), data, opt)
			if err != nil {
				t.Fatal(err)
			}
			if r.Iterations != c.Sweeps || r.Stop != fit.MaxIters {
				t.Errorf("%d iterations, %s", r.Iterations, r.Stop)
			}
			for name, want := range map[string][]float64{"TensorLy": c.TensorLy, "pyttb": c.PyTTB} {
				y := tensor.FromSlice(want, c.Shape...)
				if d := tensor.Distance(m.Dense(), y) / y.Norm(); !(d <= 1e-10) {
					t.Errorf("%T of shape %v, rank %d, after %d sweeps: %g from %s", data, c.Shape, c.Rank, c.Sweeps, d, name)
				}
			}
		}
	}
}

func TestFactorMatchScoreAgreesWithPyTTB(t *testing.T) {
	p := readPeers(t).Match
	rank := len(p.WeightsA)
	a, b := flatModel(t, p.WeightsA, p.A, rank), flatModel(t, p.WeightsB, p.B, rank)
	if got := cp.FactorMatchScore(a, b).Score; !(math.Abs(got-p.Score) <= 1e-12) {
		t.Errorf("score %v, pyttb has %v", got, p.Score)
	}
	if got := cp.FactorCongruence(a, b).Score; !(math.Abs(got-p.Congruence) <= 1e-12) {
		t.Errorf("congruence %v, pyttb has %v", got, p.Congruence)
	}
}
