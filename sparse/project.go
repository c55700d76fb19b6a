package sparse

import (
	"fmt"
	"sync"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Project is X ×_n Uᵀ for U: I_n×J, written out. Where several modes are to
// be projected, see [COO.ProjectAll].
func (x *COO[T]) Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	factors := make([]*tensor.Matrix[float64], len(x.shape))
	factors[mode] = u
	return x.ProjectAll(factors)
}

// ProjectAll is X ×_n A_nᵀ over all modes that have a factor A_n: I_n×J_n, the
// others (nil) being kept. Only the result is written out, so that it should
// be small: for one kept mode it is the product that a sweep of HOOI needs.
//
// Entries are summed on a tree with the kept modes at the top: what comes from
// below is multiplied by the Kronecker product with a row of the factor (Smith
// & Karypis 2017, https://doi.org/10.1007/978-3-319-64203-1_47). It panics if
// a factor does not fit its mode.
func (x *COO[T]) ProjectAll(factors []*tensor.Matrix[float64]) *tensor.Dense[float64] {
	if len(factors) != len(x.shape) {
		panic(fmt.Sprintf("sparse: ProjectAll: %d factors for %d modes", len(factors), len(x.shape)))
	}
	var kept []int
	least := 0 // the mode whose being kept costs least
	share := func(n int) float64 { return float64(x.shape[n]) / float64(max(1, factors[n].Cols)) }
	for n, f := range factors {
		switch {
		case f == nil:
			kept = append(kept, n)
		case f.Rows != x.shape[n]:
			panic(fmt.Sprintf("sparse: ProjectAll: a factor of %d rows for mode %d of size %d", f.Rows, n, x.shape[n]))
		case len(kept) == 0 && share(n) < share(least):
			least = n
		}
	}
	if len(kept) == 0 {
		rest := append([]*tensor.Matrix[float64](nil), factors...)
		rest[least] = nil
		return x.ProjectAll(rest).Project(factors[least], least).Contiguous()
	}
	if len(kept) == len(x.shape) {
		return Convert[float64](x).Dense()
	}
	var tree *CSF[T]
	if len(kept) == 1 && x.treeOf(kept[0]) == kept[0] {
		tree = x.CSF(kept[0])
	} else {
		modes := kept
		for _, m := range bySize(x.shape) {
			if factors[m] != nil {
				modes = append(modes, m)
			}
		}
		tree = x.growLong(modes, pack(x.shape, modes))
	}
	y := tree.project(len(kept)-1, factors)
	place := make([]int, len(x.shape))
	axes := make([]tensor.Axis, len(x.shape))
	for l, m := range tree.modes {
		place[m] = l
	}
	y = y.Permute(place...).Contiguous()
	for m, a := range tensor.CloneAxes(x.axes) {
		axes[m].Name = a.Name
		if factors[m] == nil {
			axes[m] = a
		}
	}
	if err := y.SetAxes(axes...); err != nil {
		panic("sparse: " + err.Error())
	}
	return y
}

// project sums the modes below level h, with the modes of the result in the
// order of the levels.
func (c *CSF[T]) project(h int, factors []*tensor.Matrix[float64]) *tensor.Dense[float64] {
	leaf := len(c.modes) - 1
	shape := make([]int, len(c.modes))
	for l, m := range c.modes {
		shape[l] = c.shape[m]
		if l > h {
			shape[l] = factors[m].Cols
		}
	}
	width := make([]int, len(shape)) // of what a node of a level has below it
	width[leaf] = 1
	for l := leaf; l > 0; l-- {
		width[l-1] = width[l] * shape[l]
	}
	out := tensor.New[float64](shape...)
	data := out.Raw()
	// As in rootMTTKRP, a task keeps what it has for a node that began in a
	// task before, to be added in order.
	tasks := len(c.shared)
	carry, carryTo := make([][]float64, tasks), make([]int, tasks)
	pool := sync.Pool{New: func() any {
		sums := make([][]float64, leaf)
		for l := h; l < leaf; l++ {
			sums[l] = make([]float64, width[l])
		}
		return &sums
	}}
	par.Blocks(len(c.values), c.size, func(k, lo, hi int) {
		room := pool.Get().(*[][]float64)
		defer pool.Put(room)
		sums := *room
		at := append([]int(nil), c.start[k]...)
		first := -1
		if c.divided(k, h) {
			first = at[h]
		}
		last, bottom := factors[c.modes[leaf]], sums[leaf-1]
		for e := lo; e < hi; e++ {
			word := c.words[leaf][e]
			addTimes(float64(c.values[e]), last.Row(int(word&^kernel.LastOfFiber)), bottom)
			// Nodes that end with this leaf go up; with the last leaf of the
			// task, so does all that is on its way.
			end := e == hi-1
			for l := leaf - 1; l >= 0 && (word >= kernel.LastOfFiber || end && l >= h); l-- {
				word = c.words[l][at[l]]
				switch {
				case l > h:
					sum := sums[l]
					for j, v := range factors[c.modes[l]].Row(int(word &^ kernel.LastOfFiber)) {
						addTimes(v, sum, sums[l-1][j*len(sum):(j+1)*len(sum)])
					}
					clear(sum)
				case l == h:
					sum, to := sums[h], 0
					for t, n := range at[:h+1] {
						to = to*shape[t] + int(c.words[t][n]&^kernel.LastOfFiber)
					}
					to *= width[h]
					if at[h] == first {
						carry[k], carryTo[k] = append([]float64(nil), sum...), to
					} else {
						kernel.Axpy(1, sum, data[to:to+len(sum)])
					}
					clear(sum)
				}
				at[l]++
			}
		}
	})
	for k, sum := range carry {
		if sum != nil {
			kernel.Axpy(1, sum, data[carryTo[k]:carryTo[k]+len(sum)])
		}
	}
	return out
}

// divided reports whether the node of level h that the first leaf of a task is
// in began in a task before.
func (c *CSF[T]) divided(task, h int) bool {
	if task == 0 {
		return false
	}
	for l := len(c.modes) - 1; l > h; l-- {
		if c.words[l][c.start[task][l]-1] < kernel.LastOfFiber {
			return true // the node above goes on
		}
	}
	return false
}

// addTimes adds a*x to y; rows are mostly too short for a call.
func addTimes(a float64, x, y []float64) {
	if len(x) >= 16 {
		kernel.Axpy(a, x, y)
		return
	}
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float64(a * v)
	}
}
