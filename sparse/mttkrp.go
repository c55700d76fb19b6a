package sparse

import (
	"fmt"
	"slices"
	"sync"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// checkFactors panics if factors (but that of mode skip) are not I_m×rank.
func checkFactors(what string, shape []int, factors []*tensor.Matrix[float64], rank, skip int) {
	if len(factors) != len(shape) {
		panic(fmt.Sprintf("sparse: %s: %d factors for %d modes", what, len(factors), len(shape)))
	}
	for m, f := range factors {
		if m != skip && (f.Rows != shape[m] || f.Cols != rank) {
			panic(fmt.Sprintf("sparse: %s: factor %d is %d×%d; %d×%d is expected", what, m, f.Rows, f.Cols, shape[m], rank))
		}
	}
}

// MTTKRP writes the matricized tensor times Khatri-Rao product of all factors
// but one into dst: I_mode×R,
//
//	dst[i, r] = sum over the entries e with e_mode = i of x_e * prod_{m != mode} factors[m][e_m, r]
//
// from the tree of the mode (see [COO.CSF]), or of a longer one if trees of all
// would take too much memory (see [COO.LimitTrees]). With rank R it takes 2*R flops a
// node of the tree, roots excepted.
func (x *COO[T]) MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int) {
	checkFactors("MTTKRP", x.shape, factors, dst.Cols, mode)
	if dst.Rows != x.shape[mode] {
		panic(fmt.Sprintf("sparse: MTTKRP: the result has %d rows; %d are expected", dst.Rows, x.shape[mode]))
	}
	if len(x.shape) == 1 {
		for i := range dst.Rows {
			clear(dst.Row(i))
		}
		for e, i := range x.index[0] {
			row := dst.Row(int(i))
			for r := range row {
				row[r] = float64(x.values[e])
			}
		}
		return
	}
	tree := x.CSF(x.treeOf(mode))
	if level := slices.Index(tree.modes, mode); level > 0 {
		tree.lowerMTTKRP(dst, factors, level)
		return
	}
	tree.rootMTTKRP(dst, factors)
}

// scratch is the number of elements of the buffers for sums that are on their
// way up a tree: what stays in the first-level cache.
const scratch = 1 << 11

// rootMTTKRP is the MTTKRP of the mode of the roots.
//
// A task takes its leaves a batch at a time: scaled rows of the factor of the
// last level are summed to a row for each parent, those are multiplied by rows
// of the next factor and summed, and so on up to the roots. A node whose
// leaves are cut by the end of a batch is visited again with the next: the
// result is linear in what comes from below.
func (c *CSF[T]) rootMTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64]) {
	par.Blocks(dst.Rows, max(1, entryBlock/max(1, dst.Cols)), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			clear(dst.Row(i))
		}
	})
	rank := dst.Cols
	stride := kernel.FiberStride(rank)
	batch := max(16, scratch/stride)
	// What a task has for a root that began in a task before, kept apart to
	// be added in order.
	carry := make([]float64, len(c.shared)*stride)
	pool := sync.Pool{New: func() any {
		return &climb{sums: make([]float64, batch*stride), wide: make([]float64, batch), at: make([]int, len(c.modes))}
	}}
	par.Blocks(len(c.values), c.size, func(k, lo, hi int) {
		b := pool.Get().(*climb)
		defer pool.Put(b)
		copy(b.at, c.start[k])
		for e := lo; e < hi; e += batch {
			n := min(batch, hi-e)
			first := b.at[0]
			n = c.up(b, e, n, rank, stride, factors)
			sums, words := b.sums, c.words[0][first:]
			if c.shared[k] && first == c.start[k][0] {
				kernel.Axpy(1, sums[:stride], carry[k*stride:(k+1)*stride])
				n, sums, words = n-1, sums[stride:], words[1:]
			}
			kernel.AddRowsAt(n, rank, sums, stride, words, dst.Rows, dst.Data, dst.Stride)
		}
	})
	for k, shared := range c.shared {
		if shared {
			row := dst.Row(int(c.words[0][c.start[k][0]]))
			kernel.Axpy(1, carry[k*stride:][:rank], row)
		}
	}
}

// climb is where a task is in a tree, and its buffers.
type climb struct {
	sums []float64 // a row a node
	wide []float64 // values as float64
	at   []int     // the next node of each level
}

// up sums the n leaves from e on to a row for each root they have, and moves
// on. It returns the number of rows.
func (c *CSF[T]) up(b *climb, e, n, rank, stride int, factors []*tensor.Matrix[float64]) int {
	leaf := len(c.modes) - 1
	words := c.words[leaf][e:]
	f := factors[c.modes[leaf]]
	rows := kernel.SumScaled(n, rank, b.sums, stride, c.float64s(b, e, n), words, f.Rows, f.Data, f.Stride)
	cut := words[n-1] < kernel.LastOfFiber // the last node is not complete
	for l := leaf - 1; l > 0; l-- {
		n, words, f = rows, c.words[l][b.at[l]:], factors[c.modes[l]]
		rows = kernel.SumProducts(n, rank, b.sums, stride, b.sums, stride, words, f.Rows, f.Data, f.Stride)
		b.at[l] += n
		if cut {
			b.at[l]--
		}
		cut = cut || words[n-1] < kernel.LastOfFiber
	}
	b.at[0] += rows
	if cut {
		b.at[0]--
	}
	return rows
}

// float64s are the values of n leaves from e on.
func (c *CSF[T]) float64s(b *climb, e, n int) []float64 {
	switch values := any(c.values[e : e+n]).(type) {
	case []float64:
		return values
	case []float32:
		kernel.Widen(b.wide[:n], values)
	}
	return b.wide[:n]
}
