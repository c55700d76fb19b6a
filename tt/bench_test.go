package tt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

func BenchmarkSVD(b *testing.B) {
	x := function(func(idx []int) float64 {
		s := 0.0
		for _, i := range idx {
			s += float64(i*i) / 100
		}
		return math.Exp(-math.Sqrt(1 + s))
	}, slices.Repeat([]int{20}, 5)...)
	single := tensor.As[float32](x)
	for _, eps := range []float64{1e-4, 1e-8} {
		b.Run(fmt.Sprintf("type=f64/shape=20^5/eps=%g", eps), func(b *testing.B) { run(b, x, eps) })
		b.Run(fmt.Sprintf("type=f32/shape=20^5/eps=%g", eps), func(b *testing.B) { run(b, single, eps) })
	}
}

func run(b *testing.B, x Data, eps float64) {
	var last fit.Result
	for b.Loop() {
		var err error
		if _, last, err = SVD(ctx, x, Options{Eps: eps}); err != nil {
			b.Fatal(err)
		}
	}
	for _, p := range last.Phases {
		b.ReportMetric(1e3*p.Seconds, "ms-"+strings.ReplaceAll(p.Name, " ", "-"))
	}
}

func BenchmarkRound(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, r := range []int{20, 100} {
		t := random(rng, slices.Repeat([]int{4}, 20), slices.Repeat([]int{r / 2}, 19))
		t = t.Add(t)
		b.Run(fmt.Sprintf("cores=20/size=4/rank=%d", r), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := Round(t, Options{Eps: 1e-10}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAtBatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	t := random(rng, slices.Repeat([]int{10}, 8), slices.Repeat([]int{16}, 7))
	list := make([][]int, 10000)
	for e := range list {
		for range 8 {
			list[e] = append(list[e], rng.IntN(10))
		}
	}
	b.Run("order=8/rank=16/entries=10000", func(b *testing.B) {
		for b.Loop() {
			t.AtBatch(list)
		}
	})
}
