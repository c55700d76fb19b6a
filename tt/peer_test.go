package tt

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// TestPeerSVD: the reconstruction is TensorLy's (see
// bench/fixtures/tucker_tt.py).
func TestPeerSVD(t *testing.T) {
	text, err := os.ReadFile("testdata/svd.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Shape, Ranks         []int
			Data, Reconstruction []float64
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
		m, r, err := SVD(ctx, tensor.FromSlice(c.Data, c.Shape...), Options{Ranks: c.Ranks})
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
