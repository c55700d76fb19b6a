package main

import (
	"fmt"

	"github.com/polyad/polyad/bench/internal/work"
	"github.com/polyad/polyad/internal/kernel"
)

// ours measures a case on Polyad's kernels.
func ours(c work.Case) (r work.Result, err error) {
	if c.Type == "f32" {
		r, err = oursType[float32](c)
	} else {
		r, err = oursType[float64](c)
	}
	r.Config = kernel.Variant()
	return r, err
}

func oursType[T kernel.Float](c work.Case) (r work.Result, err error) {
	n := c.N
	switch c.Kind {
	case "gemm":
		a := kernel.RowMajor(n, n, work.Fill[T](1, n*n))
		b := kernel.RowMajor(n, n, work.Fill[T](2, n*n))
		out := kernel.RowMajor(n, n, make([]T, n*n))
		w := min(n, 1024)
		r.Seconds, r.Calls = work.Time(
			func() { kernel.Gemm(1, a.Sub(0, w, 0, w), b.Sub(0, w, 0, w), 0, out.Sub(0, w, 0, w)) },
			func() { kernel.Gemm(1, a, b, 0, out) })
		r.Sum = work.Sum(out.Data)
	case "gram":
		a := kernel.RowMajor(c.Rows, n, work.Fill[T](1, c.Rows*n))
		out := kernel.RowMajor(n, n, make([]float64, n*n))
		f := func() { kernel.Gram(a, out) }
		r.Seconds, r.Calls = work.Time(f, f)
		r.Sum = work.Sum(out.Data)
	case "batch":
		size := c.Rows * n * n
		a := kernel.RowMajor(n, n, work.Fill[T](1, size))
		b := kernel.RowMajor(n, n, work.Fill[T](2, size))
		out := kernel.RowMajor(n, n, make([]T, size))
		f := func() { kernel.GemmBatch(c.Rows, 1, a, n*n, b, n*n, 0, out, n*n) }
		r.Seconds, r.Calls = work.Time(f, f)
		r.Sum = work.Sum(out.Data)
	default:
		return r, fmt.Errorf("unknown kind %q; valid: gemm, gram, batch", c.Kind)
	}
	return r, nil
}
