// Package cp is the canonical polyadic (CP, PARAFAC) format and the methods
// that fit it:
//
//	x[i_0, …, i_{N-1}] ≈ sum_r weights[r] * prod_n factors[n][i_n, r]
//
// Hitchcock 1927; Carroll & Chang 1970; Harshman 1970; survey: Kolda & Bader
// 2009, https://doi.org/10.1137/07070111X.
package cp
