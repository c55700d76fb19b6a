package mps

import (
	"math"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func TestDMRGAgainstExactDiagonalisation(t *testing.T) {
	y, err := PauliTerm(0.3, "YX", 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]*Operator{
		"Ising":      Ising(7, 1, 0.7),
		"Heisenberg": Heisenberg(8, 1, 0.9, 1.3, 0.1),
		// No real matrices do: Y alone.
		"complex": mustSum(6, append(HeisenbergTerms(6, 1, 1, 1, 0.2), y, mustPauli(0.4, "Y", 1))),
	}
	for name, h := range cases {
		w, _, err := linalg.HermEig(h.Dense())
		if err != nil {
			t.Fatal(err)
		}
		n := len(w)
		s, res, err := DMRG(t.Context(), h, DMRGOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkCanonical(t, s)
		if !(math.Abs(res.Energy-w[n-1]) <= 1e-9) || !res.Converged {
			t.Errorf("%s: energy %.12f, exactly %.12f (%+v)", name, res.Energy, w[n-1], res)
		}
		if res.Real == (name == "complex") {
			t.Errorf("%s: real is %v", name, res.Real)
		}
		if v := s.Variance(h); !(v <= 1e-8) {
			t.Errorf("%s: variance %g", name, v)
		}
		_, res, err = DMRG(t.Context(), h, DMRGOptions{Excluded: []*State{s}, Penalty: 10, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(res.Energy-w[n-2]) <= 1e-8) {
			t.Errorf("%s: excited energy %.12f, exactly %.12f", name, res.Energy, w[n-2])
		}
	}
}

// The Ising chain is free fermions: the ground state energy is minus the sum
// of the singular values of the matrix with the field on its diagonal and the
// coupling beside it (Pfeuty 1970).
func TestDMRGIsingFreeFermions(t *testing.T) {
	for _, c := range []struct {
		n int
		h float64
	}{{30, 1}, {16, 0.8}, {24, 1.5}} {
		m := tensor.NewMatrix[float64](c.n, c.n)
		for k := range c.n {
			m.Set(k, k, c.h)
			if k > 0 {
				m.Set(k, k-1, 1)
			}
		}
		sv, err := linalg.SingularValues(m)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for _, v := range sv {
			want -= v
		}
		if c.h == 1 {
			closed := 1 - 1/math.Sin(math.Pi/float64(2*(2*c.n+1)))
			if !(math.Abs(want-closed) <= 1e-10) {
				t.Fatalf("the closed form is %g, the sum %g", closed, want)
			}
		}
		_, res, err := DMRG(t.Context(), Ising(c.n, 1, c.h), DMRGOptions{Truncation: Truncation{MaxBond: 40}})
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(res.Energy-want) <= 1e-8) {
			t.Errorf("n=%d h=%g: energy %.10f, exactly %.10f", c.n, c.h, res.Energy, want)
		}
	}
}

func TestDMRGHeisenberg(t *testing.T) {
	// The open chain of ten spins, by exact diagonalisation.
	_, res, err := DMRG(t.Context(), Heisenberg(10, 1, 1, 1, 0), DMRGOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := -4.258035207; !(math.Abs(res.Energy-want) <= 1e-8) {
		t.Errorf("energy %.9f, want %.9f", res.Energy, want)
	}
}

func TestDMRGThreads(t *testing.T) {
	testkit.Threads(t, "DMRG", func() *State {
		s, _, err := DMRG(t.Context(), Heisenberg(14, 1, 1, 1, 0.1), DMRGOptions{Truncation: Truncation{MaxBond: 24}, Sweeps: 4})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestDMRGErrors(t *testing.T) {
	if _, _, err := DMRG(t.Context(), Ising(1, 1, 1), DMRGOptions{}); err == nil {
		t.Error("one site is no error")
	}
	if _, _, err := DMRG(t.Context(), Ising(3, 1, 1), DMRGOptions{Excluded: []*State{Basis(0, 0, 0)}}); err == nil {
		t.Error("no penalty is no error")
	}
}
