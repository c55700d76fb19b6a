package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// contraction is a random product of two tensors of small integers.
type contraction struct {
	groups  [4][]Axis // batch, m, n, k
	a, b, c int       // elements
}

// randomContraction gives each tensor its axes in a random order, with a gap
// at times.
func randomContraction(rng *rand.Rand, most int) contraction {
	var x contraction
	var inA, inB, inC []*Axis
	for g := range x.groups {
		x.groups[g] = make([]Axis, rng.IntN(4))
		for i := range x.groups[g] {
			ax := &x.groups[g][i]
			ax.Size = 1 + rng.IntN(most)
			if g != 2 {
				inA = append(inA, ax)
			}
			if g != 1 {
				inB = append(inB, ax)
			}
			if g != 3 {
				inC = append(inC, ax)
			}
		}
	}
	lay := func(list []*Axis, stride func(*Axis) *int) int {
		step := 1 + rng.IntN(5)/4
		for _, i := range rng.Perm(len(list)) {
			*stride(list[i]) = step
			step *= list[i].Size
			step += rng.IntN(6) / 5 * 3
		}
		return step
	}
	x.a = lay(inA, func(x *Axis) *int { return &x.A })
	x.b = lay(inB, func(x *Axis) *int { return &x.B })
	x.c = lay(inC, func(x *Axis) *int { return &x.C })
	return x
}

// plain contracts element by element.
func plainContraction[T Float | Complex](x contraction, a, b, c []T) {
	all := slices.Concat(x.groups[0], x.groups[1], x.groups[2], x.groups[3])
	var walk func(i, oa, ob, oc int)
	walk = func(i, oa, ob, oc int) {
		if i == len(all) {
			c[oc] += a[oa] * b[ob]
			return
		}
		for range all[i].Size {
			walk(i+1, oa, ob, oc)
			oa, ob, oc = oa+all[i].A, ob+all[i].B, oc+all[i].C
		}
	}
	walk(0, 0, 0, 0)
}

func testTiles[T Float | Complex](t *testing.T, run func(*Tiles, []T, []T, []T)) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 300 {
		x := randomContraction(rng, []int{3, 5, 9, 30}[trial%4]-trial%4)
		total := 1
		for _, g := range x.groups {
			total *= sizeOf(g)
		}
		if total > 1<<21 {
			continue
		}
		fill := func(n int) []T {
			s := make([]T, n)
			for i := range s {
				for range rng.IntN(9) {
					s[i]++
				}
			}
			return s
		}
		a, b := fill(x.a), fill(x.b)
		want, got := make([]T, x.c), make([]T, x.c)
		plainContraction(x, a, b, want)
		tiles := NewTiles(x.groups[0], x.groups[1], x.groups[2], x.groups[3])
		run(tiles, a, b, got)
		if !slices.Equal(got, want) {
			t.Fatalf("trial %d: %v differs from the plain loops", trial, x.groups)
		}
	}
}

func TestTiles(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testTiles(t, ContractTiles[float32]) })
	t.Run("float64", func(t *testing.T) { testTiles(t, ContractTiles[float64]) })
	t.Run("complex64", func(t *testing.T) { testTiles(t, ContractTilesComplex[complex64]) })
	t.Run("complex128", func(t *testing.T) { testTiles(t, ContractTilesComplex[complex128]) })
}

// TestTilesThreads: one thread and many give the same bits.
func TestTilesThreads(t *testing.T) {
	m, n, k := 300, 500, 700
	tiles := NewTiles(nil, []Axis{{m, 1, 0, 1}}, []Axis{{n, 0, 1, m}}, []Axis{{k, m, n, 0}})
	rng := rand.New(rand.NewPCG(3, 4))
	a, b := make([]float64, m*k), make([]float64, n*k)
	for i := range a {
		a[i] = rng.NormFloat64()
	}
	for i := range b {
		b[i] = rng.NormFloat64()
	}
	var first []float64
	for _, threads := range []int{1, 2, 3} {
		old := runtime.GOMAXPROCS(threads)
		c := make([]float64, m*n)
		ContractTiles(tiles, a, b, c)
		runtime.GOMAXPROCS(old)
		if first == nil {
			first = c
		} else if !slices.Equal(first, c) {
			t.Errorf("%d threads give other bits", threads)
		}
	}
}

// BenchmarkTiles contracts dabfe,fc->edcba, which memory holds up.
func BenchmarkTiles(b *testing.B) {
	const A, B, C, D, E, F = 32, 24, 16, 24, 32, 24
	tiles := NewTiles(nil,
		[]Axis{{A, B * F * E, 0, 1}, {B, F * E, 0, A}, {D, A * B * F * E, 0, A * B * C}, {E, 1, 0, A * B * C * D}},
		[]Axis{{C, 0, 1, A * B}}, []Axis{{F, E, C, 0}})
	x, y, z := make([]float64, A*B*D*E*F), make([]float64, F*C), make([]float64, A*B*C*D*E)
	b.Run(fmt.Sprintf("m=%d/n=%d/k=%d", A*B*D*E, C, F), func(b *testing.B) {
		b.SetBytes(int64(8 * (len(x) + len(z))))
		for b.Loop() {
			ContractTiles(tiles, x, y, z)
		}
	})
}
