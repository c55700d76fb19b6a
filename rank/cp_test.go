package rank

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// full runs all planted tensors, thousands of choices that take hours:
//
//	go test ./rank -run TestPlantedAll -full -timeout 6h -v
var full = flag.Bool("full", false, "run all planted tensors")

func choice(t *testing.T, x cp.Data, opt Options) *Evidence {
	t.Helper()
	ev, err := CP(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// explain prints the evidence of a choice that went wrong.
func explain(t *testing.T, ev *Evidence) {
	t.Helper()
	b, err := json.MarshalIndent(ev, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", b)
}

func TestPlanted(t *testing.T) {
	none := math.Inf(1)
	for _, p := range []plan{
		{shape: []int{20, 25, 30}, rank: 2, dB: 10, seed: 1},
		{shape: []int{20, 25, 30}, rank: 6, dB: 10, uniform: true, seed: 2},
		{shape: []int{10, 20, 15, 12}, rank: 4, dB: 10, uniform: true, seed: 4},
		{shape: []int{15, 40, 50}, rank: 3, dB: 40, uniform: true, seed: 5},
		{shape: []int{20, 25, 30}, rank: 4, dB: none, seed: 6},
		{shape: []int{20, 25, 30}, rank: 3, dB: 20, congruence: 0.7, seed: 7},
		{shape: []int{15, 20, 12}, rank: 3, dB: 15, missing: 0.3, seed: 8},
	} {
		t.Run(p.String(), func(t *testing.T) {
			ev := choice(t, p.data(), Options{Seed: p.seed})
			if !slices.Equal(ev.Chosen, []int{p.rank}) {
				explain(t, ev)
				t.Fatalf("chose %v, %d was planted", ev.Chosen, p.rank)
			}
			c := ev.Candidates[p.rank-1]
			if noise := math.Pow(10, -p.dB/20); !(math.Abs(c.HeldOut-noise) <= 0.15*noise+1e-4) {
				t.Errorf("held-out error %v, the noise is %v", c.HeldOut, noise)
			}
			if !(c.SplitHalf >= reproducible && c.StartsAgree >= 0.99) {
				t.Errorf("split halves match by %v, starts by %v", c.SplitHalf, c.StartsAgree)
			}
		})
	}
}

// At least 9 of 10 seeds must give the planted rank in each cell.
func TestPlantedAll(t *testing.T) {
	if !*full {
		t.Skip("needs -full")
	}
	for _, missing := range []float64{0, 0.25} {
		for _, shape := range [][]int{{20, 25, 30}, {30, 30, 30}, {10, 20, 15, 12}, {15, 40, 50}} {
			for _, uniform := range []bool{false, true} {
				for _, dB := range []float64{10, 15, 20, 30, 40, math.Inf(1)} {
					for rank := 2; rank <= 6; rank++ {
						cell := plan{shape: shape, rank: rank, dB: dB, uniform: uniform, missing: missing}
						right := 0
						for seed := range uint64(10) {
							cell.seed = seed
							if ev := choice(t, cell.data(), Options{Seed: seed}); ev.Chosen[0] == rank {
								right++
							} else {
								t.Logf("%v: %v: %s", cell, ev.Chosen, strings.Join(ev.Reasons, "; "))
							}
						}
						t.Logf("%v: %d of 10", cell, right)
						if right < 9 {
							t.Errorf("%v: %d of 10", cell, right)
						}
					}
				}
			}
		}
	}
}

func TestSingle(t *testing.T) {
	x := tensor.As[float32](plan{shape: []int{18, 20, 22}, rank: 3, dB: 20, seed: 1}.dense())
	if ev := choice(t, x, Options{}); !slices.Equal(ev.Chosen, []int{3}) {
		explain(t, ev)
		t.Errorf("chose %v of float32 data, 3 was planted", ev.Chosen)
	}
}

func TestNonNegative(t *testing.T) {
	for _, missing := range []float64{0, 0.2} {
		p := plan{shape: []int{10, 12, 14}, rank: 3, dB: 25, uniform: true, missing: missing, seed: 1}
		if ev := choice(t, p.data(), Options{NonNegative: true}); !slices.Equal(ev.Chosen, []int{3}) {
			explain(t, ev)
			t.Errorf("%v: chose %v", p, ev.Chosen)
		}
	}
}

func TestNonNegativeSample(t *testing.T) {
	p := plan{shape: []int{30, 40, 50}, rank: 2, dB: 20, uniform: true, seed: 1}
	ev := choice(t, p.data(), Options{NonNegative: true, Max: 4})
	if !slices.Equal(ev.Chosen, []int{2}) || !strings.Contains(ev.Basis, "sample of slices") {
		t.Errorf("chose %v, on %s", ev.Chosen, ev.Basis)
	}
}

func TestObservedSample(t *testing.T) {
	p := plan{shape: []int{30, 40, 50}, rank: 2, dB: 15, missing: 0.5, seed: 1}
	ev := choice(t, p.data(), Options{Max: 4})
	if !slices.Equal(ev.Chosen, []int{2}) || !strings.Contains(ev.Basis, "known entries, in the slices") {
		t.Errorf("chose %v, on %s", ev.Chosen, ev.Basis)
	}
}

func has(ev *Evidence, words string) bool {
	return strings.Contains(strings.Join(ev.Reasons, "\n"), words)
}

func TestRankOne(t *testing.T) {
	for _, p := range []plan{
		{shape: []int{12, 15, 10}, rank: 1, dB: 10, seed: 1},
		{shape: []int{12, 15, 10}, rank: 1, dB: math.Inf(1), seed: 1},
		{shape: []int{12, 15, 10}, rank: 1, dB: 20, uniform: true, missing: 0.3, seed: 1},
	} {
		ev := choice(t, p.data(), Options{})
		if !slices.Equal(ev.Chosen, []int{1}) || has(ev, "warning") {
			explain(t, ev)
			t.Errorf("%v: chose %v", p, ev.Chosen)
		}
	}
}

func TestNoise(t *testing.T) {
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 9))
		x := tensor.Normal(rng, 12, 15, 20)
		ev := choice(t, x, Options{Seed: seed})
		if !slices.Equal(ev.Chosen, []int{1}) || !has(ev, "looks like noise") {
			explain(t, ev)
			t.Errorf("seed %d: chose %v of noise", seed, ev.Chosen)
		}
	}
}

