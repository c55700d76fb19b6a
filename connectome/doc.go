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
// partition that it returns. On LFR-type graphs of that size and degree
// (communities of 10 to 50 nodes, the same mixing of edges and weights,
// BenchmarkPlantedCommunities), the mean NMI of 10 graphs each, and that of
// modularity by the Leiden method (leidenalg 0.12.0, resolution 1) on the same
// graphs, with their weights and without:
//
//	mixing           0.1   0.2   0.3   0.4   0.5   0.6   0.7   0.8
//	Communities      0.94  0.95  0.94  0.93  0.79  0.44  0.06  0.06
//	Leiden, weights  1.00  1.00  0.99  0.95  0.83  0.45  0.15  0.08
//	Leiden, without  1.00  1.00  1.00  1.00  0.86  0.55  0.22  0.06
//
// Modularity wants what these graphs have: communities with more edges within
// than between, and degrees that are free. A block model has to find that out.
// At a mixing of 0.7 and more, where a community of 50 nodes has no more edges
// within than chance gives it, all are near the value of guesses: the planted
// partition takes more words than one block does. Where communities are few and
// dense, a block of unequal nodes can still be split in two.
//
// Levels of groups above the communities are kept where they shorten the
// description, and can change the answer: 320 nodes in 32 communities (density
// 0.9) in four groups (0.18; 0.02 elsewhere) take 15,861 nats as communities
// without levels, 15,653 as the four groups, and 15,628 as communities with
// levels. Where the groups are denser, or communities smaller, the groups are
// the answer with levels too.
package connectome
