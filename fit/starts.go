package fit

import (
	"context"
	"errors"
	"fmt"
)

// goodEnough is the relative error of a model that no further start is needed
// to improve.
const goodEnough = 1e-12

// Starts runs a method from each of o.Starts starts and keeps the model with
// the smallest relative error (the earlier one of equals). one fits from the
// start r.Start and fills in r, the exact relative error included; it
// returns a model together with an error when it was cancelled. No further
// start is made after a cancellation or once a start has a relative error of
// 1e-12 or less, which is noted. A start that fails is noted and left out; the error of the first is
// returned if all fail.
//
// The result that is returned is that of the start that was kept; its notes
// are preceded by those in r.
func Starts[M any](ctx context.Context, o Options, r *Result, one func(r *Result) (M, error)) (M, error) {
	o = o.WithDefaults()
	base := *r
	base.Starts, base.Seed = o.Starts, o.Seed
	var (
		best    M
		kept    *Result
		first   error
		failed  []string
		stopped string
	)
	for s := range o.Starts {
		cur := base
		cur.Start = s
		cur.Notes = nil
		m, err := one(&cur)
		cancelled := err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err())
		if err != nil && !cancelled {
			if first == nil {
				first = err
			}
			failed = append(failed, fmt.Sprintf("start %d failed: %v", s, err))
			continue
		}
		if kept == nil || cur.RelativeError < kept.RelativeError {
			best, kept = m, &cur
		}
		if cancelled {
			kept.Stop = Cancelled
			first = err
			break
		}
		if cur.RelativeError <= goodEnough && s+1 < o.Starts {
			stopped = fmt.Sprintf("start %d is exact; the %d starts after it were not needed", s, o.Starts-s-1)
			break
		}
	}
	if kept == nil {
		*r = base
		return best, first
	}
	notes := append(append([]string{}, base.Notes...), kept.Notes...)
	notes = append(notes, failed...)
	if stopped != "" {
		notes = append(notes, stopped)
	}
	*r = *kept
	r.Notes = notes
	if kept.Stop == Cancelled {
		return best, first
	}
	return best, nil
}
