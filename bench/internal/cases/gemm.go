package cases

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/internal/kernel"
)

// gemm are the matrix products. The operands are the same numbers on both
// sides, and so must the results be.
func gemm() []Case {
	var list []Case
	add := func(job, kind string, bar float64, name string, shape ...int) *Case {
		c := Case{
			Name: fmt.Sprintf("%s/type=%s/%s", job, kind, name), Tool: OpenBLAS, Threads: oneAndTwo, Bar: Bar{Ratio: bar},
			Task:  measure.Task{Job: job, Type: kind, Shape: shape, Peer: "OpenBLAS"},
			Equal: sameChecks(tolerance(kind)), Ours: byType(kind, products[float32], products[float64]),
		}
		list = append(list, c)
		return &list[len(list)-1]
	}
	for _, n := range []int{256, 1024, 4096} {
		for _, kind := range kinds {
			c := add("gemm", kind, 0.92, fmt.Sprintf("n=%d", n), n)
			d, b := float64(n), bytesOf(kind)
			c.Size = int64(2 * b * d * d)
			c.Work = func(measure.Outcome) measure.Work { return measure.Work{Flops: 2 * d * d * d, Bytes: 3 * b * d * d} }
		}
	}
	for _, s := range [][2]int{{4096, 16}, {256, 64}} {
		for _, kind := range kinds {
			c := add("batch", kind, 0.9, fmt.Sprintf("count=%d/n=%d", s[0], s[1]), s[0], s[1])
			count, n, b := float64(s[0]), float64(s[1]), bytesOf(kind)
			c.Size = int64(2 * b * count * n * n)
			c.Work = func(measure.Outcome) measure.Work {
				return measure.Work{Flops: 2 * count * n * n * n, Bytes: 3 * b * count * n * n}
			}
		}
	}
	m, n := 1_000_000, 16
	c := add("gram", "f64", 1.5, fmt.Sprintf("m=%d/n=%d", m, n), m, n)
	c.Size = int64(8 * m * n)
	c.Work = func(measure.Outcome) measure.Work {
		return measure.Work{Flops: float64(m) * float64(n) * float64(n+1), Bytes: 8 * float64(m) * float64(n)}
	}
	c.Prepare = fastestMethod("dgemm", "dsyrk")
	return list
}

// fastestMethod chooses that of the peer's routines which takes the least time.
func fastestMethod(methods ...string) func(context.Context, Runner, *measure.Task) error {
	return func(ctx context.Context, r Runner, t *measure.Task) error {
		best, seconds := "", 0.0
		for _, m := range methods {
			t.Method = m
			o, err := r.Theirs(ctx, *t)
			if err != nil {
				return err
			}
			if best == "" || o.Seconds < seconds {
				best, seconds = m, o.Seconds
			}
		}
		t.Method = best
		return nil
	}
}

func products[T kernel.Float](t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	var warm, work func()
	var check func() float64
	switch t.Job {
	case "gemm":
		n := t.Shape[0]
		a := kernel.RowMajor(n, n, measure.Fill[T](1, n*n))
		b := kernel.RowMajor(n, n, measure.Fill[T](2, n*n))
		out := kernel.RowMajor(n, n, make([]T, n*n))
		w := min(n, 1024)
		warm = func() { kernel.Gemm(1, a.Sub(0, w, 0, w), b.Sub(0, w, 0, w), 0, out.Sub(0, w, 0, w)) }
		work = func() { kernel.Gemm(1, a, b, 0, out) }
		check = func() float64 { return measure.Checksum(out.Data) }
	case "gram":
		m, n := t.Shape[0], t.Shape[1]
		a := kernel.RowMajor(m, n, measure.Fill[T](1, m*n))
		out := kernel.RowMajor(n, n, make([]float64, n*n))
		work = func() { kernel.Gram(a, out) }
		warm = work
		check = func() float64 { return measure.Checksum(out.Data) }
	case "batch":
		count, n := t.Shape[0], t.Shape[1]
		a := kernel.RowMajor(n, n, measure.Fill[T](1, count*n*n))
		b := kernel.RowMajor(n, n, measure.Fill[T](2, count*n*n))
		out := kernel.RowMajor(n, n, make([]T, count*n*n))
		work = func() { kernel.GemmBatch(count, 1, a, n*n, b, n*n, 0, out, n*n) }
		warm = work
		check = func() float64 { return measure.Checksum(out.Data) }
	}
	err = meter.Run(&o, func() error { warm(); return nil }, func() error { work(); return nil })
	o.Check = []float64{check()}
	return o, err
}
