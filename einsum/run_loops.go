package einsum

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// algebra is what a contraction multiplies and adds with.
type algebra[T tensor.Number] interface {
	// zero is the sum of nothing.
	zero() T
	// products says that batch and tiles may be used.
	products() bool
	// batch multiplies matrices; with fresh, c is overwritten, else added to.
	batch(count int, a kernel.Mat[T], aStep int, b kernel.Mat[T], bStep int, fresh bool, c kernel.Mat[T], cStep int)
	// tiles contracts by blocks.
	tiles(t *kernel.Tiles, a, b, c []T)
	// run is c[i*sc] = or += a[i*sa] b[i*sb] for n values of i; sc may be 0.
	run(n int, a []T, sa int, b []T, sb int, fresh bool, c []T, sc int)
	// fold sets dst[j] to the sum of a[j*step+offset] over the loops.
	fold(dst, a []T, step int, sums []dim)
	// add adds src to dst, elements in rows.
	add(dst, src []T)
	// finish is called for each result of a pair when it is complete.
	finish(c []T)
}

// odometer walks through loops, the last one fastest.
type odometer struct {
	dims    []dim
	at      []int
	l, r, o int
}

// start is the odometer at turn t.
func start(dims []dim, t int) *odometer {
	w := &odometer{dims: dims, at: make([]int, len(dims))}
	for i := len(dims) - 1; i >= 0; i-- {
		d := dims[i]
		w.at[i] = t % d.size
		t /= d.size
		w.l += w.at[i] * d.l
		w.r += w.at[i] * d.r
		w.o += w.at[i] * d.o
	}
	return w
}

func (w *odometer) next() {
	for i := len(w.dims) - 1; i >= 0; i-- {
		d := &w.dims[i]
		w.l += d.l
		w.r += d.r
		w.o += d.o
		if w.at[i]++; w.at[i] < d.size {
			return
		}
		w.at[i] = 0
		w.l -= d.size * d.l
		w.r -= d.size * d.r
		w.o -= d.size * d.o
	}
}

// turns is the number of turns of loops.
func turns(dims []dim) int {
	n := 1
	for _, d := range dims {
		n *= d.size
	}
	return n
}

// parallelCost is how much work, in ns, one goroutine takes at a time.
const parallelCost = 50e3

// contract runs the loops of a pair.
func contract[T tensor.Number](alg algebra[T], x *lowered, a, b, c []T) {
	if x.tiles != nil {
		alg.tiles(x.tiles, a, b, c)
		return
	}
	outer, inner := turns(x.outer), turns(x.inner)
	each := x.cost / float64(outer)
	body := func(lo, hi int) {
		w := start(x.outer, lo)
		for range hi - lo {
			s := start(x.inner, 0)
			for i := range inner {
				contractOne(alg, x, a[w.l+s.l:], b[w.r+s.r:], i == 0, c[w.o:])
				s.next()
			}
			w.next()
		}
	}
	switch {
	case outer > 1 && x.cost > 2*parallelCost && (each < 4*parallelCost || !x.gemm):
		par.Blocks(outer, max(1, min(int(parallelCost/each), outer/16)), func(_, lo, hi int) { body(lo, hi) })
	case outer == 1 && !x.gemm && x.cost > 2*parallelCost && x.m.o > 0:
		// One long run: it is cut, if it is not a sum.
		m := x.m
		par.Blocks(m.size, max(1, int(parallelCost/(each/float64(m.size)))), func(_, lo, hi int) {
			y := *x
			y.m.size = hi - lo
			s := start(x.inner, 0)
			for i := range inner {
				contractOne(alg, &y, a[lo*m.l+s.l:], b[lo*m.r+s.r:], i == 0, c[lo*m.o:])
				s.next()
			}
		})
	default:
		body(0, outer)
	}
}

