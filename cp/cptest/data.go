// Package cptest checks that a kind of data does what the methods of package
// cp rely on. A new kind of data passes [Data], in one call, before any
// method sees it.
package cptest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// Entry is one known entry of a tensor.
type Entry struct {
	Index []int
	Value float64
}

// Kind is a kind of data under test.
type Kind struct {
	// Make makes the tensor of a shape with these known entries. entries has
	// one for each cell if the kind is complete.
	Make func(t *testing.T, shape []int, entries []Entry) cp.Data
	// Complete says that the kind has no unknown entries.
	Complete bool
	// Zeros makes most of the known entries zero.
	Zeros bool
	// Tol is the relative error that MTTKRP may have; 0 means 1e-12.
	Tol float64
}

// Shapes are those that Data tries: orders 1 to 5, long and short modes in
// every place, modes of size 1.
var Shapes = [][]int{
	{7}, {1}, {5, 4}, {1, 6}, {6, 1}, {4, 3, 5}, {1, 4, 3}, {4, 1, 3}, {4, 3, 1}, {1, 1, 1},
	{3, 70, 2}, {600, 2, 3}, {2, 3, 600}, {17, 33, 9}, {3, 4, 2, 5}, {2, 1, 3, 2, 4},
}

// Data checks the invariants of a kind of data against sums written out
// entry by entry: shape, axes, norm, MTTKRP of every mode, the inner product
// with a model and the norm of the difference from it, sums of losses and
// their gradients, the equations of the rows where entries are missing; that nothing is changed by asking; and
// that the answers have the same bits with 1, 2 and 3 threads.
func Data(t *testing.T, k Kind) {
	if k.Tol == 0 {
		k.Tol = 1e-12
	}
	for c, shape := range Shapes {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(c)))
			entries := draw(rng, shape, k)
			x := k.Make(t, shape, entries)
			if !slices.Equal(x.Shape(), shape) {
				t.Fatalf("shape %v, want %v", x.Shape(), shape)
			}
			if len(x.Axes()) != len(shape) {
				t.Fatalf("%d axes for %d modes", len(x.Axes()), len(shape))
			}
			norm := 0.0
			for _, e := range entries {
				norm = math.Hypot(norm, e.Value)
			}
			near(t, "norm", x.Norm(), norm, norm, k.Tol)
			for _, rank := range []int{1, 4, 19} {
				weights, factors := randomModel(rng, shape, rank)
				before := cloneFactors(factors)
				checkMTTKRP(t, x, entries, factors, k.Tol)
				if c, ok := x.(cp.Contractor); ok {
					checkSweeps(t, c, factors, k.Tol)
				}
				checkModel(t, x, entries, weights, factors, k.Tol)
				if c, ok := x.(cp.Elementwise); ok {
					checkLoss(t, c, entries, factors, k.Tol)
				}
				if inc, ok := x.(cp.Incomplete); ok {
					checkRows(t, inc, entries, factors, k.Tol)
				} else if !k.Complete {
					t.Error("data with unknown entries do not implement cp.Incomplete")
				}
				if !reflect.DeepEqual(before, factors) {
					t.Error("the factors were changed")
				}
			}
			near(t, "norm after all", x.Norm(), norm, norm, k.Tol)
		})
	}
	t.Run("threads", func(t *testing.T) { checkThreads(t, k) })
}

// draw makes entries whose values have few bits, so that float32 holds them
// exactly. One slice of the first mode stays empty if entries may be missing,
// or holds zeros alone if most are.
func draw(rng *rand.Rand, shape []int, k Kind) []Entry {
	var out []Entry
	idx := make([]int, len(shape))
	for range tensor.Size(shape) {
		v := float64(rng.IntN(2001)-1000) / 64
		hidden := rng.IntN(3) == 0 || len(shape) > 1 && shape[0] > 2 && idx[0] == 1
		if k.Zeros && len(out) > 0 && (rng.IntN(4) > 0 || hidden) {
			v = 0
		}
		if k.Complete || !hidden || len(out) == 0 {
			out = append(out, Entry{slices.Clone(idx), v})
		}
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < shape[n] {
				break
			}
			idx[n] = 0
		}
	}
	return out
}

