package sparse

import (
	"slices"
	"unsafe"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// treesRoom is the memory of trees if nothing else is said.
const treesRoom = 4 << 30

// LimitTrees sets the memory that trees of the tensor may take, in bytes
// (default: 4 GiB), for MTTKRPs to come; trees that are there already stay.
// The longest modes have trees of their own as far as they fit, at least the
// longest of all; MTTKRPs of the others climb and descend one of those, which
// takes more work, and a few copies of their results, which are short
// (compare Smith et al. 2015, https://doi.org/10.1109/IPDPS.2015.27). It must
// not be called while the tensor is in use.
func (x *COO[T]) LimitTrees(bytes int) { x.forest.room = bytes }

// TreesPeak is the memory that making the trees for MTTKRPs of all modes takes
// at its peak, beside the entries themselves: the trees, and the lists that
// they are sorted in. elemBytes is the size of a value.
func TreesPeak(shape []int, entries, elemBytes int) int {
	base := bySize(shape)
	list := entries * (8 + elemBytes) // as records
	if len(pack(shape, base).width) > 1 {
		list = entries * 16
	}
	trees, made := 0, 0
	for root := range shape {
		if !hasTree(shape, entries, elemBytes, treesRoom, root) {
			continue
		}
		made++
		trees += entries * elemBytes
		nodes := 1 // of a level: no more than there are prefixes, or entries
		for _, m := range rootedAt(base, root) {
			nodes = min(entries, nodes*min(max(shape[m], 1), entries))
			trees += 4 * nodes
		}
	}
	if made == 1 {
		return trees + 2*list
	}
	return trees + max(2*list, 3*list-trees/made) // the last tree is sorted in place
}

// hasTree reports whether a mode has a tree of its own in the room for trees:
// the longest modes have, the longest of all in any case. A tree has no more
// nodes on a level than entries.
func hasTree(shape []int, entries, elemBytes, room, mode int) bool {
	order := bySize(shape)
	k := slices.Index(order, mode)
	return k == len(order)-1 || (len(order)-k)*entries*(4*len(shape)+elemBytes) <= room
}

// treeOf is the mode at the root of the tree that serves a mode.
func (x *COO[T]) treeOf(mode int) int {
	room := x.forest.room
	if room == 0 {
		room = treesRoom
	}
	if hasTree(x.shape, len(x.values), int(unsafe.Sizeof(T(0))), room, mode) {
		return mode
	}
	order := bySize(x.shape)
	return order[len(order)-1]
}

// parts is the number of copies of a result whose rows several tasks add to.
const parts = 8

// lowerMTTKRP is the MTTKRP of the mode of a level below the roots: what comes
// from below a node is multiplied by the rows of the factors above it. Tasks
// are dealt to a fixed number of copies of the result, added up in order.
func (c *CSF[T]) lowerMTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], level int) {
	rank, leaf, tasks := dst.Cols, len(c.modes)-1, len(c.shared)
	n := min(parts, tasks)
	copies := make([]*tensor.Matrix[float64], n)
	row := func(l, node int) []float64 {
		return factors[c.modes[l]].Row(int(c.words[l][node] &^ kernel.LastOfFiber))
	}
	par.Do(n, func(part int) {
		out := tensor.NewMatrix[float64](dst.Rows, rank)
		copies[part] = out
		sums := tensor.NewMatrix[float64](leaf+1, rank) // of the leaves below a node
		above := tensor.NewMatrix[float64](level, rank) // products of rows, from the root to a node
		for k := part * tasks / n; k < (part+1)*tasks/n; k++ {
			at := append([]int(nil), c.start[k]...)
			fresh := 0 // the first level above whose product is of the node before
			lo, hi := k*c.size, min((k+1)*c.size, len(c.values))
			for e := lo; e < hi; e++ {
				for ; fresh < level; fresh++ {
					to := above.Row(fresh)
					copy(to, row(fresh, at[fresh]))
					if fresh > 0 {
						for r, v := range above.Row(fresh - 1) {
							to[r] *= v
						}
					}
				}
				word := c.words[leaf][e]
				v := float64(c.values[e])
				if level == leaf {
					kernel.Axpy(v, above.Row(level-1), out.Row(int(word&^kernel.LastOfFiber)))
				} else {
					kernel.Axpy(v, row(leaf, e), sums.Row(leaf-1))
				}
				end := e == hi-1
				for l := leaf - 1; l >= 0 && (word >= kernel.LastOfFiber || end && l >= level); l-- {
					word = c.words[l][at[l]]
					switch sum := sums.Row(l); {
					case l > level:
						up := sums.Row(l - 1)
						for r, f := range row(l, at[l]) {
							up[r] += sum[r] * f
						}
						clear(sum)
					case l == level:
						to := out.Row(int(word &^ kernel.LastOfFiber))
						for r, f := range above.Row(level - 1) {
							to[r] += sum[r] * f
						}
						clear(sum)
					default:
						fresh = l
					}
					at[l]++
				}
			}
		}
	})
	par.Blocks(dst.Rows, max(1, entryBlock/max(1, rank)), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			clear(dst.Row(i))
			for _, out := range copies {
				kernel.Axpy(1, out.Row(i), dst.Row(i))
			}
		}
	})
}
