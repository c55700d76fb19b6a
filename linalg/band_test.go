package linalg

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// A band matrix is solved as the full matrix is.
func TestBandCholesky(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	for n := 1; n < 30; n += 3 {
		for w := range 6 {
			band := tensor.NewMatrix[float64](n, w+1)
			full := tensor.NewMatrix[float64](n, n)
			for i := range n {
				for k := range w + 1 {
					v := rng.NormFloat64()
					if k == w {
						v = 4 + 2*float64(w)
					}
					if j := i - w + k; j >= 0 {
						full.Set(i, j, v)
						full.Set(j, i, v)
					} else {
						v = math.NaN() // is not read
					}
					band.Set(i, k, v)
				}
			}
			x := make([]float64, n)
			for i := range x {
				x[i] = rng.NormFloat64()
			}
			b := make([]float64, n)
			for i := range b {
				for j, v := range x {
					b[i] += full.At(i, j) * v
				}
			}
			l, err := BandCholesky(band)
			if err != nil {
				t.Fatal(err)
			}
			SolveBand(l, b)
			for i, v := range x {
				if !(math.Abs(b[i]-v) <= 1e-12) {
					t.Fatalf("n=%d, width %d: %v at %d, want %v", n, w, b[i], i, v)
				}
			}
		}
	}
	var not *NotPositiveDefiniteError
	if _, err := BandCholesky(tensor.MatrixOf(2, 2, []float64{0, 1, 2, 1})); !errors.As(err, &not) || not.Pivot != 1 {
		t.Errorf("error %v for a matrix that is indefinite", err)
	}
}
