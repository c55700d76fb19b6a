package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

func randomCP(rng *rand.Rand, rank int, shape ...int) *cp.Tensor {
	m := &cp.Tensor{Modes: make([]tensor.Axis, len(shape))}
	for range rank {
		m.Weights = append(m.Weights, 1+rng.Float64())
	}
	for _, s := range shape {
		m.Factors = append(m.Factors, tensor.NormalMatrix(rng, s, rank))
	}
	return m
}

func randomTucker(rng *rand.Rand, ranks, shape []int) *tucker.Tensor {
	m := &tucker.Tensor{Core: tensor.Normal(rng, ranks...), Modes: make([]tensor.Axis, len(shape))}
	for n, s := range shape {
		m.Factors = append(m.Factors, tensor.NormalMatrix(rng, s, ranks[n]))
	}
	return m
}

func randomTrain(rng *rand.Rand, ranks, shape []int) *tt.Tensor {
	m := &tt.Tensor{Modes: make([]tensor.Axis, len(shape))}
	for k, s := range shape {
		m.Cores = append(m.Cores, tensor.Normal(rng, ranks[k], s, ranks[k+1]))
	}
	return m
}

// entry is one entry of a model, straight from the definition of its format.
func entry(m Model, idx []int) float64 {
	switch m := m.(type) {
	case *cp.Tensor:
		s := 0.0
		for r, w := range m.Weights {
			for n, i := range idx {
				w *= m.Factors[n].At(i, r)
			}
			s += w
		}
		return s
	case *tucker.Tensor:
		s := 0.0
		each(m.Core.Shape(), func(at int, p []int) {
			v := m.Core.At(p...)
			for n, i := range idx {
				v *= m.Factors[n].At(i, p[n])
			}
			s += v
		})
		return s
	case *tt.Tensor:
		v := []float64{1}
		for k, g := range m.Cores {
			next := make([]float64, g.Shape()[2])
			for b := range next {
				for a := range v {
					next[b] += v[a] * g.At(a, idx[k], b)
				}
			}
			v = next
		}
		return v[0]
	}
	panic("unknown model")
}

// slicesByDefinition is SliceErrors, entry by entry.
func slicesByDefinition(shape []int, m Model, at func(idx []int) (float64, bool)) [][]SliceError {
	t := newTally(shape)
	each(shape, func(_ int, idx []int) {
		v, known := at(idx)
		if !known {
			return
		}
		d := v - entry(m, idx)
		for n, i := range idx {
			t.residual[n][i] += d * d
			t.square[n][i] += v * v
			t.known[n][i]++
		}
	})
	return t.errors()
}

func compareSlices(t *testing.T, got, want [][]SliceError) {
	t.Helper()
	for n := range want {
		if len(got[n]) != len(want[n]) {
			t.Fatalf("mode %d: %d slices, want %d", n, len(got[n]), len(want[n]))
		}
		for i, w := range want[n] {
			g := got[n][i]
			same := math.Abs(g.RelativeError-w.RelativeError) <= 1e-12*w.RelativeError || math.IsNaN(g.RelativeError) && math.IsNaN(w.RelativeError)
			if !same || !(math.Abs(g.Share-w.Share) <= 1e-12) || g.Known != w.Known || g.Index != i {
				t.Errorf("mode %d, slice %d: %+v, want %+v", n, i, g, w)
			}
		}
	}
}

// models are one model of each format on a shape.
func models(rng *rand.Rand, shape []int) []Model {
	ranks, bonds := make([]int, len(shape)), make([]int, len(shape)+1)
	for n := range shape {
		ranks[n], bonds[n] = 1+n%3, 2+n%2
	}
	bonds[0], bonds[len(shape)] = 1, 1
	return []Model{randomCP(rng, 3, shape...), randomTucker(rng, ranks, shape), randomTrain(rng, bonds, shape)}
}

func TestSliceErrorsMatchTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][]int{{7}, {1, 5}, {5, 1}, {4, 3, 5}, {3, 2, 1, 4}, {2, 9001}, {300, 7, 3}} {
		for _, m := range models(rng, shape) {
			t.Run(fmt.Sprintf("%v/%T", shape, m), func(t *testing.T) {
				x := tensor.Normal(rng, shape...)
				want := slicesByDefinition(shape, m, func(idx []int) (float64, bool) { return x.At(idx...), true })
				got, err := SliceErrors(x, m)
				if err != nil {
					t.Fatal(err)
				}
				compareSlices(t, got, want)

				single := tensor.New[float32](shape...)
				for i, v := range x.Data() {
					single.Data()[i] = float32(v)
				}
				want = slicesByDefinition(shape, m, func(idx []int) (float64, bool) { return float64(single.At(idx...)), true })
				if got, err = SliceErrors(single, m); err != nil {
					t.Fatal(err)
				}
				compareSlices(t, got, want)
			})
		}
	}
}

