// Package cases lists what is compared: a case is what both sides are asked,
// our side of it, and what is expected. One file a domain; the peers' sides are
// in bench/peers.
package cases

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/bench/internal/measure"
)

// Case is a line of the table.
type Case struct {
	Name    string       // key=value, without the threads
	Tool    Tool         // what runs the peer
	Threads []int        // numbers of threads that it is measured on
	Once    bool         // not in pairs
	Polyad  bool         // our side runs the program polyad
	Task    measure.Task // what both sides are asked

	// Input names a file that the user has, see Inputs; it is the task's first.
	Input string
	// Within is the name of the file if Input is a folder.
	Within string
	// Data are the files it works on, made when they are first needed.
	Data []Data
	// Size is the bytes of the data, to which memory is compared, if they are
	// not those of the files.
	Size int64
	// Ours does the task in a process of its own.
	Ours func(measure.Task) (measure.Outcome, error)
	// Prepare completes the task before the pairs, with the runs it needs.
	Prepare func(ctx context.Context, r Runner, t *measure.Task) error
	// Work is what the algorithm cannot do without, given what our run found;
	// nil: the case has no roofline, or the outcome says it.
	Work func(o measure.Outcome) measure.Work
	// Equal says why the two results may not be compared; nil: our error must
	// be the peer's at most, to 1e-4 of it, or within Eps.
	Equal func(t measure.Task, ours, theirs measure.Outcome) error
	Bar   Bar
	// Cost: what is compared is a cost of which the error is log10, not time.
	Cost bool
	// Calls are how often the peer at most does, one after the other, what it
	// then reports the time of once; 0: once. A peer that is stopped says by it
	// how long that would have taken at least.
	Calls float64
}

// Ratio is the peer's time or cost over ours.
func (c Case) Ratio(ours, theirs measure.Outcome) float64 {
	if c.Cost {
		return math.Pow(10, theirs.Error-ours.Error)
	}
	return theirs.Seconds / ours.Seconds
}

// Tool is a program that runs peers: the name of a script in bench/peers, or
// one of those below.
type Tool string

const (
	OpenBLAS Tool = "openblas" // bench/cmd/openblas
	SPLATT   Tool = "splatt"   // bench/peers/splatt
	None     Tool = ""         // no peer: our figures are held against the bar alone
)

// Bar is what a case is meant to reach; zero fields are not asked for.
type Bar struct {
	Ratio   float64 `json:"ratio,omitempty"`    // the peer's time over ours, at least
	Roof    float64 `json:"roof,omitempty"`     // our time over that of the roofline, at most
	Memory  float64 `json:"memory,omitempty"`   // our peak over data and result, at most; and not above the peer's
	Seconds float64 `json:"seconds,omitempty"`  // ours, at most
	Bytes   int64   `json:"bytes,omitempty"`    // our peak, at most
	Error   float64 `json:"error,omitempty"`    // ours, at most
	Better  bool    `json:"better,omitempty"`   // our error is below the peer's
	NoWorse bool    `json:"no_worse,omitempty"` // our error is the peer's at most, to 1e-4 of it
	Worst   float64 `json:"worst,omitempty"`    // the ratio of each part, at least
	Agree   float64 `json:"agree,omitempty"`    // the figures of both sides, to this part of the largest; else there is no row
}

// Inputs say what the flags name that give files which cannot be made.
var Inputs = map[string]string{
	"birmingham": "FILE tensor.mat of Birmingham's car parks, from https://github.com/xinychen/transdim",
	"hangzhou":   "FILE tensor.mat of Hangzhou's metro, from https://github.com/xinychen/transdim",
	"icews":      "FILE train.txt of ICEWS14, from https://github.com/nec-research/TKG-Forecasting-Evaluation",
	"networks":   "DIR of tensor networks, see bench/README.md",
	"flights":    "FILE flights-3m.parquet, in the npm package vega-datasets",
}

// Data is a file that is made.
type Data struct {
	Name string
	Make func(path string) error
}

// Runner gives tasks to processes.
type Runner interface {
	Ours(ctx context.Context, t measure.Task) (measure.Outcome, error)
	Theirs(ctx context.Context, t measure.Task) (measure.Outcome, error)
}

// Single reports whether the arithmetic is float32.
func (c Case) Single() bool { return c.Task.Type == "f32" }

// All are the cases, in the order of the table.
func All() []Case {
	return slices.Concat(gemm(), factorisations(), canonical(), tuckers(), trains(), large(), sparseTensors(), counts(), observed(), completion(), constrained(), pairwise(), networks(), circuits(), systems())
}

// Find returns a case by its name.
func Find(name string) (Case, error) {
	for _, c := range All() {
		if c.Name == name {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("there is no case %q", name)
}

// EqualError is the factor by which our error may exceed the peer's.
const EqualError = 1.0001

// Comparable says why two outcomes may not be compared, if so.
func (c Case) Comparable(t measure.Task, ours, theirs measure.Outcome) error {
	if c.Bar.Agree > 0 {
		return sameChecks(c.Bar.Agree)(t, ours, theirs)
	}
	if c.Equal != nil {
		return c.Equal(t, ours, theirs)
	}
	if ours.Error <= EqualError*theirs.Error || t.Eps > 0 && ours.Error <= t.Eps {
		return nil
	}
	return fmt.Errorf("our error is %g, the peer's %g", ours.Error, theirs.Error)
}

// sameChecks is an Equal: the figures of both results agree to tol, relative
// to the largest.
func sameChecks(tol float64) func(measure.Task, measure.Outcome, measure.Outcome) error {
	return func(_ measure.Task, o, p measure.Outcome) error {
		if len(o.Check) != len(p.Check) {
			return fmt.Errorf("%d figures of our result are to be compared with %d of the peer's", len(o.Check), len(p.Check))
		}
		size := 0.0
		for _, v := range p.Check {
			size = max(size, math.Abs(v))
		}
		for i, v := range o.Check {
			if !(math.Abs(v-p.Check[i]) <= tol*size) {
				return fmt.Errorf("the results differ: %g, the peer's %g", v, p.Check[i])
			}
		}
		return nil
	}
}

// kinds are f32 and f64.
var kinds = []string{"f32", "f64"}

// byType chooses a function by the type of the elements.
func byType(kind string, single, double func(measure.Task) (measure.Outcome, error)) func(measure.Task) (measure.Outcome, error) {
	if kind == "f32" {
		return single
	}
	return double
}

// tolerance is to what checks of products agree.
func tolerance(kind string) float64 {
	if kind == "f32" {
		return 1e-3
	}
	return 1e-9
}

// Numbers of threads.
var (
	two       = []int{2}
	oneAndTwo = []int{1, 2}
)

// times writes a shape as 300x300x300.
func times(shape []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", "x")
}

func bytesOf(kind string) float64 {
	if kind == "f32" {
		return 4
	}
	return 8
}