func randomModel(rng *rand.Rand, shape []int, rank int) ([]float64, []*tensor.Matrix[float64]) {
	weights := make([]float64, rank)
	for r := range weights {
		weights[r] = rng.NormFloat64()
	}
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		// A part of a wider matrix: the stride must be respected.
		wide := tensor.NormalMatrix(rng, s, rank+2)
		factors[n] = wide.Sub(0, s, 1, rank+1)
	}
	return weights, factors
}

func cloneFactors(factors []*tensor.Matrix[float64]) []*tensor.Matrix[float64] {
	out := make([]*tensor.Matrix[float64], len(factors))
	for n, f := range factors {
		c := *f
		c.Data = slices.Clone(f.Data)
		out[n] = &c
	}
	return out
}

// term is the product of the rows of the factors at an index, but that of
// mode skip.
func term(factors []*tensor.Matrix[float64], idx []int, skip, r int) float64 {
	p := 1.0
	for m, i := range idx {
		if m != skip {
			p *= factors[m].At(i, r)
		}
	}
	return p
}

func checkMTTKRP(t *testing.T, x cp.Data, entries []Entry, factors []*tensor.Matrix[float64], tol float64) {
	t.Helper()
	rank := factors[0].Cols
	for mode, f := range factors {
		want := tensor.NewMatrix[float64](f.Rows, rank)
		size := tensor.NewMatrix[float64](f.Rows, rank) // of the terms
		for _, e := range entries {
			for r := range rank {
				v := e.Value * term(factors, e.Index, mode, r)
				want.Data[e.Index[mode]*rank+r] += v
				size.Data[e.Index[mode]*rank+r] += math.Abs(v)
			}
		}
		guard := tensor.NewMatrix[float64](f.Rows, rank+1)
		for i := range guard.Data {
			guard.Data[i] = math.NaN() // what was there must not matter
		}
		got := guard.Sub(0, f.Rows, 0, rank)
		given := slices.Clone(factors)
		given[mode] = &tensor.Matrix[float64]{Rows: f.Rows, Cols: rank, Stride: rank} // is not read
		x.MTTKRP(got, given, mode)
		for i := range f.Rows {
			for r := range rank {
				near(t, fmt.Sprintf("MTTKRP mode %d rank %d at (%d, %d)", mode, rank, i, r), got.At(i, r), want.At(i, r), size.At(i, r), tol)
			}
			if !math.IsNaN(guard.At(i, rank)) {
				t.Fatalf("MTTKRP mode %d wrote beside the result", mode)
			}
		}
	}
}

// checkSweeps compares MTTKRPs that share work with others, over two sweeps in
// which the factors change and a call out of turn.
func checkSweeps(t *testing.T, x cp.Contractor, factors []*tensor.Matrix[float64], tol float64) {
	t.Helper()
	factors = cloneFactors(factors)
	rank, order := factors[0].Cols, len(factors)
	mttkrp := x.SweepMTTKRP(rank)
	for step := range 2*order + 1 {
		mode := step % order
		if step == 2*order {
			mode = order - 1
		}
		f := factors[mode]
		want := tensor.NewMatrix[float64](f.Rows, rank)
		x.MTTKRP(want, factors, mode)
		size := 0.0
		for _, v := range want.Data {
			size = max(size, math.Abs(v))
		}
		got := tensor.NewMatrix[float64](f.Rows, rank+1).Sub(0, f.Rows, 0, rank)
		mttkrp(got, factors, mode)
		for i := range f.Rows {
			for r := range rank {
				near(t, fmt.Sprintf("MTTKRP of sweeps, step %d, mode %d rank %d at (%d, %d)", step, mode, rank, i, r), got.At(i, r), want.At(i, r), 10*size, tol)
				f.Set(i, r, f.At(i, r)+float64(r+1)/float64(i+step+2))
			}
		}
	}
}

