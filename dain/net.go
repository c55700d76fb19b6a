package dain

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Net is a neural model of a tensor: a vector of numbers for each index of
// each mode, put side by side for a cell, and layers of rectified linear
// units on top:
//
//	h_0 = (e_0[i_0], …, e_{N-1}[i_{N-1}]),  h_{l+1} = max(0, h_l*W_l + b_l),
//
// the last layer with one output and no rectifier.
type Net struct {
	Embeddings []*tensor.Matrix[float64] // I_n×d
	Weights    []*tensor.Matrix[float64] // in×out
	Biases     [][]float64

	mean, scale float64 // of the data
}

func newNet(shape []int, width int, hidden []int, rng *rand.Rand) *Net {
	n := &Net{scale: 1}
	normal := func(rows, cols int, sd float64) *tensor.Matrix[float64] {
		m := tensor.NewMatrix[float64](rows, cols)
		for i := range m.Data {
			m.Data[i] = sd * rng.NormFloat64()
		}
		return m
	}
	for _, s := range shape {
		n.Embeddings = append(n.Embeddings, normal(s, width, 0.3))
	}
	in := width * len(shape)
	for _, out := range append(slices.Clone(hidden), 1) {
		n.Weights = append(n.Weights, normal(in, out, math.Sqrt(2/float64(in))))
		n.Biases = append(n.Biases, make([]float64, out))
		in = out
	}
	return n
}

func (n *Net) clone() *Net {
	c := &Net{mean: n.mean, scale: n.scale}
	for _, e := range n.Embeddings {
		c.Embeddings = append(c.Embeddings, e.Clone())
	}
	for l, w := range n.Weights {
		c.Weights = append(c.Weights, w.Clone())
		c.Biases = append(c.Biases, slices.Clone(n.Biases[l]))
	}
	return c
}

// approach moves n by a share of the way to m.
func (n *Net) approach(m *Net, share float64) {
	move := func(x, y []float64) {
		for i, v := range y {
			x[i] += share * (v - x[i])
		}
	}
	for l, e := range n.Embeddings {
		move(e.Data, m.Embeddings[l].Data)
	}
	for l, w := range n.Weights {
		move(w.Data, m.Weights[l].Data)
		move(n.Biases[l], m.Biases[l])
	}
}

// Predict is the model at the cells of lists of indices, one list a mode.
func (n *Net) Predict(index [][]int32) []float64 {
	out := make([]float64, len(index[0]))
	p := newPass(n)
	for lo := 0; lo < len(out); lo += batchOfPredict {
		hi := min(lo+batchOfPredict, len(out))
		copy(out[lo:hi], p.forward(index, nil, lo, hi))
	}
	for e, v := range out {
		out[e] = n.mean + n.scale*v
	}
	return out
}

const batchOfPredict = 1024

// pass is the memory of a batch on its way through a net and back.
type pass struct {
	net    *Net
	h      []*tensor.Matrix[float64] // the input of each layer, and the output
	d      []*tensor.Matrix[float64] // the derivatives of the loss by them
	dw     []*tensor.Matrix[float64]
	db     [][]float64
	choice []int32 // the cells of the batch
}

func newPass(n *Net) *pass {
	p := &pass{net: n}
	for l, w := range n.Weights {
		p.dw = append(p.dw, tensor.NewMatrix[float64](w.Rows, w.Cols))
		p.db = append(p.db, make([]float64, len(n.Biases[l])))
	}
	return p
}

// forward is the net at the cells order[lo:hi], or lo, …, hi-1 if order is
// nil. The answer lives until the next call.
func (p *pass) forward(index [][]int32, order []int, lo, hi int) []float64 {
	n := p.net
	width := n.Embeddings[0].Cols
	if p.h == nil || p.h[0].Rows != hi-lo {
		p.h, p.d = nil, nil
		for _, w := range n.Weights {
			p.h = append(p.h, tensor.NewMatrix[float64](hi-lo, w.Rows))
			p.d = append(p.d, tensor.NewMatrix[float64](hi-lo, w.Rows))
		}
		p.h = append(p.h, tensor.NewMatrix[float64](hi-lo, 1))
		p.d = append(p.d, tensor.NewMatrix[float64](hi-lo, 1))
		p.choice = make([]int32, hi-lo)
	}
	for k := range p.choice {
		e := lo + k
		if order != nil {
			e = order[e]
		}
		p.choice[k] = int32(e)
		for m, emb := range n.Embeddings {
			copy(p.h[0].Row(k)[m*width:], emb.Row(int(index[m][e])))
		}
	}
	for l, w := range n.Weights {
		out := p.h[l+1]
		for k := range out.Rows {
			copy(out.Row(k), n.Biases[l])
		}
		kernel.Gemm(1, p.h[l].View(), w.View(), 1, out.View())
		if l+1 < len(n.Weights) {
			for k, v := range out.Data {
				if v < 0 {
					out.Data[k] = 0
				}
			}
		}
	}
	return p.h[len(n.Weights)].Data
}

// backward takes the derivatives of the loss by the outputs, which it finds
// in the last of d, to all parameters; those by the embeddings are in d[0].
func (p *pass) backward() {
	n := p.net
	for l := len(n.Weights) - 1; l >= 0; l-- {
		d := p.d[l+1]
		if l+1 < len(n.Weights) {
			for k, v := range p.h[l+1].Data {
				if v == 0 {
					d.Data[k] = 0
				}
			}
		}
		kernel.Gemm(1, p.h[l].View().T(), d.View(), 0, p.dw[l].View())
		clear(p.db[l])
		for k := range d.Rows {
			for j, v := range d.Row(k) {
				p.db[l][j] += v
			}
		}
		kernel.Gemm(1, d.View(), n.Weights[l].View().T(), 0, p.d[l].View())
	}
}

// slopes fills the last of d with the derivatives 2*(output - target)/count
// of a mean squared error and returns the sum of squares.
func (p *pass) slopes(targets []float64, count int) float64 {
	out, d, s := p.h[len(p.h)-1].Data, p.d[len(p.d)-1].Data, 0.0
	for k, e := range p.choice {
		r := out[k] - targets[e]
		d[k] = 2 * r / float64(count)
		s += r * r
	}
	return s
}
