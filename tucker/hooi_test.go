package tucker

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

func TestHOOIImproves(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 3))
		x := noisy(rng, []int{14, 12, 10, 3}[:2+seed%3], []int{5, 4, 4, 2}[:2+seed%3], 0.5)
		ranks := []int{3, 3, 2, 2}[:x.Order()]
		before := x.Clone()
		_, s, err := STHOSVD(ctx, x, Options{Ranks: ranks})
		if err != nil {
			t.Fatal(err)
		}
		m, r, err := HOOI(ctx, x, Options{Ranks: ranks})
		if err != nil {
			t.Fatal(err)
		}
		e := relative(x, m)
		if !(e <= s.RelativeError+1e-14) || !(math.Abs(e-r.RelativeError) <= 1e-13) || r.Stop != fit.Converged {
			t.Errorf("seed %d: ST-HOSVD %g, HOOI %g, reported %g, %s", seed, s.RelativeError, e, r.RelativeError, r.Stop)
		}
		for i, e := range r.Trace[1:] {
			if !(e <= r.Trace[i]+1e-14) {
				t.Errorf("seed %d: the error rises: %v", seed, r.Trace)
			}
		}
		orthonormal(t, m)
		if !tensor.Equal(x, before) {
			t.Error("the data changed")
		}
	}
}

func TestHOOIExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 5))
	ranks := []int{3, 4, 2}
	x := random(rng, []int{15, 16, 17}, ranks).Dense()
	m, r, err := HOOI(ctx, x, Options{Ranks: ranks, Options: fit.Options{MaxIters: 5}})
	if err != nil || !(r.RelativeError <= 1e-14) || !(relative(x, m) <= 1e-14) {
		t.Error(r.RelativeError, r.Stop, err)
	}
	// From random starts, and with the ranks chosen by eps.
	m, r, err = HOOI(ctx, x, Options{Eps: 1e-6, Options: fit.Options{Starts: 3, Seed: 1, Tol: -1, MaxIters: 2}})
	if err != nil || !slices.Equal(m.Ranks(), ranks) || !(r.RelativeError <= 1e-13) {
		t.Error(m.Ranks(), r.RelativeError, err)
	}
}

func TestHOOIStarts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 6))
	x := tensor.Normal(rng, 8, 9, 10)
	opt := Options{Ranks: []int{2, 2, 2}, Options: fit.Options{Seed: 3, Starts: 6, MaxIters: 200}}
	_, one, err := HOOI(ctx, x, Options{Ranks: opt.Ranks, Options: fit.Options{MaxIters: 200}})
	if err != nil {
		t.Fatal(err)
	}
	a, ra, err := HOOI(ctx, x, opt)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := HOOI(ctx, x, opt)
	if err != nil || !slices.Equal(bits(a), bits(b)) {
		t.Error("the same seed gives other numbers", err)
	}
	if !(ra.RelativeError <= one.RelativeError) || ra.Starts != 6 {
		t.Errorf("6 starts: %g, 1 start: %g", ra.RelativeError, one.RelativeError)
	}
	// A given start is used, and not changed.
	initial := random(rng, x.Shape(), opt.Ranks)
	before := bits(initial)
	_, r, err := HOOI(ctx, x, Options{Initial: initial, Options: fit.Options{MaxIters: 1}})
	if err != nil || !slices.Equal(before, bits(initial)) || len(r.Trace) != 1 || !(r.Trace[0] > one.RelativeError) {
		t.Error(r.Trace, one.RelativeError, err)
	}
}

func TestHOOICancelled(t *testing.T) {
	x := noisy(rand.New(rand.NewPCG(1, 7)), []int{10, 10, 10}, []int{3, 3, 3}, 0.5)
	c, cancel := context.WithCancel(ctx)
	opt := Options{Ranks: []int{2, 2, 2}}
	opt.Tol = -1
	opt.Progress = func(e fit.Event) {
		if e.Iteration == 2 {
			cancel()
		}
	}
	m, r, err := HOOI(c, x, opt)
	if !errors.Is(err, context.Canceled) || m == nil || r.Stop != fit.Cancelled || r.Iterations != 2 {
		t.Fatal(err, m, r)
	}
	if !(math.Abs(relative(x, m)-r.RelativeError) <= 1e-13) {
		t.Error("the model is not whole")
	}
}
