package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// FromDense lists the elements of a dense tensor as known entries, in C
// order, axes included. NaN means unknown and is left out.
func FromDense[T Float](x *Dense[T]) *Observed {
	known := 0
	data := x.Data()
	for _, v := range data {
		if v == v {
			known++
		}
	}
	if known > math.MaxInt32 {
		panic(fmt.Sprintf("tensor: FromDense: %d known entries; at most %d are supported", known, math.MaxInt32))
	}
	index := make([][]int32, len(x.shape))
	for n := range index {
		index[n] = make([]int32, 0, known)
	}
	values := make([]float64, 0, known)
	at := make([]int32, len(x.shape))
	for _, v := range data {
		if v == v {
			values = append(values, float64(v))
			for n, i := range at {
				index[n] = append(index[n], i)
			}
		}
		for n := len(at) - 1; n >= 0; n-- {
			if at[n]++; int(at[n]) < x.shape[n] {
				break
			}
			at[n] = 0
		}
	}
	return newObserved(slices.Clone(x.shape), CloneAxes(x.axes), index, values)
}

// Dense is the whole tensor, with the given value (such as 0 or NaN) in
// place of each unknown entry.
func (x *Observed) Dense(unknown float64) *Dense[float64] {
	y := New[float64](x.shape...)
	for i := range y.data {
		y.data[i] = unknown
	}
	y.axes = CloneAxes(x.axes)
	x.overwrite(y)
	return y
}

// Impute is the whole tensor, with the entries of a model in place of the
// unknown ones. It panics if the shapes differ.
func (x *Observed) Impute(model *Dense[float64]) *Dense[float64] {
	if !slices.Equal(model.shape, x.shape) {
		panic(fmt.Sprintf("tensor: Impute of shape %v with a model of shape %v", x.shape, model.shape))
	}
	y := model.Clone()
	y.axes = CloneAxes(x.axes)
	x.overwrite(y)
	return y
}

func (x *Observed) overwrite(y *Dense[float64]) {
	for e, v := range x.values {
		o := 0
		for n, list := range x.index {
			o += int(list[e]) * y.strides[n]
		}
		y.data[o] = v
	}
}

// Split leaves a share of the known entries out: it returns the entries that
// are kept and those that are not, both in the order they had. The choice
// depends on the seed alone. held must be from 0 to 1; round(held*Count)
// entries are left out.
func (x *Observed) Split(held float64, seed uint64) (kept, left *Observed) {
	if !(held >= 0 && held <= 1) {
		panic(fmt.Sprintf("tensor: Split leaving out a share of %v; from 0 to 1 is expected", held))
	}
	out := make([]bool, len(x.values))
	rng := rand.New(rand.NewPCG(seed, 0x53706c6974))
	for _, e := range rng.Perm(len(out))[:int(math.Round(held*float64(len(out))))] {
		out[e] = true
	}
	return x.Select(func(e int) bool { return !out[e] }), x.Select(func(e int) bool { return out[e] })
}

// Select keeps the known entries for which keep is true; entry e is the one
// at e in Values. The others become unknown.
func (x *Observed) Select(keep func(e int) bool) *Observed {
	index := make([][]int32, len(x.index))
	var values []float64
	for e, v := range x.values {
		if !keep(e) {
			continue
		}
		values = append(values, v)
		for n, list := range x.index {
			index[n] = append(index[n], list[e])
		}
	}
	return newObserved(slices.Clone(x.shape), CloneAxes(x.axes), index, values)
}
