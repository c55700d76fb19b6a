package kernel

import (
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// A gate on a quantum state is a product of a few rows: expanding B would cost
// more than the product. The kernel for them reads B as it is and takes the
// real and the imaginary part of each element of A, packed beforehand.

const (
	thinRows  = 4    // rows of A in a call of the kernel
	thinMost  = 16   // rows of C that are worth it
	thinDepth = 512  // rows of B in a call of the kernel
	thinCache = 2048 // elements of B that stay in the first-level cache
)

// thinArgs is what the kernel is called with. It computes, for i in [0, rows)
// and groups vectors (of AVX2) or pairs of vectors (of AVX-512) of columns,
//
//	C[i,j] = sum over l in [0, k) of A[i,l]*B[l,j]
//
// or adds that to C if add is not 0. Row l of the packed A holds thinRows
// pairs (re, im). Strides are in bytes; one points to a real 1. The field
// order is known to the assembly.
type thinArgs struct {
	k, groups, rows int
	a, b            unsafe.Pointer
	bRS             int
	c               unsafe.Pointer
	cRS             int
	add             int
	one             unsafe.Pointer
}

// isThin reports whether complexThinProduct can do the product, and is meant
// to. The columns of c are contiguous.
func isThin[T Complex](a, b operand[T], c Mat[T]) bool {
	return active != portable && c.Rows <= thinMost && c.Cols >= thinGroup[T]() && b.CS == 1 && !b.conj && c.CS == 1
}

// thinGroup is the number of columns that the kernel does at a time.
func thinGroup[T Complex]() int {
	bytes := 32
	if active == avx512 {
		bytes = 2 * 64
	}
	return bytes / int(unsafe.Sizeof(T(0)))
}

// complexThinProduct computes c = alpha*a*b, added to c unless fresh.
func complexThinProduct[T Complex](alpha T, a, b operand[T], fresh bool, c Mat[T], parallel bool) {
	size := int(unsafe.Sizeof(alpha))
	one32, one64 := float32(1), float64(1)
	one := unsafe.Pointer(&one64)
	if size == 8 {
		one = unsafe.Pointer(&one32)
	}
	group := thinGroup[T]()
	blocks := ceilDiv(c.Rows, thinRows)
	depth := min(a.Cols, thinDepth)
	// columns are the work of a call: what is read of B stays in the cache for all rows.
	columns := max(group, thinCache/depth&^(group-1))
	buf := getBuffer((blocks*thinRows*depth + group*(depth+thinRows)) * size)
	all := unsafe.Slice((*T)(unsafe.Pointer(&buf.mem[0])), blocks*thinRows*depth+group*(depth+thinRows))
	packed, tile := all[:blocks*thinRows*depth], all[blocks*thinRows*depth:]
	for l0 := 0; l0 < a.Cols; l0 += depth {
		k := min(depth, a.Cols-l0)
		for p := range blocks {
			packThin(packed[p*thinRows*depth:], alpha, a, p*thinRows, l0, k)
		}
		add := 0
		if !fresh || l0 > 0 {
			add = 1
		}
		product := func(bp, cp unsafe.Pointer, bRS, cRS, groups int) {
			for p := range blocks {
				callThin[T](&thinArgs{
					k: k, groups: groups, rows: min(thinRows, c.Rows-p*thinRows),
					a: unsafe.Pointer(&packed[p*thinRows*depth]), b: bp, bRS: bRS * size,
					c: unsafe.Add(cp, p*thinRows*cRS*size), cRS: cRS * size, add: add, one: one,
				})
			}
		}
		whole := c.Cols / group * group
		run := func(_, lo, hi int) {
			for j := lo; j < hi; j += columns {
				product(unsafe.Pointer(&b.Data[l0*b.RS+j]), unsafe.Pointer(&c.Data[j]), b.RS, c.RS, (min(j+columns, hi)-j)/group)
			}
		}
		if parallel {
			par.Blocks(whole, max(columns, int(parallelWork)/(c.Rows*k)/group*group), run)
		} else {
			run(0, 0, whole)
		}
		if left := c.Cols - whole; left > 0 { // in a tile of their own
			bt, rest := tile[:group*depth], tile[group*depth:]
			for l := range k {
				copy(bt[l*group:(l+1)*group], b.Data[(l0+l)*b.RS+whole:][:left])
			}
			for p := range blocks {
				rows := min(thinRows, c.Rows-p*thinRows)
				for i := range rows {
					copy(rest[i*group:(i+1)*group], c.Data[(p*thinRows+i)*c.RS+whole:][:left])
				}
				callThin[T](&thinArgs{
					k: k, groups: 1, rows: rows, a: unsafe.Pointer(&packed[p*thinRows*depth]),
					b: unsafe.Pointer(&bt[0]), bRS: group * size, c: unsafe.Pointer(&rest[0]), cRS: group * size, add: add, one: one,
				})
				for i := range rows {
					copy(c.Data[(p*thinRows+i)*c.RS+whole:][:left], rest[i*group:])
				}
			}
		}
	}
	putBuffer(buf)
}

// packThin writes k columns of rows i0... of alpha*a, from column l0 on, as the
// kernel takes them. Rows that are not there are not read by it.
func packThin[T Complex](dst []T, alpha T, a operand[T], i0, l0, k int) {
	rows := min(thinRows, a.Rows-i0)
	for l := range k {
		for i := range rows {
			v := complex128(a.Data[(i0+i)*a.RS+(l0+l)*a.CS])
			if a.conj {
				v = complex(real(v), -imag(v))
			}
			if alpha != 1 {
				v *= complex128(alpha)
			}
			dst[l*thinRows+i] = T(v)
		}
	}
}
