package complete

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// planted is a tensor of CP rank r with noise of a relative size, of which a
// share is known, and its other entries without noise.
func planted(seed uint64, shape []int, r int, noise, share float64) (known, hidden *tensor.Observed, sigma float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := tensor.New[float64](shape...)
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, r)
		for i := range factors[n].Data {
			factors[n].Data[i] = 0.7 + rng.NormFloat64()
		}
	}
	all := tensor.FromDense(x)
	weights := slices.Repeat([]float64{1}, r)
	truth := all.Evaluate(weights, factors)
	sigma = noise * all.WithValues(truth).Norm() / math.Sqrt(float64(len(truth)))
	for i, v := range truth {
		truth[i] = v + sigma*rng.NormFloat64()
	}
	known, hidden = all.WithValues(truth).Split(1-share, seed)
	return known, hidden, sigma
}

// Every format finds a rank that predicts nearly to the noise, and the
// standard errors cover what they say.
func TestRunFindsThePlanted(t *testing.T) {
	for _, form := range []string{"cp", "tucker", "tt"} {
		known, hidden, sigma := planted(3, []int{20, 18, 16}, 2, 0.1, 0.3)
		opt := Options{Format: form, MaxRank: 3}
		if form != "cp" {
			opt.Ridge = 0.03 // for a quicker test
		}
		res, err := Run(context.Background(), known, opt)
		if err != nil {
			t.Fatal(err)
		}
		rmse, mae, err := res.Score(hidden)
		if err != nil {
			t.Fatal(err)
		}
		// 108 to 144 unknowns of 1728 entries add 3 to 4 % in theory.
		if res.Chosen.Ranks[0] != 2 || !(rmse < 1.12*sigma) || !(mae < rmse) {
			t.Errorf("%s: ranks %v, rmse %v of entries not seen, noise %v", form, res.Chosen.Ranks, rmse, sigma)
		}
		if !(math.Abs(res.Chosen.RMSE-rmse) < 0.1*rmse) {
			t.Errorf("%s: cross-validation said %v, it is %v", form, res.Chosen.RMSE, rmse)
		}
		values, se := res.Predict(indices(hidden))
		for _, c := range []struct{ z, want float64 }{{1, 0.6827}, {1.645, 0.9}, {1.96, 0.95}} {
			inside := 0.0
			for e, v := range values {
				if math.Abs(v-hidden.Values()[e]) <= c.z*se[e] {
					inside++
				}
			}
			if inside /= float64(len(values)); !(math.Abs(inside-c.want) < 0.03) {
				t.Errorf("%s: %v of the entries lie within %v standard errors, want %v", form, inside, c.z, c.want)
			}
		}
	}
}

// A slice of which nothing is known is named, like the mean of the others,
// and less sure than they are.
func TestRunEmptySlice(t *testing.T) {
	known, _, _ := planted(5, []int{20, 15, 10}, 1, 0.1, 0.4)
	known = known.Select(func(e int) bool { return known.Indices(1)[e] != 7 })
	res, err := Run(context.Background(), known, Options{MaxRank: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "mode 1: no known entry in 7; the mean of the other rows stands in") {
		t.Errorf("notes %q", res.Notes)
	}
	values, se := res.Predict([][]int32{{3, 3}, {7, 8}, {2, 2}})
	mean := 0.0
	for j := range 15 {
		if j != 7 {
			mean += res.Model.At(3, j, 2) / 14
		}
	}
	if !(math.Abs(values[0]-mean) < 0.05*math.Abs(mean)) || !(se[0] > 1.2*se[1]) {
		t.Errorf("value %v where the mean is %v; standard errors %v", values[0], mean, se)
	}
}

func TestRunThreads(t *testing.T) {
	known, _, _ := planted(9, []int{10, 9, 8}, 2, 0.1, 0.5)
	for _, form := range []string{"cp", "tucker", "tt"} {
		testkit.Threads(t, form, func() *tensor.Dense[float64] {
			res, err := Run(context.Background(), known, Options{Format: form, MaxRank: 2, Ridge: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			y, err := res.Fill()
			if err != nil {
				t.Fatal(err)
			}
			return y
		})
	}
}

// Ones and zeros: the curve is that of a count by hand.
func TestBinary(t *testing.T) {
	if got := auc([]float64{1, 0, 1, 0, 0}, []float64{0.9, 0.1, 0.4, 0.4, 0.7}); got != 4.5/6 {
		t.Errorf("area %v, want %v", got, 4.5/6)
	}
	if got, want := bernoulli([]float64{1, 0}, []float64{0.8, 0.3}), -math.Log(0.8)-math.Log(0.7); !(math.Abs(got-want) < 1e-12) {
		t.Errorf("deviance %v, want %v", got, want)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.New[float64](30, 20)
	for i := range 30 {
		for j := range 20 {
			if p := 0.05 + 0.9*float64(i*j)/600; rng.Float64() < p {
				x.Set(1, i, j)
			}
		}
	}
	known, _ := tensor.FromDense(x).Split(0.3, 1)
	res, err := Run(context.Background(), known, Options{MaxRank: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !(res.AUC > 0.7) || !(res.Deviance < 1.3) || !(res.Low >= 0) {
		t.Errorf("area %v, deviance %v, predictions from %v", res.AUC, res.Deviance, res.Low)
	}
}

func TestFaults(t *testing.T) {
	none, err := tensor.NewObserved([]int{4, 3}, [][]int32{{}, {}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(context.Background(), none, Options{Format: "cube", Folds: 1, Smooth: []float64{1}, Ridge: math.NaN(), MaxRank: -1})
	for _, want := range []string{
		`format "cube"`, "all 12 cells of the tensor [4 3] are unknown", "folds 1", "1 smoothness penalties for 2 modes", "ridge NaN", "largest rank -1",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	one, err := tensor.NewObserved([]int{4, 3}, [][]int32{{2}, {1}}, []float64{5})
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(context.Background(), one, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v, se := res.Predict([][]int32{{0}, {0}}); !(math.Abs(v[0]-5) < 1) || !math.IsNaN(se[0]) {
		t.Errorf("of one known entry, 5: %v ± %v", v, se)
	}
}
