package tt

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func TestPlantedRanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct{ shape, ranks []int }{
		{[]int{20, 30, 25}, []int{3, 4}},
		{[]int{7, 50}, []int{4}},
		{[]int{50, 7}, []int{4}},
		{[]int{4, 3, 5, 6, 5, 4}, []int{4, 5, 7, 3, 2}}, // the first unfolding is not cut
		{[]int{1, 30, 1, 20}, []int{1, 2, 2}},
		{[]int{2, 2, 2, 2}, []int{2, 4, 2}}, // none is
		{[]int{40}, nil},
	} {
		x := random(rng, c.shape, c.ranks).Dense()
		before := x.Clone()
		for name, y := range map[string]*tensor.Dense[float64]{"C": x, "Fortran": fortran(x), "no": spread(x)} {
			for _, opt := range []Options{{Eps: 1e-5}, {Eps: 1e-10}, {Ranks: c.ranks}} {
				m, r, err := SVD(ctx, y, opt)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(inner(m), c.ranks) || !(r.RelativeError <= 1e-12) || !(relative(x, m) <= 1e-12) {
					t.Errorf("%v, %s order, %v: ranks %v, want %v; error %g", c.shape, name, opt.Eps, inner(m), c.ranks, r.RelativeError)
				}
				if name == "Fortran" && x.Order() > 1 {
					orthogonal(t, m, 0)
				} else {
					orthogonal(t, m, len(c.shape)-1)
				}
			}
		}
		if !tensor.Equal(x, before) {
			t.Error("the data changed")
		}
	}
}

// spread is x with gaps between the elements.
func spread(x *tensor.Dense[float64]) *tensor.Dense[float64] {
	big := slices.Clone(x.Shape())
	for n := range big {
		big[n] *= 2
	}
	y := tensor.New[float64](big...)
	for n := range big {
		y = y.Slice(n, 0, big[n], 2)
	}
	y.CopyFrom(x)
	return y
}

