package cp_test

import (
	"context"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/cp/cptest"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

var (
	_ cp.Data = (*sparse.COO[float64])(nil)
	_ cp.Data = (*sparse.COO[float32])(nil)
)

// listed makes a sparse tensor of the entries, in an order that is not theirs.
func listed[T tensor.Float](t *testing.T, shape []int, entries []cptest.Entry) *sparse.COO[T] {
	t.Helper()
	index := make([][]int32, len(shape))
	var values []T
	for k := range entries {
		e := entries[len(entries)-1-k]
		values = append(values, T(e.Value))
		for n, i := range e.Index {
			index[n] = append(index[n], int32(i))
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSparseData(t *testing.T) {
	t.Run("float64", func(t *testing.T) {
		cptest.Data(t, cptest.Kind{Complete: true, Zeros: true,
			Make: func(t *testing.T, s []int, e []cptest.Entry) cp.Data { return listed[float64](t, s, e) }})
	})
	t.Run("float32", func(t *testing.T) {
		cptest.Data(t, cptest.Kind{Complete: true, Zeros: true,
			Make: func(t *testing.T, s []int, e []cptest.Entry) cp.Data { return listed[float32](t, s, e) }})
	})
	t.Run("one tree", func(t *testing.T) {
		cptest.Data(t, cptest.Kind{Complete: true, Zeros: true, Make: func(t *testing.T, s []int, e []cptest.Entry) cp.Data {
			x := listed[float64](t, s, e)
			x.LimitTrees(1)
			return x
		}})
	})
	t.Run("full", func(t *testing.T) {
		cptest.Data(t, cptest.Kind{Complete: true,
			Make: func(t *testing.T, s []int, e []cptest.Entry) cp.Data { return listed[float64](t, s, e) }})
	})
}

// A sparse tensor and the dense tensor of the same cells have the same model,
// from every start.
func TestSparseAsDense(t *testing.T) {
	d := tensor.New[float64](12, 9, 7)
	for i := range d.Data() {
		if i%5 == 0 || i%7 == 3 {
			d.Data()[i] = float64(i%13 + 1)
		}
	}
	x, err := sparse.FromDense(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, init := range []cp.Init{"", cp.NVecs} {
		opt := cp.Options{Rank: 3, Init: init, Compress: cp.Never, Options: fit.Options{Seed: 5, MaxIters: 20}}
		_, want, err := cp.ALS(context.Background(), d, opt)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := cp.ALS(context.Background(), x, opt)
		if err != nil {
			t.Fatal(err)
		}
		for k, e := range want.Trace {
			if d := got.Trace[k] - e; !(d*d < 1e-20) {
				t.Fatalf("start %q, after %d iterations: relative error %v, of the dense tensor %v", init, k+1, got.Trace[k], e)
			}
		}
	}
}
