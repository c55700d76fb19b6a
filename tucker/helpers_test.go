package tucker

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// random is a Tucker tensor with a random core and random factors.
func random(rng *rand.Rand, shape, ranks []int) *Tensor {
	var f []*tensor.Matrix[float64]
	for n, s := range shape {
		f = append(f, tensor.NormalMatrix(rng, s, ranks[n]))
	}
	t, err := New(tensor.Normal(rng, ranks...), f)
	if err != nil {
		panic(err)
	}
	return t
}

// noisy is a random Tucker tensor plus noise of a relative size.
func noisy(rng *rand.Rand, shape, ranks []int, noise float64) *tensor.Dense[float64] {
	x := random(rng, shape, ranks).Dense()
	e := tensor.Normal(rng, shape...)
	return tensor.Add(x, tensor.Scale(noise*x.Norm()/e.Norm(), e))
}

func hilbert(n, order int) *tensor.Dense[float64] {
	shape := slices.Repeat([]int{n}, order)
	x := tensor.New[float64](shape...)
	data := x.Data()
	for i := range data {
		s := 1
		for j := i; j > 0; j /= n {
			s += j % n
		}
		data[i] = 1 / float64(s)
	}
	return x
}

// fortran is x in Fortran order.
func fortran(x *tensor.Dense[float64]) *tensor.Dense[float64] {
	order := make([]int, x.Order())
	for n := range order {
		order[n] = len(order) - 1 - n
	}
	return x.Permute(order...).Clone().Permute(order...)
}

func relative(x *tensor.Dense[float64], t *Tensor) float64 {
	return tensor.Distance(x, t.Dense()) / x.Norm()
}

func orthonormal(t *testing.T, m *Tensor) {
	t.Helper()
	for n, f := range m.Factors {
		g := tensor.Gram(f)
		for i := range g.Rows {
			for j, v := range g.Row(i) {
				want := 0.0
				if i == j {
					want = 1
				}
				if !(math.Abs(v-want) <= 1e-12) {
					t.Fatalf("factor %d is not orthonormal: %v at (%d, %d)", n, v, i, j)
				}
			}
		}
	}
}

func bits(m *Tensor) []float64 {
	out := slices.Clone(m.Core.Data())
	for _, f := range m.Factors {
		out = append(out, f.Data...)
	}
	return out
}
