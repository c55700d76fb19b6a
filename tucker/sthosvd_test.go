package tucker

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

var ctx = context.Background()

func TestPlantedRanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct{ shape, ranks []int }{
		{[]int{20, 30, 25}, []int{3, 4, 5}},
		{[]int{7, 50}, []int{4, 4}},
		{[]int{50, 7}, []int{4, 4}},
		{[]int{9, 8, 7, 6, 5}, []int{2, 3, 1, 2, 3}},
		{[]int{200, 3, 4}, []int{12, 3, 4}}, // a mode longer than the others together
		{[]int{1, 30, 1, 20}, []int{1, 2, 1, 2}},
		{[]int{40}, []int{1}},
	} {
		x := random(rng, c.shape, c.ranks).Dense()
		before := x.Clone()
		for _, y := range []*tensor.Dense[float64]{x, fortran(x)} {
			for _, eps := range []float64{1e-5, 1e-10} {
				m, r, err := STHOSVD(ctx, y, Options{Eps: eps})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(m.Ranks(), c.ranks) || !(r.RelativeError <= 1e-13) || !(relative(x, m) <= 1e-13) {
					t.Errorf("%v, eps %g: ranks %v, want %v; error %g", c.shape, eps, m.Ranks(), c.ranks, r.RelativeError)
				}
				orthonormal(t, m)
			}
			m, r, err := STHOSVD(ctx, y, Options{Ranks: c.ranks})
			if err != nil || !slices.Equal(m.Ranks(), c.ranks) || !(r.RelativeError <= 1e-12) {
				t.Errorf("%v, ranks %v: %v, error %g, %v", c.shape, c.ranks, m.Ranks(), r.RelativeError, err)
			}
		}
		if !tensor.Equal(x, before) {
			t.Error("the data changed")
		}
	}
}

func TestErrorKept(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		shape := make([]int, 1+rng.IntN(4))
		for n := range shape {
			shape[n] = 1 + rng.IntN(14)
		}
		// Singular values that fall steadily.
		x := tensor.Normal(rng, shape...)
		for n, s := range shape {
			d := tensor.NormalMatrix(rng, s, s)
			for i := range s {
				for j := range s {
					d.Data[i*s+j] *= math.Pow(0.4, float64(j))
				}
			}
			x = tensor.TTM(x, d, n)
		}
		for _, eps := range []float64{0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-13} {
			m, r, err := STHOSVD(ctx, x, Options{Eps: eps})
			if err != nil {
				t.Fatal(err)
			}
			e := relative(x, m)
			if !(e <= eps) || !(math.Abs(e-r.RelativeError) <= 1e-10*e+1e-15) || r.Fit != 1-r.RelativeError {
				t.Errorf("seed %d, shape %v, eps %g: error %g, reported %g", seed, shape, eps, e, r.RelativeError)
			}
			if last := r.Trace[len(r.Trace)-1]; !(math.Abs(last-e) <= 0.01*e+1e-8) {
				t.Errorf("seed %d, eps %g: the trace ends with %g, the error is %g", seed, eps, last, e)
			}
			orthonormal(t, m)
		}
	}
}

// TestHilbert: no rank is more than 2 above the least that any method could
// take along that unfolding.
func TestHilbert(t *testing.T) {
	x := hilbert(100, 3)
	norm := x.Norm()
	s, err := linalg.SingularValues(tensor.Unfold(x, 0))
	if err != nil {
		t.Fatal(err)
	}
	for k := 2; k <= 12; k++ {
		eps := math.Pow(10, -float64(k))
		m, r, err := STHOSVD(ctx, x, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		best, _ := linalg.TruncationRank(s, 0, eps*norm)
		if e := relative(x, m); !(e <= eps) || !(r.RelativeError <= eps) {
			t.Errorf("eps %g: error %g, reported %g", eps, e, r.RelativeError)
		}
		for _, rank := range m.Ranks() {
			if rank > best+2 {
				t.Errorf("eps %g: ranks %v, the best possible is %d", eps, m.Ranks(), best)
			}
		}
	}
	// Ranks beyond what a Gram matrix resolves.
	for _, rank := range []int{8, 14, 18} {
		m, r, err := STHOSVD(ctx, x, Options{Ranks: []int{rank, rank, rank}})
		_, tail := linalg.TruncationRank(s, rank, -1)
		if err != nil || !(r.RelativeError <= math.Sqrt(3)*tail/norm+1e-15) {
			t.Errorf("ranks %v: error %g, the least is above %g, %v", m.Ranks(), r.RelativeError, tail/norm, err)
		}
	}
}

func TestSingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	want := []int{3, 2, 4}
	x := tensor.As[float32](random(rng, []int{40, 30, 50}, want).Dense())
	for _, y := range []*tensor.Dense[float32]{x, tensor.As[float32](fortran(tensor.As[float64](x)))} {
		m, r, err := STHOSVD(ctx, y, Options{Eps: 1e-4})
		if err != nil || !slices.Equal(m.Ranks(), want) || !(r.RelativeError <= 1e-6) {
			t.Errorf("ranks %v, error %g, %v", m.Ranks(), r.RelativeError, err)
		}
		// Below the precision of float32, the numbers are taken as they are.
		m, r, err = STHOSVD(ctx, y, Options{Eps: 1e-9})
		if err != nil || !(r.RelativeError <= 1e-9) || !(relative(tensor.As[float64](x), m) <= 1e-9) {
			t.Errorf("ranks %v, error %g, %v", m.Ranks(), r.RelativeError, err)
		}
		h, r, err := HOOI(ctx, y, Options{Ranks: []int{2, 2, 2}})
		if err != nil || !(math.Abs(r.RelativeError-relative(tensor.As[float64](x), h)) <= 1e-12) {
			t.Error(r.RelativeError, err)
		}
	}
}

