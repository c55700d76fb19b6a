package rank

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// Gavish & Donoho 2014: lambda(1) = 4/sqrt(3), omega(1) = 2.858; table IV:
// omega(0.5) = 2.1711, omega(0.1) = 1.6089.
func TestHardThreshold(t *testing.T) {
	for _, c := range []struct {
		m, n  int
		omega float64
	}{{100, 100, 2.8582}, {50, 100, 2.1711}, {10, 100, 1.6089}} {
		s := spectrum{m: c.m, n: c.n}
		got := s.threshold(1) / math.Sqrt(float64(c.n)*marchenkoPasturMedian(s.beta()))
		if !(math.Abs(got-c.omega) <= 1e-3) {
			t.Errorf("omega(%v) = %v, %v is published", s.beta(), got, c.omega)
		}
	}
	s := spectrum{m: 100, n: 100}
	if got := s.threshold(1) / 10; !(math.Abs(got-4/math.Sqrt(3)) <= 1e-12) {
		t.Errorf("lambda(1) = %v, %v is published", got, 4/math.Sqrt(3))
	}
}

func TestNoiseLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.New[float64](30, 20, 40)
	for e := range x.Data() {
		x.Data()[e] = 0.7 * rng.NormFloat64()
	}
	spectra, err := modeSpectra(x)
	if err != nil {
		t.Fatal(err)
	}
	for n, s := range spectra {
		if got := s.sigma(); !(math.Abs(got-0.7) <= 0.02) {
			t.Errorf("mode %d: noise of standard deviation %v, 0.7 is expected", n, got)
		}
		if got := s.values[0] / s.edge(0.7); !(math.Abs(got-1) <= 0.05) {
			t.Errorf("mode %d: the largest singular value is %v of the edge", n, got)
		}
	}
}
