package sparse

import (
	"math/bits"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// record is what is sorted: a key and what travels with it.
type record[V any] struct {
	key   uint64
	value V
}

const (
	digitBits   = 11 // of a key that a pass over all records looks at
	digitValues = 1 << digitBits
	sortBlock   = 1 << 15 // records in a block of such a pass, at least
	sortBlocks  = 64      // blocks, at most
	cached      = 1 << 16 // records that are sorted in the cache, a byte a pass
	tiny        = 24      // records that are sorted by insertion
)

// radixSort sorts records by the bits [low, high) of their keys; records equal
// in them keep their order. tmp is as long as records, and both are
// overwritten; the result is in records.
//
// One pass over memory parts the records by the highest digit; the parts,
// most of which fit the cache, are then sorted by goroutines one each.
func radixSort[V any](records, tmp []record[V], low, high int) {
	n := len(records)
	if n <= cached || high-low <= 8 {
		sortCached(records, tmp, low, high)
		return
	}
	shift := max(low, high-digitBits)
	mask := uint64(1)<<(high-shift) - 1
	size := max(sortBlock, (n+sortBlocks-1)/sortBlocks)
	counts := make([][digitValues]int, (n+size-1)/size)
	par.Blocks(n, size, func(b, lo, hi int) {
		c := &counts[b]
		for i := lo; i < hi; i++ {
			c[records[i].key>>shift&mask]++
		}
	})
	bounds := make([]int, mask+2)
	at := 0
	for d := range mask + 1 {
		bounds[d] = at
		for b := range counts {
			counts[b][d], at = at, at+counts[b][d]
		}
	}
	bounds[mask+1] = n
	par.Blocks(n, size, func(b, lo, hi int) {
		c := &counts[b]
		for i := lo; i < hi; i++ {
			d := records[i].key >> shift & mask
			tmp[c[d]] = records[i]
			c[d]++
		}
	})
	// Parts that are too large for one goroutine take all of them in turn;
	// the others are shared out.
	var parts []int
	for d := range mask + 1 {
		lo, hi := bounds[d], bounds[d+1]
		if hi-lo > max(cached, n/8) && shift > low {
			radixSort(tmp[lo:hi], records[lo:hi], low, shift)
			copy(records[lo:hi], tmp[lo:hi])
		} else if hi > lo {
			parts = append(parts, int(d))
		}
	}
	group := max(1, len(parts)/256)
	par.Blocks(len(parts), group, func(_, first, last int) {
		for _, d := range parts[first:last] {
			lo, hi := bounds[d], bounds[d+1]
			sortCached(tmp[lo:hi], records[lo:hi], low, shift)
			copy(records[lo:hi], tmp[lo:hi])
		}
	})
}

// sortCached is radixSort of few records on one goroutine, from the lowest
// byte up.
func sortCached[V any](records, tmp []record[V], low, high int) {
	n := len(records)
	if n <= tiny {
		mask := uint64(1)<<(high-low) - 1
		for i := 1; i < n; i++ {
			r := records[i]
			k := r.key >> low & mask
			j := i
			for ; j > 0 && records[j-1].key>>low&mask > k; j-- {
				records[j] = records[j-1]
			}
			records[j] = r
		}
		return
	}
	src, dst := records, tmp
	for shift := low; shift < high; shift += 8 {
		mask := uint64(1)<<min(8, high-shift) - 1
		var at [256]int
		for i := range src {
			at[src[i].key>>shift&mask]++
		}
		sum := 0
		for d, c := range at {
			at[d] = sum
			if c == n {
				sum = -1 // the byte is the same everywhere
				break
			}
			sum += c
		}
		if sum < 0 {
			continue
		}
		for i := range src {
			d := src[i].key >> shift & mask
			dst[at[d]] = src[i]
			at[d]++
		}
		src, dst = dst, src
	}
	if n > 0 && &src[0] != &records[0] {
		copy(records, src)
	}
}

// packing says where the index of each mode lies in the words of a key, the
// mode that is to be sorted by first in the highest bits of word 0.
type packing struct {
	word  []int // of each mode
	shift []int
	bits  []int
	width []int // bits used of each word
}

// pack finds places for modes in the given order.
func pack(shape, order []int) packing {
	p := packing{word: make([]int, len(shape)), shift: make([]int, len(shape)), bits: make([]int, len(shape))}
	// From the last mode on, so that the low words are full.
	var words [][]int
	used := 64
	for k := len(order) - 1; k >= 0; k-- {
		m := order[k]
		p.bits[m] = bits.Len(uint(max(shape[m], 1) - 1))
		if len(words) == 0 || used+p.bits[m] > 64 {
			words = append(words, nil)
			used = 0
		}
		w := len(words) - 1
		words[w] = append(words[w], m)
		p.shift[m] = used
		used += p.bits[m]
	}
	p.width = make([]int, len(words))
	for w, modes := range words {
		for _, m := range modes {
			p.word[m] = len(words) - 1 - w
			p.width[p.word[m]] += p.bits[m]
		}
	}
	return p
}

func natural(order int) []int {
	list := make([]int, order)
	for n := range list {
		list[n] = n
	}
	return list
}

// arrange sorts the entries in C order and joins those of one cell. The lists
// are overwritten if they are its own, and left alone otherwise.
func (x *COO[T]) arrange(dup Duplicates, own bool) error {
	p := pack(x.shape, natural(len(x.shape)))
	if len(p.width) == 1 {
		return x.arrangeShort(p, dup, own)
	}
	return x.arrangeLong(p, dup)
}

// sortLong sorts the numbers of the entries by keys of several words, one word
// after the other.
func (x *COO[T]) sortLong(p packing) []record[int] {
	n := len(x.values)
	records, tmp := kernel.Large[record[int]](n), kernel.Large[record[int]](n)
	for i := range records {
		records[i].value = i
	}
	for w := len(p.width) - 1; w >= 0; w-- {
		par.Blocks(n, entryBlock, func(_, lo, hi int) {
			for i := range records[lo:hi] {
				r := &records[lo+i]
				r.key = 0
				for m, list := range x.index {
					if p.word[m] == w {
						r.key |= uint64(uint32(list[r.value])) << p.shift[m]
					}
				}
			}
		})
		radixSort(records, tmp, 0, p.width[w])
	}
	return records
}

// arrangeLong is arrange for indices that take several words.
func (x *COO[T]) arrangeLong(p packing, dup Duplicates) error {
	n := len(x.values)
	records := x.sortLong(p)
	sorted := COO[T]{}
	sorted.index, sorted.values = newLists[T](len(x.index), n)
	par.Blocks(n, entryBlock, func(_, lo, hi int) {
		for e := lo; e < hi; e++ {
			sorted.values[e] = x.values[records[e].value]
		}
		for m, list := range x.index {
			for e := lo; e < hi; e++ {
				sorted.index[m][e] = list[records[e].value]
			}
		}
	})
	groups, repeated := groupStarts(n, func(i int) bool { return sorted.compare(i-1, i) == 0 })
	if repeated >= 0 && dup == Refuse {
		return x.repeat(sorted.cell(repeated))
	}
	if repeated >= 0 || dup == Count {
		sorted.index, sorted.values = sorted.join(groups, dup)
	}
	x.index, x.values = sorted.index, sorted.values
	return nil
}

// groupStarts finds the runs of equal records: the first of each, and n at
// the end; nil if all differ. repeated is a record that equals the one before
// it, or -1.
func groupStarts(n int, same func(i int) bool) (starts []int, repeated int) {
	blocks := (n + entryBlock - 1) / entryBlock
	count := make([]int, blocks+1)
	again := make([]int, blocks)
	par.Blocks(n, entryBlock, func(b, lo, hi int) {
		again[b] = -1
		for i := lo; i < hi; i++ {
			if i > 0 && same(i) {
				if again[b] < 0 {
					again[b] = i
				}
			} else {
				count[b+1]++
			}
		}
	})
	repeated = -1
	for b := range blocks {
		count[b+1] += count[b]
		if repeated < 0 {
			repeated = again[b]
		}
	}
	if repeated < 0 {
		return nil, -1
	}
	starts = make([]int, count[blocks]+1)
	starts[count[blocks]] = n
	par.Blocks(n, entryBlock, func(b, lo, hi int) {
		k := count[b]
		for i := lo; i < hi; i++ {
			if i == 0 || !same(i) {
				starts[k] = i
				k++
			}
		}
	})
	return starts, repeated
}

// cell is the index of an entry.
func (x *COO[T]) cell(e int) []int {
	cell := make([]int, len(x.index))
	for m, list := range x.index {
		cell[m] = int(list[e])
	}
	return cell
}

// repeat is the error for a cell that is listed more than once.
func (x *COO[T]) repeat(cell []int) error {
	d := &DuplicateError{First: -1, Cell: cell}
	for e := range x.values {
		m := 0
		for m < len(cell) && int(x.index[m][e]) == cell[m] {
			m++
		}
		if m < len(cell) {
			continue
		}
		if d.First >= 0 {
			d.Second = e
			break
		}
		d.First = e
	}
	return d
}
