package tt

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
)

// byTriangles is Round by QR factorisations alone.
func byTriangles(t *testing.T, m *Tensor, opt Options) (*Tensor, float64) {
	t.Helper()
	opt, _, err := opt.prepare("test", m.Shape())
	if err != nil {
		t.Fatal(err)
	}
	l, err := m.rightFactors()
	if err != nil {
		t.Fatal(err)
	}
	left := newBudget(opt.Eps, math.Abs(l[0].At(0, 0)), len(m.Cores)-1)
	s, err := m.truncate(l, opt, &left)
	if err != nil {
		t.Fatal(err)
	}
	return s, left.used
}

// Rounding by Gram matrices loses what rounding by triangles loses.
func TestRoundByGrams(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := random(rng, []int{4, 5, 3, 4, 2, 6, 4}, []int{4, 20, 25, 23, 24, 4})
	for _, g := range m.Cores {
		n := g.Shape()[2]
		for e := range g.Data() {
			g.Data()[e] *= math.Pow(0.7, float64(e%n))
		}
	}
	x := m.Dense()
	for _, opt := range []Options{
		{Ranks: slices.Repeat([]int{8}, 6)},
		{Ranks: []int{4, 20, 25, 10, 9, 1}},
		{Eps: 0.3}, {Eps: 1e-2}, {Eps: 1e-4},
		{Eps: 1e-2, Ranks: slices.Repeat([]int{7}, 6)},
	} {
		before := bits(m)
		prepared, _, err := opt.prepare("test", m.Shape())
		if err != nil {
			t.Fatal(err)
		}
		start := func(norm float64) budget { return newBudget(opt.Eps, norm, len(m.Cores)-1) }
		s, left, err := m.roundByGrams(prepared, start)
		if err != nil || s == nil {
			t.Fatal("the Gram matrices were not good enough:", err)
		}
		orthogonal(t, s, len(m.Cores)-1)
		want, bound := byTriangles(t, m, opt)
		e := relative(x, s)
		if !(e <= 1.05*bound+1e-12) || opt.Ranks == nil && !(e <= opt.Eps) {
			t.Errorf("%+v: error %g, by triangles %g", opt, e, bound)
		}
		if !(math.Abs(left.used-e) <= 1e-6*e+1e-13) {
			t.Errorf("%+v: error %g, said to be %g", opt, e, left.used)
		}
		for k, r := range inner(s) {
			if r > inner(want)[k]+1 {
				t.Errorf("%+v: ranks %v, by triangles %v", opt, inner(s), inner(want))
			}
		}
		if !slices.Equal(before, bits(m)) {
			t.Error("the train changed")
		}
	}
}

// Where Gram matrices are of no use, triangles are.
func TestRoundWithoutGrams(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	a := random(rng, []int{9, 8, 7, 6}, []int{3, 4, 3})
	b := random(rng, []int{9, 8, 7, 6}, []int{2, 2, 2})
	for name, c := range map[string]struct {
		m   *Tensor
		opt Options
	}{
		"terms that cancel":        {a.Add(b.Scale(1e-9)).Add(a.Scale(-1)), Options{Eps: 1e-3}},
		"a small eps":              {a, Options{Eps: 1e-9}},
		"ranks above the true one": {a.Add(a), Options{Ranks: []int{4, 6, 4}}},
		"no number":                {a.Scale(0), Options{Eps: 0.1}},
		"very large":               {a.Scale(1e200), Options{Eps: 0.1}},
	} {
		opt, _, err := c.opt.prepare("test", c.m.Shape())
		if err != nil {
			t.Fatal(err)
		}
		start := func(norm float64) budget { return newBudget(opt.Eps, norm, 3) }
		if s, _, err := c.m.roundByGrams(opt, start); s != nil || err != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		s, _, err := Round(c.m, c.opt)
		want, _ := byTriangles(t, c.m, c.opt)
		if err != nil || !slices.Equal(bits(s), bits(want)) {
			t.Errorf("%s: not what triangles give: %v", name, err)
		}
	}
	// A number that is not finite is named.
	a.Cores[1].Data()[3] = math.Inf(1)
	if _, _, err := Round(a, Options{Eps: 0.1}); err == nil {
		t.Error("infinity is no error")
	}
}

// The squares of core norms may be out of range where the norm is not.
func TestRoundByGramsScaled(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 6))
	m := random(rng, slices.Repeat([]int{3}, 12), slices.Repeat([]int{9}, 11))
	opt := Options{Ranks: usable(slices.Repeat([]int{5}, 11), m.Shape())}
	want, bound, err := Round(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	for k, g := range m.Cores {
		kernel.Scal(math.Ldexp(1, 300-600*(k%2)), g.Data())
	}
	got, scaled, err := Round(m, opt)
	if err != nil || !(math.Abs(scaled-bound) <= 1e-12*bound) {
		t.Errorf("error %g, %g without scales: %v", scaled, bound, err)
	}
	if d := got.Add(want.Scale(-1)).Norm() / want.Norm(); !(d <= 1e-9) {
		t.Errorf("scaled cores are rounded differently by %g", d)
	}
}
