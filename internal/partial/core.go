package partial

import (
	"cmp"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	coreSteps = 8       // of conjugate gradients in a sweep
	coreBlock = 1 << 14 // entries of a partial sum
)

// improveCore makes a few steps of conjugate gradients on the normal equations
// of the core of a Tucker model: it is too large for a Gram matrix.
func improveCore(x *tensor.Observed, m Tucker, ridge float64) error {
	theta := m.Core.Row(0)
	var misfit func(y bool, v []float64) []float64
	if t := newTable(without(0, len(m.Factors), -1), m.Factors, 1, tableWaste*x.Count()); t != nil {
		misfit = misfitByBox(x, m, t)
	} else {
		misfit = misfitByEntries(x, m)
	}
	// product is Aᵀ(y - A*v) - ridge*v, for y zero unless it is asked for.
	product := func(y bool, v []float64) []float64 {
		p := misfit(y, v)
		kernel.Axpy(-ridge, v, p)
		return p
	}
	r := product(true, theta)
	d := slices.Clone(r)
	rr := kernel.Dot(r, r)
	first := rr
	for range coreSteps {
		if !(rr > 1e-20*first) {
			break
		}
		q := product(false, d)
		step := -rr / kernel.Dot(d, q)
		if math.IsNaN(step) || math.IsInf(step, 0) {
			break
		}
		kernel.Axpy(step, d, theta)
		kernel.Axpy(step, q, r)
		next := kernel.Dot(r, r)
		kernel.Scal(next/rr, d)
		kernel.Axpy(1, r, d)
		rr = next
	}
	return nil
}

// misfitByBox gives Aᵀ(y - A*v), with or without y, by way of the whole
// tensor, where t tells the place of the entries: products of matrices.
func misfitByBox(x *tensor.Observed, m Tucker, t *table) func(y bool, v []float64) []float64 {
	index, at := lists(x), make([]int, x.Count())
	for e := range at {
		at[e] = t.at(index, e)
	}
	shape := x.Shape()
	rest := tensor.New[float64](shape...)
	return func(y bool, v []float64) []float64 {
		all, d := tensor.TTMChain(m.coreOf(v), m.Factors).Contiguous().Data(), rest.Data()
		for e, f := range x.Values() {
			if !y {
				f = 0
			}
			d[at[e]] = f - all[at[e]]
		}
		return tensor.TTMChainT(rest, m.Factors).Contiguous().Data()
	}
}

// misfitByEntries is misfitByBox for few entries. They are taken in the order
// of their indices, so that those that share the first ones share the products
// with their rows.
func misfitByEntries(x *tensor.Observed, m Tucker) func(y bool, v []float64) []float64 {
	index, values := inOrder(x)
	return func(y bool, v []float64) []float64 {
		parts := make([][]float64, (x.Count()+coreBlock-1)/coreBlock)
		par.Blocks(x.Count(), coreBlock, func(k, lo, hi int) {
			w := newCoreWalk(m, index)
			d := make([]float64, hi-lo)
			w.forward(0, v, lo, hi, d)
			for e := range d {
				d[e] = -d[e]
				if y {
					d[e] += values[lo+e]
				}
			}
			parts[k] = make([]float64, len(v))
			w.backward(0, parts[k], lo, hi, d)
		})
		for _, p := range parts[1:] {
			kernel.Axpy(1, p, parts[0])
		}
		return parts[0]
	}
}

// inOrder lists the entries by their indices, the first mode slowest.
func inOrder(x *tensor.Observed) ([][]int32, []float64) {
	index := lists(x)
	compare := func(a, b int) int {
		for _, list := range index {
			if c := cmp.Compare(list[a], list[b]); c != 0 {
				return c
			}
		}
		return 0
	}
	sorted := true
	for e := 1; e < x.Count() && sorted; e++ {
		sorted = compare(e-1, e) <= 0
	}
	if sorted {
		return index, x.Values()
	}
	order := make([]int, x.Count())
	for e := range order {
		order[e] = e
	}
	slices.SortFunc(order, compare)
	values := make([]float64, len(order))
	out := make([][]int32, len(index))
	for n, list := range index {
		out[n] = make([]int32, len(order))
		for e, o := range order {
			out[n][e] = list[o]
		}
	}
	for e, o := range order {
		values[e] = x.Values()[o]
	}
	return out, values
}

// coreWalk multiplies by the outer products of rows that are the derivatives
// of a Tucker model by its core, and by their transpose.
type coreWalk struct {
	m     Tucker
	index [][]int32
	parts [][]float64 // of each mode: what is left after it
}

func newCoreWalk(m Tucker, index [][]int32) *coreWalk {
	w := &coreWalk{m: m, index: index}
	size := m.Core.Cols
	for _, f := range m.Factors {
		size /= f.Cols
		w.parts = append(w.parts, make([]float64, size))
	}
	return w
}

// run is the end of the entries from lo on with the same index on a mode.
func (w *coreWalk) run(mode, lo, hi int) int {
	list := w.index[mode]
	end := lo + 1
	for end < hi && list[end] == list[lo] {
		end++
	}
	return end
}

// forward is the model at the entries from lo to hi, given what is left of
// the core after the modes before mode: entry e goes to out[e-lo].
func (w *coreWalk) forward(mode int, left []float64, lo, hi int, out []float64) {
	f := w.m.Factors[mode]
	if mode == len(w.parts)-1 {
		for e := lo; e < hi; e++ {
			out[e-lo] = dot(left, f.Row(int(w.index[mode][e])))
		}
		return
	}
	next := w.parts[mode]
	for s := lo; s < hi; {
		end := w.run(mode, s, hi)
		clear(next)
		for j, v := range f.Row(int(w.index[mode][s])) {
			kernel.Axpy(v, left[j*len(next):][:len(next)], next)
		}
		w.forward(mode+1, next, s, end, out[s-lo:])
		s = end
	}
}

// backward adds the products of numbers at the entries with the rows of the
// modes from mode on to sum.
func (w *coreWalk) backward(mode int, sum []float64, lo, hi int, d []float64) {
	f := w.m.Factors[mode]
	if mode == len(w.parts)-1 {
		for e := lo; e < hi; e++ {
			kernel.Axpy(d[e-lo], f.Row(int(w.index[mode][e])), sum)
		}
		return
	}
	next := w.parts[mode]
	for s := lo; s < hi; {
		end := w.run(mode, s, hi)
		clear(next)
		w.backward(mode+1, next, s, end, d[s-lo:])
		for j, v := range f.Row(int(w.index[mode][s])) {
			kernel.Axpy(v, next, sum[j*len(next):][:len(next)])
		}
		s = end
	}
}
