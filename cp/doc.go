// Package cp is the canonical polyadic (CP, PARAFAC) format and the methods
// that fit it:
//
//	x[i_0, …, i_{N-1}] ≈ sum_r weights[r] * prod_n factors[n][i_n, r]
//
// A [Tensor] can be evaluated, added, scaled, normalised and compared,
// whatever made it. What fits one to data:
//
//   - [ALS]: alternating least squares, for dense data and for data of which
//     only some entries are known;
//   - [HALS]: the same without negative entries;
//   - [CCD]: one component after another, for data of which only some entries
//     are known and large ranks;
//   - [Constrained]: each factor under constraints of its own (bounds, shapes,
//     smoothness, the simplex …; see package constraint);
//   - [GaussNewton]: all factors at once, for models that must be exact;
//   - [GCP]: the same for any elementwise loss, such as that of counts, and
//     [GCPAdam] by sampled gradients;
//   - [APR]: counts, by rows;
//   - [ARLSLEV]: least squares of very sparse data by sampling;
//   - [Online]: data that grow along a mode.
//
// They are written against [Data], so that any tensor that answers its
// questions can be fitted; package cptest checks such an answer.
//
//	m, res, err := cp.ALS(ctx, x, cp.Options{Rank: 5, Options: fit.Options{Starts: 10}})
//
// Hitchcock 1927; Carroll & Chang 1970; Harshman 1970; survey: Kolda & Bader
// 2009, https://doi.org/10.1137/07070111X.
package cp
