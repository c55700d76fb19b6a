package cp_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// BenchmarkALS reports the time of one sweep; a run makes twenty.
func BenchmarkALS(b *testing.B) {
	const sweeps = 20
	for _, c := range []struct {
		shape []int
		rank  int
	}{{[]int{5, 51, 201}, 3}, {[]int{12, 10, 8}, 3}, {[]int{150, 150, 150}, 16}} {
		x := noisy(planted(1, c.rank, false, c.shape...).Dense(), 0.1, 1)
		hidden, _ := tensor.FromDense(x).Split(0.5, 1)
		for _, k := range []struct {
			name string
			data cp.Data
		}{{"f64", x}, {"f32", tensor.As[float32](x)}, {"observed", hidden}} {
			if k.name == "observed" && x.Len() > 1e6 {
				continue
			}
			b.Run(fmt.Sprintf("type=%s/size=%d/rank=%d", k.name, x.Len(), c.rank), func(b *testing.B) {
				opt := cp.Options{Rank: c.rank, Polish: -1, Options: fit.Options{Tol: -1, MaxIters: sweeps}}
				for b.Loop() {
					if _, _, err := cp.ALS(context.Background(), k.data, opt); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/sweeps*1e6, "µs/sweep")
			})
		}
	}
}
