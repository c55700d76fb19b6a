package tt

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

var ctx = context.Background()

// random is a train of random cores with the given inner ranks.
func random(rng *rand.Rand, shape, ranks []int) *Tensor {
	r := append(append([]int{1}, ranks...), 1)
	var cores []*tensor.Dense[float64]
	for k, s := range shape {
		cores = append(cores, tensor.Normal(rng, r[k], s, r[k+1]))
	}
	t, err := New(cores...)
	if err != nil {
		panic(err)
	}
	return t
}

func inner(t *Tensor) []int {
	r := t.Ranks()
	return r[1 : len(r)-1]
}

// function is the tensor f(i_0, i_1, …).
func function(f func(idx []int) float64, shape ...int) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	data := x.Data()
	idx := make([]int, len(shape))
	for i := range data {
		data[i] = f(idx)
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < shape[n] {
				break
			}
			idx[n] = 0
		}
	}
	return x
}

func hilbert(n, order int) *tensor.Dense[float64] {
	return function(func(idx []int) float64 {
		s := 1
		for _, i := range idx {
			s += i
		}
		return 1 / float64(s)
	}, slices.Repeat([]int{n}, order)...)
}

func fortran[T tensor.Float](x *tensor.Dense[T]) *tensor.Dense[T] {
	order := make([]int, x.Order())
	for n := range order {
		order[n] = len(order) - 1 - n
	}
	return x.Permute(order...).Clone().Permute(order...)
}

func relative(x *tensor.Dense[float64], t *Tensor) float64 {
	return tensor.Distance(x, t.Dense()) / x.Norm()
}

// orthogonal checks the cores on both sides of a center.
func orthogonal(t *testing.T, m *Tensor, center int) {
	t.Helper()
	for k, g := range m.Cores {
		var q *tensor.Matrix[float64]
		switch {
		case k < center:
			q = matrixOf(g, 2)
		case k > center:
			q = matrixOf(g, 1).Transpose()
		default:
			continue
		}
		gram := tensor.Gram(q)
		for i := range gram.Rows {
			for j, v := range gram.Row(i) {
				want := 0.0
				if i == j {
					want = 1
				}
				if !(math.Abs(v-want) <= 1e-12) {
					t.Fatalf("core %d is not orthogonal: %v at (%d, %d)", k, v, i, j)
				}
			}
		}
	}
}

func bits(m *Tensor) []float64 {
	var out []float64
	for _, g := range m.Cores {
		out = append(out, g.Data()...)
	}
	return out
}
