// Package harness runs cases: it sets up the peers, gives tasks to processes
// that take turns, and sums up what they found.
package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/machine"
	"github.com/polyad/polyad/bench/internal/measure"
)

// Harness holds what the cases need.
type Harness struct {
	Pairs    int
	Limit    time.Duration      // of a case, once its tools and data are there
	Folder   string             // for data
	Python   string             // an interpreter that has the peers; "": one is made
	Splatt   string             // the folder with the sources of SPLATT; "": they are fetched
	Inputs   map[string]*string // files that the user has, by the names of cases.Inputs
	Progress func(line string)

	self    string // this program, which runs our side of a task as "-child TASK"
	scratch string // for programs that are built, and what processes leave
	tools   map[string]tool
	rates   map[int]machine.Rates
}

// Skipped says what a case needs that is not here.
type Skipped struct{ Why string }

func (s Skipped) Error() string { return s.Why }

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
	return &Harness{self: self, scratch: scratch, Folder: scratch, tools: map[string]tool{}, rates: map[int]machine.Rates{}}, nil
}

// Close removes programs and data, unless Folder is another.
func (h *Harness) Close() { os.RemoveAll(h.scratch) }

// Rates are those of the machine on a number of threads, measured once.
func (h *Harness) Rates(threads int) machine.Rates {
	r, ok := h.rates[threads]
	if !ok {
		h.progress("measuring the machine on %d threads", threads)
		r = machine.Measure(threads)
		h.rates[threads] = r
	}
	return r
}

func (h *Harness) progress(format string, args ...any) { h.Progress(fmt.Sprintf(format, args...)) }

// task is what both sides of a case are asked, with its tools and its data,
// and the size of these.
func (h *Harness) task(ctx context.Context, c cases.Case, threads int) (t measure.Task, size int64, err error) {
	t = c.Task
	t.Case, t.Threads = c.Name, threads
	if c.Input != "" {
		path := *h.Inputs[c.Input]
		if path == "" {
			return t, 0, Skipped{fmt.Sprintf("give -%s %s", c.Input, cases.Inputs[c.Input])}
		}
		t.Files = append(t.Files, filepath.Join(path, c.Within))
	}
	if c.Tool != cases.None {
		if _, err := h.peer(ctx, c.Tool, t); err != nil {
			return t, 0, err
		}
	}
	if c.Polyad {
		if t.Program, err = h.polyad(ctx); err != nil {
			return t, 0, err
		}
	}
	for _, d := range c.Data {
		path, err := h.data(d)
		if err != nil {
			return t, 0, err
		}
		t.Files = append(t.Files, path)
	}
	for _, path := range t.Files {
		info, err := os.Stat(path)
		if err != nil {
			return t, 0, err
		}
		size += info.Size()
	}
	if c.Size > 0 {
		size = c.Size
	}
	return t, size, nil
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
