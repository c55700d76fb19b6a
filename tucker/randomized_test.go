package tucker

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func TestRandomizedExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	for _, c := range [][2][]int{
		{{40, 30, 35}, {3, 4, 2}},
		{{20, 18, 16, 15}, {2, 3, 2, 2}},
		{{300, 200}, {5, 5}},
	} {
		x := random(rng, c[0], c[1]).Dense()
		for _, power := range []int{-1, 0, 2} {
			for _, y := range []*tensor.Dense[float64]{x, fortran(x)} {
				m, r, err := STHOSVD(ctx, y, Options{Ranks: c[1], Randomized: true, Power: power})
				if err != nil || !slices.Equal(m.Ranks(), c[1]) || !(r.RelativeError <= 1e-12) || !(relative(x, m) <= 1e-12) {
					t.Fatalf("%v power %d: error %g, %v", c, power, r.RelativeError, err)
				}
				orthonormal(t, m)
				if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "random ranges") {
					t.Errorf("notes %q", r.Notes)
				}
			}
		}
	}
}

func TestRandomizedNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 8))
	ranks := []int{4, 5, 3}
	x := noisy(rng, []int{60, 50, 40}, ranks, 0.2)
	_, plain, err := STHOSVD(ctx, x, Options{Ranks: ranks})
	if err != nil {
		t.Fatal(err)
	}
	for power, most := range map[int]float64{-1: 1.5, 0: 1.01, 2: 1.0001} {
		m, r, err := STHOSVD(ctx, x, Options{Ranks: ranks, Randomized: true, Power: power, Options: fit.Options{Seed: 3}})
		if err != nil {
			t.Fatal(err)
		}
		e := relative(x, m)
		if !(e <= most*plain.RelativeError) || !(math.Abs(e-r.RelativeError) <= 1e-12) || r.Iterations != 3 {
			t.Errorf("power %d: error %g, reported %g after %d modes, without random ranges %g", power, e, r.RelativeError, r.Iterations, plain.RelativeError)
		}
	}
	// Eps within the limits that the ranks set.
	m, r, err := STHOSVD(ctx, x, Options{Ranks: []int{12, 12, 12}, Eps: 0.25, Randomized: true})
	if err != nil || !(r.RelativeError <= 0.25) || m.Parameters() >= 12*12*12 {
		t.Errorf("eps: ranks %v, error %g, %v", m.Ranks(), r.RelativeError, err)
	}
}

func TestRandomizedSeeds(t *testing.T) {
	x := noisy(rand.New(rand.NewPCG(3, 8)), []int{40, 30, 50}, []int{3, 3, 3}, 0.3)
	run := func(seed uint64) []float64 {
		m, _, err := STHOSVD(ctx, x, Options{Ranks: []int{3, 3, 3}, Randomized: true, Options: fit.Options{Seed: seed}})
		if err != nil {
			t.Fatal(err)
		}
		return bits(m)
	}
	testkit.Threads(t, "randomized ST-HOSVD", func() []float64 { return run(7) })
	testkit.Threads(t, "randomized HOOI", func() []float64 {
		m, _, err := HOOI(ctx, x, Options{Ranks: []int{3, 3, 3}, Randomized: true})
		if err != nil {
			t.Fatal(err)
		}
		return bits(m)
	})
	if slices.Equal(run(7), run(8)) {
		t.Error("the seed makes no difference")
	}
}

func TestRandomizedLeavesSmallModes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 8))
	x := noisy(rng, []int{5, 6, 4}, []int{2, 2, 2}, 0.1)
	m, r, err := STHOSVD(ctx, x, Options{Ranks: []int{2, 2, 2}, Randomized: true})
	if err != nil || !strings.Contains(strings.Join(r.Notes, " "), "directly") {
		t.Fatal(r.Notes, err)
	}
	plain, _, err := STHOSVD(ctx, x, Options{Ranks: []int{2, 2, 2}})
	if err != nil || !slices.Equal(bits(m), bits(plain)) {
		t.Error("another model than without random ranges", err)
	}
	zero, r, err := STHOSVD(ctx, tensor.New[float64](50, 40), Options{Ranks: []int{2, 2}, Randomized: true})
	if err != nil || r.RelativeError != 0 || zero.Core.Norm() != 0 {
		t.Error(r.RelativeError, err)
	}
}