// contractOne runs one batch of products, or one run.
func contractOne[T tensor.Number](alg algebra[T], x *lowered, a, b []T, fresh bool, c []T) {
	if !x.gemm {
		alg.run(x.m.size, a, x.m.l, b, x.m.r, fresh, c, x.m.o)
		return
	}
	alg.batch(x.batch.size,
		kernel.Mat[T]{Rows: x.m.size, Cols: x.k.size, RS: x.m.l, CS: x.k.l, Data: a}, x.batch.l,
		kernel.Mat[T]{Rows: x.k.size, Cols: x.n.size, RS: x.k.r, CS: x.n.r, Data: b}, x.batch.r,
		fresh,
		kernel.Mat[T]{Rows: x.m.size, Cols: x.n.size, RS: x.m.o, CS: x.n.o, Data: c}, x.batch.o)
}

// foldBlock is the number of results that are summed at a time.
const foldBlock = 64

// sumOver writes to dst, in the layout to, the sums of a tensor over labels
// that to does not have.
func sumOver[T tensor.Number](alg algebra[T], dst, a []T, from, to layout, sums []int32, sizes []int) {
	loops := dims(sums, sizes, from, layout{}, layout{})
	outer := make([]dim, len(to.labels))
	for i, id := range to.labels {
		outer[i] = dim{size: sizes[id], l: from.stride(id), o: to.strides[i]}
	}
	last := one
	if n := len(outer); n > 0 {
		last, outer = outer[n-1], outer[:n-1]
	}
	pieces := (last.size + foldBlock - 1) / foldBlock
	each := float64(turns(loops)*min(last.size, foldBlock)) * costStride
	par.Blocks(turns(outer)*pieces, max(1, int(parallelCost/each)), func(_, lo, hi int) {
		for t := lo; t < hi; t++ {
			w := start(outer, t/pieces)
			j0 := t % pieces * foldBlock
			j1 := min(j0+foldBlock, last.size)
			alg.fold(dst[w.o+j0:w.o+j1], a[w.l+j0*last.l:], last.l, loops)
		}
	})
}

// ring is the usual algebra of numbers.
type ring[T tensor.Number] struct{}

func (ring[T]) zero() (z T)    { return z }
func (ring[T]) products() bool { return true }
func (ring[T]) finish([]T)     {}

func (ring[T]) batch(count int, a kernel.Mat[T], aStep int, b kernel.Mat[T], bStep int, fresh bool, c kernel.Mat[T], cStep int) {
	switch a := any(a).(type) {
	case kernel.Mat[float32]:
		realBatch(count, a, aStep, any(b).(kernel.Mat[float32]), bStep, fresh, any(c).(kernel.Mat[float32]), cStep)
	case kernel.Mat[float64]:
		realBatch(count, a, aStep, any(b).(kernel.Mat[float64]), bStep, fresh, any(c).(kernel.Mat[float64]), cStep)
	case kernel.Mat[complex64]:
		complexBatch(count, a, aStep, any(b).(kernel.Mat[complex64]), bStep, fresh, any(c).(kernel.Mat[complex64]), cStep)
	case kernel.Mat[complex128]:
		complexBatch(count, a, aStep, any(b).(kernel.Mat[complex128]), bStep, fresh, any(c).(kernel.Mat[complex128]), cStep)
	}
}

func (ring[T]) tiles(t *kernel.Tiles, a, b, c []T) {
	switch a := any(a).(type) {
	case []float32:
		kernel.ContractTiles(t, a, any(b).([]float32), any(c).([]float32))
	case []float64:
		kernel.ContractTiles(t, a, any(b).([]float64), any(c).([]float64))
	case []complex64:
		kernel.ContractTilesComplex(t, a, any(b).([]complex64), any(c).([]complex64))
	case []complex128:
		kernel.ContractTilesComplex(t, a, any(b).([]complex128), any(c).([]complex128))
	}
}

