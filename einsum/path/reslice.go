package path

import "math/bits"

// reslice proposes other slices to a chain: what rotations have made of the
// last proposal is cut to the memory that there is and taken as a rotation
// is, by what all slices cost together; then indices are given back, and
// rotations are left to make results small again.
func (a *annealing) reslice(beta float64) {
	noise := func() float64 { return sliceNoise * a.float() }
	if !a.cut(noise) {
		return
	}
	now := a.tree.score()
	if d := now - a.at; d > 0 && !a.chance(sliceBeta*beta*d) {
		a.tree.assign(a.held)
	} else {
		a.at = now
		a.held.assign(a.tree)
	}
	count := 0
	for _, x := range a.sliced {
		count += bits.OnesCount64(x)
	}
	for range min(count, sliceBack) {
		hi, _ := bits.Mul64(a.rng.Uint64(), uint64(count))
		a.unslice(nth(a.sliced, int(hi)))
		count--
	}
}

const (
	sliceEach  = 8   // sweeps of a proposal
	sliceBack  = 2   // indices that it gives back
	sliceBeta  = 4   // a rotation changes two pairs, other slices all of them
	sliceNoise = 0.1 // of the logarithm by which slicing an index makes the whole dearer
)

// float is uniform from 0 to 1.
func (a *annealing) float() float64 { return float64(a.rng.Uint64()>>11) * 0x1p-53 }

// cut slices indices until a slice takes no more than it may. It says whether
// that can be done.
func (a *annealing) cut(noise func() float64) bool {
	for a.peak() > a.memory {
		bit := a.dearest(-1, noise)
		if bit < 0 {
			return false
		}
		a.tree.slice(bit)
	}
	return true
}

// nth is the number of bit n of those that are set.
func nth(set []uint64, n int) int {
	for w, x := range set {
		c := bits.OnesCount64(x)
		if n >= c {
			n -= c
			continue
		}
		for ; n > 0; n-- {
			x &= x - 1
		}
		return 64*w + bits.TrailingZeros64(x)
	}
	return -1
}
