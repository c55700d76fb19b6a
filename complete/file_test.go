package complete

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// Where little is known of the slices of a cell its standard error is larger,
// and the errors of the predictions are larger by as much. A model that is
// saved and loaded says the same.
func TestStandardErrorsAreEachCells(t *testing.T) {
	for _, form := range []string{"cp", "tucker", "tt"} {
		all, _, _ := planted(7, []int{24, 22, 20}, 2, 0.2, 1-1e-9)
		rng := rand.New(rand.NewPCG(9, 0))
		seen := make([]bool, all.Count())
		for e := range seen { // more of the first slices of each mode is known
			p := 1.0
			for n, s := range all.Shape() {
				p *= math.Pow(1-float64(all.Indices(n)[e])/float64(s), 0.8)
			}
			seen[e] = rng.Float64() < 0.8*p
		}
		known := all.Select(func(e int) bool { return seen[e] })
		hidden := all.Select(func(e int) bool { return !seen[e] })
		opt := Options{Format: form, Ranks: []int{2}, Ridge: 0.01, Smooth: make([]float64, 3)}
		res, err := Run(context.Background(), known, opt)
		if err != nil {
			t.Fatal(err)
		}
		values, se := res.Predict(indices(hidden))
		order := make([]int, len(se))
		for e := range order {
			order[e] = e
		}
		slices.SortFunc(order, func(a, b int) int {
			if se[a] < se[b] {
				return -1
			}
			return 1
		})
		quarter := len(order) / 4
		var spread []float64
		for _, part := range [][]int{order[:quarter], order[quarter : 3*quarter], order[3*quarter:]} {
			inside, sum, square := 0.0, 0.0, 0.0
			for _, e := range part {
				off := values[e] - hidden.Values()[e]
				if math.Abs(off) <= 1.96*se[e] {
					inside++
				}
				sum += se[e] * se[e]
				square += off * off
			}
			inside /= float64(len(part))
			t.Logf("%s: standard errors of %.3f, errors of %.3f, %.1f %% within 1.96", form, math.Sqrt(sum/float64(len(part))), math.Sqrt(square/float64(len(part))), 100*inside)
			if !(inside >= 0.91 && inside <= 0.985) {
				t.Errorf("%s: %v of the cells lie within 1.96 standard errors of their own", form, inside)
			}
			spread = append(spread, math.Sqrt(sum/float64(len(part))))
		}
		if !(spread[2] > 1.1*spread[0]) {
			t.Errorf("%s: standard errors from %v to %v", form, spread[0], spread[2])
		}
		path := filepath.Join(t.TempDir(), "m.npz")
		if err := res.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		v, s := again.Predict(indices(hidden))
		for e := range v {
			if !(math.Abs(v[e]-values[e]) <= 1e-12*(1+math.Abs(values[e]))) || !(math.Abs(s[e]-se[e]) <= 1e-12*se[e]) {
				t.Fatalf("%s: %v ± %v after loading, %v ± %v before", form, v[e], s[e], values[e], se[e])
			}
		}
		if _, err := again.Unknown(); err == nil {
			t.Error("a loaded model knows what is unknown")
		}
	}
}

// A model of another origin has the standard error that it says, or none; a
// damaged one is refused.
func TestLoadOthers(t *testing.T) {
	res, err := Run(context.Background(), first(planted(3, []int{6, 5, 4}, 1, 0.1, 0.8)), Options{Ranks: []int{1}, Ridge: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.npz")
	at := [][]int32{{1}, {2}, {3}}
	for _, want := range []float64{0, 0.25} {
		if err := model.Save(path, res.Model, fit.Result{PredictionSE: want}); err != nil {
			t.Fatal(err)
		}
		r, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		v, se := r.Predict(at)
		if math.Abs(v[0]-res.Model.At(1, 2, 3)) > 1e-12 || want > 0 && se[0] != want || want == 0 && !math.IsNaN(se[0]) {
			t.Errorf("%v ± %v, want ± %v", v, se, want)
		}
	}
	figures := tensorio.NamedArray{Name: figuresName, Array: tensor.FromSlice([]float64{1, 0, 1, 2}, 4)}
	if err := model.Save(path, res.Model, fit.Result{}, figures); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "covariance_0 has 0 numbers") {
		t.Error(err)
	}
}

func first(x, _ *tensor.Observed, _ float64) *tensor.Observed { return x }
