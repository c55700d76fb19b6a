package rank

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

type chooser func(context.Context, tensor.Tensor, Options) (*Evidence, error)

// A sum of R products of generic vectors has multilinear ranks and
// sequential ranks R.
func TestSpectralPlanted(t *testing.T) {
	ctx := context.Background()
	for _, p := range []plan{
		{shape: []int{20, 25, 30}, rank: 4, dB: 10, seed: 1},
		{shape: []int{20, 25, 30}, rank: 3, dB: 20, uniform: true, seed: 2},
		{shape: []int{6, 8, 7, 9}, rank: 3, dB: 15, seed: 3},
		{shape: []int{12, 1, 15, 10}, rank: 2, dB: math.Inf(1), seed: 4},
		{shape: []int{40, 50}, rank: 3, dB: 10, seed: 5},
	} {
		x := p.dense()
		full := make([]int, len(p.shape))
		for n, size := range p.shape {
			full[n] = min(size, p.rank)
		}
		inner := slices.Repeat([]int{p.rank}, len(p.shape)-1)
		for name, c := range map[string]struct {
			choose chooser
			want   []int
		}{"tucker": {Tucker, full}, "tt": {TT, inner}} {
			var data tensor.Tensor = x
			if p.dB == 10 {
				data = tensor.As[float32](x)
			}
			ev, err := c.choose(ctx, data, Options{Seed: p.seed})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(ev.Chosen, c.want) {
				explain(t, ev)
				t.Errorf("%s of %v, %T: ranks %v, %v were planted", name, p, data, ev.Chosen, c.want)
			}
		}
	}
}

func TestSpectralNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	x := tensor.Normal(rng, 10, 12, 15)
	for _, c := range []chooser{Tucker, TT} {
		ev, err := c(context.Background(), x, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Max(ev.Chosen) != 1 || !has(ev, "looks like noise") {
			explain(t, ev)
			t.Errorf("%s: ranks %v of noise", ev.Method, ev.Chosen)
		}
	}
}

// What is too large to fill in is left to the hard threshold.
func TestSpectralThreshold(t *testing.T) {
	x := plan{shape: []int{60, 60, 60}, rank: 30, dB: 20, seed: 1}.dense()
	ev, err := Tucker(context.Background(), x, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ev.Chosen, []int{30, 30, 30}) || !has(ev, "was not checked") {
		explain(t, ev)
		t.Errorf("ranks %v, 30 were planted", ev.Chosen)
	}
	if c := ev.Candidates[0]; !math.IsNaN(c.HeldOut) || math.IsNaN(c.RelativeError) {
		t.Errorf("figures %+v", c)
	}
}

func TestSpectralMax(t *testing.T) {
	x := plan{shape: []int{20, 20, 20}, rank: 5, dB: 20, seed: 1}.dense()
	for _, c := range []chooser{Tucker, TT} {
		ev, err := c(context.Background(), x, Options{Max: 2})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Max(ev.Chosen) != 2 {
			t.Errorf("%s: ranks %v where at most 2 were asked for", ev.Method, ev.Chosen)
		}
	}
}

func TestSpectralDeterminism(t *testing.T) {
	x := plan{shape: []int{8, 9, 10}, rank: 2, dB: 10, seed: 1}.dense()
	for _, c := range []chooser{Tucker, TT} {
		testkit.Threads(t, "evidence", func() *Evidence {
			ev, err := c(context.Background(), x, Options{Seed: 5})
			if err != nil {
				t.Fatal(err)
			}
			ev.Seconds = 0
			return ev
		})
	}
}

func TestSpectralBadInput(t *testing.T) {
	good := plan{shape: []int{5, 6, 7}, rank: 1, dB: 20, missing: 0.2, seed: 1}
	for _, c := range []chooser{Tucker, TT} {
		for x, want := range map[tensor.Tensor]string{
			good.observed():                 "unobserved",
			tensor.New[float64](3, 4, 5):    "zero",
			tensor.New[float64](3, 0, 5):    "size 0",
			tensor.New[complex128](3, 4, 5): "complex",
		} {
			if _, err := c(context.Background(), x, Options{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, one with %q is expected", err, want)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := c(ctx, good.dense(), Options{}); err == nil {
			t.Error("no error after a cancellation")
		}
	}
}

func TestSpectralSmall(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for _, shape := range [][]int{{4}, {1}, {1, 1, 1}, {1, 5, 1}, {2, 2}, {2, 3, 2}, {2, 2, 2, 2, 2}} {
		x := tensor.Normal(rng, shape...)
		for _, c := range []chooser{Tucker, TT} {
			ev, err := c(context.Background(), x, Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := len(shape)
			if ev.Method == "tt" {
				want--
			}
			if len(ev.Chosen) != want || len(ev.Reasons) == 0 {
				t.Errorf("%s of shape %v: ranks %v", ev.Method, shape, ev.Chosen)
			}
		}
	}
}

func TestUsable(t *testing.T) {
	ranks := []int{9, 2, 3}
	usableTucker([]int{10, 2, 5}, ranks)
	if !slices.Equal(ranks, []int{6, 2, 3}) {
		t.Errorf("usable Tucker ranks %v", ranks)
	}
	ranks = []int{9, 50, 9}
	usableTT([]int{3, 4, 5, 2}, ranks)
	if !slices.Equal(ranks, []int{3, 10, 2}) {
		t.Errorf("usable TT ranks %v", ranks)
	}
}
