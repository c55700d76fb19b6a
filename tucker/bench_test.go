package tucker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

func BenchmarkSTHOSVD(b *testing.B) {
	x := noisy(rand.New(rand.NewPCG(1, 1)), []int{200, 200, 200}, []int{20, 20, 20}, 0.1)
	single := tensor.As[float32](x)
	for _, opt := range []Options{{Eps: 0.11}, {Ranks: []int{20, 20, 20}}, {Eps: 1e-8}} {
		by := fmt.Sprintf("eps=%g", opt.Eps)
		if opt.Ranks != nil {
			by = "rank=20"
		}
		b.Run("type=f64/shape=200x200x200/"+by, func(b *testing.B) { run(b, STHOSVD, x, opt) })
		b.Run("type=f32/shape=200x200x200/"+by, func(b *testing.B) { run(b, STHOSVD, single, opt) })
	}
}

func BenchmarkHOOI(b *testing.B) {
	x := noisy(rand.New(rand.NewPCG(1, 1)), []int{200, 200, 200}, []int{20, 20, 20}, 0.1)
	opt := Options{Ranks: []int{20, 20, 20}, Options: fit.Options{MaxIters: 2, Tol: -1}}
	b.Run("type=f64/shape=200x200x200/rank=20/sweeps=2", func(b *testing.B) { run(b, HOOI, x, opt) })
}

func run(b *testing.B, method func(context.Context, Data, Options) (*Tensor, fit.Result, error), x Data, opt Options) {
	var last fit.Result
	for b.Loop() {
		var err error
		if _, last, err = method(ctx, x, opt); err != nil {
			b.Fatal(err)
		}
	}
	for _, p := range last.Phases {
		b.ReportMetric(1e3*p.Seconds, "ms-"+strings.ReplaceAll(p.Name, " ", "-"))
	}
}
