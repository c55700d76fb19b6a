package tensor

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
)

func TestElementwise(t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[float64](rng, order)
		y := randomOf[float64](rng, x.shape)
		sum, diff, prod, scaled := Add(x, y), Sub(x, y), Hadamard(x, y), Scale(3, x)
		inner, dist := 0.0, 0.0
		each(x.shape, func(idx []int) {
			a, b := x.At(idx...), y.At(idx...)
			if sum.At(idx...) != a+b || diff.At(idx...) != a-b || prod.At(idx...) != a*b || scaled.At(idx...) != 3*a {
				t.Errorf("at %v", idx)
			}
			inner += a * b
			dist += (a - b) * (a - b)
		})
		if got := Inner(x, y); !(math.Abs(got-inner) <= 1e-12*(1+x.Norm()*y.Norm())) {
			t.Errorf("Inner %v, want %v", got, inner)
		}
		if got := Distance(x, y); !(math.Abs(got-math.Sqrt(dist)) <= 1e-12*(1+got)) {
			t.Errorf("Distance %v, want %v", got, math.Sqrt(dist))
		}
		if got := x.Norm(); !(math.Abs(got*got-Inner(x, x)) <= 1e-12*(1+got*got)) {
			t.Errorf("Norm %v", got)
		}
		if x.Len() > 0 && Equal(x, y) || !Equal(x, x) || Equal(x, Outer(x, New[float64](1))) {
			t.Error("Equal")
		}
		if f := As[float64](As[float32](x)); !(Distance(f, x) <= 1e-6*(1+x.Norm())) {
			t.Error("As")
		}
		if c := AsComplex[complex128](x); !(math.Abs(c.Norm()-x.Norm()) <= 1e-12*(1+x.Norm())) {
			t.Error("AsComplex")
		}
	})
}

func TestLargeViews(t *testing.T) {
	// Beyond one block, with strides that do not merge and orders that
	// differ between the operands.
	rng := rand.New(rand.NewPCG(1, 2))
	x := randomOf[float32](rng, []int{71, 40, 33})
	y := randomOf[float32](rng, []int{33, 40, 71}).Permute(2, 1, 0)
	z := Sub(Add(x, y), y)
	if d := Distance(z, x); !(d <= 1e-6*x.Norm()) {
		t.Error(d)
	}
	cx, cy := x.Clone(), y.Clone()
	if a, b := Inner(x, y), Inner(cx, cy); !(math.Abs(a-b) <= 1e-10*x.Norm()*y.Norm()) {
		t.Error(a, b)
	}
	if a, b := x.Norm(), cx.Norm(); !(math.Abs(a-b) <= 1e-12*a) {
		t.Error(a, b)
	}
	testkit.Threads(t, "norm and inner", func() []float64 { return []float64{x.Norm(), Inner(x, y), Distance(x, y)} })
}

func TestNormExtremes(t *testing.T) {
	for _, s := range []float64{1e-300, 1e300} {
		if got, want := FromSlice([]float64{3 * s, 4 * s}, 2).Norm(), 5*s; !(math.Abs(got-want) <= 1e-14*want) {
			t.Errorf("%v, want %v", got, want)
		}
		c := complex(3*s, 0)
		if got, want := FromSlice([]complex128{c, 4i * complex(s, 0)}, 2).Norm(), 5*s; !(math.Abs(got-want) <= 1e-14*want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if n := New[float64](3, 0).Norm(); n != 0 {
		t.Error(n)
	}
	if n := FromSlice([]float32{1, float32(math.NaN())}, 2).Norm(); !math.IsNaN(n) {
		t.Error(n)
	}
}

func TestCountNonFinite(t *testing.T) {
	x := New[float64](50, 60, 70)
	nan, inf := math.NaN(), math.Inf(-1)
	x.Set(nan, 0, 0, 0)
	x.Set(nan, 49, 59, 68)
	x.Set(inf, 20, 30, 40)
	if n, i := x.CountNonFinite(); n != 2 || i != 1 {
		t.Error(n, i)
	}
	if n, i := x.Permute(2, 0, 1).Slice(0, 0, 69, 2).CountNonFinite(); n != 2 || i != 1 {
		t.Error(n, i)
	}
	if n, i := As[float32](x).CountNonFinite(); n != 2 || i != 1 {
		t.Error(n, i)
	}
	c := FromSlice([]complex64{1, complex64(cmplx.NaN()), complex64(cmplx.Inf()), complex(1, float32(inf))}, 4)
	if n, i := c.CountNonFinite(); n != 1 || i != 2 {
		t.Error(n, i)
	}
}

func TestInnerComplex(t *testing.T) {
	x := FromSlice([]complex128{1 + 2i, 3}, 2)
	y := FromSlice([]complex128{2, 1i}, 2)
	if got := InnerComplex(x, y); got != 2-4i+3i {
		t.Error(got)
	}
	if got := InnerComplex(x, x); got != complex(x.Norm()*x.Norm(), 0) && cmplx.Abs(got-14) > 1e-14 {
		t.Error(got)
	}
}

func TestOuter(t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[float64](rng, order/2)
		y := randomTensor[float64](rng, order-order/2)
		z := Outer(x, y)
		each(z.shape, func(idx []int) {
			if z.At(idx...) != x.At(idx[:len(x.shape)]...)*y.At(idx[len(x.shape):]...) {
				t.Errorf("at %v", idx)
			}
		})
	})
	if one := Outer[float32](); one.Order() != 0 || one.At() != 1 {
		t.Error("the empty product is not 1")
	}
	a := FromSlice([]complex64{1, 1i}, 2)
	if got := Outer(a, a, a).At(1, 1, 1); got != -1i {
		t.Error(got)
	}
}

