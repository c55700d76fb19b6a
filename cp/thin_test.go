package cp

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Ten entries a slice of positive data of rank 1: random signs would be
// fitted to each other, and not to the data.
func TestThinPositive(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	const size, count = 300, 3000
	factors := make([][]float64, 3)
	for n := range factors {
		factors[n] = make([]float64, size)
		for i := range factors[n] {
			factors[n][i] = 1 + 0.3*rng.NormFloat64()
		}
	}
	seen := map[[3]int32]bool{}
	index, values := make([][]int32, 3), []float64{}
	for len(values) < count {
		at := [3]int32{rng.Int32N(size), rng.Int32N(size), rng.Int32N(size)}
		if seen[at] {
			continue
		}
		seen[at] = true
		v := 1.0
		for n, i := range at {
			index[n] = append(index[n], i)
			v *= factors[n][i]
		}
		values = append(values, v)
	}
	x, err := tensor.NewObserved([]int{size, size, size}, index, values)
	if err != nil {
		t.Fatal(err)
	}
	_, byALS, err := ALS(context.Background(), x, Options{Rank: 1, Options: fit.Options{Starts: 1}})
	if err != nil || !(byALS.RelativeError < 1e-4) {
		t.Errorf("ALS: %v, relative error %v", err, byALS.RelativeError)
	}
	_, byComplete, err := Complete(context.Background(), x, CompleteOptions{Rank: 1, Penalty: fit.Penalty{Ridge: 1e-6}, Options: fit.Options{Starts: 1}})
	if err != nil || !(byComplete.RelativeError < 1e-3) {
		t.Errorf("Complete: %v, relative error %v", err, byComplete.RelativeError)
	}
}
