package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// randomTensor is a view of random strides: now and then permuted, stepped,
// offset, in Fortran order, or with modes of size 0 and 1.
func randomTensor[T Float](rng *rand.Rand, order int) *Dense[T] {
	shape := make([]int, order)
	for n := range shape {
		shape[n] = 1 + rng.IntN(6)
		if rng.IntN(25) == 0 {
			shape[n] = 0
		}
	}
	return randomOf[T](rng, shape)
}

func randomOf[T Float](rng *rand.Rand, shape []int) *Dense[T] {
	perm := rng.Perm(len(shape))
	if rng.IntN(3) == 0 {
		perm = without(len(shape), -1)
	}
	big := make([]int, len(shape))
	step := make([]int, len(shape))
	for k, n := range perm {
		step[k] = 1
		if rng.IntN(4) == 0 {
			step[k] = 2
		}
		big[k] = shape[n]*step[k] + rng.IntN(2)*rng.IntN(3)
	}
	x := New[T](big...)
	for i := range x.data {
		x.data[i] = T(rng.NormFloat64())
	}
	for k, n := range perm {
		lo := 0
		if extra := big[k] - shape[n]*step[k]; extra > 0 {
			lo = rng.IntN(extra + 1)
		}
		x = x.Slice(k, lo, min(big[k], lo+shape[n]*step[k]), step[k])
	}
	x = x.Permute(inverse(perm)...)
	for n := range x.axes {
		x.axes[n].Name = fmt.Sprint("axis", n)
		for i := range shape[n] {
			x.axes[n].Coords = append(x.axes[n].Coords, float64(i))
		}
	}
	return x
}

func randomMatrix[T Float](rng *rand.Rand, rows, cols int) *Matrix[T] {
	m := &Matrix[T]{Rows: rows, Cols: cols, Stride: cols + rng.IntN(3)}
	m.Data = make([]T, rows*m.Stride)
	for i := range m.Data {
		m.Data[i] = T(rng.NormFloat64())
	}
	return m
}

// each calls body with every index of a shape, in C order.
func each(shape []int, body func(idx []int)) {
	idx := make([]int, len(shape))
	for range Size(shape) {
		body(idx)
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < shape[n] {
				break
			}
			idx[n] = 0
		}
	}
}

// tol is a bound for rounding errors of sums of a few hundred terms near 1.
func tol[T Float]() float64 {
	var one T = 1
	if one+1e-9 == one {
		return 2e-4
	}
	return 1e-11
}

func near[T Float](t *testing.T, what string, got, want *Dense[T]) {
	t.Helper()
	if fmt.Sprint(got.shape) != fmt.Sprint(want.shape) {
		t.Fatalf("%s: shape %v, want %v", what, got.shape, want.shape)
	}
	if d := Distance(got, want); !(d <= tol[T]()*(1+want.Norm())) {
		t.Fatalf("%s of shape %v strides %v: distance %g", what, got.shape, got.strides, d)
	}
}

// properties runs a test on random tensors of order 0 to 5.
func properties(t *testing.T, body func(t *testing.T, rng *rand.Rand, order int)) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		body(t, rng, int(seed%6))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