func TestSpecialTensors(t *testing.T) {
	zero := tensor.New[float64](3, 4, 5)
	constant := tensor.New[float64](6, 7, 8)
	for i := range constant.Data() {
		constant.Data()[i] = 2.5
	}
	huge := tensor.Scale(1e200, hilbert(8, 3))
	tiny := tensor.Scale(1e-200, hilbert(8, 3))
	for name, x := range map[string]*tensor.Dense[float64]{"zero": zero, "constant": constant} {
		for _, opt := range []Options{{Eps: 1e-8}, {Eps: 0.1}, {Ranks: []int{1, 1, 1}}} {
			for method, f := range map[string]func() (*Tensor, fit.Result, error){
				"STHOSVD": func() (*Tensor, fit.Result, error) { return STHOSVD(ctx, x, opt) },
				"HOOI":    func() (*Tensor, fit.Result, error) { return HOOI(ctx, x, opt) },
			} {
				m, r, err := f()
				if err != nil || !slices.Equal(m.Ranks(), []int{1, 1, 1}) || !(r.RelativeError <= 1e-14) || !(tensor.Distance(m.Dense(), x) <= 1e-13) {
					t.Errorf("%s, %s, %+v: error %g, %v", name, method, opt, r.RelativeError, err)
				}
			}
		}
	}
	for name, x := range map[string]*tensor.Dense[float64]{"huge": huge, "tiny": tiny} {
		m, r, err := STHOSVD(ctx, x, Options{Eps: 1e-5})
		if err != nil || !(r.RelativeError <= 1e-5) || m.Ranks()[0] > 5 {
			t.Errorf("%s: ranks %v, error %g, %v", name, m.Ranks(), r.RelativeError, err)
		}
	}
}

func TestBadInput(t *testing.T) {
	x := hilbert(4, 3)
	nan := x.Clone()
	nan.Set(math.NaN(), 1, 2, 3)
	nan.Set(math.Inf(1), 0, 2, 3)
	other := random(rand.New(rand.NewPCG(1, 2)), []int{4, 4}, []int{2, 2})
	start := random(rand.New(rand.NewPCG(1, 2)), []int{4, 4, 4}, []int{2, 2, 2})
	observed, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0}, {1}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	_, observedErr := DataOf(observed)
	_, complexErr := DataOf(tensor.New[complex128](2))
	for _, c := range []struct {
		x    *tensor.Dense[float64]
		opt  Options
		want string
	}{
		{x, Options{}, "no ranks and no eps"},
		{x, Options{Ranks: []int{2, 0, 2}}, "rank 0 of mode 1"},
		{x, Options{Ranks: []int{2, 2}}, "2 ranks for 3 modes"},
		{x, Options{Eps: 1}, "eps 1"},
		{x, Options{Eps: math.NaN()}, "eps NaN"},
		{x, Options{Eps: -0.1, Ranks: []int{-1, 1, 1}}, "rank -1"},
		{tensor.New[float64](3, 0), Options{Eps: 0.1}, "mode 1 has size 0"},
		{tensor.New[float64](), Options{Eps: 0.1}, "single number"},
		{nan, Options{Eps: 0.1}, "(1 NaN, 1 infinite)"},
		{x, Options{Initial: other}, "initial model"},
		{x, Options{Initial: start, Ranks: []int{3, 3, 3}}, "[2 2 2]"},
	} {
		_, _, err := HOOI(ctx, c.x, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "tucker.HOOI: ") {
			t.Errorf("%+v: %v, want %q", c.opt, err, c.want)
		}
		if _, _, err := STHOSVD(ctx, c.x, c.opt); err == nil {
			t.Errorf("%+v: STHOSVD takes it", c.opt)
		}
	}
	if observedErr == nil || !strings.Contains(observedErr.Error(), "3 of 4 entries are unobserved") || complexErr == nil {
		t.Error(observedErr, complexErr)
	}
	if _, _, err := STHOSVD(ctx, tensor.New[complex64](2, 2), Options{Eps: 0.1}); err == nil {
		t.Error("complex data are taken")
	}
}

