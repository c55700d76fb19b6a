package tt

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Matrix is a matrix (linear operator) in tensor-train format: a row index
// stands for (i_0, …, i_{d-1}), a column index for (j_0, …, j_{d-1}), and
//
//	a[i, j] = G_0[:, i_0, j_0, :] * G_1[:, i_1, j_1, :] * …
//
// Core k is r_k×m_k×n_k×r_{k+1}, with r_0 = r_d = 1. It acts on trains of the
// shape n_0×…×n_{d-1}; [Matrix.MulVec] makes trains of the shape
// m_0×…×m_{d-1}. (Matrix product operator is another name.)
//
// Oseledets 2010, https://doi.org/10.1137/090757861.
type Matrix struct {
	Cores []*tensor.Dense[float64]
}

// NewMatrix makes a matrix of cores. Cores that do not fit together are
// errors.
func NewMatrix(cores ...*tensor.Dense[float64]) (*Matrix, error) {
	if len(cores) == 0 {
		return nil, fmt.Errorf("tt: a matrix has at least one core")
	}
	rank := 1
	for k, g := range cores {
		if g.Order() != 4 {
			return nil, fmt.Errorf("tt: core %d of the matrix has order %d; 4 is expected (rank, rows, columns, rank)", k, g.Order())
		}
		if g.Shape()[0] != rank {
			return nil, fmt.Errorf("tt: core %d of the matrix has the shape %v; its first size should be %d", k, g.Shape(), rank)
		}
		rank = g.Shape()[3]
	}
	if rank != 1 {
		return nil, fmt.Errorf("tt: the last core of the matrix has the shape %v; its last size should be 1", cores[len(cores)-1].Shape())
	}
	return &Matrix{Cores: cores}, nil
}

// Identity is the identity matrix on tensors of a shape; its ranks are 1.
func Identity(shape ...int) *Matrix {
	factors := make([]*tensor.Matrix[float64], len(shape))
	for k, n := range shape {
		factors[k] = tensor.Eye[float64](n)
	}
	return Kronecker(factors...)
}

// Kronecker is the Kronecker product of matrices, a matrix of ranks 1.
func Kronecker(factors ...*tensor.Matrix[float64]) *Matrix {
	if len(factors) == 0 {
		panic("tt: Kronecker of no matrices")
	}
	a := &Matrix{}
	for _, f := range factors {
		a.Cores = append(a.Cores, tensor.FromSlice(f.Clone().Data, 1, f.Rows, f.Cols, 1))
	}
	return a
}

// MatrixSVD is [SVD] for a matrix whose rows stand for indices of the shape
// rows and whose columns for those of the shape cols, both in C order:
// len(rows) == len(cols), and the matrix is (product of rows)×(product of
// cols). Given Eps, the relative error in the Frobenius norm is at most Eps.
func MatrixSVD(ctx context.Context, a *tensor.Matrix[float64], rows, cols []int, opt Options) (*Matrix, fit.Result, error) {
	const method = "tt.MatrixSVD"
	if len(rows) != len(cols) || tensor.Size(rows) != a.Rows || tensor.Size(cols) != a.Cols {
		return nil, fit.Result{Method: method}, fmt.Errorf("%s: a %d×%d matrix does not have rows of the shape %v and columns of the shape %v", method, a.Rows, a.Cols, rows, cols)
	}
	d := len(rows)
	order := make([]int, 0, 2*d)
	paired := make([]int, d)
	for k := range d {
		order = append(order, k, d+k)
		paired[k] = rows[k] * cols[k]
	}
	x := tensor.FromSlice(a.Clone().Data, slices.Concat(rows, cols)...).Permute(order...).Clone()
	t, r, err := SVD(ctx, x.Contiguous().Reshape(paired...), opt)
	r.Method = method
	if err != nil {
		return nil, r, err
	}
	return t.matrix(rows, cols), r, nil
}

// train is the matrix as a train with modes m_k*n_k, in the same memory.
func (a *Matrix) train() *Tensor {
	t := &Tensor{Modes: make([]tensor.Axis, len(a.Cores))}
	for _, g := range a.Cores {
		s := g.Shape()
		t.Cores = append(t.Cores, g.Contiguous().Reshape(s[0], s[1]*s[2], s[3]))
	}
	return t
}

// matrix is train undone.
func (t *Tensor) matrix(rows, cols []int) *Matrix {
	a := &Matrix{}
	for k, g := range t.Cores {
		s := g.Shape()
		a.Cores = append(a.Cores, g.Reshape(s[0], rows[k], cols[k], s[2]))
	}
	return a
}

// RowShape is m_0, …, m_{d-1}.
func (a *Matrix) RowShape() []int { return a.sizes(1) }

// ColShape is n_0, …, n_{d-1}.
func (a *Matrix) ColShape() []int { return a.sizes(2) }

func (a *Matrix) sizes(mode int) []int {
	s := make([]int, len(a.Cores))
	for k, g := range a.Cores {
		s[k] = g.Shape()[mode]
	}
	return s
}

// Ranks are r_0 … r_d, the first and last of which are 1.
func (a *Matrix) Ranks() []int { return a.train().Ranks() }

// Parameters is the number of numbers in the cores.
func (a *Matrix) Parameters() int { return a.train().Parameters() }

// At is the entry in row (i_0, …) and column (j_0, …).
func (a *Matrix) At(row, col []int) float64 {
	if len(row) != len(a.Cores) || len(col) != len(a.Cores) {
		panic(fmt.Sprintf("tt: %d row and %d column indices for a matrix of %d cores", len(row), len(col), len(a.Cores)))
	}
	idx := make([]int, len(row))
	for k, g := range a.Cores {
		m, n := g.Shape()[1], g.Shape()[2]
		if row[k] < 0 || row[k] >= m || col[k] < 0 || col[k] >= n {
			panic(fmt.Sprintf("tt: index (%d, %d) out of range of core %d, which is %d×%d", row[k], col[k], k, m, n))
		}
		idx[k] = row[k]*n + col[k]
	}
	return a.train().At(idx...)
}

// Dense is the whole matrix, (product of RowShape)×(product of ColShape).
func (a *Matrix) Dense() *tensor.Matrix[float64] {
	d := len(a.Cores)
	shape, order := make([]int, 0, 2*d), make([]int, 2*d)
	rows, cols := a.RowShape(), a.ColShape()
	for k := range d {
		shape = append(shape, rows[k], cols[k])
		order[k], order[d+k] = 2*k, 2*k+1
	}
	x := a.train().dense(new(scratch)).Reshape(shape...).Permute(order...).Contiguous()
	return tensor.MatrixOf(tensor.Size(rows), tensor.Size(cols), x.Data())
}

// Norm is the Frobenius norm.
func (a *Matrix) Norm() float64 { return a.train().Norm() }

// Round lowers the ranks of a matrix, as [Round] does those of a train: given
// Eps, to a relative error of at most Eps in the Frobenius norm.
func (a *Matrix) Round(opt Options) (rounded *Matrix, bound float64, err error) {
	t, bound, err := Round(a.train(), opt)
	if err != nil {
		return nil, math.NaN(), err
	}
	return t.matrix(a.RowShape(), a.ColShape()), bound, nil
}
