package cp_test

import (
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/cp/cptest"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func dense[T tensor.Float](shape []int, entries []cptest.Entry) *tensor.Dense[T] {
	x := tensor.New[T](shape...)
	for _, e := range entries {
		x.Set(T(e.Value), e.Index...)
	}
	return x
}

// reversed is the same tensor with its modes in the opposite order in memory.
func reversed[T tensor.Float](shape []int, entries []cptest.Entry) *tensor.Dense[T] {
	n := len(shape)
	order, back := make([]int, n), make([]int, n)
	for i := range n {
		order[i] = shape[n-1-i]
		back[i] = n - 1 - i
	}
	x := tensor.New[T](order...).Permute(back...)
	for _, e := range entries {
		x.Set(T(e.Value), e.Index...)
	}
	return x
}

// gapped is every second index of a tensor twice as large, its last mode
// moved to the front in memory.
func gapped[T tensor.Float](shape []int, entries []cptest.Entry) *tensor.Dense[T] {
	n := len(shape)
	order, back := make([]int, n), make([]int, n)
	for i := range n {
		order[(i+1)%n] = 2 * shape[i]
		back[i] = (i + 1) % n
	}
	x := tensor.New[T](order...)
	for i := range x.Data() {
		x.Data()[i] = 1e6 // must not be seen
	}
	x = x.Permute(back...)
	for i, s := range shape {
		x = x.Slice(i, 0, 2*s-1, 2)
	}
	for _, e := range entries {
		x.Set(T(e.Value), e.Index...)
	}
	return x
}

func TestDataKinds(t *testing.T) {
	type build func(shape []int, entries []cptest.Entry) cp.Data
	for _, k := range []struct {
		name     string
		make     build
		complete bool
		tol      float64
	}{
		{"dense64", func(s []int, e []cptest.Entry) cp.Data { return dense[float64](s, e) }, true, 0},
		{"dense32", func(s []int, e []cptest.Entry) cp.Data { return dense[float32](s, e) }, true, 2e-6},
		{"reversed64", func(s []int, e []cptest.Entry) cp.Data { return reversed[float64](s, e) }, true, 0},
		{"gapped64", func(s []int, e []cptest.Entry) cp.Data { return gapped[float64](s, e) }, true, 0},
		{"gapped32", func(s []int, e []cptest.Entry) cp.Data { return gapped[float32](s, e) }, true, 2e-6},
		{"observed", func(s []int, e []cptest.Entry) cp.Data { return observed(s, e) }, false, 0},
		{"observed-all", func(s []int, e []cptest.Entry) cp.Data { return observed(s, e) }, true, 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			cptest.Data(t, cptest.Kind{
				Make:     func(_ *testing.T, s []int, e []cptest.Entry) cp.Data { return k.make(s, e) },
				Complete: k.complete,
				Tol:      k.tol,
			})
		})
	}
}

// observed lists the entries in a scrambled order.
func observed(shape []int, entries []cptest.Entry) *tensor.Observed {
	index := make([][]int32, len(shape))
	var values []float64
	step := 1
	for _, s := range []int{7919, 104729, 1299709} { // a prime that does not divide the number of entries
		if len(entries)%s != 0 {
			step = s
			break
		}
	}
	for k := range entries {
		e := entries[k*step%len(entries)]
		values = append(values, e.Value)
		for n, i := range e.Index {
			index[n] = append(index[n], int32(i))
		}
	}
	x, err := tensor.NewObserved(shape, index, values)
	if err != nil {
		panic(err)
	}
	return x
}

// Columns longer than a block of rows have the same norms at any number of
// threads.
func TestLongFactorsAtAnyThreads(t *testing.T) {
	m := planted(3, 3, false, 5000, 4)
	testkit.Threads(t, "Normalize", func() *cp.Tensor {
		c := m.Clone()
		for i := range c.Factors[0].Data {
			c.Factors[0].Data[i] *= 1 + float64(i%17)/3
		}
		c.Normalize()
		return c
	})
}