// TestSine: sin(x_1 + … + x_5) has rank 2 for every cut.
func TestSine(t *testing.T) {
	x := function(func(idx []int) float64 {
		s := 0.0
		for n, i := range idx {
			s += float64(i) * (0.05 + 0.01*float64(n))
		}
		return math.Sin(s)
	}, 20, 20, 20, 20, 20)
	for _, eps := range []float64{1e-3, 1e-6, 1e-10, 1e-13} {
		m, r, err := SVD(ctx, x, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(inner(m), []int{2, 2, 2, 2}) || !(r.RelativeError <= 1e-13) {
			t.Errorf("eps %g: ranks %v, error %g", eps, inner(m), r.RelativeError)
		}
	}
	m, r, err := SVD(ctx, tensor.As[float32](x), Options{Eps: 1e-5})
	if err != nil || !slices.Equal(inner(m), []int{2, 2, 2, 2}) || !(r.RelativeError <= 1e-7) {
		t.Errorf("float32: ranks %v, error %g, %v", inner(m), r.RelativeError, err)
	}
}

// TestHilbert: no rank is more than 2 above the least that any method could
// take for that unfolding.
func TestHilbert(t *testing.T) {
	x := hilbert(100, 3)
	norm := x.Norm()
	s, err := linalg.SingularValues(tensor.Unfold(x, 0)) // the unfoldings are the same
	if err != nil {
		t.Fatal(err)
	}
	for k := 2; k <= 12; k++ {
		eps := math.Pow(10, -float64(k))
		m, r, err := SVD(ctx, x, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		best, _ := linalg.TruncationRank(s, 0, eps*norm)
		if e := relative(x, m); !(e <= eps) || !(r.RelativeError <= eps) {
			t.Errorf("eps %g: error %g, reported %g", eps, e, r.RelativeError)
		}
		for _, rank := range inner(m) {
			if rank > best+2 {
				t.Errorf("eps %g: ranks %v, the best possible is %d", eps, inner(m), best)
			}
		}
	}
	for _, rank := range []int{8, 14, 18} {
		m, r, err := SVD(ctx, x, Options{Ranks: []int{rank, rank}})
		_, tail := linalg.TruncationRank(s, rank, -1)
		if err != nil || !(r.RelativeError <= math.Sqrt(2)*tail/norm+1e-15) {
			t.Errorf("ranks %v: error %g, the least is above %g, %v", inner(m), r.RelativeError, tail/norm, err)
		}
	}
}

func TestErrorKept(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		shape := make([]int, 1+rng.IntN(5))
		for n := range shape {
			shape[n] = 1 + rng.IntN(7)
		}
		x := tensor.Normal(rng, shape...)
		for n, s := range shape {
			d := tensor.NewMatrix[float64](s, s)
			for i := range d.Data {
				d.Data[i] = rng.NormFloat64() * math.Pow(0.3, float64(i%s))
			}
			x = tensor.TTM(x, d, n)
		}
		if seed%2 == 1 {
			x = fortran(x)
		}
		for _, eps := range []float64{0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-13} {
			m, r, err := SVD(ctx, x, Options{Eps: eps})
			if err != nil {
				t.Fatal(err)
			}
			if e := relative(x, m); !(e <= eps) || !(math.Abs(e-r.RelativeError) <= 1e-10*e+1e-15) {
				t.Errorf("seed %d, shape %v, eps %g: error %g, reported %g", seed, shape, eps, e, r.RelativeError)
			}
		}
	}
}

func TestSpecialTensors(t *testing.T) {
	constant := function(func([]int) float64 { return -2.5 }, 5, 6, 7)
	for name, x := range map[string]*tensor.Dense[float64]{
		"zero": tensor.New[float64](3, 4, 5), "constant": constant,
		"huge": tensor.Scale(1e200, constant), "tiny": tensor.Scale(1e-200, constant),
	} {
		for _, opt := range []Options{{Eps: 1e-8}, {Eps: 0.1}, {Ranks: []int{1, 1}}} {
			m, r, err := SVD(ctx, x, opt)
			if err != nil || !slices.Equal(inner(m), []int{1, 1}) || !(r.RelativeError <= 1e-14) || !(tensor.Distance(m.Dense(), x) <= 1e-14*x.Norm()) {
				t.Errorf("%s, %+v: error %g, %v", name, opt, r.RelativeError, err)
			}
		}
	}
	scalarLike := function(func([]int) float64 { return 3 }, 1, 1)
	m, _, err := SVD(ctx, tensor.As[float32](scalarLike), Options{Eps: 0.5})
	if err != nil || m.At(0, 0) != 3 {
		t.Error(err)
	}
	single := tensor.FromSlice([]float32{1, 2, 3, 4}, 4).Slice(0, 0, 4, 2)
	m, _, err = SVD(ctx, single, Options{Eps: 0.5})
	if err != nil || m.At(0) != 1 || m.At(1) != 3 {
		t.Error(err)
	}
}

func TestBadInput(t *testing.T) {
	x := hilbert(4, 3)
	nan := x.Clone()
	nan.Set(math.NaN(), 1, 2, 3)
	observed, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0}, {1}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DataOf(observed); err == nil || !strings.Contains(err.Error(), "3 of 4 entries are unobserved") {
		t.Error(err)
	}
	for _, c := range []struct {
		x    *tensor.Dense[float64]
		opt  Options
		want string
	}{
		{x, Options{}, "no ranks and no eps"},
		{x, Options{Ranks: []int{2, 0}}, "rank 0 between modes 1 and 2"},
		{x, Options{Ranks: []int{2, 2, 2}}, "3 ranks for 3 modes: 2 are expected"},
		{x, Options{Eps: 1.5}, "eps 1.5"},
		{tensor.New[float64](3, 0), Options{Eps: 0.1}, "mode 1 has size 0"},
		{tensor.New[float64](), Options{Eps: 0.1}, "single number"},
		{nan, Options{Eps: 0.1}, "(1 NaN, 0 infinite)"},
	} {
		_, _, err := SVD(ctx, c.x, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "tt.SVD: ") {
			t.Errorf("%+v: %v, want %q", c.opt, err, c.want)
		}
	}
	if _, _, err := SVD(ctx, tensor.New[complex64](2, 2), Options{Eps: 0.1}); err == nil {
		t.Error("complex data are taken")
	}
	m, r, err := SVD(ctx, hilbert(3, 3), Options{Ranks: []int{9, 2}})
	if err != nil || !slices.Equal(inner(m), []int{3, 2}) || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "rank 9") {
		t.Error(inner(m), r.Notes, err)
	}
	_, r, err = SVD(ctx, hilbert(6, 3), Options{Ranks: []int{1, 1}, Eps: 1e-3})
	if err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "the ranks were limited") {
		t.Error(r.Notes, err)
	}
}

