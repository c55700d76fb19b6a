package rank

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func randomModel(rng *rand.Rand, rank int, shape ...int) *cp.Tensor {
	m := &cp.Tensor{Modes: make([]tensor.Axis, len(shape))}
	for range rank {
		m.Weights = append(m.Weights, 0.5+rng.Float64())
	}
	for _, size := range shape {
		f := tensor.NormalMatrix(rng, size, rank)
		m.Factors = append(m.Factors, f)
	}
	return m
}

// The reference forms the whole Kronecker product of the factors and solves
// for the core by least squares.
func TestCorcondiaReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	shape, rank := []int{4, 5, 3}, 2
	m := randomModel(rng, rank, shape...)
	x := tensor.Normal(rng, shape...)
	a0 := weighted(m.Factors[0], m.Weights)
	kron := tensor.NewMatrix[float64](60, 8)
	for i := range 4 {
		for j := range 5 {
			for k := range 3 {
				for p := range 2 {
					for q := range 2 {
						for r := range 2 {
							kron.Set((i*5+j)*3+k, (p*2+q)*2+r, a0.At(i, p)*m.Factors[1].At(j, q)*m.Factors[2].At(k, r))
						}
					}
				}
			}
		}
	}
	u, s, vt, err := linalg.SVD(kron)
	if err != nil {
		t.Fatal(err)
	}
	core := make([]float64, 8)
	for l, sl := range s {
		dot := 0.0
		for e, v := range x.Data() {
			dot += v * u.At(e, l)
		}
		for c := range core {
			core[c] += dot / sl * vt.At(l, c)
		}
	}
	core[0]--
	core[7]--
	want := 0.0
	for _, g := range core {
		want += g * g
	}
	want = 100 * (1 - want/2)
	got, err := Corcondia(x, m)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
		t.Errorf("core consistency %v, the reference is %v", got, want)
	}
	single, err := Corcondia(tensor.As[float32](x), m)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(single-want) <= 1e-4*math.Abs(want)) {
		t.Errorf("core consistency %v of float32 data, the reference is %v", single, want)
	}
	observed, err := Corcondia(tensor.FromDense(x), m)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(observed-want) <= 1e-9*math.Abs(want)) {
		t.Errorf("core consistency %v of listed entries, the reference is %v", observed, want)
	}
}

func TestCorcondiaExact(t *testing.T) {
	m := randomModel(rand.New(rand.NewPCG(2, 1)), 3, 6, 5, 4, 7)
	x := m.Dense()
	for _, data := range []cp.Data{x, tensor.FromDense(x).Select(func(e int) bool { return e%3 != 0 })} {
		got, err := Corcondia(data, m)
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(got-100) <= 1e-8) {
			t.Errorf("core consistency %v of exact data, 100 is expected", got)
		}
	}
}

// White noise makes a core excess of 1: its variance is what it is divided by.
func TestCoreExcess(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	sum, trials := 0.0, 40
	for range trials {
		m := randomModel(rng, 3, 8, 9, 10)
		x := m.Dense()
		for e := range x.Data() {
			x.Data()[e] += 0.3 * rng.NormFloat64()
		}
		_, excess, err := coreConsistency(x, m, 0.09)
		if err != nil {
			t.Fatal(err)
		}
		sum += excess
	}
	if got := sum / float64(trials); !(math.Abs(got-1) <= 0.2) {
		t.Errorf("mean core excess of white noise %v, 1 is expected", got)
	}
}

func TestCorcondiaSaysNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	dependent := randomModel(rng, 2, 4, 5, 6)
	for i := range 5 {
		dependent.Factors[1].Set(i, 1, dependent.Factors[1].At(i, 0))
	}
	for name, m := range map[string]*cp.Tensor{
		"matrix":               randomModel(rng, 2, 4, 5),
		"rank above a mode":    randomModel(rng, 4, 3, 5, 6),
		"dependent columns":    dependent,
		"too large for memory": randomModel(rng, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5),
	} {
		x := tensor.FromDense(tensor.New[float64](m.Shape()[:1]...)) // the shape of the data is not reached
		got, err := Corcondia(x, m)
		if err != nil {
			t.Fatal(err)
		}
		if !math.IsNaN(got) {
			t.Errorf("%s: core consistency %v, NaN is expected", name, got)
		}
	}
}

func TestDegeneracy(t *testing.T) {
	unit := func(cols ...[]float64) *tensor.Matrix[float64] {
		m := tensor.NewMatrix[float64](len(cols[0]), len(cols))
		for j, c := range cols {
			for i, v := range c {
				m.Set(i, j, v)
			}
		}
		return m
	}
	m := &cp.Tensor{Weights: []float64{1, 2, 1}, Factors: []*tensor.Matrix[float64]{
		unit([]float64{1, 0}, []float64{-3, 0}, []float64{1, 1}),
		unit([]float64{1, 0}, []float64{1, 1}, []float64{0, 1}),
	}}
	// Components 0 and 1: -1 * 1/sqrt(2). Components 1 and 2: -1/2. Others: 0.
	if got := Degeneracy(m); !(math.Abs(got+math.Sqrt(0.5)) <= 1e-14) {
		t.Errorf("degeneracy %v, %v is expected", got, -math.Sqrt(0.5))
	}
	if got := Degeneracy(&cp.Tensor{Weights: m.Weights[:1], Factors: []*tensor.Matrix[float64]{unit([]float64{1, 2})}}); got != 0 {
		t.Errorf("degeneracy %v of one component, 0 is expected", got)
	}
}

func TestAgreement(t *testing.T) {
	m := randomModel(rand.New(rand.NewPCG(5, 1)), 3, 6, 5, 4)
	turned := make([]*tensor.Matrix[float64], 3)
	for n, f := range m.Factors {
		turned[n] = tensor.NewMatrix[float64](f.Rows, 3)
		for i := range f.Rows {
			for r := range 3 {
				turned[n].Set(i, (r+1)%3, -2*f.At(i, r))
			}
		}
	}
	if got := agreement(m.Factors, turned, -1); !(math.Abs(got-1) <= 1e-12) {
		t.Errorf("agreement %v of the same components, 1 is expected", got)
	}
	clear(turned[1].Data)
	if got := agreement(m.Factors, turned, 1); !(math.Abs(got-1) <= 1e-12) {
		t.Errorf("agreement %v with mode 1 skipped, 1 is expected", got)
	}
}
