package aqc

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/mps"
)

// isingEnergy is the ground energy of -ΣZZ - g ΣX on an open chain: free
// fermions, whose energies are the singular values of a bidiagonal matrix
// (Pfeuty 1970); here by bisection with Sturm sequences on its square.
func isingEnergy(n int, g float64) float64 {
	// B = g on the diagonal, 1 above; BBᵀ has g²+1 (the last g²) and g.
	below := func(x float64) int { // eigenvalues below x
		count, d := 0, 1.0
		for i := range n {
			a := g*g + 1 - x
			if i == n-1 {
				a = g*g - x
			}
			if i > 0 {
				a -= g * g / d
			}
			if d = a; d < 0 {
				count++
			} else if d == 0 {
				d = 1e-300
			}
		}
		return count
	}
	e := 0.0
	for k := range n {
		lo, hi := -1e-9, (g+1)*(g+1)+1
		for range 100 {
			if mid := (lo + hi) / 2; below(mid) > k {
				hi = mid
			} else {
				lo = mid
			}
		}
		e -= math.Sqrt(max(0, hi))
	}
	return e
}

func TestEnergyGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 0))
	m := Model{Sites: 5, Ring: true, XX: 0.3, YY: -0.7, ZZ: 1, X: 0.4, Y: 0.1, Z: 0.2}
	h, err := m.Operator()
	if err != nil {
		t.Fatal(err)
	}
	a := &Ansatz{5, [][2]int{{0, 1}, {2, 3}, {4, 3}, {1, 2}, {0, 4}, {3, 1}}}
	theta := make([]float64, a.Parameters())
	for i := range theta {
		theta[i] = 6 * rng.Float64()
	}
	value := func(theta []float64) (float64, []float64) {
		start, blocks := a.gates(theta)
		e, ds, db, err := a.energy(ctx, h, start, blocks, mps.Truncation{})
		if err != nil {
			t.Fatal(err)
		}
		grad := make([]float64, len(theta))
		a.pull(theta, 2, ds, db, grad)
		return e, grad
	}
	_, g := value(theta)
	for i := range theta {
		const step = 1e-5
		x := slices.Clone(theta)
		x[i] += step
		up, _ := value(x)
		x[i] -= 2 * step
		down, _ := value(x)
		if d := (up - down) / (2 * step); !(math.Abs(d-g[i]) < 1e-7) {
			t.Errorf("derivative %d is %v, by differences %v", i, g[i], d)
		}
	}
}

// From the state of DMRG to parameters, whose energy is then lowered: never
// below the exact one, and deep enough circuits reach it.
func TestVary(t *testing.T) {
	for _, c := range []struct {
		sites, layers, iterations int
		near                      float64
	}{{4, 3, 150, 1e-6}, {16, 2, 20, 0.11}} {
		h, err := Model{Sites: c.sites, ZZ: -1, X: -2}.Operator()
		if err != nil {
			t.Fatal(err)
		}
		exact := isingEnergy(c.sites, 2)
		ground, r, err := mps.DMRG(ctx, h, mps.DMRGOptions{})
		if err != nil || !(math.Abs(r.Energy-exact) < 1e-7) {
			t.Fatalf("%v, want %v, %v", r.Energy, exact, err)
		}
		a, err := Brickwork(c.sites, c.layers, false)
		if err != nil {
			t.Fatal(err)
		}
		theta, err := Prepare(ctx, ground, a, 5, 0, mps.Truncation{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := Vary(ctx, h, a, theta, Options{Iterations: c.iterations})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d sites: %.9f to %.9f, exactly %.9f (%s after %d)", c.sites, v.Start, v.Energy, exact, v.Stop, v.Iterations)
		if !(v.Start < 0.9*exact && v.Energy < v.Start-1e-6 && v.Energy > exact-1e-6 && v.Energy-exact < c.near) {
			t.Errorf("%d sites: %v to %v, exactly %v", c.sites, v.Start, v.Energy, exact)
		}
		written, err := a.Circuit(v.Theta)
		if err != nil {
			t.Fatal(err)
		}
		if e := real(state(t, written).Expect(h)); !(math.Abs(e-v.Energy) < 1e-6) {
			t.Errorf("the circuit has the energy %v, not %v", e, v.Energy)
		}
	}
}

func TestVaryBadInput(t *testing.T) {
	h, err := Model{Sites: 3, ZZ: 1}.Operator()
	if err != nil {
		t.Fatal(err)
	}
	odd := h.Scale(1i)
	a, err := Brickwork(3, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	theta := make([]float64, a.Parameters())
	theta[0] = 1
	four, err := Brickwork(4, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Vary(ctx, h, four, make([]float64, four.Parameters()), Options{})), "3 sites"},
		{second(Vary(ctx, h, a, theta[1:], Options{})), "parameters"},
		{second(Vary(ctx, h, a, theta, Options{Fidelity: 0.9})), "no fidelity"},
		{second(Vary(ctx, odd, a, theta, Options{})), "Hermitian"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
}
