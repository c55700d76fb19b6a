package dain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
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

// Options of [Run]. The zero value works.
type Options struct {
	// Width is the length of an embedding. Default 8.
	Width int
	// Hidden are the sizes of the hidden layers. Default 32, 16.
	Hidden []int
	// Epochs is the number of passes over the cells. Default 60.
	Epochs int
	// Batch is the number of cells of a step. Default 128.
	Batch int
	// Rate is the step size of Adam. Default 0.003.
	Rate float64
	// Decay is the weight of ||e||^2/2 in the loss of a batch. Default 1e-4.
	Decay float64
	// Checkpoints is how many states of the net the influence is traced
	// over. Default 6.
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
	// Train; Importance is that of each entity, a mode.
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
	def(&o.Epochs, 60)
	def(&o.Batch, 128)
	def(&o.Checkpoints, 6)
	def(&o.Teachers, 4)
	real(&o.Rate, 0.003)
	real(&o.Decay, 1e-4)
	real(&o.Valid, 0.1)
	real(&o.Added, 1)
	if o.Hidden == nil {
		o.Hidden = []int{32, 16}
	}
	if o.Sampling == "" {
		o.Sampling = Influence
	}
	var errs []error
	for _, v := range append([]int{o.Width, o.Epochs, o.Batch, o.Checkpoints, o.Teachers}, o.Hidden...) {
		if v < 1 {
			errs = append(errs, fmt.Errorf("a width, layer, batch or number of epochs, checkpoints or teachers is %d: positive numbers are expected", v))
		}
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

// The streams of random numbers, so that no two uses share one. Teacher k has
// streamNet+2k and the number after it.
const (
	streamCells uint64 = iota + 1
	streamFinal
	streamNet = 16
)

// Run trains a net, traces which cells served it, adds new cells among the
// entities that matter, with values from several nets, and trains a net on
// all of them. See the package comment.
func Run(ctx context.Context, x *tensor.Observed, opt Options) (*Result, error) {
	began := time.Now()
	o, err := opt.prepare(x)
	if err != nil {
		return nil, fmt.Errorf("dain: %w", err)
	}
	res := &Result{}
	train, valid := x.Split(o.Valid, o.Seed)
	if valid.Count() == 0 {
		train, valid = x.Split(1.5/float64(x.Count()), o.Seed)
	}
	res.Train = train
	mean, scale := moment(train.Values())
	fit := func(number uint64, index [][]int32, targets []float64) (*trainer, error) {
		rng := rand.New(rand.NewPCG(o.Seed, number))
		net := newNet(x.Shape(), o.Width, o.Hidden, rng)
		net.mean, net.scale = mean, scale
		t := newTrainer(o, net, index, targets, lists(valid), standard(valid.Values(), mean, scale))
		return t, t.run(ctx, rng)
	}
	index, targets := lists(train), standard(train.Values(), mean, scale)
	first, err := fit(streamNet, index, targets)
	if err != nil {
		return nil, fmt.Errorf("dain: %w", err)
	}
	if math.IsInf(first.bestError, 1) {
		return nil, fmt.Errorf("dain: the net diverged at rate %v; take a smaller one", o.Rate)
	}
	res.Plain, res.Before = first.best, first.bestError*scale
	res.Net, res.After = res.Plain, res.Before
	res.Influence = first.influence()
	res.Importance = importance(x.Shape(), index, res.Influence)
	if o.Sampling != None {
		if err := res.augment(x, o, first, fit); err != nil {
			return nil, fmt.Errorf("dain: %w", err)
		}
	}
	res.Seconds = time.Since(began).Seconds()
	return res, nil
}

// augment draws new cells, values them and trains the net that is kept.
func (r *Result) augment(x *tensor.Observed, o Options, first *trainer, fit func(uint64, [][]int32, []float64) (*trainer, error)) error {
	weights := weightsOf(r.Importance)
	if o.Sampling == Uniform {
		for n := range weights {
			for i := range weights[n] {
				weights[n][i] = 1
			}
		}
	}
	known := make(map[string]bool, x.Count())
	at := make([]int32, len(x.Shape()))
	for e := range x.Count() {
		for n := range at {
			at[n] = x.Indices(n)[e]
		}
		known[key(at)] = true
	}
	extra := cells(x.Shape(), int(math.Round(o.Added*float64(r.Train.Count()))), weights, known, rand.New(rand.NewPCG(o.Seed, streamCells)))
	if len(extra[0]) == 0 {
		return nil // every cell is known
	}
	values := first.best.Predict(extra)
	for k := 1; k < o.Teachers; k++ {
		t, err := fit(streamNet+uint64(k), first.index, first.targets)
		if err != nil {
			return err
		}
		for e, v := range t.best.Predict(extra) {
			values[e] += v
		}
	}
	for e := range values {
		values[e] /= float64(o.Teachers)
	}
	var err error
	if r.Added, err = tensor.NewObserved(x.Shape(), extra, values); err != nil {
		return err
	}
	index := make([][]int32, len(extra))
	for n := range index {
		index[n] = slices.Concat(first.index[n], extra[n])
	}
	last, err := fit(streamFinal, index, slices.Concat(first.targets, standard(values, r.mean, r.scale)))
	if err != nil {
		return err
	}
	r.Net, r.After = last.best, last.bestError*r.scale
	return nil
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
