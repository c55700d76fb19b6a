package complete

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
)

const (
	withinOne = 0.6827 // of a normal distribution lies within one standard deviation
	smallest  = 1e-6   // ridge of the covariances: slices without entries have one too
	fillLimit = 1 << 31
)

var errLoaded = errors.New("complete: a model that was loaded does not say which entries were known")

func indices(x *tensor.Observed) [][]int32 {
	index := make([][]int32, len(x.Shape()))
	for n := range index {
		index[n] = x.Indices(n)
	}
	return index
}

// valuesOf is a model at the entries of lists of indices, one list a mode.
func valuesOf(f format, m model.Model, index [][]int32) []float64 {
	return partial.Values(f.blocks(m, 1), index)
}

// means are what is expected of entries, given the values of a model.
func means(l loss.Loss, values []float64) []float64 {
	for e, m := range values {
		values[e] = l.Mean(m)
	}
	return values
}

// deviance is the mean over entries.
func deviance(l loss.Loss, held, values []float64) float64 {
	s := 0.0
	for e, m := range values {
		s += l.Deviance(held[e], m)
	}
	return s / float64(len(held))
}

// predictions are a model's at the entries of lists of indices.
func (r *Result) predictions(index [][]int32) []float64 {
	f := formats[model.Method(r.Model)]
	return clipped(means(r.loss, valuesOf(f, r.Model, index)), r.Low, r.High)
}

func clipped(v []float64, low, high float64) []float64 {
	for e := range v {
		v[e] = min(max(v[e], low), high)
	}
	return v
}

// within is what 68.27 % of distances are within. It sorts them.
func within(off []float64) float64 {
	slices.Sort(off)
	return off[min(len(off)-1, int(withinOne*float64(len(off))))]
}

// calibrate measures, on the entries left out, how far predictions are off.
func (r *Result) calibrate(s *search, f format) error {
	x := r.known
	ridge := max(r.Chosen.Ridge, smallest)
	covariance := func(x *tensor.Observed, m model.Model) (*partial.Covariance, error) {
		unit, rms := partial.Unit(x)
		return partial.CovarianceOf(unit, f.blocks(m, rms), ridge)
	}
	r.Deviance, r.AUC, r.Sigma = math.NaN(), math.NaN(), math.NaN()
	var held, predicted, scaled []float64
	for k, fold := range s.folds {
		m := r.Chosen.models[k]
		v := s.evaluate(m, fold.Test)
		held, predicted = append(held, fold.Test.Values()...), append(predicted, v...)
		if !s.opt.squares() {
			continue
		}
		c, err := covariance(fold.Train, m)
		if err != nil {
			return err
		}
		for e, spread := range c.Variances(indices(fold.Test)) {
			scaled = append(scaled, math.Abs(fold.Test.Values()[e]-v[e])/math.Sqrt(1+spread))
		}
	}
	if len(scaled) > 0 {
		r.Sigma = within(scaled)
	}
	if s.opt.squares() && len(held) > 0 {
		off := make([]float64, len(held))
		for e, v := range held {
			off[e] = math.Abs(v - predicted[e])
		}
		r.Fit.PredictionSE = within(off)
	}
	if binary(x.Values()) && len(held) > 0 {
		r.Deviance, r.AUC = bernoulli(held, predicted), auc(held, predicted)
	}
	if !s.opt.squares() {
		if len(held) > 0 {
			r.Deviance = r.Chosen.Deviance
		}
		return nil
	}
	var err error
	_, r.unit = partial.Unit(x)
	r.cov, err = covariance(x, r.Model)
	return err
}

// Predict is the values at the entries of lists of indices, one list a mode,
// and their standard errors (NaN if there was too little to measure them, or with a
// loss other than Gaussian).
// It panics for an index out of range.
func (r *Result) Predict(index [][]int32) (values, se []float64) {
	for n, size := range r.Model.Shape() {
		for e, i := range index[n] {
			if i < 0 || int(i) >= size {
				panic(fmt.Sprintf("complete: entry %d has index %d on mode %d of size %d", e, i, n, size))
			}
		}
	}
	values = r.predictions(index)
	if r.cov == nil {
		se = make([]float64, len(values))
	} else {
		se = r.cov.Variances(index)
	}
	for e, v := range se {
		se[e] = r.Sigma * math.Sqrt(1+v)
	}
	return values, se
}

// Unknown lists the indices of the entries that are not known; see [Unknown].
// A result that was loaded does not know which they are.
func (r *Result) Unknown() ([][]int32, error) {
	if r.known == nil {
		return nil, errLoaded
	}
	return Unknown(r.known)
}