// beta is the factor of what a product is added to.
func beta[T tensor.Number](fresh bool) T {
	if fresh {
		return 0
	}
	return 1
}

func realBatch[T tensor.Float](count int, a kernel.Mat[T], aStep int, b kernel.Mat[T], bStep int, fresh bool, c kernel.Mat[T], cStep int) {
	if count == 1 {
		kernel.Gemm(1, a, b, beta[T](fresh), c)
		return
	}
	kernel.GemmBatch(count, 1, a, aStep, b, bStep, beta[T](fresh), c, cStep)
}

func complexBatch[T complex64 | complex128](count int, a kernel.Mat[T], aStep int, b kernel.Mat[T], bStep int, fresh bool, c kernel.Mat[T], cStep int) {
	if count == 1 {
		kernel.GemmComplex(1, a, false, b, false, beta[T](fresh), c)
		return
	}
	kernel.GemmBatchComplex(count, 1, a, false, aStep, b, false, bStep, beta[T](fresh), c, cStep)
}

func (ring[T]) run(n int, a []T, sa int, b []T, sb int, fresh bool, c []T, sc int) {
	if sc == 0 {
		var sum T
		if !fresh {
			sum = c[0]
		}
		for i := range n {
			sum += a[i*sa] * b[i*sb]
		}
		c[0] = sum
		return
	}
	if sb == 1 && sa == 0 {
		a, b, sa, sb = b, a, sb, sa
	}
	switch {
	case sc == 1 && sa == 1 && sb == 0:
		a, c, y := a[:n], c[:n], b[0]
		if fresh {
			for i, x := range a {
				c[i] = x * y
			}
		} else {
			for i, x := range a {
				c[i] += x * y
			}
		}
	case sc == 1 && sa == 1 && sb == 1:
		a, b, c := a[:n], b[:n], c[:n]
		if fresh {
			for i, x := range a {
				c[i] = x * b[i]
			}
		} else {
			for i, x := range a {
				c[i] += x * b[i]
			}
		}
	case fresh:
		for i := range n {
			c[i*sc] = a[i*sa] * b[i*sb]
		}
	default:
		for i := range n {
			c[i*sc] += a[i*sa] * b[i*sb]
		}
	}
}

func (ring[T]) fold(dst, a []T, step int, sums []dim) {
	switch a := any(a).(type) {
	case []float32:
		foldWide(any(dst).([]float32), a, step, sums, func(x float32) float64 { return float64(x) }, func(x float64) float32 { return float32(x) })
	case []complex64:
		foldWide(any(dst).([]complex64), a, step, sums, func(x complex64) complex128 { return complex128(x) }, func(x complex128) complex64 { return complex64(x) })
	case []float64:
		same := func(x float64) float64 { return x }
		foldWide(any(dst).([]float64), a, step, sums, same, same)
	case []complex128:
		same := func(x complex128) complex128 { return x }
		foldWide(any(dst).([]complex128), a, step, sums, same, same)
	}
}

// foldWide sums in double precision.
func foldWide[T tensor.Number, W float64 | complex128](dst, a []T, step int, sums []dim, widen func(T) W, narrow func(W) T) {
	var acc [foldBlock]W
	run := one
	if n := len(sums); n > 0 {
		run, sums = sums[n-1], sums[:n-1]
	}
	w := start(sums, 0)
	for range turns(sums) {
		if len(dst) == 1 || run.l < step { // the sum is what lies closer together
			for j := range dst {
				x := a[w.l+j*step:]
				s := acc[j]
				for i := range run.size {
					s += widen(x[i*run.l])
				}
				acc[j] = s
			}
		} else {
			for i := range run.size {
				x := a[w.l+i*run.l:]
				for j := range dst {
					acc[j] += widen(x[j*step])
				}
			}
		}
		w.next()
	}
	for j := range dst {
		dst[j] = narrow(acc[j])
	}
}

func (ring[T]) add(dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] += x
	}
}
