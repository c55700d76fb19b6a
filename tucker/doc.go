// Package tucker is the Tucker format and the methods that fit it:
//
//	X ≈ core ×_0 factors[0] ×_1 factors[1] …   (factors[n]: I_n×r_n, orthonormal columns)
//
// Tucker 1966, https://doi.org/10.1007/BF02289464.
package tucker
