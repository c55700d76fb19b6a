package stream

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/polyad/polyad/tensor"
)

// Data is what a [Journal] remembers the passes of: a [Tensor] or a real
// tensor.Dense.
type Data interface {
	tensor.Sequential
	Epsilon() float64
	CountNonFinite() (nan, inf int)
	MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
	ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64
	ModeGram(mode int) *tensor.Matrix[float64]
	Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error
	Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
	ProjectIn(buf []float64, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
	Residual(model func(mode, lo, hi int) *tensor.Dense[float64]) float64
}

var (
	_ Data = (*Tensor)(nil)
	_ Data = (*tensor.Dense[float64])(nil)
	_ Data = (*tensor.Dense[float32])(nil)
)

// Journaled is data whose finished passes a journal keeps. It is used by one
// goroutine at a time.
type Journaled struct {
	Data
	journal *Journal
	norm    *float64
}

// Wrap is the data with their passes kept in the journal.
func (j *Journal) Wrap(x Data) *Journaled { return &Journaled{Data: x, journal: j} }

// Err is the fault that the data met.
func (x *Journaled) Err() error { return tensor.Err(x.Data) }

// question is a contraction and its arguments.
type question struct{ hash.Hash }

func (x *Journaled) ask(what string, mode int) question {
	q := question{sha256.New()}
	fmt.Fprintf(q, "%s %d of %v\n", what, mode, x.Shape())
	return q
}

func (q question) numbers(v []float64) question {
	q.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(v))))
	q.Write(bytesOf(v, 1))
	return q
}

func (q question) matrices(list []*tensor.Matrix[float64], skip int) question {
	for n, m := range list {
		if n == skip {
			continue
		}
		for i := range m.Rows {
			q.numbers(m.Row(i))
		}
	}
	return q
}

func (q question) sum() (s [sha256.Size]byte) {
	q.Sum(s[:0])
	return s
}

// matrix answers a question with a matrix.
func (x *Journaled) matrix(q question, compute func() (*tensor.Matrix[float64], error)) (*tensor.Matrix[float64], error) {
	key := q.sum()
	if head, v, ok := x.journal.recall(key, 2, nil); ok && len(v) == int(head[0])*int(head[1]) {
		return tensor.MatrixOf(int(head[0]), int(head[1]), v), nil
	}
	m, err := compute()
	if err != nil {
		return nil, err
	}
	if x.Err() == nil {
		parts := [][]float64{{float64(m.Rows), float64(m.Cols)}}
		if m.Stride == m.Cols {
			parts = append(parts, m.Data)
		} else {
			for i := range m.Rows {
				parts = append(parts, m.Row(i))
			}
		}
		x.journal.keep(key, parts...)
	}
	return m, nil
}

// number answers a question with a number.
func (x *Journaled) number(q question, compute func() float64) float64 {
	// The function gives no error, so matrix gives none.
	m, _ := x.matrix(q, func() (*tensor.Matrix[float64], error) {
		return tensor.MatrixOf(1, 1, []float64{compute()}), nil
	})
	return m.Data[0]
}

// Norm is the norm of the data.
func (x *Journaled) Norm() float64 {
	if x.norm == nil {
		v := x.number(x.ask("norm", 0), x.Data.Norm)
		x.norm = &v
	}
	return *x.norm
}

// MTTKRP is that of the data.
func (x *Journaled) MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int) {
	m, _ := x.matrix(x.ask("mttkrp", mode).matrices(factors, mode), func() (*tensor.Matrix[float64], error) {
		x.Data.MTTKRP(dst, factors, mode)
		return dst, nil
	})
	if m != dst {
		for i := range dst.Rows {
			copy(dst.Row(i), m.Row(i))
		}
	}
}

// ResidualNorm is that of the data.
func (x *Journaled) ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64 {
	return x.number(x.ask("residual norm", 0).numbers(weights).matrices(factors, -1), func() float64 {
		return x.Data.ResidualNorm(weights, factors)
	})
}

// ModeGram is that of the data.
func (x *Journaled) ModeGram(mode int) *tensor.Matrix[float64] {
	m, _ := x.matrix(x.ask("gram", mode), func() (*tensor.Matrix[float64], error) {
		return x.Data.ModeGram(mode), nil
	})
	return m
}

// Remember is what was computed from the data by several passes, or by one
// with Fibers; those are not kept themselves.
func (x *Journaled) Remember(what string, compute func() (*tensor.Matrix[float64], error)) (*tensor.Matrix[float64], error) {
	return x.matrix(x.ask(what, 0), func() (*tensor.Matrix[float64], error) {
		x.journal.paused = true
		defer func() { x.journal.paused = false }()
		return compute()
	})
}

// Residual is that of the data.
func (x *Journaled) Residual(model func(mode, lo, hi int) *tensor.Dense[float64]) float64 {
	// The model is the outcome of the answers before, so that it need not be
	// part of the question.
	return x.number(x.ask("residual", 0), func() float64 { return x.Data.Residual(model) })
}

// Project is that of the data. The elements are kept as they lie in memory.
func (x *Journaled) Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	return x.ProjectIn(nil, u, mode)
}

// ProjectIn is Project in the memory buf, if that is long enough, whether the
// numbers are recalled or computed.
func (x *Journaled) ProjectIn(buf []float64, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	key := x.ask("project", mode).matrices([]*tensor.Matrix[float64]{u}, -1).sum()
	shape := append([]int(nil), x.Shape()...)
	shape[mode] = u.Cols
	order := len(shape)
	if head, v, ok := x.journal.recall(key, order, buf); ok && len(v) == tensor.Size(shape) {
		strides := make([]int, order)
		for n := range strides {
			strides[n] = int(head[n])
		}
		y := tensor.Strided(v, shape, strides)
		axes := tensor.CloneAxes(x.Axes())
		axes[mode] = tensor.Axis{Name: axes[mode].Name}
		if err := y.SetAxes(axes...); err != nil {
			panic("stream: " + err.Error())
		}
		return y
	}
	y := x.Data.ProjectIn(buf, u, mode)
	if x.Err() == nil && len(y.Raw()) >= y.Len() {
		strides := make([]float64, order)
		for n, s := range y.Strides() {
			strides[n] = float64(s)
		}
		x.journal.keep(key, strides, y.Raw()[:y.Len()])
	}
	return y
}

// Reshaped is that of the data, with the same journal.
func (x *Journaled) Reshaped(shape ...int) tensor.Sequential {
	return &Journaled{Data: x.Data.Reshaped(shape...).(Data), journal: x.journal, norm: x.norm}
}

// Transposed is that of the data, with the same journal.
func (x *Journaled) Transposed() tensor.Sequential {
	return &Journaled{Data: x.Data.Transposed().(Data), journal: x.journal, norm: x.norm}
}
