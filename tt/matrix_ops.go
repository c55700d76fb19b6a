package tt

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Scale is alpha times the matrix. All cores but the first are shared.
func (a *Matrix) Scale(alpha float64) *Matrix {
	s := &Matrix{Cores: slices.Clone(a.Cores)}
	s.Cores[0] = tensor.Scale(alpha, s.Cores[0])
	return s
}

// Add is the sum of two matrices of one shape, exactly: ranks add up (see
// [Matrix.Round]).
func (a *Matrix) Add(b *Matrix) *Matrix {
	if !slices.Equal(a.RowShape(), b.RowShape()) || !slices.Equal(a.ColShape(), b.ColShape()) {
		panic(fmt.Sprintf("tt: Add of a matrix %v×%v and one %v×%v", a.RowShape(), a.ColShape(), b.RowShape(), b.ColShape()))
	}
	return a.train().Add(b.train()).matrix(a.RowShape(), a.ColShape())
}

// Transpose is the transposed matrix. It shares the memory of the cores.
func (a *Matrix) Transpose() *Matrix {
	s := &Matrix{}
	for _, g := range a.Cores {
		s.Cores = append(s.Cores, g.Permute(0, 2, 1, 3))
	}
	return s
}

// MulVec is A*x for a train x of the shape ColShape, exactly: core k of the
// product is the sum over j of G_k[:, i, j, :] ⊗ H_k[:, j, :], so that ranks
// multiply (see [Round]). The axes are unnamed.
func (a *Matrix) MulVec(x *Tensor) *Tensor {
	if !slices.Equal(a.ColShape(), x.Shape()) {
		panic(fmt.Sprintf("tt: MulVec of a matrix with columns of the shape %v and a train of the shape %v", a.ColShape(), x.Shape()))
	}
	y := &Tensor{Modes: make([]tensor.Axis, len(x.Cores))}
	for k, g := range a.Cores {
		h := x.Cores[k]
		s, r := g.Shape(), h.Shape()
		p := multiply(g, h.Reshape(r[0], r[1], 1, r[2]))
		y.Cores = append(y.Cores, p.Reshape(s[0]*r[0], s[1], s[3]*r[2]))
	}
	return y
}

// Mul is the product A*B, exactly: ranks multiply (see [Matrix.Round]).
func (a *Matrix) Mul(b *Matrix) *Matrix {
	if !slices.Equal(a.ColShape(), b.RowShape()) {
		panic(fmt.Sprintf("tt: Mul of a matrix with columns of the shape %v and one with rows of the shape %v", a.ColShape(), b.RowShape()))
	}
	c := &Matrix{}
	for k, g := range a.Cores {
		c.Cores = append(c.Cores, multiply(g, b.Cores[k].Contiguous()))
	}
	return c
}

// multiply is the core of a product, (r·p)×m×q×(r'·p'), for cores r×m×n×r' and
// p×n×q×p': one matrix product (r·m·r')×n times n×(p·q·p'), and a permutation.
func multiply(g, h *tensor.Dense[float64]) *tensor.Dense[float64] {
	s, u := g.Shape(), h.Shape()
	left := g.Permute(0, 1, 3, 2).Contiguous().Data()
	right := h.Permute(1, 0, 2, 3).Contiguous().Data()
	m, n, q := s[0]*s[1]*s[3], s[2], u[0]*u[2]*u[3]
	out := make([]float64, m*q)
	kernel.Gemm(1, kernel.RowMajor(m, n, left), kernel.RowMajor(n, q, right), 0, kernel.RowMajor(m, q, out))
	x := tensor.FromSlice(out, s[0], s[1], s[3], u[0], u[2], u[3]).Permute(0, 3, 1, 4, 2, 5).Contiguous()
	return x.Reshape(s[0]*u[0], s[1], u[2], s[3]*u[3])
}

// Inner is the bilinear form <x, A*y>, found core by core: the ranks of
// A*y are never formed.
func (a *Matrix) Inner(x, y *Tensor) float64 {
	if !slices.Equal(a.RowShape(), x.Shape()) || !slices.Equal(a.ColShape(), y.Shape()) {
		panic(fmt.Sprintf("tt: Inner of a matrix %v×%v with trains of the shapes %v and %v", a.RowShape(), a.ColShape(), x.Shape(), y.Shape()))
	}
	// v is rank of y × rank of A × rank of x, of the modes so far.
	v := tensor.FromSlice([]float64{1}, 1, 1, 1)
	for k, g := range a.Cores {
		hx, hy := x.Cores[k].Shape(), y.Cores[k].Shape()
		s := g.Shape()
		// Times the core of x: (y, A, i, x').
		w := tensor.New[float64](hy[0]*s[0], hx[1]*hx[2])
		kernel.Gemm(1, kernel.RowMajor(hy[0]*s[0], hx[0], v.Data()), kernel.RowMajor(hx[0], hx[1]*hx[2], x.Cores[k].Data()), 0, rows(w))
		// Times the core of A, over (A, i): (x', y, j, A').
		t := w.Reshape(hy[0], s[0], hx[1], hx[2]).Permute(3, 0, 1, 2).Contiguous()
		z := tensor.New[float64](hx[2]*hy[0], s[2]*s[3])
		kernel.Gemm(1, kernel.RowMajor(hx[2]*hy[0], s[0]*s[1], t.Data()), kernel.RowMajor(s[0]*s[1], s[2]*s[3], g.Contiguous().Data()), 0, rows(z))
		// Times the core of y, over (y, j): (y', A', x').
		t = z.Reshape(hx[2], hy[0], s[2], s[3]).Permute(1, 2, 3, 0).Contiguous()
		next := tensor.New[float64](hy[2], s[3]*hx[2])
		kernel.Gemm(1, kernel.RowMajor(hy[0]*hy[1], hy[2], y.Cores[k].Data()).T(), kernel.RowMajor(hy[0]*hy[1], s[3]*hx[2], t.Data()), 0, rows(next))
		v = next.Reshape(hy[2], s[3], hx[2])
	}
	return v.Data()[0]
}
