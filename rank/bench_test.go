package rank_test

import (
	"context"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensorio"
)

// BenchmarkCP is the search that the example of the README makes.
func BenchmarkCP(b *testing.B) {
	f, err := tensorio.Open("../examples/unemployment.csv", tensorio.Options{Modes: []string{"industry", "year", "month"}, Value: "count"})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		if _, err := rank.CP(context.Background(), f.Tensor.(cp.Data), rank.Options{Starts: 3}); err != nil {
			b.Fatal(err)
		}
	}
}
