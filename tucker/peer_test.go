package tucker

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// TestPeerHOOI: the same sweeps from the same start give TensorLy's model
// (see bench/fixtures/tucker_tt.py).
func TestPeerHOOI(t *testing.T) {
	text, err := os.ReadFile("testdata/hooi.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Shape, Ranks         []int
			Iterations           int
			Data, Reconstruction []float64
			Start                [][]float64
			RelativeError        float64 `json:"relative_error"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 4 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for i, c := range file.Cases {
		x := tensor.FromSlice(c.Data, c.Shape...)
		start := &Tensor{Core: tensor.New[float64](c.Ranks...)}
		for n, f := range c.Start {
			start.Factors = append(start.Factors, tensor.MatrixOf(c.Shape[n], c.Ranks[n], f))
		}
		m, r, err := HOOI(ctx, x, Options{Initial: start, Options: fit.Options{MaxIters: c.Iterations, Tol: -1}})
		if err != nil {
			t.Fatal(err)
		}
		want := tensor.FromSlice(c.Reconstruction, c.Shape...)
		if d := tensor.Distance(m.Dense(), want); !(d <= 1e-8*want.Norm()) {
			t.Errorf("case %d: the reconstruction differs by %g", i, d/want.Norm())
		}
		if !(math.Abs(r.RelativeError-c.RelativeError) <= 1e-10) {
			t.Errorf("case %d: relative error %v, TensorLy %v", i, r.RelativeError, c.RelativeError)
		}
	}
}