func TestRanksLowered(t *testing.T) {
	m, r, err := STHOSVD(ctx, hilbert(4, 3), Options{Ranks: []int{9, 2, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Ranks(), []int{2, 2, 1}) || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "rank 9 of mode 0") {
		t.Error(m.Ranks(), r.Notes)
	}
	_, r, err = STHOSVD(ctx, hilbert(6, 3), Options{Ranks: []int{1, 1, 1}, Eps: 1e-3})
	if err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "the ranks were limited") {
		t.Error(r.Notes, err)
	}
}

// TestNoiseWithinEps: noise of nearly the allowed size is left out, though it
// is more than the share of any one mode.
func TestNoiseWithinEps(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 6))
	ranks := []int{3, 4, 5}
	x := noisy(rng, []int{40, 30, 50}, ranks, 0.05)
	m, r, err := STHOSVD(ctx, x, Options{Eps: 0.052})
	if err != nil || !slices.Equal(m.Ranks(), ranks) || !(r.RelativeError <= 0.052) {
		t.Error(m.Ranks(), r.RelativeError, err)
	}
	orthonormal(t, m)
	if last := r.Trace[len(r.Trace)-1]; !(math.Abs(last-r.RelativeError) <= 1e-6) {
		t.Errorf("the trace ends with %g, the error is %g", last, r.RelativeError)
	}
}

// TestLargeModeOrder: on large data, a mode that barely shrinks does not go
// first, though it is the shortest.
func TestLargeModeOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	shape, ranks := []int{18, 480, 490}, []int{17, 5, 6}
	x := random(rng, shape, ranks).Dense()
	m, r, err := STHOSVD(ctx, x, Options{Eps: 1e-3})
	if err != nil || !slices.Equal(m.Ranks(), ranks) || !(r.RelativeError <= 1e-12) {
		t.Error(m.Ranks(), r.RelativeError, err)
	}
}

func TestAxesAndPhases(t *testing.T) {
	x := hilbert(5, 3)
	if err := x.SetAxes(tensor.Axis{Name: "a", Labels: []string{"p", "q", "r", "s", "t"}}, tensor.Axis{Name: "b"}, tensor.Axis{Name: "c"}); err != nil {
		t.Fatal(err)
	}
	events := 0
	opt := Options{Eps: 0.01}
	opt.Progress = func(e fit.Event) {
		events++
		if e.Iteration != events || e.MaxIters != 3 {
			t.Error(e)
		}
	}
	m, r, err := STHOSVD(ctx, x, opt)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(m.Axes()) != fmt.Sprint(x.Axes()) || fmt.Sprint(m.Dense().Axes()) != fmt.Sprint(x.Axes()) {
		t.Error("the axes do not travel")
	}
	if events != 3 || r.Stop != fit.Direct || len(r.Phases) != 4 || r.Method != "tucker.STHOSVD" || r.Iterations != 3 {
		t.Errorf("%d events, %+v", events, r)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	m, r, err = STHOSVD(cancelled, x, Options{Eps: 0.01})
	if m != nil || err == nil || r.Stop != fit.Cancelled {
		t.Error("a cancelled run returns", r, err)
	}
}

func TestSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	x := noisy(rng, []int{60, 50, 40}, []int{4, 5, 6}, 0.1)
	single := tensor.As[float32](x)
	ranks, short := []int{4, 5, 6}, fit.Options{MaxIters: 3, Starts: 2, Seed: 5}
	for name, c := range map[string]struct {
		run func(context.Context, Data, Options) (*Tensor, fit.Result, error)
		opt Options
	}{
		"STHOSVD by Gram matrices":      {STHOSVD, Options{Eps: 0.12}},
		"STHOSVD by triangles":          {STHOSVD, Options{Eps: 1e-8}},
		"STHOSVD to ranks":              {STHOSVD, Options{Ranks: ranks}},
		"STHOSVD of random ranges":      {STHOSVD, Options{Ranks: ranks, Randomized: true, Options: short}},
		"STHOSVD, eps of random ranges": {STHOSVD, Options{Eps: 0.2, Ranks: []int{10, 10, 10}, Randomized: true, Options: short}},
		"HOOI on a compressed core":     {HOOI, Options{Ranks: ranks, Options: short}},
		"HOOI on the data":              {HOOI, Options{Ranks: []int{30, 30, 30}, Options: short}},
		"HOOI from random ranges":       {HOOI, Options{Ranks: ranks, Randomized: true, Options: short}},
		"HOOI to eps":                   {HOOI, Options{Eps: 0.12, Options: short}},
	} {
		for _, data := range []Data{x, single} {
			testkit.Threads(t, fmt.Sprintf("%s, %T", name, data), func() []float64 {
				m, r, err := c.run(ctx, data, c.opt)
				if err != nil {
					t.Fatal(err)
				}
				return append(bits(m), r.RelativeError)
			})
		}
	}
}
