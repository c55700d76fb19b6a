// Package harness runs cases: it sets up the peers, gives tasks to processes
// that take turns, and sums up what they found.
package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/machine"
	"github.com/polyad/polyad/bench/internal/measure"
)

// Harness holds what the cases need.
type Harness struct {
	Pairs    int
	Folder   string             // for data
	Python   string             // an interpreter that has the peers; "": one is made
	Splatt   string             // the folder with the sources of SPLATT
	Inputs   map[string]*string // files that the user has, by the names of cases.Inputs
	Progress func(line string)  // may be nil

	self    string // this program, which runs our side of a task as "-child TASK"
	scratch string // for programs that are built
	tools   map[cases.Tool]tool
	rates   map[int]machine.Rates
}

type tool struct {
	command []string
	err     error
}

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
	Ratio    float64         `json:"ratio,omitempty"` // the peer's time over ours, the median over the pairs
	Low      float64         `json:"ratio_q1,omitempty"`
	High     float64         `json:"ratio_q3,omitempty"`
	Ours     measure.Outcome `json:"ours"` // of the median time
	Theirs   measure.Outcome `json:"theirs"`
	Work     measure.Work    `json:"work"`
	Roofline float64         `json:"roofline_seconds,omitempty"`
	Fraction float64         `json:"roofline_fraction,omitempty"` // the roofline's time over ours
	Bytes    int64           `json:"data_bytes"`
	Worst    float64         `json:"ratio_worst,omitempty"` // of the parts, each the median over the pairs
	WorstOf  string          `json:"worst_of,omitempty"`    // the part it is of
	Capped   int             `json:"capped,omitempty"`      // pairs in which the peer was stopped before it came as far as we did
	Short    int             `json:"short,omitempty"`       // pairs in which we did not come as far as was asked, and lost
	Bar      cases.Bar       `json:"bar"`
	Missed   []string        `json:"missed,omitempty"` // what of the bar was not reached
}

// New makes a harness; Close removes what it leaves.
func New() (*Harness, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "polyad-bench-")
	if err != nil {
		return nil, err
	}
	return &Harness{self: self, scratch: scratch, Folder: scratch, tools: map[cases.Tool]tool{}, rates: map[int]machine.Rates{}}, nil
}

// Close removes programs and data, unless Folder is another.
func (h *Harness) Close() { os.RemoveAll(h.scratch) }

// Rates are those of the machine on a number of threads, measured once.
func (h *Harness) Rates(threads int) machine.Rates {
	r, ok := h.rates[threads]
	if !ok {
		r = machine.Measure(threads)
		h.rates[threads] = r
	}
	return r
}

func (h *Harness) progress(format string, args ...any) {
	if h.Progress != nil {
		h.Progress(fmt.Sprintf(format, args...))
	}
}

// Run measures a case on a number of threads, the two sides in turn.
func (h *Harness) Run(ctx context.Context, c cases.Case, threads int) (r Row, err error) {
	name := c.Name
	t := c.Task
	t.Case, t.Threads = name, threads
	if c.Tool != cases.None {
		if _, err := h.tool(ctx, c.Tool); err != nil {
			return r, err
		}
	}
	if c.Polyad {
		program, err := h.polyad(ctx)
		if err != nil {
			return r, err
		}
		t.Program = program
	}
	if c.Input != "" {
		path := *h.Inputs[c.Input]
		if path == "" {
			return r, fmt.Errorf("its data are not here: -%s names %s", c.Input, cases.Inputs[c.Input])
		}
		t.Files = append(t.Files, filepath.Join(path, c.Within))
	}
	for _, d := range c.Data {
		path, err := h.data(d)
		if err != nil {
			return r, err
		}
		t.Files = append(t.Files, path)
	}
	size := int64(0)
	for _, path := range t.Files {
		info, err := os.Stat(path)
		if err != nil {
			return r, err
		}
		size += info.Size()
	}
	r = Row{Name: name, Threads: threads, Bytes: size, Bar: c.Bar}
	if c.Size > 0 {
		r.Bytes = c.Size
	}
	side := runner{h, c.Tool}
	if c.Prepare != nil {
		h.progress("%s threads=%d: preparing", name, threads)
		if err := c.Prepare(ctx, side, &t); err != nil {
			return r, err
		}
	}
	var ratios []float64
	var us, them []measure.Outcome
	begin := time.Now()
	for i := range h.Pairs {
		if c.Once && i > 0 || i > 0 && time.Since(begin) > veryLong || i > 2 && time.Since(begin) > long {
			break
		}
		r.Pairs = i + 1
		h.progress("%s threads=%d: %d of %d", name, threads, i+1, h.Pairs)
		t.Seed = uint64(i)
		var o, p measure.Outcome
		var err1, err2 error
		ours := func() { o, err1 = side.Ours(ctx, t) }
		theirs := func() {
			if c.Tool != cases.None {
				p, err2 = side.Theirs(ctx, t)
			}
		}
		if i%2 == 0 {
			ours()
			theirs()
		} else {
			theirs()
			ours()
		}
		if err := errors.Join(err1, err2); err != nil {
			return r, err
		}
		us = append(us, o)
		if c.Tool == cases.None {
			continue
		}
		if err := c.Comparable(t, o, p); err != nil {
			return r, err
		}
		them = append(them, p)
		switch {
		case o.Capped && p.Capped: // says nothing
		case o.Capped:
			ratios = append(ratios, 0)
		default:
			ratios = append(ratios, p.Seconds/o.Seconds)
		}
		if p.Capped {
			r.Capped++
		}
		if o.Capped {
			r.Short++
		}
	}
	r.Ours = median(us)
	if c.Tool != cases.None {
		if len(ratios) == 0 {
			return r, errors.New("neither side ever reached the error that was asked for")
		}
		r.Theirs = median(them)
		r.Peer = r.Theirs.Version
		r.Worst, r.WorstOf = worst(us, them)
		r.Ratio, r.Low, r.High = quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75)
	}
	if c.Work != nil {
		r.Work = c.Work(r.Ours)
	} else if r.Ours.Work != nil {
		r.Work = *r.Ours.Work
	}
	if r.Work != (measure.Work{}) {
		r.Roofline = h.Rates(threads).Seconds(r.Work.Flops, r.Work.Bytes, c.Single())
		r.Fraction = r.Roofline / r.Ours.Seconds
	}
	r.Missed = missed(c.Bar, r)
	return r, nil
}

