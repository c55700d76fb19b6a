package report

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// SliceError is how badly a model explains one slice of a tensor (all
// entries that share one index of one mode).
type SliceError struct {
	Index int
	// RelativeError is ||X_s - M_s|| / ||X_s||: NaN if the slice has no known
	// entries or is zero and explained as such, +Inf if it is zero and the
	// model is not.
	RelativeError float64
	// Share is the slice's part of ||X - M||², 0 to 1.
	Share float64
	// Size is the slice's part of ||X||², 0 to 1.
	Size float64
	// Known is the number of known entries.
	Known int64
}

// SliceErrors measures how badly a model explains each slice of the data,
// mode by mode, in the order of the indices. The model is evaluated a block
// at a time, so that little more memory than the data's is needed; sparse
// data are never written out, and need a CP model. Data of other kinds are an
// error.
func SliceErrors(x tensor.Tensor, m Model) ([][]SliceError, error) {
	return sliceErrors(x, m, fit.Result{})
}

// sliceErrors measures slices by what a result minimised: by the deviance
// where that is not the sum of squares.
func sliceErrors(x tensor.Tensor, m Model, r fit.Result) ([][]SliceError, error) {
	if err := checkModel(m); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if fmt.Sprint(x.Shape()) != fmt.Sprint(m.Shape()) {
		return nil, fmt.Errorf("report: the data have shape %v, the model has %v", x.Shape(), m.Shape())
	}
	l, least := lossOf(r)
	var measure func(x, m float64) (residual, square float64)
	if !least {
		total, cells := 0.0, float64(tensor.Size(x.Shape()))
		switch x := x.(type) {
		case *tensor.Observed:
			total, cells = kernel.Sum(x.Values()), float64(x.Count())
		case *tensor.Dense[float64]:
			total = kernel.Sum(x.Data())
		case *tensor.Dense[float32]:
			for _, v := range x.Data() {
				total += float64(v)
			}
		}
		measure = newDeviance(l, total, cells).of
	}
	var t tally
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		t = denseErrors(x, newChain(m), measure)
	case *tensor.Dense[float32]:
		t = denseErrors(x, newChain(m), measure)
	case *tensor.Observed:
		t = observedErrors(x, newChain(m), measure)
	case listed:
		c, ok := m.(*cp.Tensor)
		if !ok {
			return nil, nil
		}
		var err error
		if t, ok, err = sparseErrors(x, c, l); err != nil || !ok {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("report: slices of a %T cannot be measured; a real dense, sparse or observed tensor is expected", x)
	}
	return t.errors(), nil
}

// tally adds up squares of residuals and of data, a slice each.
type tally struct {
	residual, square [][]float64
	known            [][]int64
}

func newTally(shape []int) tally {
	var t tally
	for _, s := range shape {
		t.residual = append(t.residual, make([]float64, s))
		t.square = append(t.square, make([]float64, s))
		t.known = append(t.known, make([]int64, s))
	}
	return t
}

func (t tally) add(u tally) {
	for n := range t.residual {
		for i := range t.residual[n] {
			t.residual[n][i] += u.residual[n][i]
			t.square[n][i] += u.square[n][i]
			t.known[n][i] += u.known[n][i]
		}
	}
}

func (t tally) errors() [][]SliceError {
	out := make([][]SliceError, len(t.residual))
	for n := range out {
		total, size := kernel.Sum(t.residual[n]), kernel.Sum(t.square[n])
		out[n] = make([]SliceError, len(t.residual[n]))
		for i, r := range t.residual[n] {
			e := SliceError{Index: i, RelativeError: math.Sqrt(r / t.square[n][i]), Known: t.known[n][i]}
			if total > 0 {
				e.Share = r / total
			}
			if size > 0 {
				e.Size = t.square[n][i] / size
			}
			out[n][i] = e
		}
	}
	return out
}

// chain evaluates a model mode by mode. A state is what is left of the model
// when the indices of the first modes are fixed: a vector of width(k) before
// mode k. The last mode is a matrix: the fibre of the model is last*state.
type chain struct {
	shape []int
	start []float64
	width []int // before mode k
	step  func(k, i int, in, out []float64)
	last  *tensor.Matrix[float64] // I_{N-1} × width[N-1]
}

func newChain(m Model) *chain {
	c := &chain{shape: m.Shape()}
	order := len(c.shape)
	c.width = make([]int, order)
	switch m := m.(type) {
	case *cp.Tensor:
		for k := range c.width {
			c.width[k] = len(m.Weights)
		}
		c.start, c.last = m.Weights, m.Factors[order-1]
		c.step = func(k, i int, in, out []float64) {
			for r, f := range m.Factors[k].Row(i) {
				out[r] = in[r] * f
			}
		}
	case *tucker.Tensor:
		ranks := m.Ranks()
		for k := range c.width {
			c.width[k] = tensor.Size(ranks[k:])
		}
		c.start, c.last = m.Core.Data(), m.Factors[order-1]
		c.step = func(k, i int, in, out []float64) {
			clear(out)
			for p, f := range m.Factors[k].Row(i) {
				kernel.Axpy(f, in[p*len(out):(p+1)*len(out)], out)
			}
		}
	case *tt.Tensor:
		cores := make([][]float64, order)
		for k, g := range m.Cores {
			c.width[k] = g.Shape()[0]
			cores[k] = g.Data()
		}
		c.start = []float64{1}
		c.last = tensor.MatrixOf(c.width[order-1], c.shape[order-1], cores[order-1]).Transpose()
		c.step = func(k, i int, in, out []float64) {
			clear(out)
			for a, f := range in {
				kernel.Axpy(f, cores[k][(a*c.shape[k]+i)*len(out):][:len(out)], out)
			}
		}
	}
	return c
}

