package simulate

import (
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/circuit"
)

// What is contracted once for all bits changes no probability, and leaves less
// to do for each.
func TestFold(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	c := circuit.New(16)
	for layer := range 4 {
		for q := range 16 {
			if err := c.Append("u3", []float64{rng.Float64(), rng.Float64(), rng.Float64()}, q); err != nil {
				t.Fatal(err)
			}
		}
		for q := layer % 2; q+1 < 16; q += 2 {
			if err := c.Append("cx", nil, q, q+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	qubits := make([]int, 16)
	for q := range qubits {
		qubits[q] = q
	}
	o := Options{Method: Network}
	blocks, _, err := o.sampleNetworks(t.Context(), c, qubits, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range blocks {
		net, plan, err := b.net.fold(t.Context(), o, b.plan)
		if err != nil {
			t.Fatal(err)
		}
		if (net != b.net) != (i > 0) || i > 0 && len(plan.Path) > len(b.plan.Path)*2/3 {
			t.Errorf("block %d: %d pairs are left of %d", i, len(plan.Path), len(b.plan.Path))
		}
		for range 5 {
			bits := make([]byte, i*sampleBlock)
			for k := range bits {
				bits[k] = byte(rng.IntN(2))
			}
			want, err := b.net.contract(t.Context(), b.plan, bits)
			if err != nil {
				t.Fatal(err)
			}
			got, err := net.contract(t.Context(), plan, bits)
			if err != nil {
				t.Fatal(err)
			}
			for k := range want {
				if !(cmplx.Abs(got[k]-want[k]) < 1e-12) {
					t.Fatalf("block %d, bits %v: element %d is %v, want %v", i, bits, k, got[k], want[k])
				}
			}
		}
	}
}