// worst is the part with the least ratio.
func worst(us, them []measure.Outcome) (ratio float64, name string) {
	for k, part := range us[0].Parts {
		ratios := make([]float64, len(us))
		for i := range us {
			ratios[i] = them[i].Parts[k].Seconds / us[i].Parts[k].Seconds
		}
		if q := quantile(ratios, 0.5); name == "" || q < ratio {
			ratio, name = q, part.Name
		}
	}
	return ratio, name
}

// missed lists what of a bar a row does not reach.
func missed(b cases.Bar, r Row) (list []string) {
	fail := func(asked, ok bool, format string, args ...any) {
		if asked && !ok {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	fail(b.Ratio > 0, r.Ratio >= b.Ratio, "ratio")
	fail(b.Roof > 0 && r.Roofline > 0, r.Ours.Seconds <= b.Roof*r.Roofline, "roofline")
	if b.Memory > 0 && r.Ours.Peak > 0 {
		fail(true, float64(r.Ours.Peak) <= b.Memory*float64(r.Bytes+r.Ours.Result), "memory")
		fail(r.Theirs.Peak > 0, r.Ours.Peak <= r.Theirs.Peak, "memory beside the peer's")
	}
	fail(b.Seconds > 0, r.Ours.Seconds <= b.Seconds, "seconds")
	fail(b.Bytes > 0 && r.Ours.Peak > 0, r.Ours.Peak <= b.Bytes, "peak")
	fail(b.Error > 0, r.Ours.Error <= b.Error, "error")
	fail(b.Worst > 0, r.Worst >= b.Worst, "the part %s with %.2f", r.WorstOf, r.Worst)
	fail(b.NoWorse, r.Ours.Error <= cases.EqualError*r.Theirs.Error, "error beside the peer's")
	fail(b.Better, r.Ours.Error < r.Theirs.Error, "error beside the peer's")
	return list
}

// data returns the path of a file, which is made if it is not there.
func (h *Harness) data(d cases.Data) (string, error) {
	path := filepath.Join(h.Folder, d.Name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	h.progress("making %s", d.Name)
	// Beside its place first, so that an interrupted run leaves no half.
	temporary := filepath.Join(h.Folder, "new-"+d.Name)
	if err := d.Make(temporary); err != nil {
		os.Remove(temporary)
		return "", fmt.Errorf("making %s: %w", d.Name, err)
	}
	return path, os.Rename(temporary, path)
}

// median is the outcome of median time, with the largest peak of all.
func median(list []measure.Outcome) measure.Outcome {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b measure.Outcome) int {
		if a.Seconds < b.Seconds {
			return -1
		}
		return 1
	})
	m := list[len(list)/2]
	for _, o := range list {
		m.Peak = max(m.Peak, o.Peak)
	}
	return m
}

// quantile interpolates the quantile q.
func quantile(x []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(x))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
