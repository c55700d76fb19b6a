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
	index := make([][]int32, len(x.shape))
	var values []float64
	at := make([]int32, len(x.shape))
	for _, v := range x.Data() {
		w, real := real64(v)
		if !real {
			return nil, fmt.Errorf("tensor: the elements are complex; real ones can be listed")
		}
		if w != 0 {
			if len(values) == math.MaxInt32 {
				return nil, fmt.Errorf("tensor: more than %d elements are not zero", math.MaxInt32)
			}
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
