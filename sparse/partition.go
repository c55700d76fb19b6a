package sparse

import (
	"math/bits"
	"sync/atomic"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	keyBlock    = 512 // keys that are made at a time, in the first-level cache
	bucketLog   = 3   // log2 of the records that a bucket of sortInto has on average
	bucketBits  = 11  // of a key that sortInto looks at, at most
	partsAtOnce = 256 // groups of parts that goroutines take
)

// fill makes the keys of the entries from lo on: their word w, without the
// modes that lie below the bit from altogether.
func (p packing) fill(keys []uint64, index [][]int32, w, from, lo int) {
	clear(keys)
	for m, list := range index {
		if p.word[m] != w || p.shift[m]+p.bits[m] <= from {
			continue
		}
		shift, list := p.shift[m]&63, list[lo:lo+len(keys)]
		for k, i := range list {
			keys[k] |= uint64(uint32(i)) << shift
		}
	}
}

// eachKey calls f with the keys of the entries [lo, hi), some at a time.
func (p packing) eachKey(index [][]int32, w, from, lo, hi int, f func(first int, keys []uint64)) {
	var keys [keyBlock]uint64
	for first := lo; first < hi; first += keyBlock {
		some := keys[:min(keyBlock, hi-first)]
		p.fill(some, index, w, from, first)
		f(first, some)
	}
}

// records are the entries with their keys, which take one word.
func (x *COO[T]) records(p packing) []record[T] {
	records := kernel.Large[record[T]](len(x.values))
	par.Blocks(len(records), entryBlock, func(_, lo, hi int) {
		p.eachKey(x.index, 0, 0, lo, hi, func(first int, keys []uint64) {
			for k, key := range keys {
				records[first+k] = record[T]{key, x.values[first+k]}
			}
		})
	})
	return records
}

// partition is records parted by the highest digit of their keys: part d is
// [bounds[d], bounds[d+1]), in the order of the list, and its keys differ in
// the bits below shift only. The digit is taken from the lists of indices and
// records are made where they belong, so that they are written once.
func (x *COO[T]) partition(p packing) (records []record[T], bounds []int, shift int) {
	n := len(x.values)
	if n <= cached {
		return x.records(p), []int{0, n}, p.width[0]
	}
	shift = max(0, p.width[0]-digitBits)
	size := max(sortBlock, (n+sortBlocks-1)/sortBlocks)
	counts := make([][digitValues]int, (n+size-1)/size)
	par.Blocks(n, size, func(b, lo, hi int) {
		c := &counts[b]
		p.eachKey(x.index, 0, shift, lo, hi, func(_ int, keys []uint64) {
			for _, key := range keys {
				c[key>>shift%digitValues]++
			}
		})
	})
	bounds = make([]int, digitValues+1)
	at := 0
	for d := range digitValues {
		bounds[d] = at
		for b := range counts {
			counts[b][d], at = at, at+counts[b][d]
		}
	}
	bounds[digitValues] = n
	records = kernel.Large[record[T]](n)
	par.Blocks(n, size, func(b, lo, hi int) {
		c := &counts[b]
		p.eachKey(x.index, 0, 0, lo, hi, func(first int, keys []uint64) {
			values := x.values[first : first+len(keys)]
			for k, key := range keys {
				d := key >> shift % digitValues
				records[c[d]] = record[T]{key, values[k]}
				c[d]++
			}
		})
	})
	return records, bounds, shift
}

// eachPart sorts the parts of a partition and calls f with each in sorted
// form, equal keys in the order of the list; what f gets is overwritten by the
// next part. The records are left in any order within their parts.
func eachPart[V any](records []record[V], bounds []int, shift int, f func(lo int, sorted []record[V])) {
	parts := len(bounds) - 1
	group := (parts + partsAtOnce - 1) / partsAtOnce
	par.Blocks(parts, group, func(_, first, last int) {
		var room []record[V]
		for d := first; d < last; d++ {
			lo, hi := bounds[d], bounds[d+1]
			if len(room) < hi-lo {
				room = make([]record[V], hi-lo)
			}
			part, sorted := records[lo:hi], room[:hi-lo]
			if hi-lo > cached {
				radixSort(part, sorted, 0, shift)
				sorted = part
			} else {
				sortInto(sorted, part, 0, shift)
			}
			f(lo, sorted)
		}
	})
}

