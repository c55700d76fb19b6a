// Package connectome finds which nodes act together, when, and in whom: the
// communities of networks that change in time.
//
// The data are affinities of pairs of nodes, at each time and in each
// subject, as a tensor time × subject × pair (or × node × node). [Fit]
//
//  1. factors it without negative entries: each component has a course in
//     time, a loading of each subject, and a graph of affinities;
//  2. finds the communities of each graph by a weighted stochastic block
//     model, whose description length decides how many there are;
//  3. says which component leads at each time;
//  4. finds the communities over time, of the affinities of all components
//     together: time is cut where the mixture of the components changes, the
//     communities of a stretch are kept in the next if they describe its graph
//     in fewer words than new ones with their names, and each keeps its number.
//     What happens between two [Period]s is told: mergers, splits, what is new
//     and what ends. A merger needs no component of its own: it shows in the
//     sum of them.
//
// [Communities] does the second step for any weighted graph, and [NMI]
// compares two partitions.
//
// The system was published by Dyballa, Lang, Haslund-Gourley, Yemini & Zucker
// 2024 (Learning dynamic representations of the functional connectome in
// neurobiological networks, ICLR; arXiv 2402.14102), for neurons of worms. It
// claims that both steps together find motifs that experiments confirm, and
// tests the second on weighted LFR graphs of 125 nodes with a mean degree of
// 25, 10 draws of each setting, by the normalised mutual information with the
// planted communities; of a nested partition it counts the best level. Its
// block model has exponential weights. This package also tries log-normal
// ones, and such relative to the strengths of the nodes, and counts the one
// partition that it returns.
package connectome
