package partial

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// models are one of each format, of shape 4×5×3.
func models(rng *rand.Rand) map[string]Model {
	shape := []int{4, 5, 3}
	random := func(cols ...int) []*tensor.Matrix[float64] {
		var list []*tensor.Matrix[float64]
		for n, c := range cols {
			list = append(list, tensor.NormalMatrix(rng, shape[n], c))
		}
		return list
	}
	return map[string]Model{
		"cp":     CP{Factors: random(3, 3, 3)},
		"tucker": Tucker{Factors: random(2, 3, 2), Core: tensor.NormalMatrix(rng, 1, 12)},
		"tt":     TT{Cores: random(2, 6, 3), Ranks: []int{1, 2, 3, 1}},
	}
}

func observed(t *testing.T, rng *rand.Rand, count int) *tensor.Observed {
	t.Helper()
	x := tensor.Normal(rng, 4, 5, 3)
	known, _ := tensor.FromDense(x).Split(1-float64(count)/60, 7)
	return known
}

// Derivatives times parameters are the model, and agree with differences.
func TestDerivatives(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := observed(t, rng, 30)
	for name, m := range models(rng) {
		want := Values(m, lists(x))
		for b, theta := range m.Blocks() {
			fill, row := m.Filler(b), make([]float64, theta.Cols+2)
			for e := range x.Count() {
				fill(row, len(row), lists(x), e, 1)
				i := 0
				if b < 3 {
					i = int(x.Indices(b)[e])
				}
				if got := dot(row[:theta.Cols], theta.Row(i)); !(math.Abs(got-want[e]) <= 1e-12) {
					t.Fatalf("%s, block %d, entry %d: %v, the model is %v", name, b, e, got, want[e])
				}
				for r := range theta.Cols {
					old := theta.At(i, r)
					theta.Set(i, r, old+1)
					if d := Values(m, lists(x))[e] - want[e]; !(math.Abs(d-row[r]) <= 1e-12) {
						t.Fatalf("%s, block %d, entry %d: derivative %v, difference %v", name, b, e, row[r], d)
					}
					theta.Set(i, r, old)
				}
			}
		}
	}
}

// A sweep never raises the penalised objective, and at the end its gradient
// is zero.
func TestSweepDescends(t *testing.T) {
	for _, p := range []fit.Penalty{{Ridge: 0.1}, {Ridge: 0.1, Smooth: []float64{0, 2, 0.5}}, {Ridge: 0.3, Center: true}} {
		rng := rand.New(rand.NewPCG(1, 1))
		x := observed(t, rng, 40)
		for name, m := range models(rng) {
			before := math.Inf(1)
			for range 1500 {
				if err := Sweep(x, m, p); err != nil {
					t.Fatal(err)
				}
				f := objective(x, m, p)
				if !(f <= before+1e-9) {
					t.Fatalf("%s, %+v: the objective rose from %v to %v", name, p, before, f)
				}
				before = f
			}
			const step = 1e-5
			for b, theta := range m.Blocks() {
				for j := range theta.Data {
					old := theta.Data[j]
					theta.Data[j] = old + step
					up := objective(x, m, p)
					theta.Data[j] = old - step
					down := objective(x, m, p)
					theta.Data[j] = old
					if g := (up - down) / (2 * step); !(math.Abs(g) < 0.05) {
						t.Fatalf("%s, %+v, block %d: gradient %v at the end", name, p, b, g)
					}
				}
			}
		}
	}
}

// What rows that are improved one by one come to is what solves for all.
func TestChainByRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const rows, w, tie = 9, 5, 3.0
	var gram []*tensor.Matrix[float64]
	for i := range rows {
		a := tensor.NormalMatrix(rng, 3+i, w) // the first are singular without their neighbours
		g := tensor.Mul(a.Transpose(), a)
		for r := range w {
			g.Data[r*w+r] += 2 * tie
		}
		gram = append(gram, g)
	}
	rhs, theta, want := tensor.NormalMatrix(rng, rows, w), tensor.NewMatrix[float64](rows, w), tensor.NewMatrix[float64](rows, w)
	for range 100 {
		if err := chainByRows(theta, gram, rhs, tie); err != nil {
			t.Fatal(err)
		}
	}
	if err := chainAtOnce(want, gram, rhs, tie); err != nil {
		t.Fatal(err)
	}
	for i, v := range want.Data {
		if !(math.Abs(theta.Data[i]-v) <= 1e-12*(1+math.Abs(v))) {
			t.Fatalf("element %d: %v, want %v", i, theta.Data[i], v)
		}
	}
}

// Tables and fillers give the same systems, and core products the same sums,
// whether many entries are known or few.
func TestTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	x := observed(t, rng, 45)
	for name, m := range models(rng) {
		for b, theta := range m.Blocks() {
			filler := fillers(m, b, x.Count())()
			a, c := make([]float64, theta.Cols), make([]float64, theta.Cols)
			for e := range x.Count() {
				filler(a, theta.Cols, lists(x), e, 1)
				m.Filler(b)(c, theta.Cols, lists(x), e, 1)
				for r, v := range c {
					if !(math.Abs(a[r]-v) <= 1e-12) {
						t.Fatalf("%s, block %d, entry %d: %v, want %v", name, b, e, a, c)
					}
				}
			}
			if b == 3 {
				continue
			}
			want := make([]*tensor.Matrix[float64], theta.Rows)
			x.GroupBy(b).Systems(theta.Cols, func() func([]float64, int, int, int) {
				fill := m.Filler(b)
				return func(dst []float64, stride, lo, n int) { fill(dst, stride, x.GroupBy(b).Index, lo, n) }
			}, func(i int, gram *tensor.Matrix[float64], rhs []float64) {
				want[i] = tensor.MatrixOf(theta.Cols+1, theta.Cols, append(append([]float64{}, gram.Data[:theta.Cols*theta.Cols]...), rhs...))
			})
			systems(x, m, b, func(i int, gram *tensor.Matrix[float64], rhs []float64) {
				for k, v := range append(append([]float64{}, gram.Data[:theta.Cols*theta.Cols]...), rhs...) {
					if !(math.Abs(v-want[i].Data[k]) <= 1e-11) {
						t.Errorf("%s, block %d, row %d: element %d is %v, want %v", name, b, i, k, v, want[i].Data[k])
					}
				}
			})
		}
		if m, ok := m.(Tucker); ok {
			t3 := newTable(without(0, 3, -1), m.Factors, 1, 1000)
			for _, y := range []bool{false, true} {
				got, want := misfitByBox(x, m, t3)(y, m.Core.Data), misfitByEntries(x, m)(y, m.Core.Data)
				for k, v := range want {
					if !(math.Abs(got[k]-v) <= 1e-11) {
						t.Fatalf("misfit %d: %v, want %v", k, got[k], v)
					}
				}
			}
		}
	}
}

// objective is the sum of squares and the penalties.
func objective(x *tensor.Observed, m Model, p fit.Penalty) float64 {
	r := Residual(x, m)
	f := r * r
	for b, theta := range m.Blocks() {
		mean := make([]float64, theta.Cols)
		if b < 3 {
			mean = target(x, m, b, p)
		}
		for i := range theta.Rows {
			if b < 3 && x.GroupBy(b).Start[i] == x.GroupBy(b).Start[i+1] {
				continue
			}
			for c, v := range theta.Row(i) {
				f += p.Ridge * (v - mean[c]) * (v - mean[c])
				if b < 3 && p.Smooth != nil && i > 0 {
					d := v - theta.At(i-1, c)
					f += p.Smooth[b] * d * d
				}
			}
		}
	}
	return f
}