// sortInto sorts src by the bits [low, high) of the keys into dst; src is
// overwritten. Where keys are spread evenly, one pass leaves so few records
// of a digit that insertion finishes them.
func sortInto[V any](dst, src []record[V], low, high int) {
	n := len(src)
	if n <= tiny || high-low <= 8 {
		copy(dst, src)
		sortCached(dst, src, low, high)
		return
	}
	width := min(max(bits.Len(uint(n))-bucketLog, 1), bucketBits, high-low)
	shift, mask := high-width, uint64(1)<<width-1
	var at [1 << bucketBits]int32
	for i := range src {
		at[src[i].key>>shift&mask]++
	}
	sum := int32(0)
	for d, c := range at[:mask+1] {
		at[d], sum = sum, sum+c
	}
	for i := range src {
		d := src[i].key >> shift & mask
		dst[at[d]] = src[i]
		at[d]++
	}
	lo := 0
	for _, end := range at[:mask+1] { // each now the end of its digit
		if hi := int(end); hi > lo {
			sortCached(dst[lo:hi], src[lo:hi], low, shift)
			lo = hi
		}
	}
}

// unpack writes the indices and values of records to the lists from lo on.
func unpack[T tensor.Float](p packing, index [][]int32, values []T, lo int, records []record[T]) {
	values = values[lo : lo+len(records)]
	for i := range records {
		values[i] = records[i].value
	}
	for m := range index {
		list, shift, mask := index[m][lo:lo+len(records)], p.shift[m]&63, uint64(1)<<p.bits[m]-1
		for i := range records {
			list[i] = int32(records[i].key >> shift & mask)
		}
	}
}

// newLists makes room for entries.
func newLists[T tensor.Float](order, count int) ([][]int32, []T) {
	index := make([][]int32, order)
	for m := range index {
		index[m] = kernel.Large[int32](count)
	}
	return index, kernel.Large[T](count)
}

// arrangeShort is arrange where an index fits a word: values travel with
// their keys, and indices are read off the keys. Each part is written out as it
// is sorted, from the cache; entries of one cell, which most lists do not have,
// are joined after that.
func (x *COO[T]) arrangeShort(p packing, dup Duplicates, own bool) error {
	records, bounds, shift := x.partition(p)
	sorted := COO[T]{index: x.index, values: x.values}
	if !own {
		sorted.index, sorted.values = newLists[T](len(x.index), len(records))
	}
	var repeats atomic.Bool
	eachPart(records, bounds, shift, func(lo int, part []record[T]) {
		for i := 1; i < len(part); i++ {
			if part[i].key == part[i-1].key {
				repeats.Store(true)
				break
			}
		}
		unpack(p, sorted.index, sorted.values, lo, part)
	})
	if !repeats.Load() && dup != Count {
		x.index, x.values = sorted.index, sorted.values
		return nil
	}
	groups, repeated := groupStarts(len(records), func(i int) bool { return sorted.compare(i-1, i) == 0 })
	records = nil // may be large
	if repeated >= 0 && dup == Refuse {
		if own {
			return &DuplicateError{First: -1, Second: -1, Cell: sorted.cell(repeated)}
		}
		return x.repeat(sorted.cell(repeated))
	}
	x.index, x.values = sorted.join(groups, dup)
	return nil
}

// join makes lists of one entry a group of a sorted tensor: group g is
// [groups[g], groups[g+1]), and nil means that each entry is one.
func (x *COO[T]) join(groups []int, dup Duplicates) ([][]int32, []T) {
	if groups == nil {
		groups = natural(len(x.values) + 1)
	}
	index, values := newLists[T](len(x.index), len(groups)-1)
	par.Blocks(len(values), entryBlock, func(_, lo, hi int) {
		for g := lo; g < hi; g++ {
			values[g] = join(x.values[groups[g]:groups[g+1]], dup)
		}
		for m, list := range x.index {
			for g := lo; g < hi; g++ {
				index[m][g] = list[groups[g]]
			}
		}
	})
	return index, values
}