func TestUnfold(t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		if order == 0 {
			return
		}
		x := randomTensor[float32](rng, order)
		mode := rng.IntN(order)
		m := Unfold(x, mode)
		each(x.shape, func(idx []int) {
			col, step := 0, 1
			for n, i := range idx {
				if n != mode {
					col += i * step
					step *= x.shape[n]
				}
			}
			if m.At(idx[mode], col) != x.At(idx...) {
				t.Errorf("mode %d at %v", mode, idx)
			}
		})
		if !Equal(Fold(m, mode, x.shape...), x) {
			t.Error("Fold(Unfold(x)) is not x")
		}
	})
}

// naiveTTM is the definition.
func naiveTTM[T Float](x *Dense[T], m *Matrix[T], mode int) *Dense[T] {
	shape := slices.Clone(x.shape)
	shape[mode] = m.Rows
	y := New[T](shape...)
	each(shape, func(idx []int) {
		s := 0.0
		from := slices.Clone(idx)
		for i := range m.Cols {
			from[mode] = i
			s += float64(m.At(idx[mode], i)) * float64(x.At(from...))
		}
		y.Set(T(s), idx...)
	})
	return y
}

func TestTTM(t *testing.T) {
	t.Run("float64", testTTM[float64])
	t.Run("float32", testTTM[float32])
}

func testTTM[T Float](t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[T](rng, order)
		before := x.Clone()
		ms := make([]*Matrix[T], order)
		mts := make([]*Matrix[T], order)
		want := x
		for n := range ms {
			m := randomMatrix[T](rng, rng.IntN(8), x.shape[n])
			near(t, "TTM", TTM(x, m, n), naiveTTM(x, m, n))
			near(t, "TTMT", TTMT(x, m.Transpose(), n), naiveTTM(x, m, n))
			if rng.IntN(4) > 0 {
				ms[n], mts[n] = m, m.Transpose()
				want = naiveTTM(want, m, n)
			}
		}
		near(t, "TTMChain", TTMChain(x, ms), want.Clone())
		near(t, "TTMChainT", TTMChainT(x, mts), want.Clone())
		if !Equal(x, before) {
			t.Error("the operand changed")
		}
	})
}

func TestTTMKeepsMemoryOrder(t *testing.T) {
	x := New[float64](4, 5, 6).Permute(2, 1, 0) // Fortran order
	y := TTM(x, NewMatrix[float64](2, 5), 1)
	if want := []int{1, 6, 12}; !slices.Equal(y.strides, want) {
		t.Errorf("strides %v, want %v", y.strides, want)
	}
}

// Large tensors are streamed: the same numbers as by the unfolding, in any
// memory order and between gaps, at any number of threads.
func TestTTMLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for _, shape := range [][]int{{70, 66, 68}, {40, 41, 7, 33}, {500, 600}} {
		order := len(shape)
		wide := slices.Clone(shape)
		wide[order-1]++
		base := Normal(rng, wide...)
		plain := base.Slice(order-1, 0, shape[order-1], 1)
		turned := make([]int, order)
		for n := range turned {
			turned[n] = (n + 1) % order
		}
		for name, x := range map[string]*Dense[float64]{"C": plain.Clone(), "gaps": plain, "turned": plain.Clone().Permute(turned...)} {
			for n := range order {
				for _, rank := range []int{1, 8, 30} {
					m := randomMatrix[float64](rng, rank, x.shape[n])
					want := Fold(Mul(m, Unfold(x, n)), n, TTM(x, m, n).shape...)
					for what, y := range map[string]*Dense[float64]{"TTM": TTM(x, m, n), "TTMT": TTMT(x, m.Transpose(), n)} {
						if d := Distance(y, want); !(d <= 1e-13*want.Norm()) {
							t.Errorf("%s of %v, %s, mode %d, rank %d: off by %g", what, shape, name, n, rank, d)
						}
					}
				}
			}
			testkit.Threads(t, "TTM", func() []float64 {
				return TTM(x, randomMatrix[float64](rand.New(rand.NewPCG(1, 1)), 20, x.shape[0]), 0).Data()
			})
		}
	}
}

func TestTTMThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][]int{{60, 70, 50}, {30, 3, 20, 31}} {
		x := randomOf[float64](rng, shape)
		for n := range shape {
			m := randomMatrix[float64](rng, 17, shape[n])
			testkit.Threads(t, "TTM", func() []float64 { return TTM(x, m, n).Data() })
		}
	}
}

func TestTTV(t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[float64](rng, order)
		vs := make([][]float64, order)
		want := x.Clone()
		for n := range vs {
			v := randomMatrix[float64](rng, 1, x.shape[n]).Row(0)
			near(t, "TTV", TTV(x, v, n), naiveTTM(x, MatrixOf(1, len(v), v), n).Index(n, 0))
			if rng.IntN(3) > 0 {
				vs[n] = v
				want = naiveTTM(want, MatrixOf(1, len(v), v), n)
			}
		}
		for n := order - 1; n >= 0; n-- {
			if vs[n] != nil {
				want = want.Index(n, 0)
			}
		}
		near(t, "TTVChain", TTVChain(x, vs), want)
	})
}
