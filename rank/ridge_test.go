package rank_test

import (
	"context"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensorio"
)

// A table whose industries, years and seasons add up: without a penalty
// components cancel at every rank; with one, those of the rank that is chosen
// do not, and come again.
func TestRidgeDecidesWhereComponentsCancel(t *testing.T) {
	f, err := tensorio.Open("../examples/unemployment.csv", tensorio.Options{Modes: []string{"industry", "year", "month"}, Value: "count"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ev, err := rank.CP(context.Background(), f.Tensor.(cp.Data), rank.Options{Max: 6})
	if err != nil {
		t.Fatal(err)
	}
	if !(ev.Ridge > 0) {
		t.Fatalf("no ridge was found necessary: %v", ev.Reasons)
	}
	r := ev.Chosen[0]
	if r < 2 || r > 5 {
		t.Fatalf("rank %d was chosen: %v", r, ev.Reasons)
	}
	c := ev.Candidates[r-1]
	if !(c.Degeneracy > -0.9) || !(c.StartsAgree >= 0.85) {
		t.Errorf("the components of rank %d cancel or do not repeat: %+v", r, c)
	}
	if !strings.Contains(strings.Join(ev.Reasons, "\n"), "ridge") {
		t.Errorf("the reasons do not name the ridge: %v", ev.Reasons)
	}
}
