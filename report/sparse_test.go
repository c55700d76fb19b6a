package report

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// events is a sparse tensor of counts.
func events(t *testing.T) *sparse.COO[float64] {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 4))
	shape := []int{40, 35, 6}
	index := make([][]int32, 3)
	var values []float64
	for range 900 {
		for n, s := range shape {
			index[n] = append(index[n], int32(s/2+rng.IntN(s/2)*(1-2*rng.IntN(2)))%int32(s))
		}
		values = append(values, 1)
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Sum)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// What is measured of a sparse tensor without its zeros is what is measured
// of it written out.
func TestSparseSlices(t *testing.T) {
	x := events(t)
	for _, l := range []loss.Loss{loss.Gaussian, loss.Poisson} {
		m, res, err := cp.GCP(context.Background(), x, cp.GCPOptions{Rank: 3, Loss: l, Nonneg: true, Options: fit.Options{MaxIters: 20}})
		if err != nil {
			t.Fatal(err)
		}
		thin, err := sliceErrors(x, m, res)
		if err != nil {
			t.Fatal(err)
		}
		full, err := sliceErrors(x.Dense(), m, res)
		if err != nil {
			t.Fatal(err)
		}
		for n := range full {
			left := 0.0
			for i, e := range full[n] {
				s := thin[n][i]
				same := func(a, b float64) bool {
					return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-6*(1+math.Abs(b))
				}
				if !same(s.RelativeError, e.RelativeError) || !same(s.Share, e.Share) || !same(s.Size, e.Size) || s.Known != e.Known {
					t.Fatalf("%s: slice %d of mode %d is %+v, written out %+v", l, i, n, s, e)
				}
				left += e.Size * e.RelativeError * e.RelativeError
			}
			if want := res.RelativeError * res.RelativeError; l.String() == "poisson" && !(math.Abs(left-want) <= 1e-6) {
				t.Errorf("%s: the slices of mode %d leave %g, the model %g", l, n, left, want)
			}
		}
	}
}

func TestSparseReport(t *testing.T) {
	x := events(t)
	if err := x.SetAxes(tensor.Axis{Name: "from"}, tensor.Axis{Name: "to"}, tensor.Axis{Name: "hour"}); err != nil {
		t.Fatal(err)
	}
	gaps, err := x.Observed()
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []cp.Elementwise{x, gaps} {
		m, res, err := cp.APR(context.Background(), data, cp.APROptions{Rank: 2, Options: fit.Options{MaxIters: 20}})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, Input{Source: "events", Data: data, Model: m, Result: res}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"of the deviance", "Where data and model differ", "What the model explains worst", "Poisson regression", "from (down) × to (across)"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%T: %q is not in the report", data, want)
			}
		}
	}
}
