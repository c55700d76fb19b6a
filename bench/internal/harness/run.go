package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/measure"
)

const (
	long     = 45 * time.Second // after which a case is left with three pairs
	veryLong = 90 * time.Second // after which no other pair is begun
)

// Row is a line of the table.
type Row struct {
	Name     string          `json:"name"`
	Threads  int             `json:"threads"`
	Peer     string          `json:"peer,omitempty"`
	Pairs    int             `json:"pairs"`
	Ratio    float64         `json:"ratio,omitempty"` // the peer's time (or cost) over ours, the median over the pairs
	Low      float64         `json:"ratio_q1,omitempty"`
	High     float64         `json:"ratio_q3,omitempty"`
	Cost     bool            `json:"cost,omitempty"` // the ratio is of costs, of which the errors are log10
	Ours     measure.Outcome `json:"ours"`           // of the median time
	Theirs   measure.Outcome `json:"theirs"`
	Work     measure.Work    `json:"work"`
	Roofline float64         `json:"roofline_seconds,omitempty"`
	Fraction float64         `json:"roofline_fraction,omitempty"` // the roofline's time over ours
	Bytes    int64           `json:"data_bytes"`
	Worst    float64         `json:"ratio_worst,omitempty"`     // of the parts, each the median over the pairs
	WorstOf  string          `json:"worst_of,omitempty"`        // the part it is of
	Capped   int             `json:"capped,omitempty"`          // pairs in which the peer was stopped before it came as far as we did
	Stopped  float64         `json:"stopped_seconds,omitempty"` // after which the peer was stopped without an answer
	Short    int             `json:"short,omitempty"`           // pairs in which we did not come as far as was asked, and lost
	Took     float64         `json:"took_seconds"`              // by the whole case, with its preparation
	Bar      cases.Bar       `json:"bar"`
	Missed   []string        `json:"missed,omitempty"` // what of the bar was not reached
}

// Run measures a case on a number of threads, the two sides in turn.
func (h *Harness) Run(ctx context.Context, c cases.Case, threads int) (r Row, err error) {
	r = Row{Name: c.Name, Threads: threads, Bar: c.Bar, Cost: c.Cost}
	t, size, err := h.task(ctx, c, threads)
	if err != nil {
		return r, err
	}
	r.Bytes = size
	ctx, stop := context.WithTimeout(ctx, h.Limit)
	defer stop()
	started := time.Now()
	defer func() { r.Took = time.Since(started).Seconds() }()
	side := runner{h, c.Tool}
	if c.Prepare != nil {
		h.progress("%s threads=%d: preparing", c.Name, threads)
		if err := c.Prepare(ctx, side, &t); err != nil {
			return r, fmt.Errorf("in its preparation, %w", err)
		}
	}
	var done pairs
	last := time.Duration(0)
	deadline, _ := ctx.Deadline()
	begin := time.Now()
	for i := range h.Pairs {
		past := time.Since(begin)
		if i > 0 && (c.Once || past > veryLong || i > 2 && past > long || time.Until(deadline) < last) {
			break
		}
		h.progress("%s threads=%d: pair %d of %d", c.Name, threads, i+1, h.Pairs)
		t.Seed = uint64(i)
		o, p, err := side.pair(ctx, t, i%2 == 0)
		var late *lateError
		switch {
		case errors.As(err, &late) && i > 0: // what was measured stays
			return r, done.row(&r, c, h)
		case late != nil:
			var ok bool
			if p, ok = lowerBound(c, o, late); ok {
				err = nil
			}
			r.Stopped = late.after.Seconds()
		case err == nil && c.Tool != cases.None:
			err = c.Comparable(t, o, p)
		}
		if err != nil {
			return r, err
		}
		done.add(c, o, p)
		if r.Stopped > 0 {
			break
		}
		last = time.Since(begin) - past
	}
	return r, done.row(&r, c, h)
}

// lowerBound is the outcome of a peer that was stopped at its work: what the
// time of it would have been at least.
func lowerBound(c cases.Case, ours measure.Outcome, late *lateError) (measure.Outcome, bool) {
	seconds := late.worked.Seconds() / max(c.Calls, 1)
	ok := !c.Cost && seconds > 0 && ours.Seconds > 0
	return measure.Outcome{Seconds: seconds, Capped: true, Version: c.Task.Peer}, ok
}
