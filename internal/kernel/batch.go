package kernel

import (
	"fmt"
	"unsafe"

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
	if work >= 4*parallelWork && count < batchShare {
		for p := range count { // each is large enough to keep the threads busy
			gemm(alpha, a.skip(p*aStep), b.skip(p*bStep), beta, c.skip(p*cStep), true)
		}
		return
	}
	if orient(&a, &b, &c) {
		a, b, c = b.T(), a.T(), c.T()
		aStep, bStep = bStep, aStep
	}
	if work*float64(count) < parallelWork {
		batchRun(0, count, alpha, a, aStep, b, bStep, beta, c, cStep)
		return
	}
	batchParallel(count, work, alpha, a, aStep, b, bStep, beta, c, cStep)
}

// batchShare is the number of large matrices from which on the threads have
// some each, rather than parts of one after the other.
const batchShare = 16

// batchParallel shares a batch between threads. It is a function of its own
// because what its closure holds is allocated.
func batchParallel[T Float](count int, work float64, alpha T, a Mat[T], aStep int, b Mat[T], bStep int, beta T, c Mat[T], cStep int) {
	block := 1
	if work < parallelWork {
		block = max(1, min(max(8, int(parallelWork/4/(work+1))), count/16))
	}
	par.Blocks(count, block, func(_, lo, hi int) {
		batchRun(lo, hi, alpha, a, aStep, b, bStep, beta, c, cStep)
	})
}

// batchRun multiplies the matrices [lo, hi) of a batch on the calling
// goroutine, as gemmSmall does, and has the matrices to come fetched into the
// cache meanwhile.
func batchRun[T Float](lo, hi int, alpha T, a Mat[T], aStep int, b Mat[T], bStep int, beta T, c Mat[T], cStep int) {
	v := active
	bl := blockingFor[T](v)
	work := float64(c.Rows) * float64(c.Cols) * float64(a.Cols)
	if alpha == 0 || work == 0 || work >= parallelWork || b.CS != 1 && b.RS != 1 || c.CS != 1 || a.Cols > bl.kc {
		for p := lo; p < hi; p++ {
			gemm(alpha, a.skip(p*aStep), b.skip(p*bStep), beta, c.skip(p*cStep), false)
		}
		return
	}
	size := int(unsafe.Sizeof(alpha))
	args := panelArgs{
		k: a.Cols, alpha: float64(alpha), beta: float64(beta),
		aRS: a.RS * size, aCS: a.CS * size, aStep: bl.mr * a.RS * size,
		bRS: b.RS * size, cRS: c.RS * size,
	}
	right := func(_ int, b unsafe.Pointer) unsafe.Pointer { return b } // where the kernels find B of product p
	if b.CS != 1 {
		w := panelWidth[T](b.Cols)
		args.bRS = w * size
		buf := getBuffer(b.Rows * args.bRS)
		defer putBuffer(buf)
		packed, _ := split[T](buf, b.Rows*w, 0)
		right = func(p int, _ unsafe.Pointer) unsafe.Pointer {
			if bStep > 0 || p == lo {
				transposeInto(packed, w, b.skip(p*bStep))
			}
			return unsafe.Pointer(&packed[0])
		}
	}
	nextA, nextB, nextC := a.ahead(aStep), b.ahead(bStep), c.ahead(cStep)
	pa, pb, pc := unsafe.Pointer(&a.Data[lo*aStep]), unsafe.Pointer(&b.Data[lo*bStep]), unsafe.Pointer(&c.Data[lo*cStep])
	if c.Cols <= bl.nr && nextA.n+nextB.n+nextC.n <= 8<<10 { // one panel, one call
		// Fetch two ahead: a product is over before its memory is here.
		args.m, args.cols = c.Rows, c.Cols
		for p := lo; ; p++ {
			args.a, args.b, args.c = pa, right(p, pb), pc
			if p+1 == hi {
				runPanel[T](v, &args)
				return
			}
			pa, pb, pc = unsafe.Add(pa, aStep*size), unsafe.Add(pb, bStep*size), unsafe.Add(pc, cStep*size)
			if p+2 < hi {
				prefetch(unsafe.Add(pa, aStep*size), nextA.n)
				prefetch(unsafe.Add(pb, bStep*size), nextB.n)
				prefetch(unsafe.Add(pc, cStep*size), nextC.n)
			}
			runPanel[T](v, &args)
		}
	}
	panels := bl.panels(c.Cols)
	rows := 2 * bl.mr // what is fetched in one go would hold up the kernel
	parts := ceilDiv(c.Rows, rows) * panels
	nextA.cut(parts)
	nextB.cut(parts)
	for p := lo; p < hi; p++ {
		part := 0
		rowsB := right(p, pb)
		for q := range panels {
			j0, j1 := bl.panel(q, c.Cols)
			args.cols = j1 - j0
			args.b = unsafe.Add(rowsB, j0*size)
			for i := 0; i < c.Rows; i += rows {
				if p+1 < hi {
					nextA.fetch(pa, part)
					nextB.fetch(pb, part) // the kernel asks for C itself
					part++
				}
				args.m = min(rows, c.Rows-i)
				args.a, args.c = unsafe.Add(pa, i*a.RS*size), unsafe.Add(pc, (i*c.RS+j0)*size)
				runPanel[T](v, &args)
			}
		}
		if p+1 < hi {
			pa, pb, pc = unsafe.Add(pa, aStep*size), unsafe.Add(pb, bStep*size), unsafe.Add(pc, cStep*size)
		}
	}
}

// ahead says what to bring into the cache for the next matrix of a batch, in
// bytes: n of them, step after the present matrix, in parts of the given size.
type ahead struct{ step, n, part int }

// ahead is empty for a matrix that is better left alone: shared by the batch,
// full of gaps, or large.
func (m *Mat[T]) ahead(step int) ahead {
	size := int(unsafe.Sizeof(m.Data[0]))
	n := (m.Rows-1)*m.RS + (m.Cols-1)*m.CS + 1
	if step == 0 || n > 2*m.Rows*m.Cols || n*size > 64<<10 {
		return ahead{}
	}
	return ahead{step * size, n * size, 0}
}

// cut divides the bytes in parts, in whole cache lines.
func (f *ahead) cut(parts int) { f.part = roundUp(ceilDiv(f.n, parts), 64) }

// fetch has one part brought into the cache; p is the present matrix.
func (f *ahead) fetch(p unsafe.Pointer, part int) {
	if at := part * f.part; at < f.n {
		prefetch(unsafe.Add(p, f.step+at), min(f.part, f.n-at))
	}
}

// checkBatch checks the first and the last matrix of a batch.
func checkBatch[T Float | Complex](m *Mat[T], count, step int, name string) {
	m.check("GemmBatch", name)
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	if last := (count-1)*step + (m.Rows-1)*m.RS + (m.Cols-1)*m.CS; step < 0 || last >= len(m.Data) {
		panic(fmt.Sprintf("kernel: GemmBatch: matrix %d of %s ends at element %d of %d", count-1, name, last, len(m.Data)))
	}
}

// skip moves m on by n elements.
func (m Mat[T]) skip(n int) Mat[T] {
	m.Data = m.Data[min(n, len(m.Data)):] // an empty matrix may have no data
	return m
}
