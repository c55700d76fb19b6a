package tensor

import (
	"fmt"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

const (
	lossCells  = 1 << 14 // of a tile: the data and the model stay in the second-level cache
	lossCols   = 1 << 8  // of a tile, if there are as many
	lossNarrow = 1 << 6  // columns below which another mode is taken in
	lossGroups = 32      // parts of the sum over tiles, at most
	lossParts  = 1 << 22 // elements of the partial gradients of all groups, about
)

// Elementwise is a sum of losses: given data values x and model values m, it
// sets d to the derivatives of the loss in m and returns the sum of the
// losses. d may be m. Calls may be concurrent.
type Elementwise = func(x, m, d []float64) float64

// LossGradient is the sum of f(x, m) over all elements x, with m those of
// the CP model that the factors make,
//
//	m[i_0, …] = sum_r prod_n factors[n][i_n, r]
//
// grads[n]: I_n×R becomes the gradient in factor n, which is the MTTKRP of
// the tensor of derivatives. grads may be nil, and any of them.
//
// Tiles of the model are made by matrix products, and so are their parts of
// all gradients: 6*R operations an element beside f. The memory is that of
// the tiles and of partial gradients. It panics if the shapes do not agree,
// and for complex elements.
//
// Hong, Kolda & Duersch 2020, https://doi.org/10.1137/18M1203626, theorem 3.
func (x *Dense[T]) LossGradient(factors, grads []*Matrix[float64], f Elementwise) float64 {
	switch y := any(x).(type) {
	case *Dense[float64]:
		return denseLoss(y, factors, grads, f)
	case *Dense[float32]:
		return denseLoss(y, factors, grads, f)
	}
	panic("tensor: LossGradient of a complex tensor")
}

func denseLoss[T Float](x *Dense[T], factors, grads []*Matrix[float64], f Elementwise) float64 {
	modes := x.byStride()
	w := newLossWalk(modes, x.shape, factors, grads)
	step := 0 // between columns, 0 if they are not evenly spaced
	if g := x.group(w.inner); g.even() {
		step = max(1, g.step)
	}
	return w.run(f, func(dst []float64, r0, r1, c0, c1 int) {
		for i := r0; i < r1; i++ {
			row := dst[(i-r0)*(c1-c0):][:c1-c0]
			if step > 0 {
				src := x.data[x.offsetOf(w.outer, i)+c0*step:]
				if same, ok := any(src).([]float64); ok && step == 1 {
					copy(row, same)
					continue
				}
				for j := range row {
					row[j] = float64(src[j*step])
				}
				continue
			}
			src := x.data[x.offsetOf(w.outer, i):]
			for j := range row {
				row[j] = float64(src[x.offsetOf(w.inner, c0+j)])
			}
		}
	})
}

// LossOfCells is LossGradient for a tensor whose elements the caller hands
// over in tiles. The tensor is seen as a matrix: its rows are the indices of
// the leading modes in C order, its columns, of which tiles is told the
// number, those of the others. What tiles returns is called, concurrently, to
// write rows [r0, r1) of columns [c0, c1) to dst.
func LossOfCells(shape []int, factors, grads []*Matrix[float64], f Elementwise, tiles func(cols int) (load func(dst []float64, r0, r1, c0, c1 int))) float64 {
	modes := make([]int, len(shape))
	for n := range modes {
		modes[n] = n
	}
	w := newLossWalk(modes, shape, factors, grads)
	return w.run(f, tiles(w.cols))
}

// lossWalk is a walk over all elements of a tensor as a matrix: its rows are
// the indices of the outer modes, its columns those of the inner ones, the
// last mode of each fastest.
type lossWalk struct {
	factors, grads       []*Matrix[float64]
	outer, inner         []int
	rows, cols, rank     int
	tileRows, tileCols   int
	groups               int // of rows, with partial gradients of their own
	needOuter, needInner bool
}

// newLossWalk takes modes, the slowest first.
func newLossWalk(modes, shape []int, factors, grads []*Matrix[float64]) *lossWalk {
	if len(factors) == 0 {
		panic("tensor: LossGradient without factors")
	}
	rank := factors[0].Cols
	checkFactors("LossGradient", shape, factors, rank, -1)
	if grads == nil {
		grads = make([]*Matrix[float64], len(factors))
	}
	checkGradients(shape, grads, rank)
	w := &lossWalk{factors: factors, grads: grads, rank: rank, rows: 1, cols: 1}
	// The fastest modes are the columns, as many as keep partial gradients
	// in cache.
	h := len(modes)
	for h > 0 {
		size := shape[modes[h-1]]
		if h < len(modes) && w.cols*size*rank > 1<<14 && (w.cols >= lossNarrow || h == 1) {
			break
		}
		h--
		w.cols *= size
	}
	w.outer, w.inner = modes[:h], modes[h:]
	for _, n := range w.outer {
		w.rows *= shape[n]
		w.needOuter = w.needOuter || grads[n] != nil
	}
	for _, n := range w.inner {
		w.needInner = w.needInner || grads[n] != nil
	}
	w.tileCols = max(1, min(w.cols, lossCols))
	w.tileRows = max(1, min(w.rows, lossCells/w.tileCols))
	tiles := (w.rows + w.tileRows - 1) / w.tileRows
	w.groups = min(tiles, lossGroups, max(2, lossParts/max(1, w.cols*rank)))
	return w
}

// checkGradients panics if gradients that are there are not I_n×rank.
func checkGradients(shape []int, grads []*Matrix[float64], rank int) {
	if len(grads) != len(shape) {
		panic(fmt.Sprintf("tensor: LossGradient: %d gradients for %d modes", len(grads), len(shape)))
	}
	for n, g := range grads {
		if g != nil && (g.Rows != shape[n] || g.Cols != rank) {
			panic(fmt.Sprintf("tensor: LossGradient: gradient %d is %d×%d; %d×%d is expected", n, g.Rows, g.Cols, shape[n], rank))
		}
	}
}

func (w *lossWalk) run(f Elementwise, load func(dst []float64, r0, r1, c0, c1 int)) float64 {
	for _, g := range w.grads {
		if g != nil {
			for i := range g.Rows {
				clear(g.Row(i))
			}
		}
	}
	if w.rows == 0 || w.cols == 0 {
		return 0
	}
	k := w.khatriRao(w.inner)
	kt := k.Transpose()
	var outer []float64 // the derivatives times k: rows×R
	if w.needOuter {
		outer = make([]float64, w.rows*w.rank)
	}
	inner := make([][]float64, w.groups) // parts of their transpose times the rows of outer: cols×R
	sums := make([]float64, w.groups)
	par.Do(w.groups, func(g int) {
		lo, hi := g*w.rows/w.groups, (g+1)*w.rows/w.groups
		if w.needInner {
			inner[g] = make([]float64, w.cols*w.rank)
		}
		sums[g] = w.group(f, load, k, kt, lo, hi, outer, inner[g])
	})
	total := 0.0
	for _, s := range sums {
		total += s
	}
	if w.needOuter {
		w.spread(w.outer, outer)
	}
	if w.needInner {
		for _, p := range inner[1:] {
			kernel.Axpy(1, p, inner[0])
		}
		w.spread(w.inner, inner[0])
	}
	return total
}

// khatriRao is the Khatri-Rao product of the factors of some modes.
func (w *lossWalk) khatriRao(modes []int) *Matrix[float64] {
	count := 1
	for _, n := range modes {
		count *= w.factors[n].Rows
	}
	k := NewMatrix[float64](count, w.rank)
	one := ones(w.rank)
	par.Blocks(count, 1024, func(_, lo, hi int) {
		newKRRows(one, w.factors, modes).fill(k.Data[lo*w.rank:], lo, hi)
	})
	return k
}

// group walks over the rows [lo, hi): it returns their sum of f, writes their
// rows of outer, and adds to inner.
func (w *lossWalk) group(f Elementwise, load func(dst []float64, r0, r1, c0, c1 int), k, kt *Matrix[float64], lo, hi int, outer, inner []float64) (sum float64) {
	x, m := make([]float64, w.tileRows*w.tileCols), make([]float64, w.tileRows*w.tileCols)
	left := make([]float64, w.tileRows*w.rank)
	rows := newKRRows(ones(w.rank), w.factors, w.outer)
	for r0 := lo; r0 < hi; r0 += w.tileRows {
		r1 := min(r0+w.tileRows, hi)
		a := kernel.RowMajor(r1-r0, w.rank, left[:(r1-r0)*w.rank])
		rows.fill(a.Data, r0, r1)
		for c0 := 0; c0 < w.cols; c0 += w.tileCols {
			c1 := min(c0+w.tileCols, w.cols)
			n := (r1 - r0) * (c1 - c0)
			d := kernel.RowMajor(r1-r0, c1-c0, m[:n])
			kernel.Gemm(1, a, kt.View().Sub(0, w.rank, c0, c1), 0, d)
			load(x[:n], r0, r1, c0, c1)
			sum += f(x[:n], d.Data, d.Data)
			if outer != nil {
				beta := 1.0
				if c0 == 0 {
					beta = 0
				}
				kernel.Gemm(1, d, k.View().Sub(c0, c1, 0, w.rank), beta, kernel.RowMajor(r1-r0, w.rank, outer[r0*w.rank:r1*w.rank]))
			}
			if inner != nil {
				kernel.Gemm(1, d.T(), a, 1, kernel.RowMajor(c1-c0, w.rank, inner[c0*w.rank:c1*w.rank]))
			}
		}
	}
	return sum
}

// spread adds z, an array (modes, R) of derivatives from which all other
// modes were contracted, to the gradients of its modes.
func (w *lossWalk) spread(modes []int, z []float64) {
	first, rest := modes[0], modes[1:]
	f, g := w.factors[first], w.grads[first]
	if len(rest) == 0 {
		for i := range f.Rows {
			copy(g.Row(i), z[i*w.rank:])
		}
		return
	}
	count := len(z) / (f.Rows * w.rank) // indices of the rest
	if g != nil {
		k := w.khatriRao(rest)
		par.Do(f.Rows, func(i int) {
			kernel.MulAddRows(count, w.rank, g.Row(i), 0, z[i*count*w.rank:], w.rank, k.Data, w.rank)
		})
	}
	for _, n := range rest {
		if w.grads[n] == nil {
			continue
		}
		sum := make([]float64, count*w.rank)
		par.Blocks(count, 512, func(_, lo, hi int) {
			for i := range f.Rows {
				kernel.MulAddRows(hi-lo, w.rank, sum[lo*w.rank:hi*w.rank], w.rank, z[(i*count+lo)*w.rank:], w.rank, f.Row(i), 0)
			}
		})
		w.spread(rest, sum)
		break
	}
}