func TestAxesProgressAndCancel(t *testing.T) {
	x := hilbert(5, 3)
	if err := x.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{Name: "b"}, tensor.Axis{Name: "c", Coords: []float64{1, 2, 3, 4, 5}}); err != nil {
		t.Fatal(err)
	}
	events := 0
	opt := Options{Eps: 0.01}
	opt.Progress = func(e fit.Event) { events++ }
	for _, y := range []*tensor.Dense[float64]{x, fortran(x)} {
		m, r, err := SVD(ctx, y, opt)
		if err != nil || fmt.Sprint(m.Axes()) != fmt.Sprint(x.Axes()) || fmt.Sprint(m.Dense().Axes()) != fmt.Sprint(x.Axes()) {
			t.Error("the axes do not travel", err)
		}
		if r.Stop != fit.Direct || r.Iterations != 2 || len(r.Trace) != 2 || len(r.Phases) == 0 {
			t.Errorf("%+v", r)
		}
	}
	if events != 4 {
		t.Error(events, "events")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if m, r, err := SVD(cancelled, x, opt); m != nil || err == nil || r.Stop != fit.Cancelled {
		t.Error("a cancelled run returns", r, err)
	}
}

func TestSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	x := tensor.Add(random(rng, []int{30, 20, 25, 12}, []int{4, 5, 3}).Dense(), tensor.Normal(rng, 30, 20, 25, 12))
	a, b := random(rng, []int{10, 10, 10, 10}, []int{8, 20, 8}), random(rng, []int{10, 10, 10, 10}, []int{5, 6, 7})
	op := randomOperator(rng, []int{9, 8, 7, 6}, []int{10, 10, 10, 10}, []int{5, 6, 5})
	var factors []*tensor.Matrix[float64]
	for _, s := range []int{40, 50, 60} {
		factors = append(factors, tensor.MatrixOf(s, 20, tensor.Normal(rng, s, 20).Data()))
	}
	trained := func(m *Tensor, r fit.Result, err error) []float64 {
		if err != nil {
			t.Fatal(err)
		}
		return append(bits(m), r.RelativeError)
	}
	rounded := func(m *Tensor, opt Options) []float64 {
		m, bound, err := Round(m, opt)
		if err != nil {
			t.Fatal(err)
		}
		return append(bits(m), bound)
	}
	for name, run := range map[string]func() []float64{
		"SVD by Gram matrices":         func() []float64 { return trained(SVD(ctx, x, Options{Eps: 0.1})) },
		"SVD by triangles":             func() []float64 { return trained(SVD(ctx, x, Options{Eps: 1e-8})) },
		"SVD to ranks":                 func() []float64 { return trained(SVD(ctx, x, Options{Ranks: []int{4, 5, 3}})) },
		"SVD by Gram matrices, single": func() []float64 { return trained(SVD(ctx, tensor.As[float32](x), Options{Eps: 0.1})) },
		"SVD by triangles, single":     func() []float64 { return trained(SVD(ctx, tensor.As[float32](x), Options{Eps: 1e-8})) },
		"Round by Gram matrices":       func() []float64 { return rounded(a, Options{Eps: 0.3}) },
		"Round by triangles":           func() []float64 { return rounded(a.Add(a), Options{Eps: 1e-10}) },
		"Round to ranks":               func() []float64 { return rounded(a, Options{Ranks: []int{4, 9, 4}}) },
		"FromCP": func() []float64 {
			m, err := FromCP(slices.Repeat([]float64{1}, 20), factors)
			if err != nil {
				t.Fatal(err)
			}
			return rounded(m, Options{Eps: 0.1})
		},
		"FromTucker": func() []float64 {
			core := x.Slice(3, 0, 1, 1).Clone().Reshape(30, 20, 25)
			list := []*tensor.Matrix[float64]{tensor.MatrixOf(50, 30, tensor.Normal(rand.New(rand.NewPCG(1, 1)), 50, 30).Data()), nil, nil}
			list[1], list[2] = tensor.Eye[float64](20), tensor.Eye[float64](25)
			return trained(FromTucker(ctx, core, list, Options{Eps: 0.1}))
		},
		"Hadamard":      func() []float64 { return rounded(a.Hadamard(b), Options{Eps: 0.1}) },
		"Add, Inner":    func() []float64 { return append(bits(a.Add(b)), a.Inner(b), a.Norm()) },
		"MulVec":        func() []float64 { return rounded(op.MulVec(a), Options{Eps: 0.1}) },
		"Matrix.Mul":    func() []float64 { return bits(op.Mul(op.Transpose()).train()) },
		"Matrix.Inner":  func() []float64 { return []float64{op.Mul(op.Transpose()).Norm(), op.Inner(op.MulVec(a), b)} },
		"Orthogonalize": func() []float64 { m, err := a.Orthogonalize(2); return trained(m, fit.Result{}, err) },
	} {
		testkit.Threads(t, name, run)
	}
}

