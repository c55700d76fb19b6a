package fit

import (
	"errors"
	"fmt"
	"math"
)

// Penalty is what fits to known entries (cp.Complete, tucker.Complete,
// tt.Complete) add to the sum of squares, so that slices of which little is
// known stay like the others. It is one of rows a_i: those of the factors, the
// slices G_n[:, i, :] of a tensor train's cores. Data are divided by their
// root mean square before. The zero value is no penalty.
type Penalty struct {
	// Ridge is λ of λ*sum ||a_i - μ||^2 over the rows of all modes, and of
	// λ*||core||^2 for Tucker tensors: about the variance of the noise over
	// that of the parameters. Default 0.
	Ridge float64 `json:"ridge"`
	// Center takes μ, in each mode, as the mean of the rows instead of zero: a
	// slice of which nothing is known becomes the mean slice.
	Center bool `json:"center"`
	// Smooth is s_n of s_n*sum_i ||a_i - a_{i-1}||^2, one a mode, for modes
	// whose neighbours are alike. Default nil: none.
	Smooth []float64 `json:"smooth,omitempty"`
}

// Validate names every fault at once, for data of so many modes.
func (p Penalty) Validate(modes int) error {
	var errs []error
	if !(p.Ridge >= 0) || math.IsInf(p.Ridge, 1) {
		errs = append(errs, fmt.Errorf("ridge %v: a number, zero or positive, is expected", p.Ridge))
	}
	if p.Smooth != nil && len(p.Smooth) != modes {
		errs = append(errs, fmt.Errorf("%d smoothness penalties for %d modes: one for each mode is expected", len(p.Smooth), modes))
	}
	for n, s := range p.Smooth {
		if !(s >= 0) || math.IsInf(s, 1) {
			errs = append(errs, fmt.Errorf("smoothness %v of mode %d: a number, zero or positive, is expected", s, n))
		}
	}
	return errors.Join(errs...)
}
