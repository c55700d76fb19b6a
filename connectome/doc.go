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
//  3. says which component leads at each time, so that the communities can be
//     followed.
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
// BenchmarkPlantedCommunities), 10 graphs each:
//
//	mixing  0.1   0.2   0.3   0.4   0.5   0.6   0.7
//	NMI     0.91  0.91  0.89  0.90  0.80  0.49  0.08
//	± s.d.  0.05  0.05  0.05  0.05  0.10  0.21  0.03
//
// Where weights and degrees vary within a community, a finer partition can
// describe the graph in fewer words than the planted one: of six graphs with
// a mixing of 0.1 or 0.3, five are found so, and the sixth exactly. On the
// graphs of the public LFR generator with the nine settings and the seeds of
// the published benchmark (half of the mixing or more in most, communities of
// up to 100 of the 125 nodes, 2.5 to 4 of them; graphs of one community left
// out), the same search has a mean NMI of 0.31 to 0.60.
package connectome
