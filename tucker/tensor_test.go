package tucker

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestArithmetic(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 11))
		shape, ra, rb := []int{}, []int{}, []int{}
		for range seed % 5 {
			shape = append(shape, 1+rng.IntN(6))
			ra = append(ra, 1+rng.IntN(3))
			rb = append(rb, 1+rng.IntN(3))
		}
		a, b := random(rng, shape, ra), random(rng, shape, rb)
		x, y := a.Dense(), b.Dense()
		scale := 1 + x.Norm()*y.Norm() + x.Norm() + y.Norm()
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-12*scale) {
				t.Errorf("seed %d: %s is %v, want %v", seed, what, got, want)
			}
		}
		idx := make([]int, len(shape))
		for n, s := range shape {
			idx[n] = rng.IntN(s)
		}
		near("At", a.At(idx...), x.At(idx...))
		near("Norm", a.Norm(), x.Norm())
		near("Inner", a.Inner(b), tensor.Inner(x, y))
		near("Add", tensor.Distance(a.Add(b).Dense(), tensor.Add(x, y)), 0)
		near("Scale", tensor.Distance(a.Scale(-3).Dense(), tensor.Scale(-3, x)), 0)
		q, err := a.Orthogonalize()
		if err != nil {
			t.Fatal(err)
		}
		orthonormal(t, q)
		near("Orthogonalize", tensor.Distance(q.Dense(), x), 0)
		near("Norm, orthonormal", q.Norm(), x.Norm())
		if len(shape) > 0 {
			r, bound, err := Round(a.Add(a.Scale(2)), Options{Eps: 1e-10})
			if err != nil || !(bound <= 1e-10) {
				t.Fatal(bound, err)
			}
			near("Round", tensor.Distance(r.Dense(), tensor.Scale(3, x)), 0)
			for n, s := range shape {
				if r.Ranks()[n] > min(s, ra[n]) {
					t.Errorf("seed %d: ranks %v after rounding, planted %v", seed, r.Ranks(), ra)
				}
			}
			orthonormal(t, r)
		}
	}
}

func TestRoundKeepsEps(t *testing.T) {
	m, _, err := STHOSVD(ctx, hilbert(40, 3), Options{Eps: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	x := m.Dense()
	for _, eps := range []float64{1e-2, 1e-5, 1e-9} {
		r, bound, err := Round(m, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		e := relative(x, r)
		if !(e <= eps) || !(math.Abs(bound-e) <= 1e-6*e+1e-15) || r.Ranks()[0] >= m.Ranks()[0] {
			t.Errorf("eps %g: ranks %v, error %g, bound %g", eps, r.Ranks(), e, bound)
		}
	}
	if _, _, err := Round(m, Options{}); err == nil {
		t.Error("no ranks, no eps, no error")
	}
}

func TestParametersAndNew(t *testing.T) {
	m := random(rand.New(rand.NewPCG(1, 1)), []int{4, 5}, []int{2, 3})
	if m.Parameters() != 6+8+15 || !slices.Equal(m.Shape(), []int{4, 5}) {
		t.Error(m.Parameters(), m.Shape())
	}
	if _, err := New(m.Core, m.Factors[:1]); err == nil {
		t.Error("a factor is missing, no error")
	}
	if _, err := New(m.Core, []*tensor.Matrix[float64]{m.Factors[1], m.Factors[0]}); err == nil {
		t.Error("factors in the wrong order, no error")
	}
}
