package tensor

import (
	"fmt"
	"math"
	"slices"
)

// NonZeros lists the elements that are not zero, in C order, axes included.
// More than 2^31-1 of them, or a mode as long, is an error.
func (x *Dense[T]) NonZeros() (*Observed, error) {
	for n, s := range x.shape {
		if s > math.MaxInt32 {
			return nil, fmt.Errorf("tensor: mode %d has %d indices; at most %d can be listed", n, s, math.MaxInt32)
		}
	}
	data, count := x.Data(), 0
	for _, v := range data {
		w, real := real64(v)
		if !real {
			return nil, fmt.Errorf("tensor: the elements are complex; real ones can be listed")
		}
		if w != 0 {
			count++
		}
	}
	if count > math.MaxInt32 {
		return nil, fmt.Errorf("tensor: more than %d elements are not zero", math.MaxInt32)
	}
	index, values := make([][]int32, len(x.shape)), make([]float64, 0, count)
	for n := range index {
		index[n] = make([]int32, 0, count)
	}
	at := make([]int32, len(x.shape))
	for _, v := range data {
		if w, _ := real64(v); w != 0 {
			values = append(values, w)
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
	return newObserved(slices.Clone(x.shape), CloneAxes(x.axes), index, values), nil
}
