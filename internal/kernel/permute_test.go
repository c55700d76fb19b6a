package kernel

import (
	"math/rand/v2"
	"testing"
)

// permuteNaive is the loop that Permute stands for.
func permuteNaive[T any](dst, src []T, shape, strides []int) {
	for o := range dst {
		rest, from := o, 0
		for n := len(shape) - 1; n >= 0; n-- {
			from += rest % shape[n] * strides[n]
			rest /= shape[n]
		}
		dst[o] = src[from]
	}
}

func TestPermute(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", func(t *testing.T) { testPermute(t, func(i int) float64 { return float64(i) }) })
		t.Run("float32", func(t *testing.T) { testPermute(t, func(i int) float32 { return float32(i) }) })
		t.Run("complex64", func(t *testing.T) { testPermute(t, func(i int) complex64 { return complex(float32(i), 1) }) })
		t.Run("complex128", func(t *testing.T) { testPermute(t, func(i int) complex128 { return complex(1, float64(i)) }) })
		t.Run("int16", func(t *testing.T) { testPermute(t, func(i int) int16 { return int16(i) }) })
		t.Run("string", func(t *testing.T) {
			testPermute(t, func(i int) string { return string(rune('a' + i%26)) })
		})
	})
}

func testPermute[T comparable](t *testing.T, value func(i int) T) {
	r := rand.New(rand.NewPCG(15, 16))
	check := func(shape, strides []int, extent int) {
		t.Helper()
		src := make([]T, extent)
		for i := range src {
			src[i] = value(i)
		}
		size := 1
		for _, s := range shape {
			size *= s
		}
		const border = 32
		got, want := make([]T, size+2*border), make([]T, size)
		for i := range border {
			got[i], got[border+size+i] = value(77), value(78)
		}
		permuteNaive(want, src, shape, strides)
		eachThreads(func(threads int) {
			clear(got[border : border+size])
			Permute(got[border:border+size], src, shape, strides)
			for i, w := range want {
				if got[border+i] != w {
					t.Fatalf("shape %v strides %v threads %d: element %d is %v, want %v", shape, strides, threads, i, got[border+i], w)
				}
			}
			for i := range border {
				if got[i] != value(77) || got[border+size+i] != value(78) {
					t.Fatalf("shape %v strides %v: wrote outside dst", shape, strides)
				}
			}
		})
	}
	// random permutations of arrays with gaps
	for range 60 {
		n := r.IntN(5)
		dims, gap := make([]int, n), make([]int, n)
		for i := range dims {
			dims[i], gap[i] = 1+r.IntN(12), max(0, r.IntN(8)-5)
		}
		if r.IntN(4) > 0 {
			clear(gap)
		}
		steps, extent := make([]int, n), 1
		for i := n - 1; i >= 0; i-- {
			steps[i] = extent
			extent *= dims[i] + gap[i]
		}
		shape, strides := make([]int, n), make([]int, n)
		for i, p := range r.Perm(n) {
			shape[i], strides[i] = dims[p], steps[p]
			if r.IntN(20) == 0 {
				strides[i] = 0
			}
		}
		check(shape, strides, extent)
	}
	check([]int{}, []int{}, 1)
	check([]int{3, 0, 2}, []int{1, 1, 1}, 0)
	check([]int{99}, []int{1}, 99)
	check([]int{200000}, []int{1}, 200000)
	check([]int{300, 301}, []int{1, 300}, 300*301)
	check([]int{2, 70000}, []int{1, 2}, 140000)
	check([]int{70000, 2}, []int{1, 70000}, 140000)
	check([]int{65, 66, 67}, []int{1, 65, 65 * 66}, 65*66*67)
	check([]int{65, 66, 67}, []int{66, 1, 65 * 66}, 65*66*67)
	check([]int{20, 3000}, []int{7, 140}, 3000*140)
}

func TestPermuteMisuse(t *testing.T) {
	for name, call := range map[string]func(){
		"ranks":   func() { Permute(make([]int, 4), make([]int, 4), []int{2, 2}, []int{1}) },
		"dst":     func() { Permute(make([]int, 3), make([]int, 4), []int{2, 2}, []int{2, 1}) },
		"src":     func() { Permute(make([]int, 4), make([]int, 3), []int{2, 2}, []int{2, 1}) },
		"strides": func() { Permute(make([]int, 4), make([]int, 4), []int{2, 2}, []int{-2, 1}) },
	} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || s[:8] != "kernel: " {
					t.Errorf("%s: want a panic that begins with \"kernel: \", got %q", name, s)
				}
			}()
			call()
		}()
	}
}
