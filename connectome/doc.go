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
// neurobiological networks, ICLR; arXiv 2402.14102), for neurons of worms. Its
// benchmark of the second step are weighted LFR graphs of 125 nodes with a
// mean degree of 25 and 10 draws of each setting, on which nested weighted
// block models, with and without degree correction, are compared with the
// planted communities by their normalised mutual information.
package connectome
