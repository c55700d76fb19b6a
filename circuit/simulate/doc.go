// Package simulate finds what a circuit does beyond the reach of a dense state:
// amplitudes, samples and expectation values of Pauli strings.
//
// There are three methods. The state vector holds all 2ⁿ amplitudes. A tensor
// network has a tensor for each gate and an index for each stretch of a
// qubit's line; package einsum contracts it, in slices if memory asks for it.
// A matrix product state has bonds that grow with the entanglement, and may be
// cut. [Amplitudes], [Sample] and [Expect] predict what each would cost and
// take the cheapest; [How] says which and why.
//
// The first two are exact. So is the third while no bond is cut; otherwise
// How.Fidelity estimates what is left of |<ψ|φ>|².
//
// Networks: Markov & Shi 2008, https://doi.org/10.1137/050644756. Bonds that
// are cut: Vidal 2003, https://doi.org/10.1103/PhysRevLett.91.147902; their
// fidelity: Zhou, Stoudenmire & Waintal 2020,
// https://doi.org/10.1103/PhysRevX.10.041038.
package simulate
