package stream

import (
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// LossGradient is that of tensor.Dense, in one pass.
func (x *Tensor) LossGradient(factors, grads []*tensor.Matrix[float64], f tensor.Elementwise) float64 {
	if len(factors) == 0 {
		panic("stream: LossGradient without factors")
	}
	rank := factors[0].Cols
	x.checkFactors("LossGradient", factors, rank, -1)
	if grads == nil {
		grads = make([]*tensor.Matrix[float64], len(factors))
	}
	if len(grads) != len(factors) {
		panic(fmt.Sprintf("stream: LossGradient: %d gradients for %d modes", len(grads), len(factors)))
	}
	parts := make([]*tensor.Matrix[float64], len(grads)) // what a slab adds
	for n, g := range grads {
		if g == nil {
			continue
		}
		if g.Rows != x.shape[n] || g.Cols != rank {
			panic(fmt.Sprintf("stream: LossGradient: gradient %d is %d×%d; %d×%d is expected", n, g.Rows, g.Cols, x.shape[n], rank))
		}
		for i := range g.Rows {
			clear(g.Row(i))
		}
		parts[n] = tensor.NewMatrix[float64](g.Rows, rank)
	}
	total := 0.0
	err := x.each(x.all(), -1, func(b box, s dense) error {
		of := make([]*tensor.Matrix[float64], len(grads))
		for n, p := range parts {
			if p != nil {
				of[n] = p.Sub(0, b.hi[n]-b.lo[n], 0, rank)
			}
		}
		total += s.LossGradient(rows(factors, b, -1), of, f)
		for n, p := range of {
			if p == nil {
				continue
			}
			for i := range p.Rows {
				kernel.Axpy(1, p.Row(i), grads[n].Row(b.lo[n]+i))
			}
		}
		return nil
	})
	if err != nil {
		for _, g := range grads {
			if g != nil {
				spoil(g)
			}
		}
		return math.NaN()
	}
	return total
}

// errFound ends a pass that has found what it looked for.
var errFound = errors.New("found")

// FindCell is the first element in the order of the file whose value has a
// property; slabs are asked one after the other, each in its own order.
func (x *Tensor) FindCell(has func(v float64) bool) (at []int, value float64, found bool) {
	// A fault is kept for Err, and nothing is found.
	_ = x.each(x.all(), -1, func(b box, s dense) error {
		if at, value, found = s.FindCell(has); !found {
			return nil
		}
		for n := range at {
			at[n] += b.lo[n]
		}
		return errFound
	})
	return at, value, found
}
