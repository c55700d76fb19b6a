package mps

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestGatesAgainstDense(t *testing.T) {
	rng := newRand(1)
	for _, dims := range [][]int{{2, 2, 2, 2, 2, 2}, {2, 3, 4, 2, 3}, {5}, {3, 2}} {
		n := len(dims)
		s := randomState(rng, 3, dims...)
		x := s.Dense().Data()
		for step := range 30 {
			k := 1 + rng.IntN(min(3, n))
			sites := rng.Perm(n)[:k]
			if step%3 == 0 && k == 2 {
				a := rng.IntN(n - 1)
				sites = []int{a, a + 1}
			}
			d := 1
			for _, k := range sites {
				d *= dims[k]
			}
			u := randomUnitary(rng, d)
			if step%7 == 6 {
				u = randomMatrix(rng, d, d)
			}
			x = applyDense(x, dims, u, sites...)
			lost, err := s.Apply(u, Truncation{}, sites...)
			if err != nil {
				t.Fatal(err)
			}
			if !(lost <= 1e-20) {
				t.Errorf("%v: a gate without truncation has lost %g", dims, lost)
			}
			checkCanonical(t, s)
			n2 := norm2(x)
			if d := distance(x, s.Dense().Data()); !(d <= 1e-12*n2) {
				t.Fatalf("%v: after a gate on %v the state is off by %g of %g", dims, sites, d, n2)
			}
			s.Scale(complex(1/n2, 0))
			for i := range x {
				x[i] /= complex(n2, 0)
			}
		}
		s.MoveCenter(rng.IntN(n))
		checkCanonical(t, s)
		if d := distance(x, s.Dense().Data()); !(d <= 1e-12) {
			t.Errorf("%v: moving the center changed the state by %g", dims, d)
		}
		if !(math.Abs(s.Norm()-1) <= 1e-12) {
			t.Errorf("norm %v", s.Norm())
		}
	}
}

func TestMeasurementsAgainstDense(t *testing.T) {
	rng := newRand(2)
	dims := []int{2, 3, 2, 4, 2}
	a, b := randomState(rng, 4, dims...), randomState(rng, 3, dims...)
	x, y := a.Dense().Data(), b.Dense().Data()
	if d := cmplx.Abs(Overlap(a, b) - dot(x, y)); !(d <= 1e-13) {
		t.Errorf("overlap off by %g", d)
	}
	for k, d := range dims {
		o := randomMatrix(rng, d, d)
		want := dot(x, applyDense(x, dims, o, k))
		if e := cmplx.Abs(a.Expect1(k, o) - want); !(e <= 1e-12) {
			t.Errorf("expectation on site %d off by %g", k, e)
		}
	}
	idx := make([]int, len(dims))
	for i, v := range x {
		rest := i
		for k := len(dims) - 1; k >= 0; k-- {
			idx[k], rest = rest%dims[k], rest/dims[k]
		}
		if e := cmplx.Abs(a.Amplitude(idx...) - v); !(e <= 1e-13) {
			t.Errorf("amplitude %v off by %g", idx, e)
		}
	}
	// An operator of random cores, by its definition.
	var cores []*tensor.Dense[complex128]
	bonds := []int{1, 3, 2, 4, 2, 1}
	for k, d := range dims {
		cores = append(cores, tensor.FromSlice(randomMatrix(rng, bonds[k]*d, d*bonds[k+1]).Data, bonds[k], d, d, bonds[k+1]))
	}
	o, err := NewOperator(cores...)
	if err != nil {
		t.Fatal(err)
	}
	want := complex128(0)
	for i := range x {
		for j := range y {
			row := []complex128{1}
			ri, rj := i, j
			var is, js [5]int
			for k := len(dims) - 1; k >= 0; k-- {
				is[k], ri = ri%dims[k], ri/dims[k]
				js[k], rj = rj%dims[k], rj/dims[k]
			}
			for k := range dims {
				next := make([]complex128, bonds[k+1])
				for p := range next {
					for q, v := range row {
						next[p] += v * cores[k].At(q, is[k], js[k], p)
					}
				}
				row = next
			}
			want += cmplx.Conj(x[i]) * row[0] * y[j]
		}
	}
	if e := cmplx.Abs(Element(a, o, b) - want); !(e <= 1e-11*cmplx.Abs(want)) {
		t.Errorf("matrix element off by %g of %v", e, want)
	}
}

