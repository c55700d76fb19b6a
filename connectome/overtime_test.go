package connectome_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// union is a recording in which two of three communities of ten nodes merge
// at time 9 and part at time 20, in three subjects, with noise.
func union() *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(5, 0))
	const times, subjects, n = 30, 3, 30
	x := tensor.New[float64](times, subjects, n, n)
	for t := range times {
		for s := range subjects {
			for i := range n {
				for j := range i {
					a, b := i/10, j/10
					v := 0.05 * rng.ExpFloat64()
					if a == b || t >= 9 && t < 20 && a < 2 && b < 2 {
						v += (1 + 0.3*float64(s)) * (0.7 + 0.6*rng.Float64())
					}
					x.Set(v, t, s, i, j)
					x.Set(v, t, s, j, i)
				}
			}
		}
	}
	return x
}

func TestMergerAndSplitAreFound(t *testing.T) {
	p, err := connectome.ReadPairs(union())
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2) {
		r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 2, Restarts: 1, Options: fit.Options{Seed: seed, Starts: 2}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Periods) != 3 {
			t.Fatalf("seed %d: %d periods: %+v", seed, len(r.Periods), r.Periods)
		}
		apart, merged := make([]int, 30), make([]int, 30)
		for i := range apart {
			apart[i], merged[i] = i/10, i/20
		}
		for k, want := range []struct {
			first, last int
			of          []int
			kind        string
		}{{0, 8, apart, ""}, {9, 19, merged, "merger"}, {20, 29, apart, "split"}} {
			got := r.Periods[k]
			if got.First != want.first || got.Last != want.last {
				t.Errorf("seed %d: period %d from %d to %d, planted %d to %d", seed, k, got.First, got.Last, want.first, want.last)
			}
			if v := connectome.NMI(got.Of, want.of); !(v >= 0.999) {
				t.Errorf("seed %d: period %d has an NMI of %v with the planted communities", seed, k, v)
			}
			if k > 0 && (len(got.Events) != 1 || got.Events[0].Kind != want.kind || !(math.Abs(got.NMI-connectome.NMI(apart, merged)) <= 1e-12)) {
				t.Errorf("seed %d: period %d: NMI %v, events %v", seed, k, got.NMI, got.Events)
			}
		}
		// The parts have their old numbers again, and the third has kept its own.
		if !slices.Equal(r.Periods[0].Of, r.Periods[2].Of) || r.Periods[1].Of[29] != r.Periods[0].Of[29] {
			t.Errorf("seed %d: numbers are not kept: %v, %v, %v", seed, r.Periods[0].Of, r.Periods[1].Of, r.Periods[2].Of)
		}
	}
}

// A network whose communities stay is one period, however strong they are.
func TestCommunitiesThatStay(t *testing.T) {
	x := tensor.New[float64](12, 1, 8, 8)
	for at := range 12 {
		for i := range 8 {
			for j := range 8 {
				v := 0.1
				if i/4 == j/4 {
					v = 2
				}
				if at > 5 { // one is silent at last
					v *= 1 + float64((12-at)%2)
				}
				if at == 11 {
					v = 0
				}
				x.Set(v, at, 0, i, j)
			}
		}
	}
	p, err := connectome.ReadPairs(x)
	if err != nil {
		t.Fatal(err)
	}
	r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Periods) != 1 || r.Periods[0].Last != 11 || len(r.Periods[0].Events) != 0 || connectome.NMI(r.Periods[0].Of, []int{0, 0, 0, 0, 1, 1, 1, 1}) < 1 {
		t.Errorf("%+v", r.Periods)
	}
}
