package rank

import (
	"errors"
	"fmt"
)

// Options control the choice of a rank. The zero value works.
type Options struct {
	// Max is the largest rank to try (for Tucker and TT: the largest of the
	// ranks). Default: 10, or fewer where the shape cannot hold as many.
	Max int
	// Starts is the number of starts of each fit to all entries. Default 4.
	Starts int
	// Folds is the number of parts the entries are dealt into; each is left
	// out once. Default 5.
	Folds int
	// NonNegative fits CP models without negative entries (cp.HALS).
	NonNegative bool
	// Seed makes the choice repeatable. The same seed gives the same
	// evidence at any number of threads.
	Seed uint64
	// Progress, if not nil, is told how many of the planned steps are done,
	// and what is being tried. It is called from one goroutine at a time.
	// Done reaches total, also where fewer steps than planned were needed.
	Progress func(done, total int, label string)
}

const (
	defaultMax    = 10
	defaultStarts = 4
	defaultFolds  = 5
)

func (o Options) withDefaults() Options {
	if o.Max == 0 {
		o.Max = defaultMax
	}
	if o.Starts == 0 {
		o.Starts = defaultStarts
	}
	if o.Folds == 0 {
		o.Folds = defaultFolds
	}
	return o
}

// Validate names every fault at once.
func (o Options) Validate() error {
	var errs []error
	if o.Max < 0 {
		errs = append(errs, fmt.Errorf("largest rank %d: a positive number is expected", o.Max))
	}
	if o.Starts < 0 {
		errs = append(errs, fmt.Errorf("starts %d: a positive number is expected", o.Starts))
	}
	if o.Folds < 0 || o.Folds == 1 {
		errs = append(errs, fmt.Errorf("folds %d: 2 or more are expected", o.Folds))
	}
	return errors.Join(errs...)
}
