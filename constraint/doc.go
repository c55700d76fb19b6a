// Package constraint holds what can be asked of a factor of a model: that its
// entries are not negative, its columns smooth or monotone, and so on.
//
// What is asked of one factor A: I×R is a [Set], the sum of two parts:
//
//   - a [Quadratic], ½·tr(A^T*Q*A), of the smooth and ridge penalties;
//   - the rest, h(A): bounds, shapes, the simplex and the L1 norm, for which
//     [Set.Prox] is exact, alone and in any combination that a Set admits.
//
// Methods (cp.Constrained) put the first part into their least squares and
// meet the second by proximal steps.
//
//	s, err := constraint.Parse("nonneg,smooth:0.1")
//
// The names are
//
//	nonneg       a >= 0
//	box:lo,hi    lo <= a <= hi; -inf and inf are allowed
//	l1:x         x * sum |a| is added to the objective
//	l2:x         x/2 * sum a^2 is added
//	smooth:x     x/2 * sum (a[i+1]-a[i])^2 is added, down each column
//	smooth2:x    x/2 * sum (a[i+2]-2a[i+1]+a[i])^2 is added
//	monotone     each column never falls (the same as increasing)
//	increasing   each column never falls
//	decreasing   each column never rises
//	unimodal     each column rises to a peak and falls from there
//	simplex      each column is not negative and sums to 1
//	unit         each column has norm 1 at most
//	orthonormal  A^T*A = I
//	fixed        the factor is given
//	tied:MODE    the factor is that of another mode
//
// Parikh & Boyd 2014, https://doi.org/10.1561/2400000003.
package constraint
