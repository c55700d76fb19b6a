package cp_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

func close(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*(1+math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestFormat(t *testing.T) {
	for _, shape := range [][]int{{5}, {3, 4}, {3, 4, 2}, {2, 1, 3, 4}} {
		a, b := planted(1, 3, false, shape...), planted(2, 2, false, shape...)
		a.Weights[1] = -a.Weights[1]
		x, y := a.Dense(), b.Dense()
		idx := make([]int, len(shape))
		for n, s := range shape {
			idx[n] = s - 1
		}
		close(t, "At", a.At(idx...), x.At(idx...))
		close(t, "Norm", a.Norm(), x.Norm())
		close(t, "Inner", a.Inner(b), tensor.Inner(x, y))
		close(t, "Inner with data", cp.Inner(x, b), tensor.Inner(x, y))
		close(t, "Inner with observed data", cp.Inner(tensor.FromDense(x), b), tensor.Inner(x, y))
		close(t, "Add", tensor.Distance(a.Add(b).Dense(), tensor.Add(x, y)), 0)
		close(t, "Scale", tensor.Distance(a.Scale(-2).Dense(), x), 3*x.Norm())
		params := 3
		for _, s := range shape {
			params += 3 * s
		}
		if a.Parameters() != params || a.Rank() != 3 || !slices.Equal(a.Shape(), shape) {
			t.Errorf("%d parameters, rank %d, shape %v", a.Parameters(), a.Rank(), a.Shape())
		}
	}
}

func TestNormalFormKeepsTheTensor(t *testing.T) {
	a := planted(1, 4, false, 4, 3, 5)
	for i := range a.Factors[1].Data {
		a.Factors[1].Data[i] *= -3
	}
	a.Weights = []float64{1, -2, 0.5, 4}
	x := a.Dense()
	b := a.Clone()
	b.Normalize()
	b.Arrange()
	b.FixSigns()
	close(t, "distance", tensor.Distance(b.Dense(), x), 0)
	if !slices.IsSortedFunc(b.Weights, func(v, w float64) int { return -cmpFloat(v, w) }) || b.Weights[3] < 0 {
		t.Errorf("weights %v", b.Weights)
	}
	for n, f := range b.Factors {
		for r := range 4 {
			col := f.Col(r)
			s, big := 0.0, 0.0
			for _, v := range col {
				s += v * v
				if math.Abs(v) > math.Abs(big) {
					big = v
				}
			}
			close(t, "squared norm of a column", s, 1)
			if n < 2 && big < 0 {
				t.Errorf("factor %d, column %d: the largest entry is %v", n, r, big)
			}
		}
	}
	// A second time changes nothing.
	c := b.Clone()
	c.Normalize()
	c.Arrange()
	c.FixSigns()
	close(t, "distance after a second time", tensor.Distance(c.Dense(), b.Dense()), 0)
	// A component without a direction has no weight.
	for i := range 3 {
		c.Factors[1].Set(i, 2, 0)
	}
	c.Normalize()
	if c.Weights[2] != 0 {
		t.Errorf("weight %v of a component with a zero column", c.Weights[2])
	}
}

func cmpFloat(v, w float64) int {
	switch {
	case v < w:
		return -1
	case v > w:
		return 1
	}
	return 0
}

func TestCloneIsDeep(t *testing.T) {
	a := planted(1, 2, false, 3, 4)
	a.Modes = []tensor.Axis{{Name: "x", Labels: []string{"a", "b", "c"}}, {}}
	b := a.Clone()
	if !reflect.DeepEqual(a, b) {
		t.Error("a clone differs")
	}
	b.Weights[0], b.Factors[1].Data[0], b.Modes[0].Labels[0] = 0, 0, "z"
	if a.Weights[0] == 0 || a.Factors[1].Data[0] == 0 || a.Modes[0].Labels[0] != "a" {
		t.Error("a clone shares memory")
	}
	if axes := a.Dense().Axes(); axes[0].Name != "x" {
		t.Errorf("axes %v", axes)
	}
}

func TestNewFaults(t *testing.T) {
	f := tensor.NewMatrix[float64](3, 2)
	bad := tensor.NewMatrix[float64](3, 2)
	bad.Set(1, 1, math.Inf(1))
	for name, call := range map[string]func() (*cp.Tensor, error){
		"no factor":     func() (*cp.Tensor, error) { return cp.New(nil) },
		"other ranks":   func() (*cp.Tensor, error) { return cp.New(nil, f, tensor.NewMatrix[float64](3, 1)) },
		"weights":       func() (*cp.Tensor, error) { return cp.New([]float64{1}, f) },
		"infinite":      func() (*cp.Tensor, error) { return cp.New(nil, bad) },
		"NaN in weight": func() (*cp.Tensor, error) { return cp.New([]float64{1, math.NaN()}, f) },
	} {
		if _, err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestMatchFindsThePermutation(t *testing.T) {
	a := planted(3, 5, false, 8, 7, 6)
	b := a.Clone()
	order := []int{3, 0, 4, 1, 2}
	b.Permute(order...)
	for i := range b.Factors[0].Data { // the scale may sit anywhere
		b.Factors[0].Data[i] *= -2
	}
	for r := range b.Weights {
		b.Weights[r] /= 2
	}
	m := cp.FactorMatchScore(a, b)
	close(t, "score", m.Score, 1)
	for r, s := range m.Permutation {
		if order[s] != r {
			t.Errorf("permutation %v", m.Permutation)
		}
		close(t, "score of a component", m.Components[r], 1)
	}
	// Fewer components on one side, then on the other.
	small := &cp.Tensor{Weights: a.Weights[1:3], Factors: nil}
	for _, f := range a.Factors {
		small.Factors = append(small.Factors, f.Sub(0, f.Rows, 1, 3))
	}
	m = cp.FactorMatchScore(a, small)
	if !slices.Equal(m.Permutation, []int{-1, 0, 1, -1, -1}) || m.Components[0] != 0 {
		t.Errorf("%+v", m)
	}
	close(t, "score of a part", m.Score, 1)
	m = cp.FactorMatchScore(small, a)
	if !slices.Equal(m.Permutation, []int{1, 2}) {
		t.Errorf("%+v", m)
	}
	// Weights count in one score and not in the other.
	b = a.Clone()
	for r := range b.Weights {
		b.Weights[r] *= 2
	}
	close(t, "score of twice the weights", cp.FactorMatchScore(a, b).Score, 0.5)
	close(t, "congruence", cp.FactorCongruence(a, b).Score, 1)
}

func TestMaxRank(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
	}{{[]int{4, 4, 4}, 16}, {[]int{7}, 1}, {[]int{3, 9}, 3}, {[]int{2, 100, 5}, 10}, {[]int{1 << 20, 1 << 20, 1 << 20}, math.MaxInt32}} {
		if got := cp.MaxRank(c.shape); got != c.want {
			t.Errorf("MaxRank(%v) = %d, want %d", c.shape, got, c.want)
		}
	}
}
