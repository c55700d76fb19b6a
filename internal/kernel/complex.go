package kernel

import (
	"fmt"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// A complex matrix with contiguous rows is a real one of twice the columns,
// (re, im) after (re, im). With b expanded to
//
//	( re  im)
//	(-im  re)
//
// for each of its elements, A*B is one real product of m×2k and 2k×2n: as
// many multiply-adds as the complex product has, at the rate of the real
// kernels. Signs in the expansion conjugate either operand for nothing.

const (
	complexDepth = 256     // rows of B that are expanded at a time
	complexCols  = 1024    // columns of B, where A has many rows
	complexThin  = 32      // rows below which what is expanded should stay in the cache
	complexCache = 1 << 12 // elements of B that may be expanded then
	complexTiny  = 32      // multiply-adds that are not worth an expansion
)

// GemmComplex computes C = alpha*A*B + beta*C for complex matrices on any
// strides, with A or B conjugated (not transposed: that is a view) if conjA
// or conjB says so. With beta == 0, C is written without being read. C must
// not overlap A or B.
//
// As for [Gemm], the bits of the result do not depend on the threads.
func GemmComplex[T Complex](alpha T, a Mat[T], conjA bool, b Mat[T], conjB bool, beta T, c Mat[T]) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: GemmComplex shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	a.check("GemmComplex", "A")
	b.check("GemmComplex", "B")
	c.check("GemmComplex", "C")
	complexProduct(alpha, operand[T]{a, conjA}, operand[T]{b, conjB}, beta, c, true)
}

// GemmBatchComplex is [GemmBatch] for complex matrices.
func GemmBatchComplex[T Complex](count int, alpha T, a Mat[T], conjA bool, aStep int, b Mat[T], conjB bool, bStep int, beta T, c Mat[T], cStep int) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic(fmt.Sprintf("kernel: GemmBatchComplex shapes do not agree: A %d×%d, B %d×%d, C %d×%d",
			a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols))
	}
	if count <= 0 {
		return
	}
	checkBatch(&a, count, aStep, "A")
	checkBatch(&b, count, bStep, "B")
	checkBatch(&c, count, cStep, "C")
	work := float64(c.Rows) * float64(c.Cols) * float64(a.Cols)
	one := func(p int, parallel bool) {
		complexProduct(alpha, operand[T]{a.skip(p * aStep), conjA}, operand[T]{b.skip(p * bStep), conjB}, beta, c.skip(p*cStep), parallel)
	}
	if work >= parallelWork {
		for p := range count {
			one(p, true)
		}
		return
	}
	par.Blocks(count, max(1, int(parallelWork/8/(work+1))), func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			one(p, false)
		}
	})
}

// operand is a matrix, to be conjugated or not.
type operand[T Complex] struct {
	Mat[T]
	conj bool
}

func (o operand[T]) t() operand[T] { return operand[T]{o.T(), o.conj} }

// complexProduct is GemmComplex after the checks.
func complexProduct[T Complex](alpha T, a, b operand[T], beta T, c Mat[T], parallel bool) {
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if alpha == 0 || a.Cols == 0 {
		scaleComplex(beta, c)
		return
	}
	// Axes of size 1 may have any stride.
	if c.Cols == 1 {
		c.CS = 1
	}
	if c.Rows == 1 {
		c.RS = 1
	}
	if c.CS != 1 || c.RS == 1 && a.CS != 1 && b.RS == 1 {
		a, b, c = b.t(), a.t(), c.T()
	}
	if c.Rows*c.Cols*a.Cols <= complexTiny {
		complexLoop(alpha, a, b, beta, c)
		return
	}
	if c.CS != 1 { // no orientation has contiguous rows
		sum := RowMajor(c.Rows, c.Cols, make([]T, c.Rows*c.Cols))
		complexProduct(alpha, a, b, 0, sum, parallel)
		for i := range c.Rows {
			for j := range c.Cols {
				p := &c.Data[i*c.RS+j*c.CS]
				if beta == 0 {
					*p = sum.At(i, j)
				} else {
					*p = beta**p + sum.At(i, j)
				}
			}
		}
		return
	}
	if beta != 0 && beta != 1 {
		scaleComplex(beta, c)
		beta = 1
	}
	if isThin(a, b, c) {
		complexThinProduct(alpha, a, b, beta == 0, c, parallel)
		return
	}
	if unsafe.Sizeof(alpha) == 8 {
		complexBlocks[T, float32](alpha, a, b, beta == 0, c, parallel)
	} else {
		complexBlocks[T, float64](alpha, a, b, beta == 0, c, parallel)
	}
}

