package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkTTM(b *testing.B) {
	benchTTM[float64](b, "f64")
	benchTTM[float32](b, "f32")
}

func benchTTM[T Float](b *testing.B, name string) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := New[T](300, 300, 300)
	for i := range x.data {
		x.data[i] = T(rng.Float64())
	}
	for mode := range 3 {
		u := randomMatrix[T](rng, 300, 20)
		b.Run(fmt.Sprintf("type=%s/shape=300x300x300/mode=%d/rank=20", name, mode), func(b *testing.B) {
			b.SetBytes(int64(len(x.data)))
			for b.Loop() {
				TTMT(x, u, mode)
			}
			b.ReportMetric(2*20*float64(x.Len())*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gflop/s")
		})
	}
}

func BenchmarkModeGram(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, shape := range [][]int{{300, 300, 300}, {30, 30, 30, 30, 30}} {
		x := New[float64](shape...)
		for i := range x.data {
			x.data[i] = rng.Float64()
		}
		single := As[float32](x)
		for mode := range shape {
			flops := float64(shape[mode]) * float64(x.Len())
			b.Run(fmt.Sprintf("type=f64/order=%d/mode=%d", len(shape), mode), func(b *testing.B) {
				for b.Loop() {
					x.ModeGram(mode)
				}
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gflop/s")
			})
			b.Run(fmt.Sprintf("type=f32/order=%d/mode=%d", len(shape), mode), func(b *testing.B) {
				for b.Loop() {
					single.ModeGram(mode)
				}
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gflop/s")
			})
		}
	}
}

func BenchmarkNorm(b *testing.B) {
	x := New[float64](300, 300, 300)
	for i := range x.data {
		x.data[i] = float64(i % 7)
	}
	for name, y := range map[string]*Dense[float64]{"c": x, "fortran": x.Permute(2, 1, 0), "stepped": x.Slice(2, 0, 300, 2)} {
		b.Run("layout="+name, func(b *testing.B) {
			b.SetBytes(int64(8 * y.Len()))
			for b.Loop() {
				y.Norm()
			}
		})
	}
}
