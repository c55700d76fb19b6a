package aqc

import (
	"fmt"
	"slices"
)

// Extend is an ansatz on a longer chain, with parameters: the two sites in the
// middle of a chain are repeated, with all blocks that begin on them. Where the
// state looks the same at every second site but for the ends, the parameters
// that prepare it on a short chain, which are found quickly and without the
// plateaus of many qubits, are a good start for a long one. Blocks are on
// neighbours, and the difference of lengths is even.
func Extend(a *Ansatz, theta []float64, qubits int) (*Ansatz, []float64, error) {
	if err := a.check(theta); err != nil {
		return nil, nil, err
	}
	more := qubits - a.Qubits
	if a.Qubits < 4 || more < 0 || more%2 != 0 {
		return nil, nil, fmt.Errorf("aqc: a chain of %d sites cannot be extended to %d; at least 4 sites and an even number more are expected", a.Qubits, qubits)
	}
	for k, b := range a.Blocks {
		if !neighbours(b) {
			return nil, nil, fmt.Errorf("aqc: block %d is on qubits %d and %d; to extend a chain, neighbours are expected", k, b[0], b[1])
		}
	}
	middle := a.Qubits/2 - 1
	// by is how far the copies of what begins at a site are moved.
	by := func(site int) []int {
		switch {
		case site < middle:
			return []int{0}
		case site > middle+1:
			return []int{more}
		}
		var all []int
		for d := 0; d <= more; d += 2 {
			all = append(all, d)
		}
		return all
	}
	long := &Ansatz{Qubits: qubits}
	out := make([]float64, startParameters*qubits)
	for q := range a.Qubits {
		for _, d := range by(q) {
			copy(out[startParameters*(q+d):], theta[startParameters*q:][:startParameters])
		}
	}
	// Within a layer, blocks of any order are the same.
	for _, k := range slices.Concat(a.layers()...) {
		b := a.Blocks[k]
		for _, d := range by(min(b[0], b[1])) {
			long.Blocks = append(long.Blocks, [2]int{b[0] + d, b[1] + d})
			out = append(out, theta[a.block(k):][:blockParameters]...)
		}
	}
	return long, out, nil
}
