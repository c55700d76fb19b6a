package optimize

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
)

// minimise steps until nothing is gained, and returns the steps made.
func minimise(b *LBFGSB, most int) int {
	for k := range most {
		if b.Stationarity() < 1e-11 || !b.Step() {
			return k
		}
	}
	return most
}

func constant(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

func quadratic(x, g []float64) (f float64) {
	for i, v := range x {
		e := v - float64(1-2*(i%2))
		f += float64(i+1) * e * e / 2
		g[i] = float64(i+1) * e
	}
	for i := range len(x) - 1 {
		f += x[i] * x[i+1] / 4
		g[i+1] += x[i] / 4
		g[i] += x[i+1] / 4
	}
	return f
}

func rosenbrock(x, g []float64) (f float64) {
	clear(g)
	for i := range len(x) - 1 {
		a, b := x[i], x[i+1]
		e := b - a*a
		f += 100*e*e + (1-a)*(1-a)
		g[i] += -400*a*e - 2*(1-a)
		g[i+1] += 200 * e
	}
	return f
}

func poisson(x, g []float64) (f float64) {
	clear(g)
	n := len(x)
	a := make([]float64, n)
	for i := range 2 * n {
		m := 1e-3
		for j, v := range x {
			a[j] = 1 / float64(1+i+j)
			if i == j {
				a[j]++
			}
			m += a[j] * v
		}
		c := float64(i % 3)
		f += m - c*math.Log(m)
		for j := range g {
			g[j] += a[j] * (1 - c/m)
		}
	}
	return f
}

func TestAgreesWithSciPy(t *testing.T) {
	text, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	var problems []struct {
		Name          string
		N, Iterations int
		Start, F      float64
		Low, High     *float64
		X             []float64
	}
	if err := json.Unmarshal(text, &problems); err != nil {
		t.Fatal(err)
	}
	if len(problems) != 4 {
		t.Fatalf("%d problems", len(problems))
	}
	for _, p := range problems {
		f := map[string]Objective{"quadratic": quadratic, "rosenbrock": rosenbrock, "poisson": poisson}[p.Name]
		var low, high []float64
		if p.Low != nil {
			low = constant(p.N, *p.Low)
		}
		if p.High != nil {
			high = constant(p.N, *p.High)
		}
		b := New(f, constant(p.N, p.Start), low, high, 10)
		steps := minimise(b, 1000)
		t.Logf("%s: %d steps, SciPy %d; %v, SciPy %v, stationarity %.1e", p.Name, steps, p.Iterations, b.F, p.F, b.Stationarity())
		if !(b.F <= p.F+1e-12*(1+math.Abs(p.F))) || steps > 2*p.Iterations+20 {
			t.Errorf("%s: %v after %d steps, SciPy finds %v after %d", p.Name, b.F, steps, p.F, p.Iterations)
		}
		for i, v := range b.X {
			if !(math.Abs(v-p.X[i]) <= 1e-5) {
				t.Errorf("%s: x[%d] = %v, SciPy has %v", p.Name, i, v, p.X[i])
			}
		}
	}
}

// Random convex quadratics with random boxes: the conditions of Karush, Kuhn
// and Tucker are sufficient.
func TestStationary(t *testing.T) {
	for seed := range 60 {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		n := 1 + rng.IntN(40)
		a := make([][]float64, n)
		c := make([]float64, n)
		low, high, x := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			a[i] = make([]float64, n)
			for j := range n {
				a[i][j] = rng.NormFloat64()
			}
			c[i] = 3 * rng.NormFloat64()
			low[i], high[i] = -rng.Float64(), rng.Float64()
			switch rng.IntN(5) {
			case 0:
				low[i] = math.Inf(-1)
			case 1:
				high[i] = math.Inf(1)
			case 2:
				high[i] = low[i] // held
			}
			x[i] = rng.NormFloat64()
		}
		b := New(func(x, g []float64) (f float64) {
			for i := range g {
				g[i] = 0.1 * x[i]
				f += 0.05 * x[i] * x[i]
			}
			for i := range n {
				e := dot(a[i], x) - c[i]
				f += e * e / 2
				for j := range g {
					g[j] += e * a[i][j]
				}
			}
			return f
		}, x, low, high, 8)
		last := b.F
		for k := 0; k < 2000 && b.Stationarity() > 1e-9 && b.Step(); k++ {
			if !(b.F < last) {
				t.Fatalf("seed %d: the value rose from %v to %v", seed, last, b.F)
			}
			last = b.F
		}
		if s := b.Stationarity(); !(s <= 1e-6) {
			t.Errorf("seed %d, n %d: stationarity %v", seed, n, s)
		}
		for i, v := range b.X {
			if v < low[i] || v > high[i] {
				t.Errorf("seed %d: x[%d] = %v is out of [%v, %v]", seed, i, v, low[i], high[i])
			}
		}
	}
}

// A function that ends: the search must not step over the edge, nor give up.
func TestEdgeOfTheDomain(t *testing.T) {
	b := New(func(x, g []float64) float64 {
		g[0] = 1 - 1/x[0]
		return x[0] - math.Log(x[0]) // NaN below 0
	}, []float64{1e-3}, nil, nil, 5)
	minimise(b, 100)
	if !(math.Abs(b.X[0]-1) <= 1e-6) {
		t.Errorf("minimum at %v, want 1", b.X[0])
	}
}

func TestLineSearchEndsFlat(t *testing.T) {
	for name, f := range map[string]func(t float64) (float64, float64){
		"rational": func(t float64) (float64, float64) { // Moré & Thuente 1994, (5.1)
			d := t*t + 2
			return -t / d, (t*t - 2) / (d * d)
		},
		"exponential": func(t float64) (float64, float64) { return math.Exp(-t) + 0.01*t*t, -math.Exp(-t) + 0.02*t },
	} {
		f0, g0 := f(0)
		for _, first := range []float64{1e-3, 0.1, 10, 1000} {
			step, value := lineSearch(f, f0, g0, first, 1e10)
			_, g := f(step)
			if !(value <= f0+enough*step*g0) || !(math.Abs(g) <= flatter*math.Abs(g0)) {
				t.Errorf("%s from %v: step %v, value %v from %v, slope %v from %v", name, first, step, value, f0, g, g0)
			}
		}
	}
}

func TestSameBitsAtAnyThreads(t *testing.T) {
	testkit.Threads(t, "L-BFGS-B", func() []float64 {
		n := 20000
		b := New(rosenbrock, constant(n, -1.2), constant(n, -2), constant(n, 0.8), 5)
		minimise(b, 15)
		return b.X
	})
}
