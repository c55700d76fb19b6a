package dain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/polyad/polyad/tensor"
)

// Sampling says which new cells are added.
type Sampling string

// The ways to add cells.
const (
	Influence Sampling = "influence" // by the importance of their entities
	Uniform   Sampling = "uniform"   // all alike
	None      Sampling = "none"      // no cells
)

// Limits that keep the time and the memory of a mistyped number in bounds.
const (
	mostTeachers = 1000
	mostWidth    = 1 << 16
)

// Options of [Run]. The zero value works.
type Options struct {
	// Width is the length of an embedding. Default 8.
	Width int
	// Hidden are the sizes of the hidden layers. Default 32, 16.
	Hidden []int
	// Epochs is the greatest number of passes over the cells. Default 120.
	Epochs int
	// Patience ends the training after so many epochs in which the validation
	// cells were not served better than before. Default 20.
	Patience int
	// Batch is the number of cells of a step. Default 128.
	Batch int
	// Rate is the step size of Adam. Default 0.02.
	Rate float64
	// Decay is the weight of ||e||^2/2 in the loss of a batch. Default 2e-3.
	Decay float64
	// Checkpoints is how many states of the net, spread over Epochs, the
	// influence is traced over at most. Default 6.
	Checkpoints int
	// Valid is the share of the cells that are kept for validation: they
	// choose the epoch, and influence is measured on them. Default 0.1.
	Valid float64
	// Added is the number of new cells, as a multiple of the known ones.
	// Default 1.
	Added float64
	// Sampling says which. Default Influence.
	Sampling Sampling
	// Teachers is the number of nets whose mean is the value of a new cell:
	// the first one and others from other starts. Default 4.
	Teachers int
	// Seed makes the run repeatable, at any number of threads.
	Seed uint64
}

// Result is a net and how it came about.
type Result struct {
	*Net
	// Plain is the net without new cells, which the influences are those of.
	Plain *Net
	// Influence is that of each cell of the training part, in the order of
	// Train; Importance is the sum of the absolute influences of the cells of
	// each entity, a mode.
	Influence  []float64
	Importance [][]float64
	Train      *tensor.Observed // without the validation cells
	Added      *tensor.Observed // new cells with their values; nil if there are none
	// Before and After are the root mean square errors of the validation
	// cells, without new cells and with them.
	Before, After float64
	Seconds       float64
}

func (o Options) prepare(x *tensor.Observed) (Options, error) {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	real := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&o.Width, 8)
	def(&o.Epochs, 120)
	def(&o.Patience, 20)
	def(&o.Batch, 128)
	def(&o.Checkpoints, 6)
	def(&o.Teachers, 4)
	real(&o.Rate, 0.02)
	real(&o.Decay, 2e-3)
	real(&o.Valid, 0.1)
	real(&o.Added, 1)
	if o.Hidden == nil {
		o.Hidden = []int{32, 16}
	}
	if o.Sampling == "" {
		o.Sampling = Influence
	}
	var errs []error
	for _, v := range append([]int{o.Width, o.Epochs, o.Patience, o.Batch, o.Checkpoints, o.Teachers}, o.Hidden...) {
		if v < 1 {
			errs = append(errs, fmt.Errorf("a width, layer, batch or number of epochs, of patience, checkpoints or teachers is %d: positive numbers are expected", v))
		}
	}
	if o.Width > mostWidth {
		errs = append(errs, fmt.Errorf("embeddings of %d numbers: at most %d are expected", o.Width, mostWidth))
	}
	if o.Teachers > mostTeachers {
		errs = append(errs, fmt.Errorf("%d teachers: at most %d are expected", o.Teachers, mostTeachers))
	}
	if !(o.Rate > 0 && o.Rate < 1) {
		errs = append(errs, fmt.Errorf("rate %v: a number between 0 and 1 is expected", o.Rate))
	}
	if !(o.Decay >= 0 && o.Decay < math.Inf(1)) {
		errs = append(errs, fmt.Errorf("decay %v: a number, zero or positive, is expected", o.Decay))
	}
	if !(o.Valid > 0 && o.Valid < 1) {
		errs = append(errs, fmt.Errorf("share of validation cells %v: a number between 0 and 1 is expected", o.Valid))
	}
	if !(o.Added > 0 && o.Added < 1000) {
		errs = append(errs, fmt.Errorf("new cells for each known one: %v; a number between 0 and 1000 is expected", o.Added))
	}
	if !slices.Contains([]Sampling{Influence, Uniform, None}, o.Sampling) {
		errs = append(errs, fmt.Errorf("sampling %q: influence, uniform or none is expected", o.Sampling))
	}
	if len(x.Shape()) < 2 {
		errs = append(errs, fmt.Errorf("the tensor has %d modes; two at least are needed", len(x.Shape())))
	}
	if x.Count() < 20 {
		errs = append(errs, fmt.Errorf("%d cells are known; a net needs 20 at least", x.Count()))
	} else if norm := x.Norm(); math.IsNaN(norm) || math.IsInf(norm, 0) {
		errs = append(errs, errors.New("a known cell is NaN or infinite; leave such cells out"))
	}
	return o, errors.Join(errs...)
}