// complexBlocks makes the product by blocks of B, which are expanded. F is the
// type of the parts of T; the rows of c are contiguous.
func complexBlocks[T Complex, F Float](alpha T, a, b operand[T], fresh bool, c Mat[T], parallel bool) {
	if a.Cols > 1 && a.CS != 1 {
		copied := make([]T, a.Rows*a.Cols)
		Permute(copied, a.Data, []int{a.Rows, a.Cols}, []int{a.RS, a.CS})
		a.Mat = RowMajor(a.Rows, a.Cols, copied)
	}
	a.CS = 1
	depth := min(a.Cols, complexDepth)
	cols, inner := complexCols, parallel
	if c.Rows < complexThin {
		cols, inner = max(64, complexCache/depth), false
	}
	block := func(j0, j1 int) {
		w := 2 * (j1 - j0)
		buf := getBuffer(2 * depth * w * int(unsafe.Sizeof(F(0))))
		expanded, _ := split[F](buf, 2*depth*w, 0)
		for l := 0; l < a.Cols; l += depth {
			h := min(depth, a.Cols-l)
			rows := func(lo, hi int) {
				for i := lo; i < hi; i++ {
					expand(expanded[2*i*w:(2*i+2)*w], alpha, b, l+i, j0, a.conj)
				}
			}
			if inner {
				par.Blocks(h, max(1, 4096/w), func(_, lo, hi int) { rows(lo, hi) })
			} else {
				rows(0, h)
			}
			beta := F(1)
			if fresh && l == 0 {
				beta = 0
			}
			gemm(1, parts[T, F](a.Sub(0, a.Rows, l, l+h)), RowMajor(2*h, w, expanded[:2*h*w]), beta,
				parts[T, F](c.Sub(0, c.Rows, j0, j1)), inner)
		}
		putBuffer(buf)
	}
	if inner || !parallel {
		for j := 0; j < c.Cols; j += cols {
			block(j, min(j+cols, c.Cols))
		}
		return
	}
	par.Blocks(c.Cols, cols, func(_, lo, hi int) { block(lo, hi) })
}

// parts is a complex matrix with contiguous rows as a real one.
func parts[T Complex, F Float](m Mat[T]) Mat[F] {
	data := unsafe.Slice((*F)(unsafe.Pointer(&m.Data[0])), 2*len(m.Data))
	return Mat[F]{Rows: m.Rows, Cols: 2 * m.Cols, RS: 2 * m.RS, CS: 1, Data: data}
}

// expand writes the two real rows for row l of alpha*B, from column j0 on.
func expand[T Complex, F Float](dst []F, alpha T, b operand[T], l, j0 int, conjA bool) {
	w := len(dst) / 2
	top, low := dst[:w], dst[w:]
	al := complex128(alpha)
	o := l*b.RS + j0*b.CS
	for j := 0; j+1 < w; j += 2 {
		v := complex128(b.Data[o])
		o += b.CS
		re, im := real(v), imag(v)
		if b.conj {
			im = -im
		}
		if al != 1 {
			v = al * complex(re, im)
			re, im = real(v), imag(v)
		}
		top[j], top[j+1] = F(re), F(im)
		if conjA {
			low[j], low[j+1] = F(im), F(-re)
		} else {
			low[j], low[j+1] = F(-im), F(re)
		}
	}
}

// complexLoop is the product by its definition.
func complexLoop[T Complex](alpha T, a, b operand[T], beta T, c Mat[T]) {
	sign := func(v T, conj bool) complex128 {
		w := complex128(v)
		if conj {
			return complex(real(w), -imag(w))
		}
		return w
	}
	for i := range c.Rows {
		for j := range c.Cols {
			s := complex128(0)
			for l := range a.Cols {
				s += sign(a.At(i, l), a.conj) * sign(b.At(l, j), b.conj)
			}
			p := &c.Data[i*c.RS+j*c.CS]
			if beta == 0 {
				*p = T(complex128(alpha) * s)
			} else {
				*p = T(complex128(alpha)*s + complex128(beta)*complex128(*p))
			}
		}
	}
}

// scaleComplex computes C = beta*C, writing zeros without a read for
// beta == 0.
func scaleComplex[T Complex](beta T, c Mat[T]) {
	if beta == 1 {
		return
	}
	for i := range c.Rows {
		for j := range c.Cols {
			p := &c.Data[i*c.RS+j*c.CS]
			if beta == 0 {
				*p = 0
			} else {
				*p *= beta
			}
		}
	}
}