func TestConstant(t *testing.T) {
	x := tensor.New[float64](6, 7, 8)
	for e := range x.Data() {
		x.Data()[e] = 3
	}
	ev := choice(t, x, Options{})
	if !slices.Equal(ev.Chosen, []int{1}) || !has(ev, "exactly") || len(ev.Candidates) != 1 {
		explain(t, ev)
		t.Errorf("chose %v of a constant tensor", ev.Chosen)
	}
}

// Modes of size 1 change nothing.
func TestModesOfSizeOne(t *testing.T) {
	x := plan{shape: []int{14, 15, 16}, rank: 3, dB: 20, seed: 1}.dense()
	want := choice(t, x, Options{})
	for _, y := range []cp.Data{x.Reshape(14, 1, 15, 16, 1), tensor.FromDense(x.Reshape(1, 14, 15, 1, 16))} {
		ev := choice(t, y, Options{})
		if !slices.Equal(ev.Chosen, want.Chosen) {
			t.Errorf("shape %v: chose %v, without modes of size 1 %v", y.Shape(), ev.Chosen, want.Chosen)
		}
	}
	for _, shape := range [][]int{{1, 1, 1}, {5, 1, 1}, {5}} {
		y := tensor.New[float64](shape...)
		for e := range y.Data() {
			y.Data()[e] = float64(e + 1)
		}
		for _, d := range []cp.Data{y, tensor.FromDense(y)} {
			if ev := choice(t, d, Options{}); !slices.Equal(ev.Chosen, []int{1}) {
				t.Errorf("shape %v: chose %v", shape, ev.Chosen)
			}
		}
	}
}

