package tt

import (
	"math"
	"runtime"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// gramCut is a cut of a train between two cores, where its unfolding is
//
//	T_(k) = X·Yᵀ
//
// with r columns of X and Y, which have a row for each index of the modes
// before and after the cut. The Gram matrices XᵀX and YᵀY, which two sweeps
// over the cores find, have all that is needed to cut: with YᵀY = L·Lᵀ and
//
//	Lᵀ·(XᵀX)·L = V·Σ²·Vᵀ
//
// the singular values of the unfolding are Σ, and X·W has its left singular
// vectors for the weights W = L·V·Σ⁻¹: r×s. No cut waits for another.
type gramCut struct {
	rank  int       // r
	most  int       // singular values that are not zero, at most
	store []float64 // r×(r+1): the lower triangle of XᵀX and, right of it, the upper one of YᵀY; then W
	grams [2]float64
	w     *tensor.Matrix[float64]
	s     []float64 // singular values
	noise float64   // of the squared norm that rounding errors hide in their squares
	keep  int       // singular values that are kept
}

// gramTrain is a train with the Gram matrices of all its cuts.
type gramTrain struct {
	*Tensor
	norm float64
	cuts []gramCut // cut k is before core k; there is none before the first
	work []gramWork
}

// gramWork is the memory of one goroutine.
type gramWork struct{ gram, other, product reused }

// byGrams is the train with its Gram matrices, or nil if they do not show a
// tail of tol, relative to the norm (0: not asked for).
func (t *Tensor) byGrams(tol float64) *gramTrain {
	d, ranks := len(t.Cores), t.Ranks()
	if d == 1 || tol > 0 && !lowrank.GramResolves(slices.Max(ranks), tol) {
		return nil
	}
	g := &gramTrain{Tensor: t, cuts: make([]gramCut, d), work: make([]gramWork, max(2, runtime.GOMAXPROCS(0)))}
	for k := 1; k < d; k++ {
		g.cuts[k] = gramCut{rank: ranks[k], store: make([]float64, ranks[k]*(ranks[k]+1))}
	}
	for k, right := d-1, 1; k > 0; k-- {
		right = min(ranks[k], right*t.Cores[k].Shape()[1])
		g.cuts[k].most = right
	}
	good := [2]bool{}
	par.Do(2, func(side int) {
		if side == 0 {
			good[side] = g.leftGrams(&g.work[side])
		} else {
			good[side] = g.rightGrams(&g.work[side])
		}
	})
	if !good[0] || !good[1] {
		return nil
	}
	for k := 1; k < d; k++ {
		c := &g.cuts[k]
		amplified := c.amplification()
		c.noise = amplified * lowrank.GramNoise(c.rank, g.norm)
		if tol > 0 && !lowrank.GramResolves(c.rank, tol/math.Sqrt(amplified)) {
			return nil
		}
	}
	return g
}

// leftGrams finds XᵀX of all cuts. It reports whether they are numbers.
func (g *gramTrain) leftGrams(w *gramWork) bool {
	gram := w.gram.matrix(1, 1)
	gram.Data[0] = 1
	for k := range len(g.Cores) - 1 {
		c := &g.cuts[k+1]
		next := w.other.matrix(c.rank, c.rank)
		for i := range g.Cores[k].Shape()[1] {
			m := slice(g.Cores[k], i)
			p := w.product.mul(gram.View(), m)
			kernel.Gemm(1, m.T(), p.View(), float64(min(i, 1)), next.View())
		}
		if _, ok := normalise(next); !ok {
			return false
		}
		c.grams[0] = kernel.Nrm2(next.Data)
		for i := range c.rank {
			copy(c.store[i*(c.rank+1):], next.Row(i)[:i+1])
		}
		gram = next
		w.gram, w.other = w.other, w.gram
	}
	return true
}

// rightGrams finds YᵀY of all cuts, and the norm of the train.
func (g *gramTrain) rightGrams(w *gramWork) bool {
	gram := w.gram.matrix(1, 1)
	gram.Data[0] = 1
	exponent := 0
	for k := len(g.Cores) - 1; k >= 0; k-- {
		rows := g.Cores[k].Shape()[0]
		next := w.other.matrix(rows, rows)
		for i := range g.Cores[k].Shape()[1] {
			m := slice(g.Cores[k], i)
			p := w.product.mul(m, gram.View())
			kernel.Gemm(1, p.View(), m.T(), float64(min(i, 1)), next.View())
		}
		e, ok := normalise(next)
		if !ok {
			return false
		}
		exponent += e
		if k > 0 {
			c := &g.cuts[k]
			c.grams[1] = kernel.Nrm2(next.Data)
			for i := range c.rank {
				copy(c.store[i*(c.rank+2)+1:(i+1)*(c.rank+1)], next.Row(i)[i:])
			}
		}
		gram = next
		w.gram, w.other = w.other, w.gram
	}
	g.norm = math.Ldexp(math.Sqrt(math.Ldexp(gram.Data[0], exponent&1)), exponent>>1)
	return g.norm > 0x1p-500 && g.norm < 0x1p500
}

// slice is the matrix of a core, r×s, for index i of its mode.
func slice(core *tensor.Dense[float64], i int) kernel.Mat[float64] {
	m, cols := matrixOf(core, 1).View(), core.Shape()[2]
	return m.Sub(0, m.Rows, i*cols, (i+1)*cols)
}

// noise is the most of any cut.
func (g *gramTrain) noise() float64 {
	noise := 0.0
	for _, c := range g.cuts {
		noise = max(noise, c.noise)
	}
	return noise
}

// normalise divides a Gram matrix by the power of two 2^e that brings its
// trace near 1. It reports false if that is not a positive number.
func normalise(g *tensor.Matrix[float64]) (e int, ok bool) {
	trace := 0.0
	for i := range g.Rows {
		trace += g.At(i, i)
	}
	if !(trace > 0x1p-900 && trace < 0x1p900) {
		return 0, false
	}
	_, e = math.Frexp(trace)
	kernel.Scal(math.Ldexp(1, -e), g.Data)
	return e, true
}

// amplification is ||XᵀX||·||YᵀY|| / ||T||²: how much larger than that of an
// orthonormal X or Y the rounding errors are, relative to what is left where
// terms of a train cancel.
func (c *gramCut) amplification() float64 {
	// ||T||² is the inner product of the two.
	inner := 0.0
	n := c.rank
	for i := range n {
		left, right := c.store[i*(n+1):][:i], c.store[i*(n+1)+i+1:][:n-i]
		inner += c.store[i*(n+1)+i] * right[0]
		for j, v := range left {
			inner += 2 * v * c.store[j*(n+1)+i+1]
		}
	}
	return c.grams[0] * c.grams[1] / inner
}

// weigh finds the singular values of the unfolding, and the weights of so
// many of them. It reports whether the Gram matrices are good enough.
func (c *gramCut) weigh(vectors int, norm float64, work *gramWork) bool {
	n := c.rank
	left, right := work.gram.matrix(n, n), work.other.matrix(n, n)
	for i := range n {
		for j, v := range c.store[i*(n+1):][:i+1] {
			left.Data[i*n+j], left.Data[j*n+i] = v, v
		}
		for j, v := range c.store[i*(n+1)+i+1:][:n-i] {
			right.Data[(i+j)*n+i] = v
		}
		// Without it, rounding errors could leave a matrix that is not
		// positive definite.
		right.Data[i*n+i] += lowrank.GramNoise(n, 1) * c.grams[1]
	}
	if linalg.CholeskyInPlace(right) != nil {
		return false
	}
	p := work.product.mul(left.View(), right.View())
	kernel.Gemm(1, right.View().T(), p.View(), 0, left.View())
	w, err := linalg.SymEigInPlace(left, vectors)
	if err != nil {
		return false
	}
	total := 0.0
	for _, v := range w {
		total += v
	}
	c.s = w[:min(c.most, n)]
	c.w = tensor.MatrixOf(n, vectors, c.store[:n*vectors])
	kernel.Gemm(1, right.View(), left.Sub(0, n, 0, vectors).View(), 0, c.w.View())
	noise := c.noise / (norm * norm) * total
	scale := work.product.matrix(1, vectors)
	for j := range scale.Data {
		scale.Data[j] = 1 / math.Sqrt(max(w[j], noise))
	}
	for i := range n {
		row := c.w.Row(i)
		for j, v := range scale.Data {
			row[j] *= v
		}
	}
	for i, v := range c.s {
		c.s[i] = norm * math.Sqrt(max(0, v)/total)
	}
	return true
}

// choose decides how many singular values are kept at each cut, and reports
// whether the Gram matrices show them well enough.
func (g *gramTrain) choose(opt Options, left *budget) bool {
	rows := 1
	for k := 1; k < len(g.cuts); k++ {
		c := &g.cuts[k]
		rows *= g.Cores[k-1].Shape()[1]
		limit, tol := opt.limit(k-1), left.tol()
		s := c.s[:min(len(c.s), rows)]
		// The noise is counted as cut, so that the true tail is within tol.
		rank, tail := lowrank.Cutoff(s, limit, math.Sqrt(max(0, tol*tol-c.noise)))
		// Vectors are good if the tail stands out of the noise, or if the last
		// one kept is so large that the noise cannot turn it.
		last := s[rank-1]
		if rank < min(rows, c.rank) && !(tol > 0 && tail <= tol) && !(tail*tail >= 64*c.noise) && !(last*last >= 1e7*c.noise) {
			return false
		}
		c.keep = rank
		rows = rank
		left.cut(tail)
	}
	return true
}

// cut is the train of the ranks that were chosen: one more sweep, which
// projects the cores so far on an orthonormal basis of the singular vectors.
func (g *gramTrain) cut() (*Tensor, error) {
	s := &Tensor{Modes: tensor.CloneAxes(g.Modes)}
	carry := tensor.Eye[float64](1)
	carried, merged, weighted := g.work[0].gram, g.work[0].product, g.work[0].other
	for k, core := range g.Cores {
		before, size := carry.Rows, core.Shape()[1]
		m := merged.mul(carry.View(), matrixOf(core, 1).View())
		m = tensor.MatrixOf(before*size, core.Shape()[2], m.Data)
		if k == len(g.Cores)-1 {
			s.Cores = append(s.Cores, coreOf(m.Clone(), before, size, 1))
			break
		}
		c := &g.cuts[k+1]
		if c.keep == m.Rows {
			s.Cores = append(s.Cores, coreOf(tensor.Eye[float64](m.Rows), before, size, m.Rows))
			carry = m
			carried, merged = merged, carried
			continue
		}
		q := m
		if c.keep < c.rank {
			q = weighted.mul(m.View(), c.w.Sub(0, c.rank, 0, c.keep).View())
		} else {
			q = weighted.matrix(m.Rows, m.Cols)
			copy(q.Data, m.Data)
		}
		if err := linalg.Orthonormalize(q); err != nil {
			return nil, err
		}
		carry = carried.mul(q.View().T(), m.View())
		// The weights were used: what is kept of them may take their place.
		own := c.store
		if n := len(q.Data); n > len(own) || 2*n < len(own) {
			own = make([]float64, n)
		}
		s.Cores = append(s.Cores, tensor.FromSlice(own[:copy(own, q.Data):len(q.Data)], before, size, q.Cols))
	}
	return s, nil
}

// roundByGrams is round where the Gram matrices of the cuts are good enough
// for what is asked, else nil.
//
// Al Daas, Ballard & Manning 2022, https://doi.org/10.1109/IPDPS53621.2022.00095.
func (t *Tensor) roundByGrams(opt Options, start func(norm float64) budget) (*Tensor, budget, error) {
	b := start(1)
	tol := 0.0
	if opt.Eps > 0 {
		tol = b.tol() / b.norm
	}
	g := t.byGrams(tol)
	if g == nil {
		return nil, b, nil
	}
	good := make([]bool, len(g.cuts)-1)
	par.Phases(len(g.work), []int{len(good)}, func(worker, _, i int) {
		vectors := g.cuts[i+1].rank
		if limit := opt.limit(i); limit > 0 {
			vectors = min(vectors, limit)
		}
		good[i] = g.cuts[i+1].weigh(vectors, g.norm, &g.work[worker])
	})
	b = start(g.norm)
	if slices.Contains(good, false) || !g.choose(opt, &b) {
		return nil, b, nil
	}
	s, err := g.cut()
	if err == nil {
		// Of nested projections the squares of what is lost add up exactly.
		last := s.Cores[len(s.Cores)-1].Norm()
		if lost := (g.norm - last) * (g.norm + last); lost > g.noise() {
			b.used = math.Sqrt(lost) / b.norm
		}
	}
	return s, b, err
}
