package path

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// layout gives each index a bit, such that the bits of a word have one weight
// where that takes few words more: the weight of a set is a count of bits
// then.
type layout struct {
	bit   []int32   // of an index; -1 for those of size 1
	index []int32   // of a bit; -1 for padding
	each  []float64 // weight of a bit
	unit  []float64 // the weight of all bits of a word; NaN if they differ
}

// words is the number of words of a set.
func (l *layout) words() int { return len(l.unit) }

// newLayout sorts the indices that tensors of g hold by weight.
func newLayout(g *graph) *layout {
	l := &layout{bit: make([]int32, len(g.weight))}
	var used []int32
	for i := range l.bit {
		l.bit[i] = -1
		if g.count[i] > 0 && g.weight[i] > 0 {
			used = append(used, int32(i))
		}
	}
	slices.SortFunc(used, func(a, b int32) int {
		return cmp.Or(cmp.Compare(g.weight[a], g.weight[b]), cmp.Compare(a, b))
	})
	padded := 0
	for k := 0; k < len(used); {
		e := k
		for e < len(used) && g.weight[used[e]] == g.weight[used[k]] {
			e++
		}
		padded += (e - k + 63) / 64
		k = e
	}
	pad := padded <= (len(used)+63)/64+8
	for k, i := range used {
		if pad && k > 0 && g.weight[i] != g.weight[used[k-1]] {
			for len(l.index)%64 != 0 {
				l.index, l.each = append(l.index, -1), append(l.each, g.weight[used[k-1]])
			}
		}
		l.bit[i] = int32(len(l.index))
		l.index, l.each = append(l.index, i), append(l.each, g.weight[i])
	}
	for len(l.index)%64 != 0 {
		l.index, l.each = append(l.index, -1), append(l.each, l.each[len(l.each)-1])
	}
	l.unit = make([]float64, len(l.index)/64)
	for w := range l.unit {
		l.unit[w] = l.each[64*w]
		for _, x := range l.each[64*w : 64*w+64] {
			if x != l.unit[w] {
				l.unit[w] = math.NaN()
			}
		}
	}
	return l
}

// weight is log2 of the number of elements of a tensor with a set of indices,
// whose words are those that at names.
func (l *layout) weight(set []uint64, at []int32) float64 {
	sum := 0.0
	for k, x := range set {
		if x != 0 {
			sum += l.word(int(at[k]), x)
		}
	}
	return sum
}

// word is the weight of the bits x of word w.
func (l *layout) word(w int, x uint64) float64 {
	if u := l.unit[w]; u == u {
		return u * float64(bits.OnesCount64(x))
	}
	sum := 0.0
	for ; x != 0; x &= x - 1 {
		sum += l.each[64*w+bits.TrailingZeros64(x)]
	}
	return sum
}

// put adds the bits of indices to a set.
func (l *layout) put(set []uint64, indices []int32) {
	for _, i := range indices {
		if b := l.bit[i]; b >= 0 {
			set[b/64] |= 1 << (b % 64)
		}
	}
}
