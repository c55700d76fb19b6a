package kernel

import (
	"fmt"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// scattered is a rows×cols matrix on one of three layouts.
func scattered[T Complex](rng *rand.Rand, rows, cols, layout int) Mat[T] {
	m := Mat[T]{Rows: rows, Cols: cols}
	switch layout {
	case 0:
		m.RS, m.CS = cols+1, 1
	case 1:
		m.RS, m.CS = 1, rows+2
	default:
		m.RS, m.CS = 2*cols+1, 2
	}
	m.Data = make([]T, rows*cols*3+4*(rows+cols)+9)
	for i := range m.Data {
		m.Data[i] = T(complex(rng.NormFloat64(), rng.NormFloat64()))
	}
	return m
}

func TestGemmComplex(t *testing.T) {
	defer func(v variant) { active = v }(active)
	for _, active = range supported() {
		t.Run("complex64/"+active.String(), func(t *testing.T) { testGemmComplex[complex64](t, 1e-4) })
		t.Run("complex128/"+active.String(), func(t *testing.T) { testGemmComplex[complex128](t, 1e-12) })
	}
}

func testGemmComplex[T Complex](t *testing.T, tol float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	sizes := []int{0, 1, 2, 3, 4, 7, 13, 33, 70, 600}
	conj := func(v T, is bool) complex128 {
		if is {
			return cmplx.Conj(complex128(v))
		}
		return complex128(v)
	}
	for range 300 {
		m, n, k := sizes[rng.IntN(10)], sizes[rng.IntN(10)], sizes[rng.IntN(10)]
		if m*n*k > 1e6 {
			continue
		}
		a, b, c := scattered[T](rng, m, k, rng.IntN(3)), scattered[T](rng, k, n, rng.IntN(3)), scattered[T](rng, m, n, rng.IntN(3))
		conjA, conjB := rng.IntN(2) == 0, rng.IntN(2) == 0
		alpha := []T{0, 1, T(complex(0.5, -2))}[rng.IntN(3)]
		beta := []T{0, 1, T(complex(-0.25, 1))}[rng.IntN(3)]
		before := slices.Clone(c.Data)
		if beta == 0 { // what is there must not matter
			for i := range m {
				for j := range n {
					c.Data[i*c.RS+j*c.CS] = T(cmplx.NaN())
				}
			}
		}
		GemmComplex(alpha, a, conjA, b, conjB, beta, c)
		inside := make([]bool, len(c.Data))
		for i := range m {
			for j := range n {
				o := i*c.RS + j*c.CS
				inside[o] = true
				want := complex128(beta) * complex128(before[o])
				for l := range k {
					want += complex128(alpha) * conj(a.At(i, l), conjA) * conj(b.At(l, j), conjB)
				}
				if got := complex128(c.Data[o]); !(cmplx.Abs(got-want) <= tol*(10+float64(k))) {
					t.Fatalf("%d×%d×%d at (%d, %d): %v, want %v", m, k, n, i, j, got, want)
				}
			}
		}
		for o, v := range c.Data {
			if !inside[o] && v != before[o] {
				t.Fatalf("%d×%d×%d: element %d is not of C but changed", m, k, n, o)
			}
		}
	}
}

func TestGemmBatchComplex(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][3]int{{2, 2, 2}, {4, 3, 70}, {40, 50, 30}} {
		m, n, k, count := size[0], size[1], size[2], 21
		a, b := scattered[complex128](rng, m, k*count, 1), scattered[complex128](rng, k, n, 0)
		c := RowMajor(count*m, n, make([]complex128, count*m*n))
		one := a.Sub(0, m, 0, k)
		GemmBatchComplex(count, 1, one, true, k*a.CS, b, false, 0, 0, c.Sub(0, m, 0, n), m*n)
		for p := range count {
			want := RowMajor(m, n, make([]complex128, m*n))
			GemmComplex(1, a.Sub(0, m, p*k, (p+1)*k), true, b, false, 0, want)
			for i, v := range want.Data {
				if !(cmplx.Abs(v-c.Data[p*m*n+i]) <= 1e-11) {
					t.Fatalf("%v, matrix %d, element %d: %v, want %v", size, p, i, c.Data[p*m*n+i], v)
				}
			}
		}
	}
}

func TestGemmComplexThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rng := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][3]int{{300, 1100, 290}, {4, 5000, 70}, {4, 200003, 4}} {
		a, b := scattered[complex128](rng, size[0], size[2], 1), scattered[complex128](rng, size[2], size[1], 1)
		var first []complex128
		for threads := 1; threads <= 3; threads++ {
			runtime.GOMAXPROCS(threads)
			c := RowMajor(size[0], size[1], make([]complex128, size[0]*size[1]))
			GemmComplex(1, a, false, b, true, 0, c)
			if first == nil {
				first = c.Data
			} else if !slices.Equal(first, c.Data) {
				t.Fatalf("%v: %d threads give other bits than one", size, threads)
			}
		}
	}
}

func BenchmarkGemmComplex(b *testing.B) {
	for _, n := range []int{16, 64, 256, 1024} {
		b.Run(fmt.Sprintf("type=c128/n=%d", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(7, 8))
			x, y, z := scattered[complex128](rng, n, n, 0), scattered[complex128](rng, n, n, 0), scattered[complex128](rng, n, n, 0)
			for b.Loop() {
				GemmComplex(1, x, false, y, false, 0, z)
			}
			b.ReportMetric(8*float64(n)*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
		})
	}
}

// Gates on two qubits of a state: a few rows, any number of columns.
func BenchmarkGemmComplexThin(b *testing.B) {
	for _, m := range []int{2, 4, 8, 16} {
		b.Run(fmt.Sprintf("type=c128/m=%d/k=%d/n=%d", m, m, 1<<18), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(7, 8))
			x, y, z := scattered[complex128](rng, m, m, 0), scattered[complex128](rng, m, 1<<18, 0), scattered[complex128](rng, m, 1<<18, 0)
			for b.Loop() {
				GemmComplex(1, x, false, y, false, 0, z)
			}
			b.ReportMetric(float64(m)*float64(1<<23)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}