// prefix walks over the indices of all modes but the last and keeps the
// states on the way, so that only what changes is computed anew.
type prefix struct {
	c      *chain
	idx    []int
	states [][]float64 // states[k]: before mode k
	valid  int         // states[0..valid] belong to idx
}

func (c *chain) prefix() *prefix {
	p := &prefix{c: c, idx: make([]int, len(c.shape)-1), states: make([][]float64, len(c.shape))}
	p.states[0] = c.start
	for k := 1; k < len(p.states); k++ {
		p.states[k] = make([]float64, c.width[k])
	}
	return p
}

// seek sets the indices to those of a row in C order.
func (p *prefix) seek(row int) {
	for k := len(p.idx) - 1; k >= 0; k-- {
		p.set(k, row%p.c.shape[k])
		row /= p.c.shape[k]
	}
}

func (p *prefix) set(k, i int) {
	if p.idx[k] != i {
		p.idx[k] = i
		p.valid = min(p.valid, k)
	}
}

// next goes to the next row.
func (p *prefix) next() {
	for k := len(p.idx) - 1; k >= 0; k-- {
		p.valid = min(p.valid, k)
		if p.idx[k]++; p.idx[k] < p.c.shape[k] {
			return
		}
		p.idx[k] = 0
	}
}

// state is the state before the last mode.
func (p *prefix) state() []float64 {
	for ; p.valid < len(p.idx); p.valid++ {
		p.c.step(p.valid, p.idx[p.valid], p.states[p.valid], p.states[p.valid+1])
	}
	return p.states[p.valid]
}

// denseErrors cuts the rows (all modes but the last) into blocks that depend
// on the shape alone. In a block the model is the product of the states of
// up to chunk rows with the last matrix, some columns at a time.
func denseErrors[T tensor.Float](x *tensor.Dense[T], c *chain, measure func(x, m float64) (residual, square float64)) tally {
	order := len(c.shape)
	fibre := c.shape[order-1]
	rows := tensor.Size(c.shape[:order-1])
	sum := 0
	for _, s := range c.shape {
		sum += s
	}
	columns := min(fibre, 1<<13)
	chunk := max(1, min(rows, 1<<15/columns))
	perBlock := max(chunk, (rows+63)/64, (rows*sum)>>22)
	parts := make([]tally, (rows+perBlock-1)/perBlock)
	par.Blocks(rows, perBlock, func(b, lo, hi int) {
		t := newTally(c.shape)
		width := c.width[order-1]
		states := make([]float64, chunk*width)
		model := make([]float64, chunk*columns)
		p, at := c.prefix(), c.prefix()
		p.seek(lo)
		at.seek(lo)
		for ; lo < hi; lo += chunk {
			n := min(chunk, hi-lo)
			for r := range n {
				copy(states[r*width:], p.state())
				p.next()
			}
			for j := 0; j < fibre; j += columns {
				cols := min(columns, fibre-j)
				last := c.last.Sub(j, j+cols, 0, width)
				kernel.Gemm(1, kernel.RowMajor(n, width, states), last.View().T(), 0, kernel.RowMajor(n, cols, model))
				at.seek(lo)
				for r := range n {
					addRow(t, x, at.idx, j, model[r*cols:(r+1)*cols], measure)
					at.next()
				}
			}
		}
		parts[b] = t
	})
	for _, t := range parts[1:] {
		parts[0].add(t)
	}
	return parts[0]
}

// addRow adds part of one fibre of the data, from index j of the last mode on.
func addRow[T tensor.Float](t tally, x *tensor.Dense[T], idx []int, j int, model []float64, measure func(x, m float64) (residual, square float64)) {
	strides := x.Strides()
	last := len(idx)
	at := j * strides[last]
	for k, i := range idx {
		at += i * strides[k]
	}
	data := x.Raw()
	residual, square, known := t.residual[last][j:], t.square[last][j:], t.known[last][j:]
	rowResidual, rowSquare := 0.0, 0.0
	for i, m := range model {
		v := float64(data[at])
		at += strides[last]
		d, q := (v-m)*(v-m), v*v
		if measure != nil {
			d, q = measure(v, m)
		}
		residual[i] += d
		square[i] += q
		known[i]++
		rowResidual += d
		rowSquare += q
	}
	for k, i := range idx {
		t.residual[k][i] += rowResidual
		t.square[k][i] += rowSquare
		t.known[k][i] += int64(len(model))
	}
}

// observedErrors evaluates the model at the known entries only. Entries that
// follow each other on a fibre share their state.
func observedErrors(x *tensor.Observed, c *chain, measure func(x, m float64) (residual, square float64)) tally {
	last := len(c.shape) - 1
	values := x.Values()
	perBlock := max(1<<12, (len(values)+63)/64)
	parts := make([]tally, (len(values)+perBlock-1)/perBlock)
	if len(parts) == 0 {
		return newTally(c.shape)
	}
	par.Blocks(len(values), perBlock, func(b, lo, hi int) {
		t := newTally(c.shape)
		p := c.prefix()
		for e := lo; e < hi; e++ {
			for k := range p.idx {
				p.set(k, int(x.Indices(k)[e]))
			}
			m := kernel.Dot(p.state(), c.last.Row(int(x.Indices(last)[e])))
			v := values[e]
			d, q := (v-m)*(v-m), v*v
			if measure != nil {
				d, q = measure(v, m)
			}
			for k := range c.shape {
				i := x.Indices(k)[e]
				t.residual[k][i] += d
				t.square[k][i] += q
				t.known[k][i]++
			}
		}
		parts[b] = t
	})
	for _, t := range parts[1:] {
		parts[0].add(t)
	}
	return parts[0]
}
