// Package path finds the order in which to contract a network of tensors.
//
// A [Network] says which tensors share which indices, and nothing of their
// elements. Contracting tensors a and b of index sets A and B costs the
// product of the sizes of A ∪ B, and leaves the indices of A ∪ B that some
// other tensor or the output still holds. The order of the pairs decides the
// sum of these costs, often over dozens of orders of magnitude; finding the
// best order is NP-hard (Lam, Sadayappan & Wenger, 1997,
// https://doi.org/10.1142/S0129626497000176).
//
// The planners give a [Path]: pairs in static single assignment (SSA) form,
// where tensor i of n is number i, and pair k makes tensor n+k. [Greedy],
// [RandomGreedy], [Optimal], [MinFill] and [Dissection] make a path from nothing;
// [Network.Slice] makes one fit a memory; [Search] uses all of them, anneals
// what they give and makes it optimal piece by piece, for as long as the
// contraction is worth. Each is deterministic for a seed.
package path