func TestRandomizedFaults(t *testing.T) {
	x := hilbert(6, 3)
	for want, opt := range map[string]Options{
		"random ranges need ranks": {Eps: 0.1, Randomized: true},
		"oversampling -1":          {Ranks: []int{2, 2, 2}, Randomized: true, Oversample: -1},
		"set Randomized as well":   {Ranks: []int{2, 2, 2}, Power: 1},
	} {
		if _, _, err := STHOSVD(ctx, x, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The iteration on the compressed core has the fixed point of the iteration
// on the data.
func TestHOOICompressed(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 8))
	ranks := []int{3, 4, 3}
	x := noisy(rng, []int{40, 36, 44}, ranks, 0.4)
	// What the iteration on the data alone finds: from an initial model.
	s, _, err := STHOSVD(ctx, x, Options{Ranks: ranks})
	if err != nil {
		t.Fatal(err)
	}
	_, want, err := HOOI(ctx, x, Options{Initial: s, Options: fit.Options{Tol: 1e-12}})
	if err != nil {
		t.Fatal(err)
	}
	for _, sketched := range []bool{false, true} {
		m, r, err := HOOI(ctx, x, Options{Ranks: ranks, Randomized: sketched, Options: fit.Options{Tol: 1e-12}})
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(r.RelativeError-want.RelativeError) <= 1e-9) || !(math.Abs(relative(x, m)-r.RelativeError) <= 1e-12) || r.Stop != fit.Converged {
			t.Errorf("randomized %v: error %g, %s; on the data alone %g", sketched, r.RelativeError, r.Stop, want.RelativeError)
		}
		orthonormal(t, m)
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "of the data") {
			t.Errorf("notes %q", r.Notes)
		}
		for i, e := range r.Trace[1:] {
			if !(e <= r.Trace[i]+1e-13) {
				t.Errorf("randomized %v: the error rises: %v", sketched, r.Trace)
			}
		}
		for _, most := range []int{1, 2, 5} {
			_, r, err := HOOI(ctx, x, Options{Ranks: ranks, Randomized: sketched, Options: fit.Options{Tol: -1, MaxIters: most}})
			if err != nil || r.Iterations != most || r.Stop != fit.MaxIters {
				t.Errorf("%d sweeps of %d, %s, %v", r.Iterations, most, r.Stop, err)
			}
		}
	}
	// Nothing is lost: no sweep of the data is needed.
	m, r, err := HOOI(ctx, random(rng, []int{40, 36, 44}, ranks).Dense(), Options{Ranks: ranks})
	if err != nil || !strings.Contains(r.Notes[0], "and 0 of the data") || !(r.RelativeError <= 1e-13) {
		t.Error(m.Ranks(), r.Notes, r.RelativeError, err)
	}
}

// Large data of small ranks are compressed by random ranges unasked; the
// iteration ends where it does from an ST-HOSVD.
func TestHOOISketchesLargeData(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 8))
	ranks := []int{3, 4, 3}
	x := noisy(rng, []int{164, 160, 162}, ranks, 0.4)
	s, _, err := STHOSVD(ctx, x, Options{Ranks: ranks})
	if err != nil {
		t.Fatal(err)
	}
	_, want, err := HOOI(ctx, x, Options{Initial: s, Options: fit.Options{Tol: 1e-12}})
	if err != nil {
		t.Fatal(err)
	}
	m, r, err := HOOI(ctx, x, Options{Ranks: ranks, Options: fit.Options{Tol: 1e-12}})
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(r.RelativeError-want.RelativeError) <= 1e-10) || r.Stop != fit.Converged || !strings.Contains(r.Notes[0], "random ranges") {
		t.Errorf("error %.12g, %s, notes %q; from an ST-HOSVD %.12g", r.RelativeError, r.Stop, r.Notes, want.RelativeError)
	}
	orthonormal(t, m)
	testkit.Threads(t, "HOOI", func() []float64 {
		m, _, err := HOOI(ctx, x, Options{Ranks: ranks, Options: fit.Options{Tol: 1e-6}})
		if err != nil {
			t.Fatal(err)
		}
		return bits(m)
	})
}
