// Package linalg holds the matrix factorisations and solvers that tensor
// methods are built from: QR, SVD, symmetric eigenvalues, Cholesky,
// triangular systems, least squares with and without signs, and randomised
// range finding.
//
// Matrices are [tensor.Matrix] values (row-major) of float32 or float64.
// The rules are the same for all routines:
//
//   - Arguments are never changed, but by the routines that are for that:
//     CholeskyInPlace, SymEigInPlace and Orthonormalize.
//   - Values that are ordered by size come largest first: singular values,
//     eigenvalues, pivots.
//   - Singular values, eigenvalues, tolerances and error estimates are
//     float64 whatever the element type is.
//   - A NaN or an infinity in the input is an error that names the element.
//     A size of zero is not an error. Shapes that cannot be combined are a
//     programmer's bug and panic.
//   - The result depends on the input (and the seed) alone: the same bits
//     come out with any number of threads.
//   - Inputs of any scale are accepted: a factorisation that squares
//     elements on the way works on a copy scaled by a power of two.
//
// A backward stable routine returns the exact answer for a matrix A+E with
// ‖E‖ ≤ c·n·ε·‖A‖, where ε is the machine precision of the element type. For
// the SVD this means that each singular value is right to a small multiple of
// ε·σ₁; none of the routines goes through AᵀA to find singular values.
//
//	q, r, err := linalg.QR(a)           // A = Q·R
//	u, s, vt, err := linalg.SVD(a)      // A = U·diag(s)·Vᵀ
//	w, v, err := linalg.SymEig(a)       // A·V = V·diag(w)
//	x, err := linalg.LeastSquares(a, b) // least ‖A·X − B‖, then least ‖X‖
package linalg