// What the cuts leave of eps pays for lower ranks.
func TestTrim(t *testing.T) {
	fewer := 0
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 21))
		x := tensor.Normal(rng, 6, 5, 7, 4)
		for n, s := range x.Shape() {
			d := tensor.NewMatrix[float64](s, s)
			for i := range d.Data {
				d.Data[i] = rng.NormFloat64() * math.Pow(0.5, float64(i%s))
			}
			x = tensor.TTM(x, d, n)
		}
		const eps = 0.05
		m, r, err := SVD(ctx, x, Options{Eps: eps})
		if err != nil || !(relative(x, m) <= eps) || !(math.Abs(relative(x, m)-r.RelativeError) <= 1e-12) {
			t.Fatal(r.RelativeError, err)
		}
		orthogonal(t, m, 3)
		// The cuts alone.
		left := newBudget(eps, x.Norm(), 3)
		plain, rank := 0, 1
		y := x
		for k := range 3 {
			y = y.Reshape(rank*x.Shape()[k], tensor.Size(x.Shape()[k+1:]))
			b, err := lowrank.Leading(y, 0, x.Norm(), lowrank.Limit{Tol: left.tol()})
			if err != nil {
				t.Fatal(err)
			}
			left.cut(b.Tail)
			y = y.Project(b.U, 0)
			plain += rank * x.Shape()[k] * b.Rank()
			rank = b.Rank()
		}
		plain += rank * x.Shape()[3]
		if m.Parameters() > plain {
			t.Errorf("seed %d: %d parameters, %d without", seed, m.Parameters(), plain)
		}
		if m.Parameters() < plain {
			fewer++
		}
	}
	if fewer < 5 {
		t.Errorf("eps was spent in %d cases of 30", fewer)
	}
}