// Run trains a net, traces which cells served it, adds new cells among the
// entities that matter, with values from several nets, and trains a net on
// all of them. The influence of a cell z on the validation cells z' is
//
//	sum_t η * sum_n <∂L(z)/∂e_n[i_n], sum_{z': i'_n = i_n} ∂L(z')/∂e_n[i_n]>
//
// over the checkpoints t and the modes n, with η the rate, L the squared error
// and e_n[i_n] the embedding that the cells share (TracIn; Pruthi et al. 2020,
// arXiv:2002.08484). Errors: options at fault, too few known cells, numbers
// that are not finite, and ctx's after a cancellation.
func Run(ctx context.Context, x *tensor.Observed, opt Options) (*Result, error) {
	began := time.Now()
	o, err := opt.prepare(x)
	if err != nil {
		return nil, fmt.Errorf("dain: %w", err)
	}
	j := newJob(x, o)
	if err := j.teach(ctx, 1); err != nil {
		return nil, fmt.Errorf("dain: %w", err)
	}
	first := j.teachers[0]
	res := &Result{Train: j.train, Plain: first.best, Before: first.bestError * j.scale, Influence: first.influence()}
	res.Net, res.After = res.Plain, res.Before
	res.Importance = importance(x.Shape(), j.index, res.Influence)
	if o.Sampling != None {
		weights := res.Importance
		if o.Sampling == Uniform {
			weights = flat(x.Shape())
		}
		if extra := j.draw(weights); len(extra[0]) > 0 { // else every cell is known
			if err := j.teach(ctx, o.Teachers); err != nil {
				return nil, fmt.Errorf("dain: %w", err)
			}
			values := j.predict(extra)
			if res.Added, err = tensor.NewObserved(x.Shape(), extra, values); err != nil {
				return nil, fmt.Errorf("dain: %w", err)
			}
			last, err := j.fit(ctx, streamFinal, extra, values)
			if err != nil {
				return nil, fmt.Errorf("dain: %w", err)
			}
			res.Net, res.After = last.best, last.bestError*j.scale
		}
	}
	res.Seconds = time.Since(began).Seconds()
	return res, nil
}

func lists(x *tensor.Observed) [][]int32 {
	index := make([][]int32, len(x.Shape()))
	for n := range index {
		index[n] = x.Indices(n)
	}
	return index
}

// moment is the mean and the standard deviation, 1 if that is zero.
func moment(v []float64) (mean, scale float64) {
	for _, f := range v {
		mean += f / float64(len(v))
	}
	for _, f := range v {
		scale += (f - mean) * (f - mean) / float64(len(v))
	}
	if scale = math.Sqrt(scale); scale == 0 {
		scale = 1
	}
	return mean, scale
}

func standard(v []float64, mean, scale float64) []float64 {
	out := make([]float64, len(v))
	for i, f := range v {
		out[i] = (f - mean) / scale
	}
	return out
}
