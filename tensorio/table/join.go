package table

import (
	"hash/maphash"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// joinKeyed puts the pieces of a column together; entries keep the order of
// their first appearance.
func joinKeyed(pieces []*coder) keyed {
	if len(pieces) == 1 {
		return pieces[0].keyed
	}
	all := keyed{kind: pieces[0].kind, unit: pieces[0].unit}
	var to [][]int32 // the code of each entry of each piece
	if all.kind == texts {
		lists := make([][]string, len(pieces))
		for k, p := range pieces {
			lists[k], p.byText = p.text, nil
		}
		all.text, to = joinLists(lists, maphash.String)
	} else {
		lists := make([][]int64, len(pieces))
		for k, p := range pieces {
			lists[k], p.byNum = p.nums, nil
		}
		all.nums, to = joinLists(lists, maphash.Comparable[int64])
	}
	start := make([]int, len(pieces)+1)
	for k, p := range pieces {
		start[k+1] = start[k] + len(p.codes)
	}
	all.codes = kernel.Large[int32](start[len(pieces)])
	par.Do(len(pieces), func(k int) {
		codes := all.codes[start[k]:start[k+1]]
		for r, code := range pieces[k].codes {
			if code >= 0 {
				code = to[k][code]
			}
			codes[r] = code
		}
		pieces[k].codes = nil
	})
	return all
}

// joinShards is the number of parts in which entries are joined at once, by
// their hashes.
const joinShards = 16

// joinLists joins lists of distinct entries: all are the entries in the order
// of their first appearance, to[k][e] is the place there of entry e of list k.
func joinLists[T comparable](lists [][]T, hash func(maphash.Seed, T) uint64) (all []T, to [][]int32) {
	seed := maphash.MakeSeed()
	shard := make([][]uint8, len(lists))
	start := make([]int32, len(lists)+1)
	to = make([][]int32, len(lists))
	for k, list := range lists {
		start[k+1] = start[k] + int32(len(list))
		to[k] = make([]int32, len(list))
	}
	par.Do(len(lists), func(k int) {
		shard[k] = make([]uint8, len(lists[k]))
		for e, v := range lists[k] {
			shard[k][e] = uint8(hash(seed, v) % joinShards)
		}
	})
	// Each entry finds the first that equals it, as a number in all lists.
	par.Do(joinShards, func(s int) {
		first := map[T]int32{}
		for k, list := range lists {
			for e, of := range shard[k] {
				if int(of) != s {
					continue
				}
				n, ok := first[list[e]]
				if !ok {
					n = start[k] + int32(e)
					first[list[e]] = n
				}
				to[k][e] = n
			}
		}
	})
	// The first ones are numbered in order, and pass their numbers on.
	code := make([]int32, start[len(lists)])
	for k, list := range lists {
		for e, n := range to[k] {
			if n == start[k]+int32(e) {
				code[n] = int32(len(all))
				all = append(all, list[e])
			}
		}
	}
	par.Do(len(lists), func(k int) {
		for e, n := range to[k] {
			to[k][e] = code[n]
		}
	})
	return all, to
}
