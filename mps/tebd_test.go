package mps

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// expDense is exp(f·H)·x.
func expDense(t *testing.T, h *tensor.Matrix[complex128], f complex128, x []complex128) []complex128 {
	t.Helper()
	w, v, err := linalg.HermEig(h)
	if err != nil {
		t.Fatal(err)
	}
	return matVec(bondTerm{nil, w, v}.exp(f), x)
}

func TestTEBDOrders(t *testing.T) {
	rng := newRand(30)
	n := 7
	dims := []int{2, 2, 2, 2, 2, 2, 2}
	terms := append(HeisenbergTerms(n, 1.2, 0.4, 1, 0.2), mustPauli(0.7, "X", 3), Term{Coefficient: 0.3})
	h := denseTerms(dims, terms)
	start := randomState(rng, 2, dims...)
	const time = 0.8
	for _, imaginary := range []bool{false, true} {
		f := complex(0, -time)
		if imaginary {
			f = -time
		}
		want := expDense(t, h, f, start.Dense().Data())
		if imaginary {
			field.Scale(1/norm2(want), want)
		}
		for _, order := range []int{1, 2, 4} {
			var errs [2]float64
			for i, steps := range []int{10, 20} {
				s := start.Clone()
				lost, err := TEBD(t.Context(), s, terms, TEBDOptions{Step: time / float64(steps), Steps: steps, Order: order, Imaginary: imaginary})
				if err != nil || !(lost <= 1e-12) {
					t.Fatal(lost, err)
				}
				errs[i] = distance(s.Dense().Data(), want)
			}
			slope := math.Log2(errs[0] / errs[1])
			if !(math.Abs(slope-float64(order)) <= 0.25) || !(errs[1] <= 0.1) {
				t.Errorf("imaginary %v, order %d: errors %g and %g, slope %.3f", imaginary, order, errs[0], errs[1], slope)
			}
		}
	}
}

func TestImaginaryTimeFindsGroundState(t *testing.T) {
	n := 8
	s := randomReal(1, Ising(n, 1, 1).Dims())
	for _, step := range []float64{0.2, 0.05, 0.01} {
		if _, err := TEBD(t.Context(), s, IsingTerms(n, 1, 1), TEBDOptions{Step: step, Steps: 60, Imaginary: true, Truncation: Truncation{MaxBond: 16, Eps: 1e-14}}); err != nil {
			t.Fatal(err)
		}
	}
	want := 1 - 1/math.Sin(math.Pi/float64(2*(2*n+1)))
	if e := real(s.Expect(Ising(n, 1, 1))); !(math.Abs(e-want) <= 1e-6) {
		t.Errorf("energy %.9f, want %.9f", e, want)
	}
}

func TestTrotterErrors(t *testing.T) {
	far := []Term{mustPauli(1, "XX", 0, 2)}
	skew := []Term{{Coefficient: 1i, Factors: []Local{{0, tensor.Eye[complex128](2)}}}}
	for _, c := range []struct {
		terms []Term
		opt   TEBDOptions
	}{
		{far, TEBDOptions{Step: 1, Steps: 1}},
		{skew, TEBDOptions{Step: 1, Steps: 1}},
		{nil, TEBDOptions{Step: math.NaN(), Steps: 1}},
		{nil, TEBDOptions{Step: 1, Steps: -1}},
		{nil, TEBDOptions{Step: 1, Steps: 1, Order: 3}},
		{[]Term{{Coefficient: cmplx.Inf()}}, TEBDOptions{Step: 1, Steps: 1}},
	} {
		if _, err := Trotter([]int{2, 2, 2}, c.terms, c.opt); err == nil {
			t.Errorf("%+v is no error", c)
		}
	}
}
