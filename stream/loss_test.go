package stream

import (
	"context"
	"math"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// A loss is fitted to a file as it is to the same tensor in memory.
func TestLossIsThatOfMemory(t *testing.T) {
	x := random(5, 9, 8, 7)
	for i, v := range x.Raw() {
		x.Raw()[i] = math.Floor(3 * math.Abs(v))
	}
	opt := cp.GCPOptions{Rank: 2, Loss: loss.Poisson, Options: fit.Options{MaxIters: 8, Tol: -1}}
	fitted := func(y cp.Elementwise) []float64 {
		_, r, err := cp.GCP(context.Background(), y, opt)
		if err != nil {
			t.Fatal(err)
		}
		return r.Trace
	}
	want, got := fitted(x), fitted(open(t, layouts[0].store(t, x), 400))
	if len(want) != len(got) {
		t.Fatalf("%d iterations, %d in memory", len(got), len(want))
	}
	for i, v := range want {
		if !(math.Abs(got[i]-v) <= 1e-9*v) {
			t.Errorf("iteration %d: relative error %v, %v in memory", i, got[i], v)
		}
	}
}

// A search that ends early ends the pass.
func TestFindCellEndsEarly(t *testing.T) {
	x := tensor.New[float64](6, 5, 4)
	x.Set(7, 1, 2, 3)
	x.Set(7, 5, 0, 0)
	y := open(t, layouts[0].store(t, x), 160)
	for range 3 {
		at, v, found := y.FindCell(func(v float64) bool { return v > 0 })
		if !found || v != 7 || len(at) != 3 || x.At(at...) != 7 {
			t.Fatalf("cell %v, value %v, found %v", at, v, found)
		}
	}
	if !(math.Abs(y.Norm()-x.Norm()) <= 1e-14*x.Norm()) {
		t.Errorf("norm %v, want %v", y.Norm(), x.Norm())
	}
}
