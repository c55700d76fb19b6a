package mps

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// brickwork is layers of random gates on neighbours.
func brickwork(rng *rand.Rand, n, depth int) []Gate {
	var gates []Gate
	for t := range depth {
		for k := t % 2; k+1 < n; k += 2 {
			gates = append(gates, Gate{randomUnitary(rng, 4), []int{k, k + 1}})
		}
	}
	return gates
}

func TestRunAgainstDense(t *testing.T) {
	rng := newRand(20)
	for _, dims := range [][]int{{2, 2, 2, 2, 2, 2, 2}, {3, 2, 2, 4, 2}, {2}} {
		for round := range 6 {
			s := randomState(rng, 3, dims...)
			x := s.Dense().Data()
			var gates []Gate
			for range 20 {
				sites := rng.Perm(len(dims))[:1+rng.IntN(min(3, len(dims)))]
				if rng.IntN(2) == 0 && len(gates) > 0 {
					sites = slices.Clone(gates[len(gates)-1].Sites)
					rng.Shuffle(len(sites), func(i, j int) { sites[i], sites[j] = sites[j], sites[i] })
				}
				d := 1
				for _, k := range sites {
					d *= dims[k]
				}
				u := randomUnitary(rng, d)
				if round == 5 {
					u = randomMatrix(rng, d, d)
				}
				gates = append(gates, Gate{u, sites})
				x = applyDense(x, dims, u, sites...)
			}
			if _, err := s.Run(t.Context(), gates, Truncation{}); err != nil {
				t.Fatal(err)
			}
			checkCanonical(t, s)
			if d := distance(x, s.Dense().Data()); !(d <= 1e-11*norm2(x)) {
				t.Fatalf("%v: off by %g of %g", dims, d, norm2(x))
			}
		}
	}
}

// A chain that is long enough to be cut in parts, twice.
func TestRunInParts(t *testing.T) {
	rng := newRand(21)
	n := 4*partSites + 3
	gates := brickwork(rng, n, 3)
	for range 12 { // in any order, and across sites
		k := rng.IntN(n - 3)
		u := randomUnitary(rng, 4)
		gates = append(gates, Gate{u, []int{k + 2, k}}, Gate{randomUnitary(rng, 2), []int{k}})
	}
	start := Basis(make([]int, n)...)
	a, b := start.Clone(), start.Clone()
	tr := Truncation{Eps: 1e-20}
	for _, g := range gates {
		if _, err := a.Apply(g.Matrix, tr, g.Sites...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Run(t.Context(), gates, tr); err != nil {
		t.Fatal(err)
	}
	checkCanonical(t, b)
	if o := Overlap(a, b); !(cmplx.Abs(o-1) <= 1e-10) {
		t.Errorf("the overlap is %v", o)
	}
}

func TestRunTruncates(t *testing.T) {
	rng := newRand(22)
	n, depth := 2*partSites+2, 7
	gates := brickwork(rng, n, depth)
	exact := Basis(make([]int, n)...)
	if _, err := exact.Run(t.Context(), gates, Truncation{Eps: 1e-13}); err != nil {
		t.Fatal(err)
	}
	s := testkit.Threads(t, "Run", func() *State {
		s := Basis(make([]int, n)...)
		lost, err := s.Run(t.Context(), gates, Truncation{MaxBond: 6})
		if err != nil {
			t.Fatal(err)
		}
		if s.MaxBond() > 6 || !(math.Abs(1-lost-s.Fidelity()) <= 1e-14) || !(math.Abs(s.Norm()-1) <= 1e-12) {
			t.Errorf("bond %d, lost %g, fidelity %g, norm %g", s.MaxBond(), lost, s.Fidelity(), s.Norm())
		}
		return s
	})
	checkCanonical(t, s)
	f := math.Pow(cmplx.Abs(Overlap(exact, s)), 2)
	if !(math.Abs(math.Log(f/s.Fidelity())) <= 0.3*math.Abs(math.Log(f))) {
		t.Errorf("the fidelity is %g, the estimate %g", f, s.Fidelity())
	}
	// Gate after gate, with one part: no better.
	c := Basis(make([]int, n)...)
	for _, g := range gates {
		if _, err := c.Apply2(g.Sites[0], g.Matrix, Truncation{MaxBond: 6}); err != nil {
			t.Fatal(err)
		}
	}
	if r := math.Log(c.Fidelity()) / math.Log(s.Fidelity()); !(r > 0.9 && r < 1.1) {
		t.Errorf("fidelity %g gate after gate, %g in parts", c.Fidelity(), s.Fidelity())
	}
}

func TestRunStops(t *testing.T) {
	s := Basis(make([]int, 40)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gates := brickwork(newRand(23), 40, 3)
	if _, err := s.Run(ctx, gates, Truncation{}); err == nil {
		t.Error("no error of a context that is cancelled")
	}
	nan := tensor.Eye[complex128](4)
	nan.Set(0, 1, cmplx.NaN())
	if _, err := s.Run(t.Context(), append(gates, Gate{nan, []int{1, 2}}), Truncation{}); err == nil {
		t.Error("a gate of NaN is no error")
	}
	one := tensor.MatrixOf(2, 2, []complex128{1, 0, 0, cmplx.Inf()})
	if _, err := s.Run(t.Context(), append(gates, Gate{one, []int{39}}), Truncation{}); err == nil {
		t.Error("an infinite gate on one site is no error")
	}
	if _, err := s.Apply(one, Truncation{}, 3); err == nil {
		t.Error("an infinite gate on one site is no error")
	}
	if s.Amplitude(make([]int, 40)...) != 1 {
		t.Error("the state has changed")
	}
}

func BenchmarkRun(b *testing.B) {
	gates := brickwork(newRand(1), 60, 20)
	b.Run("sites=60/depth=20/bond=128", func(b *testing.B) {
		for b.Loop() {
			s := Basis(make([]int, 60)...)
			if _, err := s.Run(b.Context(), gates, Truncation{MaxBond: 128, Eps: 1e-10}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(-math.Log10(s.Fidelity()), "-log10(F)")
		}
	})
}
