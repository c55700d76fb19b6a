package kernel

import (
	"fmt"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

const (
	gramDirect = 128  // up to this many columns, C stays in the first-level cache for the most part
	gramSlabs  = 64   // at most as many partial sums
	gramRows   = 2048 // rows of a partial sum, at least

	gramMiddle      = 512 // up to this many columns, C stays in the second-level cache for the most part
	gramMiddleSlabs = 8
	gramMiddleRows  = 512
	gramMiddleChunk = 128 // rows that are multiplied together
)

// Gram computes the symmetric matrix C = A^T*A, accumulated in float64, for
// A: m×n, C: n×n. One triangle is computed and both are written.
//
// The rows of A are summed in pieces that depend on the shape alone.
func Gram[T Float](a Mat[T], c Mat[float64]) {
	if c.Rows != a.Cols || c.Cols != a.Cols {
		panic(fmt.Sprintf("kernel: Gram shapes do not agree: A %d×%d, C %d×%d", a.Rows, a.Cols, c.Rows, c.Cols))
	}
	a.check("Gram", "A")
	c.check("Gram", "C")
	switch {
	case a.Cols == 0:
	case a.Rows == 0:
		scaleMat(0, c)
	case a.Cols <= gramMiddle:
		gramNarrow(a, c)
	default:
		gramWide(a, c)
	}
}

// gramNarrow sums the Grams of slabs of rows, computed apart, in order.
func gramNarrow[T Float](a Mat[T], c Mat[float64]) {
	m, n := a.Rows, a.Cols
	most, least := gramSlabs, gramRows
	if n > gramDirect {
		most, least = gramMiddleSlabs, gramMiddleRows
	}
	rows := max(least, roundUp(ceilDiv(m, most), 64))
	slabs := ceilDiv(m, rows)
	var parts []float64
	if slabs == 1 && c.CS == 1 && c.RS == n {
		parts = c.Data[:n*n]
	} else {
		parts = Large[float64](slabs * n * n)
	}
	body := func(s, lo, hi int) {
		gramSlab(a.Sub(lo, hi, 0, n), parts[s*n*n:(s+1)*n*n])
	}
	if float64(m)*float64(n)*float64(n) < parallelWork {
		for s := range slabs {
			body(s, s*rows, min((s+1)*rows, m))
		}
	} else {
		par.Blocks(m, rows, body)
	}
	for i := range n {
		for j := i; j < n; j++ {
			s := 0.0
			for q := range slabs {
				s += parts[(q*n+i)*n+j]
			}
			c.Data[i*c.RS+j*c.CS] = s
			c.Data[j*c.RS+i*c.CS] = s
		}
	}
}

// gramSlab computes the upper triangle (and some elements below) of the Gram
// of a into the n×n matrix c, in chunks of rows that stay in the first-level
// cache (the second, if there are many columns) while each panel of columns
// passes over them.
func gramSlab[T Float](a Mat[T], c []float64) {
	v := active
	bl := blockingFor[float64](v)
	n := a.Cols
	chunk := max(32, 3072/n/8*8)
	if n > gramDirect {
		chunk = gramMiddleChunk
	}
	var (
		buf *buffer
		tmp []float64
	)
	rows, direct := any(a).(Mat[float64])
	if direct = direct && a.CS == 1; !direct {
		buf = getBuffer(chunk * n * 8)
		tmp, _ = split[float64](buf, chunk*n, 0)
	}
	args := panelArgs{alpha: 1}
	for lo := 0; lo < a.Rows; lo += chunk {
		args.k = min(chunk, a.Rows-lo)
		x, ld := tmp, n
		if direct {
			x, ld = rows.Data[lo*rows.RS:], rows.RS
		} else {
			convert(tmp, a.Sub(lo, lo+args.k, 0, n))
		}
		args.a, args.aRS, args.aCS, args.aStep = unsafe.Pointer(&x[0]), 8, 8*ld, 8*bl.mr
		args.bRS, args.cRS = 8*ld, 8*n
		for p := range bl.panels(n) {
			j, j1 := bl.panel(p, n)
			args.cols, args.m = j1-j, j1
			args.b = unsafe.Pointer(&x[j])
			args.c = unsafe.Pointer(&c[j])
			runPanel[float64](v, &args)
		}
		args.beta = 1
	}
	if buf != nil {
		putBuffer(buf)
	}
}

// gramWide computes blocks of the upper triangle as products, a slab of rows
// at a time, and mirrors them.
func gramWide[T Float](a Mat[T], c Mat[float64]) {
	n := a.Cols
	block := 128 // a product of fewer rows is less efficient, of more wasteful
	if n > 512 {
		block = 256
	}
	rows, direct := any(a).(Mat[float64])
	slab := a.Rows
	var tmp []float64
	if !direct {
		slab = min(a.Rows, 1024)
		tmp = make([]float64, slab*n)
	}
	beta := 0.0
	for lo := 0; lo < a.Rows; lo += slab {
		hi := min(lo+slab, a.Rows)
		x := rows
		if !direct {
			part := a.Sub(lo, hi, 0, n)
			par.Blocks(hi-lo, 64, func(_, p, q int) {
				convert(tmp[p*n:q*n], part.Sub(p, q, 0, n))
			})
			x = RowMajor(hi-lo, n, tmp[:(hi-lo)*n])
		}
		for i := 0; i < n; i += block {
			e := min(i+block, n)
			gemm(1, x.Sub(0, x.Rows, i, e).T(), x.Sub(0, x.Rows, i, n), beta, c.Sub(i, e, i, n), true)
		}
		beta = 1
	}
	for i := range n {
		for j := range i {
			c.Data[i*c.RS+j*c.CS] = c.Data[j*c.RS+i*c.CS]
		}
	}
}

// convert copies a to dst in float64, rows contiguous.
func convert[T Float](dst []float64, a Mat[T]) {
	n := a.Cols
	switch b := any(a).(type) {
	case Mat[float32]:
		if a.CS == 1 {
			for i := range a.Rows {
				widen(dst[i*n:(i+1)*n], b.Data[i*a.RS:i*a.RS+n])
			}
			return
		}
	case Mat[float64]:
		transposeInto(dst, n, b)
		return
	}
	for j := range n {
		o := j * a.CS
		for i := range a.Rows {
			dst[i*n+j] = float64(a.Data[o])
			o += a.RS
		}
	}
}
