package kernel

import (
	"fmt"
	"testing"
)

// filled makes a slice whose pages are its own.
func filled[T Float](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(i%7) - 3
	}
	return x
}

// BenchmarkGemm measures products by themselves; bench/cmd/bench holds them
// against OpenBLAS.
func BenchmarkGemm(b *testing.B) {
	b.Run("type=f64", benchGemm[float64])
	b.Run("type=f32", benchGemm[float32])
}

func benchGemm[T Float](b *testing.B) {
	for _, v := range supported() {
		for _, n := range []int{4, 8, 16, 32, 64, 128, 256, 512, 1024} {
			b.Run(fmt.Sprintf("n=%d/impl=%v", n, v), func(b *testing.B) {
				defer func(v variant) { active = v }(active)
				active = v
				x, y, z := filled[T](n*n), filled[T](n*n), filled[T](n*n)
				for b.Loop() {
					Gemm(1, RowMajor(n, n, x), RowMajor(n, n, y), 0, RowMajor(n, n, z))
				}
				b.ReportMetric(2*float64(n)*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
			})
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{4, 8, 16, 32, 64} {
		for _, count := range []int{8, 1 << 20 / (n * n)} {
			b.Run(fmt.Sprintf("type=f64/n=%d/count=%d", n, count), func(b *testing.B) {
				x, y, z := filled[float64](count*n*n), filled[float64](count*n*n), filled[float64](count*n*n)
				for b.Loop() {
					GemmBatch(count, 1, RowMajor(n, n, x), n*n, RowMajor(n, n, y), n*n, 0, RowMajor(n, n, z), n*n)
				}
				each := b.Elapsed().Seconds() / float64(b.N) / float64(count)
				b.ReportMetric(each*1e9, "ns/product")
				b.ReportMetric(2*float64(n*n*n)/each*1e-9, "GF/s")
			})
		}
	}
}

func BenchmarkTransposed(b *testing.B) {
	const n = 1024
	x, y, z := filled[float64](n*n), filled[float64](n*n), filled[float64](n*n)
	at := map[string]func(rows, cols int, data []float64) Mat[float64]{"rows": RowMajor[float64], "cols": ColMajor[float64]}
	for _, la := range []string{"rows", "cols"} {
		for _, lb := range []string{"rows", "cols"} {
			b.Run(fmt.Sprintf("type=f64/n=%d/a=%s/b=%s", n, la, lb), func(b *testing.B) {
				for b.Loop() {
					Gemm(1, at[la](n, n, x), at[lb](n, n, y), 0, RowMajor(n, n, z))
				}
				b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
			})
		}
	}
}

func BenchmarkTall(b *testing.B) {
	const m, n = 1_000_000, 16
	x, y, z := filled[float64](m*n), filled[float64](n*n), filled[float64](m*n)
	x32 := filled[float32](m * n)
	a := RowMajor(m, n, x)
	flops := func(b *testing.B) {
		b.ReportMetric(2*m*n*n*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
	}
	b.Run("op=A*B/type=f64", func(b *testing.B) {
		for b.Loop() {
			Gemm(1, a, RowMajor(n, n, y), 0, RowMajor(m, n, z))
		}
		flops(b)
	})
	b.Run("op=A^T*A/type=f64", func(b *testing.B) {
		for b.Loop() {
			Gram(a, RowMajor(n, n, y))
		}
		flops(b)
	})
	b.Run("op=A^T*A/type=f32", func(b *testing.B) {
		for b.Loop() {
			Gram(RowMajor(m, n, x32), RowMajor(n, n, y))
		}
		flops(b)
	})
	b.Run("op=A^T*A/type=f64/layout=cols", func(b *testing.B) {
		for b.Loop() {
			Gram(ColMajor(m, n, x), RowMajor(n, n, y))
		}
		flops(b)
	})
	b.Run("op=A^T*B/type=f64", func(b *testing.B) {
		for b.Loop() {
			Gemm(1, a.T(), RowMajor(m, n, z), 0, RowMajor(n, n, y))
		}
		flops(b)
	})
}

func BenchmarkVectors(b *testing.B) {
	for _, n := range []int{1000, 10_000_000} {
		x, y := filled[float64](n), filled[float64](n)
		rate := func(b *testing.B, bytes int) {
			b.ReportMetric(float64(bytes)*float64(n)*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GB/s")
		}
		b.Run(fmt.Sprintf("op=dot/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				Dot(x, y)
			}
			rate(b, 16)
		})
		b.Run(fmt.Sprintf("op=axpy/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				Axpy(1, x, y)
			}
			rate(b, 24)
		})
		b.Run(fmt.Sprintf("op=nrm2/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				Nrm2(x)
			}
			rate(b, 8)
		})
	}
}

func BenchmarkPermute(b *testing.B) {
	const n = 256
	x, y := filled[float64](n*n*n), filled[float64](n*n*n)
	for _, p := range [][]int{{n * n, n, 1}, {n, 1, n * n}, {1, n, n * n}, {n * n, 1, n}, {n, n * n, 1}} {
		b.Run(fmt.Sprintf("type=f64/shape=%d^3/strides=%d,%d,%d", n, p[0], p[1], p[2]), func(b *testing.B) {
			for b.Loop() {
				Permute(y, x, []int{n, n, n}, p)
			}
			b.ReportMetric(16*n*n*n*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GB/s")
		})
	}
}
