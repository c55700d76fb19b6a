package tensor

import (
	"slices"

	"github.com/polyad/polyad/internal/kernel"
)

// Float is the set of real element types.
type Float interface{ float32 | float64 }

// Matrix is a dense matrix in row-major order: row i starts at
// Data[i*Stride]. It is what factors, Grams and the routines of package
// linalg are made of; those of tensor networks are complex.
type Matrix[T Number] struct {
	Rows, Cols, Stride int
	Data               []T
}

// NewMatrix makes a rows×cols matrix of zeros.
func NewMatrix[T Number](rows, cols int) *Matrix[T] {
	return &Matrix[T]{Rows: rows, Cols: cols, Stride: cols, Data: make([]T, rows*cols)}
}

// MatrixOf makes a matrix that uses data (row-major, not copied).
func MatrixOf[T Number](rows, cols int, data []T) *Matrix[T] {
	if len(data) != rows*cols {
		panic("tensor: MatrixOf needs rows*cols elements")
	}
	return &Matrix[T]{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// Eye is the n×n identity.
func Eye[T Number](n int) *Matrix[T] {
	m := NewMatrix[T](n, n)
	for i := range n {
		m.Data[i*n+i] = 1
	}
	return m
}

// At is element (i, j).
func (m *Matrix[T]) At(i, j int) T { return m.Data[i*m.Stride+j] }

// Set sets element (i, j).
func (m *Matrix[T]) Set(i, j int, v T) { m.Data[i*m.Stride+j] = v }

// Row is row i, shared with the matrix.
func (m *Matrix[T]) Row(i int) []T { return m.Data[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols] }

// Col is a copy of column j.
func (m *Matrix[T]) Col(j int) []T {
	c := make([]T, m.Rows)
	for i := range c {
		c[i] = m.At(i, j)
	}
	return c
}

// Sub is the block of rows [i0, i1) and columns [j0, j1), shared with the
// matrix.
func (m *Matrix[T]) Sub(i0, i1, j0, j1 int) *Matrix[T] {
	s := &Matrix[T]{Rows: i1 - i0, Cols: j1 - j0, Stride: j1 - j0}
	if s.Rows > 0 && s.Cols > 0 {
		s.Stride = m.Stride
		s.Data = m.Data[i0*m.Stride+j0 : (i1-1)*m.Stride+j1]
	}
	return s
}

// Clone is a compact copy (Stride == Cols).
func (m *Matrix[T]) Clone() *Matrix[T] {
	if m.Stride == m.Cols {
		return &Matrix[T]{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols, Data: slices.Clone(m.Data)}
	}
	c := NewMatrix[T](m.Rows, m.Cols)
	for i := range m.Rows {
		copy(c.Row(i), m.Row(i))
	}
	return c
}

// Transpose is a copy of the transpose.
func (m *Matrix[T]) Transpose() *Matrix[T] {
	t := NewMatrix[T](m.Cols, m.Rows)
	kernel.Permute(t.Data, m.Data, []int{m.Cols, m.Rows}, []int{1, m.Stride})
	return t
}

// View is the matrix as the kernels see it.
func (m *Matrix[T]) View() kernel.Mat[T] {
	return kernel.Mat[T]{Rows: m.Rows, Cols: m.Cols, RS: m.Stride, CS: 1, Data: m.Data}
}

// Mul is the product A*B.
func Mul[T Float](a, b *Matrix[T]) *Matrix[T] {
	c := NewMatrix[T](a.Rows, b.Cols)
	kernel.Gemm(1, a.View(), b.View(), 0, c.View())
	return c
}

// Gram is A^T*A, accumulated in float64.
func Gram[T Float](a *Matrix[T]) *Matrix[float64] {
	c := NewMatrix[float64](a.Cols, a.Cols)
	kernel.Gram(a.View(), c.View())
	return c
}

// Convert copies a matrix to another precision.
func Convert[To, From Float](m *Matrix[From]) *Matrix[To] {
	c := NewMatrix[To](m.Rows, m.Cols)
	for i := range m.Rows {
		src, dst := m.Row(i), c.Row(i)
		for j, v := range src {
			dst[j] = To(v)
		}
	}
	return c
}