// The mode that is split is called by its name or by its number in the data.
func TestSplitMode(t *testing.T) {
	p := plan{shape: []int{6, 9, 1, 7}, rank: 2, dB: 20, seed: 1}
	x := p.dense()
	for want, axes := range map[string][]tensor.Axis{
		"halves of mode 1 ":    make([]tensor.Axis, 4),
		"halves of mode kind ": {{}, {Name: "year", Ordinal: true, Labels: strings.Split("abcdefghi", "")}, {}, {Name: "kind"}},
	} {
		if err := x.SetAxes(axes...); err != nil {
			t.Fatal(err)
		}
		if ev := choice(t, x, Options{Max: 2}); !has(ev, want) {
			t.Errorf("%q is missing in %q", want, ev.Reasons)
		}
	}
}

func TestMatrix(t *testing.T) {
	for _, p := range []plan{
		{shape: []int{30, 40}, rank: 3, dB: 20, seed: 1},
		{shape: []int{30, 40}, rank: 3, dB: 20, missing: 0.2, seed: 1},
	} {
		ev := choice(t, p.data(), Options{})
		if !slices.Equal(ev.Chosen, []int{3}) || !has(ev, "not unique") {
			explain(t, ev)
			t.Errorf("%v: chose %v", p, ev.Chosen)
		}
		if c := ev.Candidates[2]; !math.IsNaN(c.Corcondia) || !math.IsNaN(c.SplitHalf) || !math.IsNaN(c.StartsAgree) || !math.IsNaN(c.Degeneracy) {
			t.Errorf("%v: figures that do not apply to a matrix: %+v", p, c)
		}
	}
}

// The vetoes, one by one.
func TestSetAside(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		corcondia, excess, split, starts, degeneracy float64
		want                                         string
	}{
		{99, 30, 0.5, 0.5, -0.2, ""},
		{99, 1, 1, 1, -0.95, cancelling},
		{40, 3, 1, 1, 0, interacting},
		{-900, 1.1, 0.95, 1, 0, ""},
		{-900, 1.1, 0.8, 1, 0, interacting},
		{-900, 1.1, 0.95, 0.6, 0, interacting},
		{-900, 1.1, nan, 1, 0, ""},
		{nan, nan, 1, 1, 0, ""},
	} {
		one, two := &trial{Candidate: Blank(1)}, &trial{Candidate: Blank(2)}
		two.Corcondia, two.CoreExcess, two.SplitHalf, two.StartsAgree, two.Degeneracy = c.corcondia, c.excess, c.split, c.starts, c.degeneracy
		three := &trial{Candidate: Blank(3)} // cannot be checked
		(&searchCP{trials: []*trial{one, two, three}}).setAside()
		if one.veto != "" || two.veto != c.want {
			t.Errorf("%+v: set aside for %q and %q", c, one.veto, two.veto)
		}
		if after := three.veto == notCheckable; after != (c.want == interacting) {
			t.Errorf("%+v: the next rank is set aside for %q", c, three.veto)
		}
	}
}

// A product of sums of effects, a limit of rank-2 tensors whose components
// cancel: a rank above 1 must be chosen, with a warning or for its figures.
func TestSumOfEffects(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	vectors := make([][]float64, 6)
	for v := range vectors {
		vectors[v] = make([]float64, 15)
		for i := range vectors[v] {
			vectors[v][i] = rng.NormFloat64()
		}
	}
	a, b, c, u, v, w := vectors[0], vectors[1], vectors[2], vectors[3], vectors[4], vectors[5]
	x := tensor.New[float64](15, 15, 15)
	for i := range 15 {
		for j := range 15 {
			for k := range 15 {
				x.Set(a[i]*b[j]*w[k]+a[i]*v[j]*c[k]+u[i]*b[j]*c[k]+0.02*rng.NormFloat64(), i, j, k)
			}
		}
	}
	ev := choice(t, x, Options{Max: 5})
	if r := ev.Chosen[0]; r < 2 || r > 3 {
		explain(t, ev)
		t.Errorf("chose %d", r)
	}
	if c := ev.Candidates[1]; !(c.Degeneracy < -0.8) {
		t.Errorf("rank 2: cosine %v", c.Degeneracy)
	}
}

