package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func benchData[T Float](shape []int) *Dense[T] {
	rng := rand.New(rand.NewPCG(1, 1))
	x := New[T](shape...)
	for i := range x.data {
		x.data[i] = T(rng.Float64() - 0.5)
	}
	return x
}

func benchFactors(shape []int, rank int) []*Matrix[float64] {
	rng := rand.New(rand.NewPCG(2, 1))
	factors := make([]*Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = NormalMatrix(rng, s, rank)
	}
	return factors
}

type hasMTTKRP interface {
	MTTKRP(*Matrix[float64], []*Matrix[float64], int)
	ResidualNorm([]float64, []*Matrix[float64]) float64
}

func benchMTTKRP(b *testing.B, name string, x hasMTTKRP, shape []int, cells, rank int) {
	factors := benchFactors(shape, rank)
	dims := ""
	for n, s := range shape {
		if n > 0 {
			dims += "x"
		}
		dims += fmt.Sprint(s)
	}
	for mode := range shape {
		b.Run(fmt.Sprintf("type=%s/shape=%s/rank=%d/mode=%d", name, dims, rank, mode), func(b *testing.B) {
			dst := NewMatrix[float64](shape[mode], rank)
			for b.Loop() {
				x.MTTKRP(dst, factors, mode)
			}
			b.ReportMetric(2*float64(cells)*float64(rank)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gflop/s")
		})
	}
	b.Run(fmt.Sprintf("type=%s/shape=%s/rank=%d/residual", name, dims, rank), func(b *testing.B) {
		for b.Loop() {
			x.ResidualNorm(ones(rank), factors)
		}
	})
}

func BenchmarkMTTKRP(b *testing.B) {
	for _, shape := range [][]int{{300, 300, 300}, {60, 60, 60, 60}} {
		for _, rank := range []int{16} {
			benchMTTKRP(b, "f64", benchData[float64](shape), shape, Size(shape), rank)
			benchMTTKRP(b, "f32", benchData[float32](shape), shape, Size(shape), rank)
		}
	}
	shape := []int{300, 300, 300}
	x, _ := FromDense(benchData[float64](shape)).Split(0.97, 1)
	benchMTTKRP(b, "observed", x, shape, x.Count(), 16)
}
