// Package kernel holds the loops that touch memory: matrix products, Gram
// matrices, vector operations and permutations, on float32 and float64, and
// products of complex matrices made of them.
//
// Everything heavy in Polyad is expressed as a call into this package. Its
// functions are safe for concurrent callers, split their output in blocks
// that do not depend on the number of threads (see package par), and
// propagate NaN and Inf as the reference BLAS does.
package kernel

// Float is the set of element types with kernels of their own.
type Float interface{ float32 | float64 }

// Complex is the set of complex element types; see [GemmComplex].
type Complex interface{ complex64 | complex128 }

// Mat is a strided view of a matrix: element (i, j) is Data[i*RS+j*CS].
// It owns nothing. RS and CS are not negative.
type Mat[T Float | Complex] struct {
	Rows, Cols int
	RS, CS     int
	Data       []T
}

// RowMajor views data as a rows×cols matrix whose rows are contiguous.
func RowMajor[T Float | Complex](rows, cols int, data []T) Mat[T] {
	return Mat[T]{Rows: rows, Cols: cols, RS: cols, CS: 1, Data: data}
}

// ColMajor views data as a rows×cols matrix whose columns are contiguous.
func ColMajor[T Float | Complex](rows, cols int, data []T) Mat[T] {
	return Mat[T]{Rows: rows, Cols: cols, RS: 1, CS: rows, Data: data}
}

// T is the transpose, without a copy.
func (m Mat[T]) T() Mat[T] {
	m.Rows, m.Cols, m.RS, m.CS = m.Cols, m.Rows, m.CS, m.RS
	return m
}

// At is element (i, j).
func (m Mat[T]) At(i, j int) T { return m.Data[i*m.RS+j*m.CS] }

// Sub is the block of rows [i0, i1) and columns [j0, j1), without a copy.
func (m Mat[T]) Sub(i0, i1, j0, j1 int) Mat[T] {
	if i1 > i0 && j1 > j0 {
		m.Data = m.Data[i0*m.RS+j0*m.CS:]
	} else {
		m.Data = nil
	}
	m.Rows, m.Cols = i1-i0, j1-j0
	return m
}
