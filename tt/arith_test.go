package tt

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestArithmetic(t *testing.T) {
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 11))
		shape := []int{1 + rng.IntN(5)}
		var ra, rb []int
		for range seed % 5 {
			shape = append(shape, 1+rng.IntN(5))
			ra = append(ra, 1+rng.IntN(4))
			rb = append(rb, 1+rng.IntN(4))
		}
		a, b := random(rng, shape, ra), random(rng, shape, rb)
		before := bits(a)
		x, y := a.Dense(), b.Dense()
		scale := 1 + x.Norm()*y.Norm() + x.Norm() + y.Norm()
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-12*scale) {
				t.Errorf("seed %d, shape %v: %s is %v, want %v", seed, shape, what, got, want)
			}
		}
		var list [][]int
		for range 20 {
			idx := make([]int, len(shape))
			for n, s := range shape {
				idx[n] = rng.IntN(s)
			}
			list = append(list, idx)
		}
		for e, v := range a.AtBatch(list) {
			near("AtBatch", v, x.At(list[e]...))
			near("At", a.At(list[e]...), v)
		}
		near("Norm", a.Norm(), x.Norm())
		near("Inner", a.Inner(b), tensor.Inner(x, y))
		near("Add", tensor.Distance(a.Add(b).Dense(), tensor.Add(x, y)), 0)
		near("Hadamard", tensor.Distance(a.Hadamard(b).Dense(), tensor.Hadamard(x, y)), 0)
		near("Scale", tensor.Distance(a.Scale(-3).Dense(), tensor.Scale(-3, x)), 0)
		mode := rng.IntN(len(shape))
		lo := rng.IntN(shape[mode])
		near("slab", tensor.Distance(a.slabs()(mode, lo, shape[mode]), x.Slice(mode, lo, shape[mode], 1)), 0)
		for center := range shape {
			q, err := a.Orthogonalize(center)
			if err != nil {
				t.Fatal(err)
			}
			orthogonal(t, q, center)
			near("Orthogonalize", tensor.Distance(q.Dense(), x), 0)
			near("norm of the center", q.Cores[center].Norm(), x.Norm())
		}
		r, bound, err := Round(a.Add(a.Scale(2)), Options{Eps: 1e-10})
		if err != nil || !(bound <= 1e-10) {
			t.Fatal(bound, err)
		}
		near("Round", tensor.Distance(r.Dense(), tensor.Scale(3, x)), 0)
		orthogonal(t, r, len(shape)-1)
		for k, rank := range inner(r) {
			if rank > ra[k] {
				t.Errorf("seed %d: ranks %v after rounding, planted %v", seed, inner(r), ra)
			}
		}
		if !slices.Equal(before, bits(a)) {
			t.Error("an operand changed")
		}
	}
}

// TestNormOfDifference: the norm of a small difference is not lost in the
// cancellation of <T, T>.
func TestNormOfDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	a := random(rng, []int{9, 8, 7, 6}, []int{3, 4, 3})
	b := random(rng, []int{9, 8, 7, 6}, []int{1, 1, 1})
	d := a.Add(b.Scale(1e-11)).Add(a.Scale(-1))
	if got, want := d.Norm(), 1e-11*b.Norm(); !(math.Abs(got-want) <= 1e-3*want) {
		t.Errorf("%g, want %g", got, want)
	}
}

func TestRoundKeepsEps(t *testing.T) {
	m, _, err := SVD(ctx, hilbert(30, 4), Options{Eps: 1e-12})
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
		if !(e <= eps) || !(math.Abs(bound-e) <= 1e-5*e+1e-15) {
			t.Errorf("eps %g: ranks %v, error %g, bound %g", eps, r.Ranks(), e, bound)
		}
		direct, _, err := SVD(ctx, x, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		for k, rank := range r.Ranks() {
			if rank > direct.Ranks()[k]+1 {
				t.Errorf("eps %g: ranks %v, TT-SVD finds %v", eps, r.Ranks(), direct.Ranks())
			}
		}
	}
	r, bound, err := Round(m, Options{Ranks: []int{3, 3, 3}})
	if err != nil || !slices.Equal(inner(r), []int{3, 3, 3}) || !(math.Abs(bound-relative(x, r)) <= 1e-12) {
		t.Error(r.Ranks(), bound, err)
	}
	if _, _, err := Round(m, Options{}); err == nil {
		t.Error("no ranks, no eps, no error")
	}
	zero, bound, err := Round(m.Scale(0), Options{Eps: 0.1})
	if err != nil || bound != 0 || zero.Norm() != 0 || !slices.Equal(inner(zero), []int{1, 1, 1}) {
		t.Error(zero.Ranks(), bound, err)
	}
}

func TestNew(t *testing.T) {
	a, b := tensor.New[float64](1, 3, 2), tensor.New[float64](2, 4, 1)
	m, err := New(a, b)
	if err != nil || m.Parameters() != 6+8 || !slices.Equal(m.Shape(), []int{3, 4}) || !slices.Equal(m.Ranks(), []int{1, 2, 1}) {
		t.Error(err)
	}
	for _, bad := range [][]*tensor.Dense[float64]{nil, {a}, {b}, {a, a}, {a, tensor.New[float64](2, 4)}} {
		if _, err := New(bad...); err == nil {
			t.Error("cores that do not fit, no error")
		}
	}
}