func TestTruncationIsOptimal(t *testing.T) {
	rng := newRand(3)
	dims := []int{2, 2, 2, 2, 2, 2, 2, 2}
	s := randomState(rng, 16, dims...)
	for _, right := range []bool{true, false} {
		c := s.Clone()
		c.MoveCenter(4)
		if right {
			c.MoveCenter(3)
		}
		before := c.Dense().Data()
		lost, err := c.Apply2(3, tensor.Eye[complex128](4), Truncation{MaxBond: 5})
		if err != nil {
			t.Fatal(err)
		}
		checkCanonical(t, c)
		overlap := cmplx.Abs(dot(before, c.Dense().Data()))
		if !(math.Abs(overlap*overlap-(1-lost)) <= 1e-12) || lost < 0.05 {
			t.Errorf("the cut has lost %g, the overlap says %g", lost, 1-overlap*overlap)
		}
		if !(math.Abs(c.Fidelity()-(1-lost)) <= 1e-15) || !(math.Abs(c.Norm()-1) <= 1e-13) {
			t.Errorf("fidelity %g, norm %g", c.Fidelity(), c.Norm())
		}
		if b := c.Bonds()[4]; b != 5 {
			t.Errorf("bond %d", b)
		}
		_, sv, _, err := svdOf(before, 16)
		if err != nil {
			t.Fatal(err)
		}
		tail := 0.0
		for _, v := range sv[5:] {
			tail += v * v
		}
		if !(math.Abs(tail-lost) <= 1e-13) {
			t.Errorf("lost %g, the least possible is %g", lost, tail)
		}
	}
	// Eps alone.
	lost, err := s.Apply2(3, tensor.Eye[complex128](4), Truncation{Eps: 0.01})
	if err != nil || lost > 0.01 || lost == 0 {
		t.Errorf("lost %g, %v", lost, err)
	}
}

func TestGHZ(t *testing.T) {
	n := 40
	s := Basis(make([]int, n)...)
	s.Apply1(0, hadamard)
	for k := range n - 1 {
		if lost, err := s.Apply2(k, cnot, Truncation{}); err != nil || lost > 1e-30 {
			t.Fatal(lost, err)
		}
	}
	if s.MaxBond() != 2 {
		t.Errorf("bonds %v", s.Bonds())
	}
	ones := make([]int, n)
	for k := range ones {
		ones[k] = 1
	}
	if a := s.Amplitude(ones...); !(cmplx.Abs(a-complex(math.Sqrt2/2, 0)) <= 1e-14) {
		t.Errorf("amplitude %v", a)
	}
	rng := newRand(4)
	count := 0
	for range 200 {
		bits := s.Sample(rng)
		for _, b := range bits {
			if b != bits[0] {
				t.Fatalf("sample %v", bits)
			}
		}
		count += bits[0]
	}
	if count < 60 || count > 140 {
		t.Errorf("%d of 200 samples are ones", count)
	}
}

func TestSampleFrequencies(t *testing.T) {
	rng := newRand(5)
	dims := []int{2, 3, 2}
	s := randomState(rng, 3, dims...)
	x := s.Dense().Data()
	counts := make([]float64, len(x))
	const n = 20000
	for range n {
		b := s.Sample(rng)
		counts[(b[0]*3+b[1])*2+b[2]]++
	}
	chi := 0.0
	for i, v := range x {
		want := n * real(v*cmplx.Conj(v))
		chi += (counts[i] - want) * (counts[i] - want) / want
	}
	// 11 degrees of freedom: above 38 with a probability of 1e-4.
	if !(chi <= 38) {
		t.Errorf("chi squared %g", chi)
	}
}

func TestBadCores(t *testing.T) {
	nan := tensor.New[complex128](1, 2, 1)
	nan.Set(cmplx.NaN(), 0, 1, 0)
	for _, cores := range [][]*tensor.Dense[complex128]{
		{},
		{tensor.New[complex128](1, 2)},
		{tensor.New[complex128](1, 2, 3), tensor.New[complex128](2, 2, 1)},
		{tensor.New[complex128](1, 2, 3)},
		{nan},
		{nan, tensor.New[complex128](1, 2, 1)},
	} {
		if _, err := FromCores(cores...); err == nil {
			t.Errorf("%v are no error", cores)
		}
	}
	s := Basis(0, 1)
	u := tensor.Eye[complex128](4)
	u.Set(1, 1, cmplx.NaN())
	before := s.Dense().Data()
	if _, err := s.Apply2(0, u, Truncation{}); err == nil {
		t.Error("a gate of NaN is no error")
	}
	if d := distance(before, s.Dense().Data()); d != 0 {
		t.Error("a gate that failed has changed the state")
	}
}

func TestSchmidt(t *testing.T) {
	rng := newRand(6)
	dims := []int{2, 3, 2, 2}
	s := randomState(rng, 4, dims...)
	x := s.Dense().Data()
	rows := 1
	for k := 1; k < 4; k++ {
		rows *= dims[k-1]
		_, want, _, err := svdOf(x, rows)
		if err != nil {
			t.Fatal(err)
		}
		entropy := 0.0
		for i, v := range s.Schmidt(k) {
			if !(math.Abs(v-want[i]) <= 1e-13) {
				t.Errorf("bond %d: %g, want %g", k, v, want[i])
			}
			if v > 1e-20 {
				entropy -= v * v * math.Log(v*v)
			}
		}
		if e := s.Entropy(k); !(math.Abs(e-entropy) <= 1e-12) || !(math.Abs(s.Entropies()[k-1]-e) <= 1e-12) {
			t.Errorf("bond %d: entropy %g, want %g", k, e, entropy)
		}
	}
}
