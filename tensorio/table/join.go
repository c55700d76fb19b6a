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
		lists, hashes := make([][]string, len(pieces)), make([][]uint32, len(pieces))
		for k, p := range pieces {
			lists[k], hashes[k] = p.text, p.texts.hash
			p.texts = textSet{}
		}
		all.text, to = joinLists(lists, hashes)
	} else {
		lists, hashes := make([][]int64, len(pieces)), make([][]uint32, len(pieces))
		par.Do(len(pieces), func(k int) {
			lists[k], pieces[k].byNum = pieces[k].nums, nil
			hashes[k] = make([]uint32, len(lists[k]))
			for e, v := range lists[k] {
				hashes[k][e] = uint32(maphash.Comparable(hashSeed, v))
			}
		})
		all.nums, to = joinLists(lists, hashes)
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

// joinShards is the number of parts in which entries are joined at once, by the
// first four bits of their hashes.
const joinShards = 16

// joinLists joins lists of distinct entries, of which the hashes are given: all
// are the entries in the order of their first appearance, to[k][e] is the place
// there of entry e of list k.
func joinLists[T comparable](lists [][]T, hashes [][]uint32) (all []T, to [][]int32) {
	start := make([]int32, len(lists)+1)
	to = make([][]int32, len(lists))
	for k, list := range lists {
		start[k+1] = start[k] + int32(len(list))
		to[k] = make([]int32, len(list))
	}
	// Each entry finds the first that equals it, as a number in all lists.
	type place struct{ list, entry int32 } // list is 1 more, 0 if the place is free
	var firsts [joinShards]int
	par.Do(joinShards, func(s int) {
		count := 0
		for _, hash := range hashes {
			for _, h := range hash {
				if h>>28 == uint32(s) {
					count++
				}
			}
		}
		size := slotsLeast
		for 3*size < 4*count {
			size *= 2
		}
		slots, mask := make([]place, size), uint32(size-1)
		for k, hash := range hashes {
			for e, h := range hash {
				if h>>28 != uint32(s) {
					continue
				}
				v := lists[k][e]
				for i := h & mask; ; i = (i + 1) & mask {
					p := slots[i]
					if p.list == 0 {
						slots[i] = place{int32(k) + 1, int32(e)}
						to[k][e] = start[k] + int32(e)
						firsts[s]++
						break
					}
					if l := p.list - 1; hashes[l][p.entry] == h && lists[l][p.entry] == v {
						to[k][e] = start[l] + p.entry
						break
					}
				}
			}
		}
	})
	// The first ones are numbered in order, and pass their numbers on.
	total := 0
	for _, n := range firsts {
		total += n
	}
	all = make([]T, 0, total)
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