func TestDeterminism(t *testing.T) {
	for _, p := range []plan{
		{shape: []int{16, 18, 20}, rank: 2, dB: 10, seed: 1},
		{shape: []int{8, 9, 10}, rank: 2, dB: 10, missing: 0.2, seed: 1},
	} {
		testkit.Threads(t, fmt.Sprint(p), func() *Evidence {
			ev := choice(t, p.data(), Options{Seed: 3, Max: 3})
			ev.Seconds = 0
			return ev
		})
	}
}

func TestInputUnchanged(t *testing.T) {
	x := plan{shape: []int{12, 20, 25}, rank: 2, dB: 20, seed: 1}.dense()
	before := x.Clone()
	choice(t, x, Options{Max: 2})
	if !reflect.DeepEqual(x.Data(), before.Data()) {
		t.Error("the data were changed")
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	x := plan{shape: []int{20, 25, 30}, rank: 3, dB: 20, seed: 1}.dense()
	ev, err := CP(ctx, x, Options{Progress: func(done, _ int, _ string) {
		if done == 5 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || ev != nil {
		t.Errorf("after a cancellation: %v, %v", ev, err)
	}
}

func TestProgress(t *testing.T) {
	last, total := 0, 0
	x := plan{shape: []int{10, 11, 12}, rank: 2, dB: 20, seed: 1}.dense()
	choice(t, x, Options{Progress: func(done, of int, label string) {
		if done <= last || (total != 0 && of != total) || label == "" {
			t.Errorf("step %d of %d (%q) after %d of %d", done, of, label, last, total)
		}
		last, total = done, of
	}})
	if last != total || total == 0 {
		t.Errorf("ended at %d of %d", last, total)
	}
}

func TestBadInput(t *testing.T) {
	zero, nan := tensor.New[float64](3, 4, 5), tensor.New[float64](3, 4, 5)
	nan.Set(math.NaN(), 1, 2, 3)
	good := plan{shape: []int{5, 6, 7}, rank: 1, dB: 20, seed: 1}.dense()
	for _, c := range []struct {
		x    cp.Data
		opt  Options
		want string
	}{
		{zero, Options{}, "all known entries are zero"},
		{nan, Options{}, "NaN or infinite"},
		{tensor.New[float64](3, 0, 5), Options{}, "mode 1 has size 0"},
		{good, Options{Max: -1, Folds: 1, Starts: -2}, "largest rank -1"},
		{good, Options{Max: -1, Folds: 1, Starts: -2}, "folds 1"},
		{good, Options{Max: -1, Folds: 1, Starts: -2}, "starts -2"},
		{struct{ cp.Data }{good}, Options{}, "not supported"},
	} {
		ev, err := CP(context.Background(), c.x, c.opt)
		if err == nil || ev != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %v; an error with %q is expected", ev, err, c.want)
		}
	}
}

// Few entries, and small shapes, must not fail.
func TestSmall(t *testing.T) {
	for _, shape := range [][]int{{2, 2, 2}, {2, 2}, {3, 2, 2, 2}, {2, 1, 3}} {
		x := tensor.New[float64](shape...)
		rng := rand.New(rand.NewPCG(1, 1))
		for e := range x.Data() {
			x.Data()[e] = rng.Float64()
		}
		for _, opt := range []Options{{}, {Max: 3}, {NonNegative: true}} {
			ev := choice(t, x, opt)
			if len(ev.Chosen) != 1 || ev.Chosen[0] < 1 || len(ev.Reasons) == 0 {
				t.Errorf("shape %v: chose %v because %q", shape, ev.Chosen, ev.Reasons)
			}
		}
		for count := 1; count < min(4, x.Len()); count++ {
			choice(t, tensor.FromDense(x).Select(func(e int) bool { return e < count }), Options{})
		}
	}
}

// The default bound on the rank is that of the compressed tensor: large data
// with few candidates would be a poor choice.
func TestLarge(t *testing.T) {
	p := plan{shape: []int{90, 100, 110}, rank: 4, dB: 0, seed: 1}
	ev := choice(t, p.data(), Options{})
	if !slices.Equal(ev.Chosen, []int{4}) || len(ev.Candidates) < 6 {
		explain(t, ev)
		t.Errorf("chose %v of %d candidates, 4 was planted", ev.Chosen, len(ev.Candidates))
	}
}
