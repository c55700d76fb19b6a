package aqc

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/mps"
)

// A chain whose layers have the same gates everywhere is extended to just that.
func TestExtendUniform(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	uniform := func(qubits int, values []float64) (*Ansatz, []float64) {
		a, err := Brickwork(qubits, 3, false)
		if err != nil {
			t.Fatal(err)
		}
		theta := make([]float64, a.Parameters())
		for q := range qubits {
			copy(theta[2*q:], values[:2])
		}
		for l, layer := range a.layers() {
			for _, k := range layer {
				copy(theta[a.block(k):], values[2+9*l:][:9])
			}
		}
		return a, theta
	}
	values := make([]float64, 2+3*9)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	for _, from := range []int{4, 6, 7} {
		short, theta := uniform(from, values)
		a, theta, err := Extend(short, theta, from+4)
		if err != nil {
			t.Fatal(err)
		}
		want, wantTheta := uniform(from+4, values)
		c, err := want.Circuit(wantTheta)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Fidelity(ctx, state(t, c), a, theta, mps.Truncation{}); err != nil || !(math.Abs(f-1) < 1e-9) || len(a.Blocks) != len(want.Blocks) || a.Layers() != 3 {
			t.Errorf("%d sites: fidelity %v, %d blocks, %v", from, f, len(a.Blocks), err)
		}
	}
	short, theta := uniform(6, values)
	same, sameTheta, err := Extend(short, theta, 6)
	if err != nil || !slices.Equal(theta, sameTheta) || !slices.Equal(same.Blocks, short.Blocks) {
		t.Errorf("extended by nothing: %v, %v", same, err)
	}
	ring := &Ansatz{6, [][2]int{{0, 5}}}
	if _, _, err := Extend(ring, make([]float64, ring.Parameters()), 8); err == nil {
		t.Error("a ring is extended")
	}
}

// Infidelity falls as the power 2·order of the step, and the fewest steps are
// those of which one less is not enough.
func TestSteps(t *testing.T) {
	m := Model{Sites: 8, XX: 0.3, ZZ: 1, X: 0.4, Z: 0.2}
	deep, err := m.Trotter(1, 4, 60)
	if err != nil {
		t.Fatal(err)
	}
	target := state(t, deep)
	for _, c := range []struct{ order, steps int }{{1, 64}, {2, 16}, {4, 6}} {
		var lost [2]float64
		for i := range lost {
			e, err := m.evolution(ctx, target, 1, c.order, c.steps<<i, mps.Truncation{})
			if err != nil {
				t.Fatal(err)
			}
			lost[i] = 1 - e.Fidelity
		}
		if rate := math.Log2(lost[0] / lost[1]); !(math.Abs(rate-2*float64(c.order)) < 0.3) {
			t.Errorf("order %d: infidelities %v, rate %v", c.order, lost, rate)
		}
	}
	for _, order := range []int{1, 2, 4} {
		e, err := m.Steps(ctx, target, 1, order, 0.999, 200, mps.Truncation{})
		if err != nil {
			t.Fatal(err)
		}
		less, err := m.evolution(ctx, target, 1, order, e.Steps-1, mps.Truncation{})
		if err != nil || !(e.Fidelity >= 0.999) || !(less.Fidelity < 0.999) || e.Order != order {
			t.Errorf("%+v, with a step less %+v, %v", e, less, err)
		}
		// The pairs of the end of a step and of the next beginning are one layer.
		if want := map[int]int{1: 2 * e.Steps, 2: 2*e.Steps + 1, 4: 10*e.Steps + 1}[order]; e.Layers != want {
			t.Errorf("order %d: %d layers in %d steps, want %d", order, e.Layers, e.Steps, want)
		}
	}
	if e, err := m.Steps(ctx, target, 1, 1, 0.999999, 7, mps.Truncation{}); err != nil || e.Steps != 7 || !(e.Fidelity < 0.999999) {
		t.Errorf("%+v, %v", e, err)
	}
}

// A short chain is a start for a long one that its own coarse steps are not.
func TestExtend(t *testing.T) {
	m := Model{Sites: 8, ZZ: 1, X: 0.4}
	a, theta, err := FromCircuit(trotter(t, m, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compile(ctx, state(t, trotter(t, m, 1, 40)), a, theta, Options{Iterations: 100})
	if err != nil {
		t.Fatal(err)
	}
	a, theta, err = Extend(a, r.Theta, 20)
	if err != nil {
		t.Fatal(err)
	}
	m.Sites = 20
	target := state(t, trotter(t, m, 1, 40))
	f, err := Fidelity(ctx, target, a, theta, mps.Truncation{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.evolution(ctx, target, 1, 2, 1, mps.Truncation{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v, one step %v", f, e.Fidelity)
	if !(f > 0.99 && e.Fidelity < 0.9) || e.Layers != a.Layers() {
		t.Errorf("fidelity %v of %d layers, of one step %+v", f, a.Layers(), e)
	}
}
