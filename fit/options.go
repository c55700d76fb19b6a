package fit

import (
	"errors"
	"fmt"
)

// Options control an iterative method. The zero value works.
type Options struct {
	// Tol stops the run when an iteration lowers the relative error by less
	// than Tol. Default 1e-8. Negative: never stop early.
	Tol float64
	// MaxIters is the largest number of iterations. Default 1000.
	MaxIters int
	// Seed makes random starts repeatable. The same seed gives the same bits
	// at any number of threads.
	Seed uint64
	// Starts is the number of starts; the best result is kept. Default 1.
	Starts int
	// Progress, if not nil, is called after every iteration. A method never
	// prints.
	Progress func(Event)
}

// Event is what Progress is told.
type Event struct {
	Method        string
	Start         int // from 0
	Starts        int
	Iteration     int // of this start, from 1
	MaxIters      int
	RelativeError float64
}

// WithDefaults fills in the zero fields.
func (o Options) WithDefaults() Options {
	if o.Tol == 0 {
		o.Tol = 1e-8
	}
	if o.MaxIters == 0 {
		o.MaxIters = 1000
	}
	if o.Starts == 0 {
		o.Starts = 1
	}
	return o
}

// Validate names every fault at once.
func (o Options) Validate() error {
	var errs []error
	if o.Tol != o.Tol || o.Tol >= 1 {
		errs = append(errs, fmt.Errorf("tolerance %v: a number below 1 is expected (negative: never stop early)", o.Tol))
	}
	if o.MaxIters < 0 {
		errs = append(errs, fmt.Errorf("iterations %d: a positive number is expected", o.MaxIters))
	}
	if o.Starts < 0 {
		errs = append(errs, fmt.Errorf("starts %d: a positive number is expected", o.Starts))
	}
	return errors.Join(errs...)
}
