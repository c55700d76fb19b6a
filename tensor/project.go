package tensor

import (
	"math"
	"slices"
	"sync"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// This file holds the contractions that orthogonal projections need (Tucker,
// tensor trains). They read float32 and float64 data of any strides where
// they lie, answer in float64, and need work space of a few blocks only.

// ModeGram is the Gram matrix X_(n)*X_(n)ᵀ: I_n×I_n of the rows of the mode-n
// unfolding, accumulated in float64. It panics for complex elements.
func (x *Dense[T]) ModeGram(mode int) *Matrix[float64] {
	x.checkMode("ModeGram", mode)
	switch x := any(x).(type) {
	case *Dense[float64]:
		return modeGram(x, mode)
	case *Dense[float32]:
		return modeGram(x, mode)
	}
	panic(needReal)
}

const needReal = "tensor: a real tensor is needed here"

func modeGram[T Float](x *Dense[T], mode int) *Matrix[float64] {
	n := x.shape[mode]
	sum := NewMatrix[float64](n, n)
	if x.Len() == 0 {
		return sum
	}
	fibres := x.fibreLoops(mode)
	stride := x.strides[mode]
	view := func(l loop, at int) kernel.Mat[T] {
		return kernel.Mat[T]{Rows: l.size, Cols: n, RS: l.x, CS: stride, Data: x.data[at:]}
	}
	if len(fibres) <= 1 {
		l := loop{size: 1}
		if len(fibres) == 1 {
			l = fibres[0]
		}
		kernel.Gram(view(l, 0), sum.View())
		return sum
	}
	// Several panels: their Grams are added in groups, the groups side by
	// side. A panel that is too thin is packed with its neighbours.
	last := fibres[len(fibres)-1]
	direct := last.size >= max(64, min(n, 256))
	var c cutting
	if direct {
		c = cut(fibres, last.size)
	} else {
		c = cut(fibres, max(4*n, 4*blockLen/n))
	}
	groups := min(c.count, 16)
	if n > 256 {
		groups = min(groups, 2)
	}
	sums := make([]*Matrix[float64], groups)
	type space struct{ one, pack []float64 }
	spaces := sync.Pool{New: func() any { return new(space) }}
	par.Do(groups, func(g int) {
		s := spaces.Get().(*space)
		defer spaces.Put(s)
		s.one = grow(s.one, n*n)
		acc, one := NewMatrix[float64](n, n), MatrixOf(n, n, s.one)
		for b := g * c.count / groups; b < (g+1)*c.count/groups; b++ {
			p := c.part(b)
			if direct {
				kernel.Gram(view(p.loops[len(p.loops)-1], p.x), one.View())
			} else {
				s.pack = grow(s.pack, (p.hi-p.lo)*n)
				load(s.pack, x.data[p.x:], append(p.loops, loop{size: n, x: stride}))
				kernel.Gram(kernel.RowMajor(p.hi-p.lo, n, s.pack), one.View())
			}
			kernel.Axpy(1, one.Data, acc.Data)
		}
		sums[g] = acc
	})
	for _, s := range sums {
		kernel.Axpy(1, s.Data, sum.Data)
	}
	return sum
}

// grow is buf with length n, made anew if it is too short.
func grow[T any](buf []T, n int) []T {
	if cap(buf) < n {
		return make([]T, n)
	}
	return buf[:n]
}

// fibreLoops are the loops over the fibres of a mode, in memory order.
func (x *Dense[T]) fibreLoops(mode int) []loop {
	var loops []loop
	for _, n := range x.memoryOrder() {
		if n != mode {
			loops = append(loops, loop{x.shape[n], x.strides[n], x.strides[n]})
		}
	}
	return merge(loops)
}

// Fibers hands over the mode-n fibres (the columns of X_(n)), about count at
// a time, as the rows of a matrix k×I_n in float64. The matrix is used again
// for the next call of visit, one at a time. Each fibre comes once, in an
// order that depends on the layout of the tensor alone. Visiting ends with
// the first error, which is returned. It panics for complex elements.
func (x *Dense[T]) Fibers(mode, count int, visit func(rows *Matrix[float64]) error) error {
	x.checkMode("Fibers", mode)
	switch x := any(x).(type) {
	case *Dense[float64]:
		return fibers(x, mode, count, visit)
	case *Dense[float32]:
		return fibers(x, mode, count, visit)
	}
	panic(needReal)
}

func fibers[T Float](x *Dense[T], mode, count int, visit func(*Matrix[float64]) error) error {
	if x.Len() == 0 {
		return nil
	}
	n := x.shape[mode]
	c := cut(x.fibreLoops(mode), max(1, count))
	var buf []float64
	for b := range c.count {
		p := c.part(b)
		rows := p.hi - p.lo
		buf = grow(buf, rows*n)
		small := cut(append(p.loops, loop{size: n, x: x.strides[mode]}), blockLen)
		par.Do(small.count, func(s int) {
			q := small.part(s)
			load(buf[q.lo:], x.data[p.x+q.x:], q.loops)
		})
		if err := visit(MatrixOf(rows, n, buf)); err != nil {
			return err
		}
	}
	return nil
}

// Project is X ×_n Uᵀ in float64 for U: I_n×J, in the memory order of X; the
// axis of the mode keeps its name. It panics for complex elements.
func (x *Dense[T]) Project(u *Matrix[float64], mode int) *Dense[float64] {
	return x.ProjectIn(nil, u, mode)
}

// ProjectIn is [Dense.Project] with the result in the memory buf, whose
// content is lost, if that is long enough. It must not be that of x or u.
func (x *Dense[T]) ProjectIn(buf []float64, u *Matrix[float64], mode int) *Dense[float64] {
	switch x := any(x).(type) {
	case *Dense[float64]:
		return ttmIn(buf, x, u.View().T(), mode)
	case *Dense[float32]:
		return projectSingle(buf, x, u, mode)
	}
	panic(needReal)
}

// projectSingle widens boxes of about a block to float64 and multiplies them.
func projectSingle(buf []float64, x *Dense[float32], u *Matrix[float64], mode int) *Dense[float64] {
	y, loops := ttmResult(buf, x, u.Cols, u.Rows, mode)
	if y.Len() == 0 || x.Len() == 0 {
		return y
	}
	n, stride := x.shape[mode], x.strides[mode]
	c := cut(loops, max(64, 2*blockLen/n))
	pool := sync.Pool{New: func() any { return new([]float64) }}
	par.Do(c.count, func(b int) {
		p := c.part(b)
		buf := pool.Get().(*[]float64)
		defer pool.Put(buf)
		k := p.hi - p.lo
		*buf = grow(*buf, n*k)
		// The box lies as n×k or k×n in the buffer, whichever is closer to
		// its order in x.
		inner := len(p.loops) > 0 && p.loops[len(p.loops)-1].x < stride
		box, xs := p.loops, 1
		if inner {
			load(*buf, x.data[p.x:], append([]loop{{size: n, x: stride}}, box...))
			xs = k
		} else {
			load(*buf, x.data[p.x:], append(slices.Clone(box), loop{size: n, x: stride}))
		}
		step := 1
		if !inner {
			step = n
		}
		packed := slices.Clone(box)
		for j := len(packed) - 1; j >= 0; j-- {
			packed[j].x = step
			step *= packed[j].size
		}
		product(u.View().T(), *buf, xs, y.data[p.y:], y.strides[mode], merge(packed))
	})
	return y
}

// residualSlab is the number of elements of a model that Residual looks at
// together: they should stay in the cache.
const residualSlab = 1 << 18

// distanceRuns is the Euclidean norm of x - y.
func distanceRuns[T Float](x []T, y []float64) float64 {
	parts := make([]float64, (len(x)+blockLen-1)/blockLen)
	par.Blocks(len(x), blockLen, func(b, lo, hi int) { parts[b] = kernel.Distance(x[lo:hi], y[lo:hi]) })
	return kernel.Nrm2(parts)
}

// Residual is the Frobenius norm ||X - M|| for a model that is handed over in
// slabs: model(mode, lo, hi) is M restricted to the indices lo, …, hi-1 of a
// mode. The mode is the slowest of X in memory. One slab is done with before
// the next is asked for, so that a model may use its memory again. Since the difference is formed
// element by element, it is accurate even where ||X||² - 2<X, M> + ||M||²
// cancels. It panics for complex elements.
func (x *Dense[T]) Residual(model func(mode, lo, hi int) *Dense[float64]) float64 {
	switch x := any(x).(type) {
	case *Dense[float64]:
		return residual(x, model)
	case *Dense[float32]:
		return residual(x, model)
	}
	panic(needReal)
}

func residual[T Float](x *Dense[T], model func(mode, lo, hi int) *Dense[float64]) float64 {
	if x.Len() == 0 {
		return 0
	}
	if len(x.shape) == 0 {
		return math.Abs(float64(x.data[0]) - model(0, 0, 1).At())
	}
	mode := 0
	for n, s := range x.strides {
		if x.shape[n] > 1 && (x.shape[mode] == 1 || s > x.strides[mode]) {
			mode = n
		}
	}
	size := x.shape[mode]
	step := max(1, residualSlab/(x.Len()/size))
	var parts []float64
	for lo := 0; lo < size; lo += step {
		hi := min(lo+step, size)
		slab, m := x.Slice(mode, lo, hi, 1), model(mode, lo, hi)
		if slab.IsContiguous() && m.IsContiguous() {
			parts = append(parts, distanceRuns(slab.data[:m.Len()], m.data[:m.Len()]))
			continue
		}
		wide, ok := any(slab).(*Dense[float64])
		if !ok {
			wide = As[float64](slab)
		}
		parts = append(parts, Distance(wide, m))
	}
	return kernel.Nrm2(parts)
}