// Unknown lists the indices of the entries of a tensor that are not known, one
// list a mode, in C order. Tensors of 2^31 cells or more are an error.
func Unknown(x *tensor.Observed) ([][]int32, error) {
	shape := x.Shape()
	cells := tensor.Cells(shape)
	if cells >= fillLimit {
		return nil, fmt.Errorf("complete: the tensor has %.3g cells, too many to list; predict those that are needed", cells)
	}
	seen := make([]bool, int(cells))
	strides := tensor.CStrides(shape)
	for e := range x.Count() {
		at := 0
		for n, s := range strides {
			at += int(x.Indices(n)[e]) * s
		}
		seen[at] = true
	}
	index := make([][]int32, len(shape))
	for n := range index {
		index[n] = make([]int32, 0, len(seen)-x.Count())
	}
	at := make([]int32, len(shape))
	for _, known := range seen {
		if !known {
			for n, i := range at {
				index[n] = append(index[n], i)
			}
		}
		for n := len(at) - 1; n >= 0; n-- {
			if at[n]++; int(at[n]) < shape[n] {
				break
			}
			at[n] = 0
		}
	}
	return index, nil
}

// Fill is the whole tensor: the known entries as they are, predictions
// elsewhere. Tensors of 2^31 cells or more, and results that were loaded, are
// an error.
func (r *Result) Fill() (*tensor.Dense[float64], error) {
	if r.known == nil {
		return nil, errLoaded
	}
	if cells := tensor.Cells(r.known.Shape()); cells >= fillLimit {
		return nil, fmt.Errorf("complete: the tensor has %.3g cells, too many to fill in memory; predict those that are needed", cells)
	}
	y := r.Model.Dense()
	data := y.Data()
	par.Blocks(len(data), 1<<14, func(_, lo, hi int) {
		clipped(means(r.loss, data[lo:hi]), r.Low, r.High)
	})
	put(y, indices(r.known), r.known.Values())
	return y, nil
}

// Fill is a whole tensor: the known entries as they are, zero elsewhere, but
// for the given values at the entries of lists of indices, one list a mode.
func Fill(x *tensor.Observed, index [][]int32, values []float64) *tensor.Dense[float64] {
	y := x.Dense(0)
	put(y, index, values)
	return y
}

// put sets the entries of lists of indices.
func put(y *tensor.Dense[float64], index [][]int32, values []float64) {
	data, strides := y.Data(), tensor.CStrides(y.Shape())
	for e, v := range values {
		at := 0
		for n, s := range strides {
			at += int(index[n][e]) * s
		}
		data[at] = v
	}
}

// binary reports data that are all 0 or 1, and not all alike.
func binary(values []float64) bool {
	ones := 0
	for _, v := range values {
		if v != 0 && v != 1 {
			return false
		}
		ones += int(v)
	}
	return ones > 0 && ones < len(values)
}

// bernoulli is the mean deviance -2*log p of what happened, with predictions
// as probabilities of 1, kept away from 0 and 1.
func bernoulli(held, predicted []float64) float64 {
	const edge = 1e-3
	s := 0.0
	for e, p := range predicted {
		p = min(max(p, edge), 1-edge)
		if held[e] == 0 {
			p = 1 - p
		}
		s -= 2 * math.Log(p)
	}
	return s / float64(len(held))
}

// auc is the area under the receiver operating characteristic: the
// probability that a 1 is predicted higher than a 0, ties counting half.
func auc(held, predicted []float64) float64 {
	order := make([]int, len(held))
	for e := range order {
		order[e] = e
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(predicted[a], predicted[b]) })
	ranks, ones := 0.0, 0.0
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && predicted[order[hi]] == predicted[order[lo]] {
			hi++
		}
		for _, e := range order[lo:hi] {
			if held[e] == 1 {
				ranks += float64(lo+hi+1) / 2
				ones++
			}
		}
		lo = hi
	}
	zeros := float64(len(held)) - ones
	return (ranks - ones*(ones+1)/2) / (ones * zeros)
}

// Score is the root mean square and the mean absolute error of predictions of
// entries that the run did not see.
func (r *Result) Score(x *tensor.Observed) (rmse, mae float64, err error) {
	if !slices.Equal(x.Shape(), r.Model.Shape()) {
		return 0, 0, fmt.Errorf("complete: the entries have the shape %v, the model has %v", x.Shape(), r.Model.Shape())
	}
	if x.Count() == 0 {
		return 0, 0, errors.New("complete: there are no entries to compare with")
	}
	values := r.predictions(indices(x))
	for e, v := range x.Values() {
		d := v - values[e]
		rmse += d * d
		mae += math.Abs(d)
	}
	n := float64(x.Count())
	return math.Sqrt(rmse / n), mae / n, nil
}