func checkModel(t *testing.T, x cp.Data, entries []Entry, weights []float64, factors []*tensor.Matrix[float64], tol float64) {
	t.Helper()
	inner, innerSize, dist, model := 0.0, 0.0, 0.0, 0.0
	for _, e := range entries {
		m := 0.0
		for r, w := range weights {
			m += w * term(factors, e.Index, -1, r)
		}
		inner += e.Value * m
		innerSize += math.Abs(e.Value * m)
		dist = math.Hypot(dist, e.Value-m)
		model = math.Hypot(model, m)
	}
	u, err := cp.New(weights, factors...)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "inner product", cp.Inner(x, u), inner, innerSize, 10*tol)
	near(t, "residual norm", x.ResidualNorm(weights, factors), dist, dist+model, 1e-12)
}

func checkRows(t *testing.T, x cp.Incomplete, entries []Entry, factors []*tensor.Matrix[float64], tol float64) {
	t.Helper()
	rank := factors[0].Cols
	for mode, f := range factors {
		count := make([]int, f.Rows)
		gram := make([]*tensor.Matrix[float64], f.Rows)
		rhs := make([][]float64, f.Rows)
		for i := range gram {
			gram[i], rhs[i] = tensor.NewMatrix[float64](rank, rank), make([]float64, rank)
		}
		for _, e := range entries {
			i := e.Index[mode]
			count[i]++
			for r := range rank {
				k := term(factors, e.Index, mode, r)
				rhs[i][r] += e.Value * k
				for q := range rank {
					gram[i].Data[r*rank+q] += k * term(factors, e.Index, mode, q)
				}
			}
		}
		seen := make([]int, f.Rows) // rows are visited once, so no lock is needed
		x.RowSystems(factors, mode, func(i, n int, g *tensor.Matrix[float64], b []float64) {
			seen[i]++
			if n != count[i] {
				t.Errorf("mode %d row %d: %d known entries, want %d", mode, i, n, count[i])
			}
			scale := 0.0
			for r := range rank {
				scale += gram[i].At(r, r)
			}
			for r := range rank {
				near(t, "rhs", b[r], rhs[i][r], math.Sqrt(scale)*1000, tol)
				for q := range rank {
					near(t, "gram", g.At(r, q), gram[i].At(r, q), scale, tol)
				}
			}
		})
		for i, n := range seen {
			if want := min(count[i], 1); n != want {
				t.Errorf("mode %d: row %d was visited %d times, want %d", mode, i, n, want)
			}
			if slices.Contains(x.Empty(mode), i) != (count[i] == 0) {
				t.Errorf("mode %d: Empty is wrong about %d", mode, i)
			}
		}
	}
}

// checkThreads asks for everything with 1, 2 and 3 threads, on a tensor that
// is large enough to be cut in parts.
func checkThreads(t *testing.T, k Kind) {
	rng := rand.New(rand.NewPCG(2, 0))
	shape := []int{50, 61, 47}
	entries := draw(rng, shape, k)
	weights, factors := randomModel(rng, shape, 11)
	testkit.Threads(t, "figures", func() []float64 {
		x := k.Make(t, shape, entries)
		bits := []float64{x.Norm(), x.ResidualNorm(weights, factors)}
		if c, ok := x.(cp.Elementwise); ok {
			grads := make([]*tensor.Matrix[float64], len(shape))
			for n, s := range shape {
				grads[n] = tensor.NewMatrix[float64](s, 11)
			}
			bits = append(bits, c.LossGradient(factors, grads, curved))
			for _, g := range grads {
				bits = append(bits, g.Data...)
			}
		}
		for mode, s := range shape {
			m := tensor.NewMatrix[float64](s, 11)
			x.MTTKRP(m, factors, mode)
			bits = append(bits, m.Data...)
			if inc, ok := x.(cp.Incomplete); ok {
				rows := tensor.NewMatrix[float64](s, 11)
				inc.RowSystems(factors, mode, func(i, _ int, g *tensor.Matrix[float64], b []float64) {
					for r := range b {
						rows.Set(i, r, b[r]+g.At(r, 3))
					}
				})
				bits = append(bits, rows.Data...)
			}
		}
		return bits
	})
}

func near(t *testing.T, what string, got, want, scale, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*scale+1e-300) {
		t.Errorf("%s: %v, want %v (to %v)", what, got, want, tol*scale)
	}
}
