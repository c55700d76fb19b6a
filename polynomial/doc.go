// Package polynomial evaluates the polynomials of a graph that do not depend on
// the order of its nodes, and counts subgraphs with them.
//
// The adjacency matrix X: n×n of a graph (weighted, directed or not, features
// of nodes on its diagonal) and a small multigraph H, the motif, with marked
// nodes a, b, … give
//
//	P_H(X)[i_a, i_b, …] = Σ_j Π_((u,v) in H) X[j_u, j_v]
//
// over all maps j of the nodes of H to those of the graph that take the marked
// nodes to i_a, i_b, …: an invariant of the graph without marks, one number a
// node with one, one a pair of nodes with two. A permutation of the nodes
// permutes P_H alike, and the P_H of all motifs of up to d edges are a basis of
// the polynomials of degree d that do so. For 0/1 matrices P_H counts the
// homomorphisms from H. Each is one contraction, whose order package einsum
// plans.
//
// Puny, Lim, Kiani, Maron & Lipman 2023, https://arxiv.org/abs/2302.11556;
// Lovász 2012, Large networks and graph limits, section 5.2.
//
//	m, err := polynomial.Parse("a-b,b-c,c-a")
//	p, err := polynomial.Eval(ctx, m, x)       // 6 times the number of triangles
//	at, err := m.Mark("a")
//	t, err := polynomial.Eval(ctx, at, x)      // twice those at each node
package polynomial
