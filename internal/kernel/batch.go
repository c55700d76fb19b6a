package kernel

import (
	"fmt"

	"github.com/polyad/polyad/internal/par"
)

// GemmBatch computes C_p = alpha*A_p*B_p + beta*C_p for p in [0, count),
// where matrix p of each operand starts step elements after matrix p-1
// (a step of 0 for A or B reuses one matrix). The C_p must not overlap.
func GemmBatch[T Float](count int, alpha T, a Mat[T], aStep int, b Mat[T], bStep int, beta T, c Mat[T], cStep int) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: GemmBatch shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	if count <= 0 {
		return
	}
	checkBatch(&a, count, aStep, "A")
	checkBatch(&b, count, bStep, "B")
	checkBatch(&c, count, cStep, "C")
	work := float64(c.Rows) * float64(c.Cols) * float64(a.Cols)
	if work >= 4*parallelWork {
		for p := range count { // each is large enough to keep the threads busy
			ap, bp, cp := a, b, c
			ap.Data, bp.Data, cp.Data = from(a.Data, p*aStep), from(b.Data, p*bStep), from(c.Data, p*cStep)
			gemm(alpha, ap, bp, beta, cp, true)
		}
		return
	}
	run := func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			ap, bp, cp := a, b, c
			ap.Data, bp.Data, cp.Data = from(a.Data, p*aStep), from(b.Data, p*bStep), from(c.Data, p*cStep)
			gemm(alpha, ap, bp, beta, cp, false)
		}
	}
	if work*float64(count) < parallelWork {
		run(0, 0, count)
		return
	}
	par.Blocks(count, max(1, int(parallelWork/4/(work+1))), run)
}

// checkBatch checks the first and the last matrix of a batch.
func checkBatch[T Float](m *Mat[T], count, step int, name string) {
	m.check("GemmBatch", name)
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	if last := (count-1)*step + (m.Rows-1)*m.RS + (m.Cols-1)*m.CS; step < 0 || last >= len(m.Data) {
		panic(fmt.Sprintf("kernel: GemmBatch: matrix %d of %s ends at element %d of %d", count-1, name, last, len(m.Data)))
	}
}

// from is data[o:], or nothing for the offset of an empty matrix.
func from[T Float](data []T, o int) []T { return data[min(o, len(data)):] }
