package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every variant gives the bits of the plain loop, for any number of columns,
// fibers that are cut at the end, and rows that lie apart.
func TestFibers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	eachVariant(t, func(t *testing.T) {
		for cols := 1; cols <= 70; cols++ {
			for _, n := range []int{1, 2, 3, 30} {
				rows, gap := 1+rng.IntN(9), rng.IntN(3)
				ws, ys := cols+gap, FiberStride(cols)+8*gap
				words := make([]uint32, n+rng.IntN(40))
				for e := range words {
					words[e] = uint32(rng.IntN(rows))
					if rng.IntN(3) == 0 {
						words[e] |= LastOfFiber
					}
				}
				w, x, xr := random((rows-1)*ws+cols), random(n), random(n*ys)
				for j := range w {
					if rng.IntN(4) == 0 {
						w[j] = math.Copysign(0, -1)
					}
				}
				sum := func(term func(e, j int) float64) [][]float64 {
					var out [][]float64
					fresh := true
					for e, word := range words[:n] {
						if fresh {
							out = append(out, make([]float64, cols))
						}
						for j := range cols {
							v := float64(term(e, j) * w[int(word&fiberMask)*ws+j])
							if !fresh {
								v += out[len(out)-1][j]
							}
							out[len(out)-1][j] = v
						}
						fresh = word >= LastOfFiber
					}
					return out
				}
				check := func(what string, got []float64, fibers int, want [][]float64) {
					t.Helper()
					if fibers != len(want) {
						t.Fatalf("%s of %d columns: %d fibers, want %d", what, cols, fibers, len(want))
					}
					for f, row := range want {
						for j, v := range row {
							if math.Float64bits(got[f*ys+j]) != math.Float64bits(v) {
								t.Fatalf("%s of %d columns, fiber %d, column %d: %v, want %v", what, cols, f, j, got[f*ys+j], v)
							}
						}
					}
				}
				y := random(n*ys + 4)
				end := slices.Clone(y[n*ys:])
				fibers := SumScaled(n, cols, y[:n*ys], ys, x, words, rows, w, ws)
				check("SumScaled", y, fibers, sum(func(e, _ int) float64 { return x[e] }))
				want := sum(func(e, j int) float64 { return xr[e*ys+j] })
				fibers = SumProducts(n, cols, y[:n*ys], ys, xr, ys, words, rows, w, ws)
				check("SumProducts", y, fibers, want)
				if !slices.Equal(y[n*ys:], end) {
					t.Fatal("written beside the result")
				}
				same := slices.Clone(xr)
				fibers = SumProducts(n, cols, same, ys, same, ys, words, rows, w, ws)
				check("SumProducts in place", same, fibers, want)
				added, sums := slices.Clone(w), slices.Clone(w)
				AddRowsAt(n, cols, xr, ys, words, rows, added, ws)
				for e, word := range words[:n] {
					for j := range cols {
						sums[int(word&fiberMask)*ws+j] += xr[e*ys+j]
					}
				}
				if !slices.Equal(added, sums) {
					t.Fatalf("AddRowsAt of %d columns: %v, want %v", cols, added, sums)
				}
			}
		}
	})
}

func TestFibersShapeBugPanics(t *testing.T) {
	for what, f := range map[string]func(){
		"rows of y": func() {
			SumScaled(2, 3, make([]float64, 8), 8, make([]float64, 2), make([]uint32, 2), 1, make([]float64, 3), 3)
		},
		"numbers": func() {
			SumScaled(2, 3, make([]float64, 16), 8, make([]float64, 1), make([]uint32, 2), 1, make([]float64, 3), 3)
		},
		"words": func() {
			SumScaled(2, 3, make([]float64, 16), 8, make([]float64, 2), make([]uint32, 1), 1, make([]float64, 3), 3)
		},
		"padding of x": func() { AddRowsAt(2, 3, make([]float64, 16), 3, make([]uint32, 2), 1, make([]float64, 3), 3) },
		"rows of w": func() {
			SumProducts(2, 3, make([]float64, 16), 8, make([]float64, 16), 8, make([]uint32, 2), 2, make([]float64, 5), 3)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			f()
		}()
	}
}
