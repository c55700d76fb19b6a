package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// ErrNoProgress is returned by a step that finds nothing better than what
// there is. Run then stops with Converged and no error; the step does not
// count.
var ErrNoProgress = errors.New("no further progress")

// exactError is the relative error below which a model is as good as float64
// can tell.
const exactError = 1e-14

// stalled is the number of turns, up and down, without a gain of Tol after
// which a run has converged: rounding errors, of float32 data above all, may
// lead the relative error around in a circle.
const stalled = 20

// Run calls step until the relative error that it returns changes by less
// than Tol, goes up and down without a gain of Tol, is exact, MaxIters steps
// were made, or ctx is cancelled. It fills in the iterations, the stop reason
// and the trace of r (adding to what an earlier Run left there, so that a
// method may have phases of different kinds); r.Start and r.Starts are read
// for progress events. An error of step ends the run; so does a relative error
// that is not a number. After a cancellation the model is whole (a step is
// never cut short) and the error is ctx's.
func Run(ctx context.Context, o Options, r *Result, step func(iter int) (float64, error)) error {
	o = o.WithDefaults()
	last := math.Inf(1)
	if k := len(r.Trace); k > 0 {
		last = r.Trace[k-1]
	}
	best, turns, rose := math.Inf(1), 0, false
	done := r.Iterations
	r.Stop = MaxIters
	for iter := 1; iter <= o.MaxIters; iter++ {
		if err := ctx.Err(); err != nil {
			r.Stop = Cancelled
			return err
		}
		e, err := step(iter)
		if errors.Is(err, ErrNoProgress) {
			r.Stop = Converged
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s, iteration %d: %w", r.Method, done+iter, err)
		}
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return fmt.Errorf("%s, iteration %d: the relative error is not a finite number; the data or the start may be too large for float64", r.Method, done+iter)
		}
		r.Iterations = done + iter
		r.Trace = append(r.Trace, e)
		if o.Progress != nil {
			o.Progress(Event{Method: r.Method, Start: r.Start, Starts: r.Starts, Iteration: done + iter, MaxIters: done + o.MaxIters, RelativeError: e})
		}
		if e <= exactError {
			r.Stop = Exact
			return nil
		}
		if rises := e > last; rises != rose {
			turns, rose = turns+1, rises
		}
		if !(e > best-o.Tol) {
			best, turns = e, 0
		}
		if o.Tol >= 0 && (math.Abs(last-e) < o.Tol || turns >= stalled) {
			r.Stop = Converged
			return nil
		}
		last = e
	}
	return nil
}
