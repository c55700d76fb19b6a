package kernel

import "github.com/polyad/polyad/internal/par"

// Gemm computes C = alpha*A*B + beta*C for A: m×k, B: k×n, C: m×n on any
// strides (a transpose is a view: a.T()). With beta == 0, C is written
// without being read, so a NaN in it does not survive. With alpha == 0, A
// and B are not read. C must not overlap A or B.
func Gemm[T Float](alpha T, a, b Mat[T], beta T, c Mat[T]) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows {
		panic("kernel: Gemm shapes do not agree")
	}
	par.Blocks(c.Rows, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range c.Cols {
				p := &c.Data[i*c.RS+j*c.CS]
				if beta == 0 {
					*p = 0
				} else {
					*p *= beta
				}
			}
			if alpha == 0 {
				continue
			}
			for l := range a.Cols {
				s := alpha * a.Data[i*a.RS+l*a.CS]
				for j := range c.Cols {
					c.Data[i*c.RS+j*c.CS] += s * b.Data[l*b.RS+j*b.CS]
				}
			}
		}
	})
}

// GemmBatch computes C_p = alpha*A_p*B_p + beta*C_p for p in [0, count),
// where matrix p of each operand starts step elements after matrix p-1
// (a step of 0 for A or B reuses one matrix).
func GemmBatch[T Float](count int, alpha T, a Mat[T], aStep int, b Mat[T], bStep int, beta T, c Mat[T], cStep int) {
	for p := range count {
		ap, bp, cp := a, b, c
		ap.Data, bp.Data, cp.Data = a.Data[p*aStep:], b.Data[p*bStep:], c.Data[p*cStep:]
		Gemm(alpha, ap, bp, beta, cp)
	}
}

// Gram computes the symmetric matrix C = A^T*A, accumulated in float64, for
// A: m×n, C: n×n. Both triangles are written.
func Gram[T Float](a Mat[T], c Mat[float64]) {
	if c.Rows != a.Cols || c.Cols != a.Cols {
		panic("kernel: Gram shapes do not agree")
	}
	for i := range c.Rows {
		for j := range c.Cols {
			s := 0.0
			for l := range a.Rows {
				s += float64(a.At(l, i)) * float64(a.At(l, j))
			}
			c.Data[i*c.RS+j*c.CS] = s
		}
	}
}
