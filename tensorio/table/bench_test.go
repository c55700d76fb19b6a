package table

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkReadCSV(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	text := []byte("origin,destination,date,delay\n")
	for range 1000000 {
		text = fmt.Appendf(text, "A%03d,B%03d,2001-%02d-%02d %02d:%02d,%.2f\n", rng.IntN(229), rng.IntN(229), rng.IntN(12)+1, rng.IntN(28)+1, rng.IntN(24), rng.IntN(60), rng.NormFloat64())
	}
	for _, o := range []Options{
		{Modes: []string{"origin", "destination", "hour(date)"}, Value: "delay", Aggregate: "mean"},
		{Modes: []string{"origin", "destination", "date"}, Value: "delay", Aggregate: "mean"},
	} {
		b.Run("rows=1000000/mode="+o.Modes[2], func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Read(text, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
