// Package rank chooses the number of components with evidence: for each
// candidate rank it fits from several starts, predicts entries that were
// left out, and measures how well the components hold together
// (core consistency), repeat (split-half, starts) and stay apart
// (degeneracy). It recommends one rank, says why, and returns every figure.
package rank
