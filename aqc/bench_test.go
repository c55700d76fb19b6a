package aqc

import "testing"

// One evaluation of the fidelity of a chain with its gradient.
func BenchmarkGradient(b *testing.B) {
	m := Model{Sites: 50, ZZ: 1, X: 0.4}
	target := state(b, trotter(b, m, 2, 20))
	a, theta, err := FromCircuit(trotter(b, m, 2, 3))
	if err != nil {
		b.Fatal(err)
	}
	find, err := a.against(target, Options{}.Truncation)
	if err != nil {
		b.Fatal(err)
	}
	start, blocks := a.gates(theta)
	grad := make([]float64, len(theta))
	b.Run("sites=50/layers=7", func(b *testing.B) {
		for b.Loop() {
			o, ds, db, err := find(ctx, start, blocks, nil)
			if err != nil {
				b.Fatal(err)
			}
			a.pull(theta, o, ds, db, grad)
		}
	})
}
