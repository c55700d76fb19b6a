package complete

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// The rank that was planted is found under a loss, under constraints, and in
// formats that package rank judges only where all cells are known.
func TestRank(t *testing.T) {
	known, _ := rates(t)
	all := known.Dense(0)
	for i, v := range all.Data() {
		all.Data()[i] = 3 * v
	}
	few, err := sparse.FromDense(all)
	if err != nil {
		t.Fatal(err)
	}
	smooth, err := constraint.Parse("smooth:0.001")
	if err != nil {
		t.Fatal(err)
	}
	rank := func(x tensor.Tensor, want int, o Options) {
		t.Helper()
		o.MaxRank = 3
		e, err := Rank(context.Background(), x, o)
		if err != nil {
			t.Error(err)
			return
		}
		if slices.Max(e.Chosen) != want {
			t.Errorf("%s %s: rank %v, want %d", o.Format, o.Loss, e.Chosen, want)
		}
		for _, c := range e.Candidates {
			if !(c.HeldOut > 0 && c.HeldOut < 1.2) || !(c.HeldOutSE > 0) || !(c.HeldOutGap >= 0) || c.Verdict == "" {
				t.Errorf("candidate %+v", c)
			}
		}
		if !strings.Contains(e.Reasons[0], "predicts entries left out") || e.Basis == "" {
			t.Errorf("%q, %q", e.Reasons, e.Basis)
		}
	}
	rank(known, 2, Options{Loss: loss.Poisson})
	rank(known, 2, Options{Constraints: []constraint.Set{smooth, nonneg(t)}})
	rank(known, 2, Options{Format: "tucker"})
	rank(known, 2, Options{Format: "tt"})
	if _, err := Rank(context.Background(), few, Options{Loss: loss.Gamma}); err == nil || !strings.Contains(err.Error(), "gamma") {
		t.Errorf("zeros under gamma: %v", err)
	}
}

// Large sparse data are judged by a part of them, at any number of threads
// alike.
func TestRankOfLargeSparseData(t *testing.T) {
	var index [3][]int32
	var values []float64
	for i := range int32(60) {
		for j := range int32(40) {
			for k := range int32(30) {
				if v := math.Round(8 * math.Sin(float64(i+1)) * math.Sin(float64(j*j)) * math.Sin(float64(k)/3)); v > 0 {
					index[0], index[1], index[2] = append(index[0], 1000*i), append(index[1], 700*j), append(index[2], k)
					values = append(values, v)
				}
			}
		}
	}
	x, err := sparse.NewCOO([]int{60000, 28000, 30}, index[:], values, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Threads(t, "Rank", func() []float64 {
		e, err := Rank(context.Background(), x, Options{Loss: loss.Poisson, MaxRank: 2, Folds: 3})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(e.Basis, "the slices that hold the most entries") {
			t.Errorf("basis %q", e.Basis)
		}
		var got []float64
		for _, c := range e.Candidates {
			got = append(got, c.HeldOut)
		}
		return got
	})
}
