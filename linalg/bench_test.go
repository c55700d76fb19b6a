package linalg

import (
	"fmt"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func benchmark[T tensor.Float](b *testing.B, name string, m, n int, body func(a *tensor.Matrix[T]) error) {
	b.Run(fmt.Sprintf("%s/type=f%d/m=%d/n=%d", name, map[bool]int{true: 32, false: 64}[isSingle[T]()], m, n), func(b *testing.B) {
		a := random[T](m, n, 1)
		for b.Loop() {
			if err := body(a); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func qr[T tensor.Float](a *tensor.Matrix[T]) error {
	_, _, err := QR(a)
	return err
}

func BenchmarkQR(b *testing.B) {
	benchmark(b, "QR", 1000, 1000, qr[float64])
	benchmark(b, "QR", 2000, 200, qr[float64])
	benchmark(b, "QR", 100000, 64, qr[float64])
	benchmark(b, "QR", 100000, 16, qr[float64])
	benchmark(b, "QR", 1000, 1000, qr[float32])
	benchmark(b, "QR", 100000, 64, qr[float32])
	benchmark(b, "QRPivot", 500, 500, func(a *tensor.Matrix[float64]) error {
		_, err := QRPivot(a, 0)
		return err
	})
}

func BenchmarkSVD(b *testing.B) {
	full := func(a *tensor.Matrix[float64]) error {
		_, _, _, err := SVD(a)
		return err
	}
	for _, n := range []int{16, 100, 300, 1000} {
		benchmark(b, "SVD", n, n, full)
	}
	benchmark(b, "SVD", 2000, 200, full)
	benchmark(b, "SVD", 100000, 16, full)
	benchmark(b, "SingularValues", 1000, 1000, func(a *tensor.Matrix[float64]) error {
		_, err := SingularValues(a)
		return err
	})
	benchmark(b, "RandomizedSVD", 2000, 2000, func(a *tensor.Matrix[float64]) error {
		_, _, _, _, err := RandomizedSVD(a, 20, Sketch{})
		return err
	})
}

func BenchmarkSymEig(b *testing.B) {
	full := func(a *tensor.Matrix[float64]) error {
		_, _, err := SymEig(a)
		return err
	}
	for _, n := range []int{16, 100, 300, 1000} {
		benchmark(b, "SymEig", n, n, full)
	}
	benchmark(b, "SymEigValues", 1000, 1000, func(a *tensor.Matrix[float64]) error {
		_, err := SymEigValues(a)
		return err
	})
}

func BenchmarkSolve(b *testing.B) {
	g := positiveDefinite[float64](2000, 1)
	benchmark(b, "Cholesky", 2000, 2000, func(*tensor.Matrix[float64]) error {
		_, err := Cholesky(g)
		return err
	})
	for _, n := range []int{5, 16, 100} {
		g := positiveDefinite[float64](n, 1)
		benchmark(b, "SolveSPD", 20000, n, func(a *tensor.Matrix[float64]) error {
			_, _, err := SolveSPD(g, a, 0)
			return err
		})
		benchmark(b, "NNLSGram", 2000, n, func(a *tensor.Matrix[float64]) error {
			_, err := NNLSGram(g, a)
			return err
		})
	}
	benchmark(b, "LeastSquares", 2000, 200, func(a *tensor.Matrix[float64]) error {
		_, _, err := LeastSquares(a, a)
		return err
	})
}
