package kernel

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

func vector[T Float](r *rand.Rand, n int) (x, all []T) {
	m, all := matrix[T](r, n, 1, layouts[0])
	return m.Data, all
}

func TestVectors(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", testVectors[float64])
		t.Run("float32", testVectors[float32])
	})
}

func testVectors[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	sizes := []int{127, 128, 129, 1000, vecBlock - 1, vecBlock + 1, 3*vecBlock + 17, vecParallel - 1, vecParallel + 4097}
	for n := range 100 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		x, allX := vector[T](r, n)
		y, allY := vector[T](r, n)
		var dot, sum, sq, size, abs float64
		for i := range x {
			p := float64(x[i]) * float64(y[i])
			dot, sum, sq = dot+p, sum+float64(x[i]), sq+float64(x[i])*float64(x[i])
			size, abs = size+math.Abs(p), abs+math.Abs(float64(x[i]))
		}
		tol := float64(n+4) * 0x1p-52
		var first [3]float64
		eachThreads(func(threads int) {
			got := [3]float64{Dot(x, y), Sum(x), Nrm2(x)}
			if threads == 1 {
				first = got
			}
			if got != first {
				t.Fatalf("n=%d: dot, sum, norm = %v with %d threads, %v with 1", n, got, threads, first)
			}
		})
		for i, e := range []float64{math.Abs(first[0] - dot), math.Abs(first[1] - sum), math.Abs(first[2] - math.Sqrt(sq))} {
			if !(e <= tol*[]float64{size, abs, math.Sqrt(sq)}[i]) {
				t.Fatalf("n=%d: result %d is off by %g", n, i, e)
			}
		}
		wide := make([]float64, n)
		off := 0.0
		for i := range wide {
			wide[i] = float64(y[i]) + 1e-9
			off += (float64(x[i]) - wide[i]) * (float64(x[i]) - wide[i])
		}
		if d := Distance(x, wide); !(math.Abs(d-math.Sqrt(off)) <= tol*math.Sqrt(off)) {
			t.Fatalf("n=%d: distance %v, want %v", n, d, math.Sqrt(off))
		}
		want := make([]T, n)
		for i := range want {
			want[i] = y[i] + -1.5*x[i]
		}
		Axpy(-1.5, x, y)
		for i := range want {
			if !(math.Abs(float64(y[i]-want[i])) <= 2*eps[T]()) {
				t.Fatalf("n=%d: axpy[%d] = %v, want %v", n, i, y[i], want[i])
			}
			want[i] = 3 * y[i]
		}
		Scal(3, y)
		for i := range want {
			if y[i] != want[i] {
				t.Fatalf("n=%d: scal[%d] = %v, want %v", n, i, y[i], want[i])
			}
		}
		checkGuards(t, "x", Mat[T]{Rows: n, Cols: 1, RS: 1, CS: 1, Data: x}, allX)
		checkGuards(t, "y", Mat[T]{Rows: n, Cols: 1, RS: 1, CS: 1, Data: y}, allY)
	}
	// NaN and Inf anywhere reach the result.
	for _, n := range []int{1, 5, 64, 67, 200} {
		for _, at := range []int{0, n / 2, n - 1} {
			x := make([]T, n)
			x[at] = T(math.NaN())
			one := make([]T, n)
			if s := Dot(x, one); s == s {
				t.Fatalf("n=%d: Dot of a NaN at %d is %v", n, at, s)
			}
			if s := Nrm2(x); s == s {
				t.Fatalf("n=%d: Nrm2 of a NaN at %d is %v", n, at, s)
			}
			x[at] = T(math.Inf(-1))
			if s := Sum(x); !math.IsInf(s, -1) {
				t.Fatalf("n=%d: Sum of -Inf at %d is %v", n, at, s)
			}
			if s := Nrm2(x); !math.IsInf(s, 1) {
				t.Fatalf("n=%d: Nrm2 of -Inf at %d is %v", n, at, s)
			}
		}
	}
}

func TestNrm2Range(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		for _, s := range []float64{1, 1e300, 1e-300, 1e307, 5e-324 * 1024} {
			x := []float64{3 * s, 0, -4 * s}
			if got := Nrm2(x); !(math.Abs(got-5*s) <= 1e-15*5*s) {
				t.Errorf("scale %g: %g, want %g", s, got, 5*s)
			}
		}
		if got := Nrm2([]float64{math.Inf(1), math.NaN()}); got == got {
			t.Errorf("NaN after Inf: %v", got)
		}
		if got := Nrm2([]float32{3e38, 3e38}); !(math.Abs(got-math.Hypot(float64(float32(3e38)), float64(float32(3e38)))) <= 1e24) {
			t.Errorf("float32 near the top: %v", got)
		}
		if got := Nrm2([]float64{}); got != 0 {
			t.Errorf("empty: %v", got)
		}
	})
}

func TestDistanceRange(t *testing.T) {
	for _, c := range []struct{ x, y, want float64 }{
		{1e200, -1e200, 2e200}, {1e-200, 3e-200, 2e-200}, {5, 5, 0}, {math.Inf(1), 1, math.Inf(1)},
	} {
		for _, n := range []int{1, 64, 200} {
			x, y := make([]float64, n), make([]float64, n)
			x[n-1], y[n-1] = c.x, c.y
			if d := Distance(x, y); d != c.want && !(math.Abs(d-c.want) <= 1e-15*c.want) {
				t.Errorf("%d elements, %g and %g: %g, want %g", n, c.x, c.y, d, c.want)
			}
		}
	}
	if d := Distance([]float64{1, math.NaN()}, []float64{0, 0}); d == d {
		t.Errorf("with a NaN: %g", d)
	}
}

// TestUnset: as many elements as were asked for, which are the caller's.
func TestUnset(t *testing.T) {
	var kept [][]complex128
	for _, n := range []int{0, 1, 1000, 5000, 1<<18 + 7} {
		x := Unset[complex128](n)
		for i := range x {
			x[i] = complex(float64(n), float64(i))
		}
		kept = append(kept, x)
		runtime.GC()
	}
	for _, x := range kept {
		for i, v := range x {
			if want := complex(float64(len(x)), float64(i)); v != want {
				t.Fatalf("element %d of %d: %v, want %v", i, len(x), v, want)
			}
		}
	}
}

func TestLarge(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 1 << 19, 1<<20 + 7} {
		x := Large[float64](n)
		for i := range x {
			x[i] += 1
		}
		if len(x) != n || Sum(x) != float64(n) {
			t.Errorf("%d elements: %d, not all zero", n, len(x))
		}
	}
}
