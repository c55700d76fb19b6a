package optimize

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/testkit"
)

func box(low, high float64) Prox {
	return func(v []float64, _ float64) (float64, error) {
		for i, x := range v {
			v[i] = min(max(x, low), high)
		}
		return 0, nil
	}
}

func proximal(t *testing.T, f Objective, prox Prox, x []float64, most int) *Proximal {
	t.Helper()
	b, err := NewProximal(f, prox, x, 5)
	if err != nil {
		t.Fatal(err)
	}
	for range most {
		if !(kernel.Nrm2(b.r) > 1e-9) {
			break
		}
		moved, err := b.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !moved {
			break
		}
	}
	return b
}

// Within a box both methods find the same minimum.
func TestProximalAgreesWithLBFGSB(t *testing.T) {
	for name, f := range map[string]Objective{"quadratic": quadratic, "rosenbrock": rosenbrock} {
		const n = 30
		low, high := -0.3, 0.8
		a := New(f, constant(n, 0.1), constant(n, low), constant(n, high), 10)
		minimise(a, 2000)
		b := proximal(t, f, box(low, high), constant(n, 0.1), 3000)
		if !(math.Abs(a.F-b.F) <= 1e-9*(1+math.Abs(a.F))) || !(kernel.Nrm2(b.r) <= 1e-6) {
			t.Errorf("%s: %v with residual %v, L-BFGS-B finds %v", name, b.F, kernel.Nrm2(b.r), a.F)
		}
	}
}

// The conditions of the lasso: |gradient| <= weight, with equality and the
// opposite sign where x is not zero.
func TestProximalLasso(t *testing.T) {
	const n, rows, weight = 60, 40, 0.7
	rng := rand.New(rand.NewPCG(3, 0))
	a, c := make([][]float64, rows), make([]float64, rows)
	for i := range a {
		c[i] = 3 * rng.NormFloat64()
		for range n {
			a[i] = append(a[i], rng.NormFloat64())
		}
	}
	f := func(x, g []float64) (f float64) {
		clear(g)
		for i, row := range a {
			e := dot(row, x) - c[i]
			f += e * e / 2
			for j, v := range row {
				g[j] += e * v
			}
		}
		return f
	}
	soft := func(v []float64, step float64) (h float64, err error) {
		for i, x := range v {
			v[i] = math.Copysign(max(0, math.Abs(x)-weight*step), x)
			h += weight * math.Abs(v[i])
		}
		return h, nil
	}
	b := proximal(t, f, soft, make([]float64, n), 2000)
	g, zeros := make([]float64, n), 0
	f(b.X, g)
	for i, x := range b.X {
		switch {
		case x == 0:
			zeros++
			if !(math.Abs(g[i]) <= weight+1e-6) {
				t.Errorf("gradient %v at the zero %d", g[i], i)
			}
		case !(math.Abs(g[i]+math.Copysign(weight, x)) <= 1e-6):
			t.Errorf("gradient %v at x[%d] = %v", g[i], i, x)
		}
	}
	if zeros < 10 {
		t.Errorf("%d zeros of %d", zeros, n)
	}
}

// The function ends at 0, which no step may cross.
func TestProximalStaysInTheDomain(t *testing.T) {
	f := func(x, g []float64) (f float64) {
		for i, v := range x {
			if v < 0 {
				t.Fatalf("x[%d] = %v was asked for", i, v)
			}
			c := float64(i % 3)
			f += v - c*math.Log(v+1e-10)
			g[i] = 1 - c/(v+1e-10)
		}
		return f
	}
	b := proximal(t, f, box(0, math.Inf(1)), constant(12, 1), 500)
	for i, v := range b.X {
		if !(math.Abs(v-float64(i%3)) <= 1e-5) {
			t.Errorf("x[%d] = %v, want %d", i, v, i%3)
		}
	}
}

func TestProximalSameBitsAtAnyThreads(t *testing.T) {
	testkit.Threads(t, "Proximal", func() []float64 {
		return proximal(t, rosenbrock, box(-2, 0.8), constant(20000, -1.2), 10).X
	})
}
