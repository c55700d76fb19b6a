// Package rank chooses the number of components with evidence: for each
// candidate it fits from several starts, predicts entries that were left
// out, and measures how well the components hold together, repeat and stay
// apart. It recommends one rank, says why in words, and returns every figure.
//
//	ev, err := rank.CP(ctx, x, rank.Options{})
//	// ev.Chosen[0] components, because of ev.Reasons
//
// # What is measured
//
// Held-out error. The known entries are dealt at random into folds (5). Each
// fold is left out once and predicted by a model of the others, fitted to
// these alone. With L_f the mean squared error of fold f, times the number of
// entries, the held-out error is sqrt(mean_f L_f)/||X||; its standard error
// comes from the spread over folds. Candidates are compared fold by fold, on
// the same entries, which is far sharper than comparing two errors with a
// standard error each. (Stone 1974; for multi-way models: Louwerse, Smilde &
// Kiers 1999, Journal of Chemometrics 13, 491-510.)
//
// Core consistency; see [Corcondia]. It collapses when there are more
// components than the data are multilinear in, but also when components are
// alike and the data are noisy. So the interactions it finds are also
// counted in units of what white noise of the residual's size makes of
// each: Candidate.CoreExcess, about 1 for noise.
//
// Split halves. Alternate slices of one mode (the longest whose order means
// nothing, or the longest) make two data sets; SplitHalf is how well the
// components of their models match on the other modes (Harshman & De Sarbo
// 1984). Components that come again in other data are not noise.
//
// Agreement of starts: how well the two best of all starts match. Degeneracy;
// see [Degeneracy]. Relative error, of the best start, on all entries.
//
// # How it decides
//
// The thresholds are those of the literature where it has one. That of the
// core excess is twice what noise makes; planted tensors of 10 to 40 dB bear
// the rules out (go test ./rank -run TestPlantedAll -full -timeout 6h -v).
//
//  1. Exact data. The smallest rank whose held-out error is at most 1e-4 is
//     taken: there is no noise to overfit.
//  2. Vetoes. A rank above 1 is set aside if two components nearly cancel
//     (Degeneracy below -0.9); or if components interact: core consistency
//     below 50 % (Bro & Kiers 2003), unless noise explains it, which needs
//     both a core excess of at most 2 and components that come again in
//     halves and from other starts, by 0.85 (from which on factors count as
//     similar, Lorenzo-Seva & ten Berge 2006,
//     https://doi.org/10.1027/1614-2241.2.2.57); or if a smaller rank was set
//     aside for interaction and this one cannot be checked for it.
//  3. One standard error. Of what remains, the smallest rank is taken whose
//     held-out error exceeds the least by no more than the standard error of
//     that difference (Breiman et al. 1984, section 3.4.3, on differences).
//  4. If every rank above 1 that could be chosen is set aside, although more
//     components predict better, the tests cannot choose (rank 1 passes them
//     always). Sums of effects, such as a level plus a season, do that: many
//     equivalent sums fit alike, and plain least squares takes one whose
//     parts cancel. The search is then made once more with a small ridge
//     (1e-3, Evidence.Ridge), which settles on the smallest parts; of these
//     ranks, those are set aside whose components cancel nevertheless, or do
//     not come again from other starts (0.85), and rule 3 is applied. If
//     that sets all aside too, or the model is non-negative, rule 3 is
//     applied to the ranks whose components do not cancel, or to all, and a
//     warning says so. The model should be fitted with the same ridge.
//  5. If no rank predicts better than zero does, by one standard error, the
//     answer is 1 with a warning that this looks like noise.
//
// Ranks are tried upwards from 1 until two in a row have not lowered the
// held-out error, up to Options.Max. A matrix has no unique CP components:
// there the held-out error decides alone. Modes of size 1 are left out.
//
// # What it costs
//
// Complete data of more than 4096 entries are compressed first (ST-HOSVD and
// a random rotation), to about 4096 entries: the error that this loses is in
// every figure, no matter which rank, so that figures remain those of the
// data. The work is then that of one Gram matrix a mode, and does not depend
// further on the size. Incomplete data, and data for a non-negative model,
// cannot be compressed; beyond 16384 entries slices are sampled (of incomplete
// data those with the most known entries). Evidence.Basis says what was done.
//
// For Tucker and TT ranks, see [Tucker] and [TT].
package rank