func TestSliceErrorsOfAView(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := tensor.Normal(rng, 6, 8, 5).Permute(2, 0, 1).Slice(2, 1, 8, 2)
	for _, m := range models(rng, x.Shape()) {
		want := slicesByDefinition(x.Shape(), m, func(idx []int) (float64, bool) { return x.At(idx...), true })
		got, err := SliceErrors(x, m)
		if err != nil {
			t.Fatal(err)
		}
		compareSlices(t, got, want)
	}
}

func TestSliceErrorsOfKnownEntries(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	shape := []int{40, 30, 12}
	index := make([][]int32, 3)
	var values []float64
	known := map[[3]int]float64{}
	each(shape, func(_ int, idx []int) {
		if idx[1] == 4 || rng.Float64() < 0.4 { // slice 4 of mode 1 is empty
			return
		}
		v := rng.NormFloat64()
		for n, i := range idx {
			index[n] = append(index[n], int32(i))
		}
		values = append(values, v)
		known[[3]int(idx)] = v
	})
	rng.Shuffle(len(values), func(a, b int) { // entries come in any order
		values[a], values[b] = values[b], values[a]
		for n := range index {
			index[n][a], index[n][b] = index[n][b], index[n][a]
		}
	})
	x, err := tensor.NewObserved(shape, index, values)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models(rng, shape) {
		want := slicesByDefinition(shape, m, func(idx []int) (float64, bool) { v, ok := known[[3]int(idx)]; return v, ok })
		got, err := SliceErrors(x, m)
		if err != nil {
			t.Fatal(err)
		}
		compareSlices(t, got, want)
		if e := got[1][4]; !math.IsNaN(e.RelativeError) || e.Known != 0 || e.Share != 0 {
			t.Errorf("the empty slice: %+v", e)
		}
	}
	none, err := tensor.NewObserved(shape, [][]int32{{}, {}, {}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := SliceErrors(none, randomCP(rng, 1, shape...))
	if err != nil || !math.IsNaN(got[0][0].RelativeError) {
		t.Errorf("no entries at all: %v, %v", got[0][0], err)
	}
}

func TestSliceErrorsOfZeros(t *testing.T) {
	x := tensor.New[float64](2, 2)
	x.Set(1, 0, 0)
	m := &cp.Tensor{Weights: []float64{1}, Factors: []*tensor.Matrix[float64]{tensor.MatrixOf(2, 1, []float64{1, 1}), tensor.MatrixOf(2, 1, []float64{1, 0})}}
	got, err := SliceErrors(x, m)
	if err != nil {
		t.Fatal(err)
	}
	if e := got[0]; e[0].RelativeError != 0 || !math.IsInf(e[1].RelativeError, 1) || e[1].Share != 1 {
		t.Errorf("mode 0: %+v", e)
	}
	if e := got[1][1].RelativeError; !math.IsNaN(e) {
		t.Errorf("a zero slice that is explained: %v, want NaN", e)
	}
}

func TestSliceErrorsDoNotDependOnThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	x := tensor.Normal(rng, 60, 50, 9)
	m := randomCP(rng, 4, 60, 50, 9)
	testkit.Threads(t, "SliceErrors", func() [][]SliceError {
		errors, err := SliceErrors(x, m)
		if err != nil {
			t.Fatal(err)
		}
		return errors
	})
}

func TestSliceErrorsRefuse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := randomCP(rng, 2, 3, 4)
	if _, err := SliceErrors(tensor.New[float64](4, 3), m); err == nil {
		t.Error("another shape passed")
	}
	if _, err := SliceErrors(tensor.New[complex128](3, 4), m); err == nil {
		t.Error("complex data passed")
	}
	m.Factors[1] = tensor.NormalMatrix(rng, 4, 3)
	if _, err := SliceErrors(tensor.New[float64](3, 4), m); err == nil {
		t.Error("a broken model passed")
	}
}

func BenchmarkSliceErrors(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	shape := []int{200, 200, 200}
	x := tensor.New[float32](shape...)
	for i := range x.Data() {
		x.Data()[i] = rng.Float32()
	}
	m := randomCP(rng, 10, shape...)
	b.Run("type=f32/n=200/order=3/rank=10", func(b *testing.B) {
		b.SetBytes(int64(4 * x.Len()))
		for b.Loop() {
			if _, err := SliceErrors(x, m); err != nil {
				b.Fatal(err)
			}
		}
	})
}
