package tensor

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
)

func TestProjections(t *testing.T) {
	t.Run("float64", testProjections[float64])
	t.Run("float32", testProjections[float32])
}

func testProjections[T Float](t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		if order == 0 {
			return
		}
		x := randomTensor[T](rng, order)
		wide := As[float64](x)
		mode := rng.IntN(order)
		unfolded := Unfold(wide, mode)
		want := Mul(unfolded, unfolded.Transpose())
		near(t, "ModeGram", matrixTensor(x.ModeGram(mode)), matrixTensor(want))

		sum := NewMatrix[float64](x.shape[mode], x.shape[mode])
		count := 0
		err := x.Fibers(mode, 1+rng.IntN(9), func(rows *Matrix[float64]) error {
			count += rows.Rows
			g := Gram(rows)
			for i, v := range g.Data {
				sum.Data[i] += v
			}
			return nil
		})
		if err != nil || x.Len() > 0 && count*x.shape[mode] != x.Len() {
			t.Errorf("Fibers: %d of size %d, %v", count, x.shape[mode], err)
		}
		near(t, "Fibers", matrixTensor(sum), matrixTensor(want))

		u := randomMatrix[float64](rng, x.shape[mode], rng.IntN(5))
		near(t, "Project", x.Project(u, mode), naiveTTM(wide, u.Transpose(), mode))
	})
}

// matrixTensor is a matrix as a tensor of order 2.
func matrixTensor(m *Matrix[float64]) *Dense[float64] {
	return FromSlice(m.Clone().Data, m.Rows, m.Cols)
}

func TestLargeProjections(t *testing.T) {
	// Shapes that take each way through ModeGram and Project: one panel,
	// large panels, thin panels, unmerged strides.
	rng := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][]int{{40, 50, 60}, {300, 40, 3}, {3, 40, 300}, {6, 270, 30}, {11, 12, 13, 14}} {
		for _, x := range []*Dense[float64]{
			New[float64](shape...), randomOf[float64](rng, shape), newLike[float64](shape, unfolded(len(shape), len(shape)-1)),
		} {
			each(x.shape, func(idx []int) { x.Set(rng.NormFloat64(), idx...) })
			single := As[float32](x)
			for mode := range shape {
				m := Unfold(x, mode)
				want := matrixTensor(Mul(m, m.Transpose()))
				near(t, "ModeGram", matrixTensor(x.ModeGram(mode)), want)
				if d := Distance(matrixTensor(single.ModeGram(mode)), want); !(d <= 1e-6*want.Norm()) {
					t.Errorf("ModeGram of float32: %g", d)
				}
				u := randomMatrix[float64](rng, shape[mode], 5)
				y := x.Project(u, mode)
				near(t, "Project", y, TTM(x, u.Transpose(), mode))
				if d := Distance(single.Project(u, mode), y); !(d <= 1e-6*y.Norm()) {
					t.Errorf("Project of float32: %g", d)
				}
				testkit.Threads(t, "ModeGram", func() []float64 { return single.ModeGram(mode).Data })
				testkit.Threads(t, "Project", func() []float64 { return single.Project(u, mode).Data() })
			}
		}
	}
}

func TestFibersStops(t *testing.T) {
	stop := errors.New("enough")
	calls := 0
	err := New[float32](10, 10).Fibers(0, 2, func(*Matrix[float64]) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Error(err, calls)
	}
}

func TestResidual(t *testing.T) {
	slabs := func(m *Dense[float64]) func(mode, lo, hi int) *Dense[float64] {
		return func(mode, lo, hi int) *Dense[float64] {
			if m.Order() == 0 {
				return m
			}
			return m.Slice(mode, lo, hi, 1)
		}
	}
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[float64](rng, order)
		m := randomOf[float64](rng, x.shape)
		if got, want := x.Residual(slabs(m)), Distance(x, m); !(math.Abs(got-want) <= 1e-12*(1+want)) {
			t.Errorf("%v, want %v", got, want)
		}
	})
	// Many slabs; a residual far below what ||X||² - 2<X, M> + ||M||² resolves.
	rng := rand.New(rand.NewPCG(8, 9))
	m := randomOf[float64](rng, []int{130, 120, 140}).Clone()
	x := m.Clone()
	x.Set(x.At(129, 3, 100)+1e-9, 129, 3, 100)
	f := newLike[float64](x.shape, []int{2, 1, 0})
	each(x.shape, func(idx []int) { f.Set(x.At(idx...), idx...) })
	for _, y := range []*Dense[float64]{x, f} {
		if got := y.Residual(slabs(m)); !(math.Abs(got-1e-9) <= 1e-15) {
			t.Errorf("%v, want 1e-9", got)
		}
	}
	if got := As[float32](x).Residual(slabs(m)); !(got <= 1e-7*x.Norm()) {
		t.Error(got)
	}
	other := randomOf[float64](rng, x.shape)
	testkit.Threads(t, "Residual", func() []float64 { return []float64{x.Residual(slabs(other))} })
}
