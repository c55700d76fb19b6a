// Package qsim reads circuits in the text format of qsim, Google's simulator.
//
// The first line has the number of qubits; each other line is
//
//	moment gate qubits… parameters…
//
// such as "3 fs 0 1 0.5 0.1". Angles are in radians. A line "m" measures its
// qubits, "p" is a phase, and "c" with control qubits may stand before a gate.
package qsim
