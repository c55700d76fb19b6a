package report

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// Model is a decomposition: a *cp.Tensor, *tucker.Tensor or *tt.Tensor.
type Model interface {
	Shape() []int
	Axes() []tensor.Axis
}

// Input is all that a report tells of. Only Model is required; what is zero
// or nil is left out of the report.
type Input struct {
	Title  string // of the page; default: Source
	Source string // base name of the file the data came from
	Format string // of that file, in a word: CSV, NPY, …
	Bytes  int64  // size of that file

	Command string    // the command line that made the result
	Version string    // of the program
	Date    time.Time // when the result was made

	// Data is what was decomposed. It tells which entries are missing and
	// which slices the model explains worst.
	Data tensor.Tensor

	Model    Model
	Result   fit.Result
	Evidence *rank.Evidence // how the rank was chosen

	Seconds     []fit.Phase // where the time went, reading included; default: Result.Phases
	PeakBytes   int64       // most memory held at once
	Parameters  int64       // numbers that the model stores; default: counted
	Compression float64     // entries of the tensor for each number of the model; default: computed
}

// Write writes the report as one HTML file. A model of an unknown type, or
// whose factors and axes contradict each other or the data, is an error;
// nothing is written then.
func Write(w io.Writer, in Input) error {
	if err := in.check(); err != nil {
		return err
	}
	p, err := newPage(in)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return write(w, pageTemplate, p)
}

func (in Input) check() error {
	if in.Model == nil {
		return errors.New("report: there is no model")
	}
	if err := checkModel(in.Model); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	shape := in.Model.Shape()
	if in.Data != nil && fmt.Sprint(in.Data.Shape()) != fmt.Sprint(shape) {
		return fmt.Errorf("report: the data have shape %v, the model has %v", in.Data.Shape(), shape)
	}
	return tensor.CheckAxes(axesOf(in), shape)
}

// checkModel reports a model whose parts do not fit together.
func checkModel(m Model) error {
	switch m := m.(type) {
	case *cp.Tensor:
		for n, f := range m.Factors {
			if f.Cols != len(m.Weights) {
				return fmt.Errorf("factor %d of the CP model has %d columns for %d weights", n, f.Cols, len(m.Weights))
			}
		}
	case *tucker.Tensor:
		core := m.Core.Shape()
		if len(core) != len(m.Factors) {
			return fmt.Errorf("the Tucker core has %d modes for %d factors", len(core), len(m.Factors))
		}
		for n, f := range m.Factors {
			if f.Cols != core[n] {
				return fmt.Errorf("factor %d of the Tucker model has %d columns, its core has size %d there", n, f.Cols, core[n])
			}
		}
	case *tt.Tensor:
		r := 1
		for k, g := range m.Cores {
			s := g.Shape()
			if len(s) != 3 || s[0] != r {
				return fmt.Errorf("core %d of the tensor train has shape %v; %d×n×r is expected", k, s, r)
			}
			r = s[2]
		}
		if r != 1 {
			return fmt.Errorf("the last rank of the tensor train is %d; 1 is expected", r)
		}
	default:
		return fmt.Errorf("a model of type %T is unknown; known are *cp.Tensor, *tucker.Tensor and *tt.Tensor", m)
	}
	if len(m.Shape()) == 0 {
		return errors.New("the model has no modes")
	}
	for n, s := range m.Shape() {
		if s == 0 {
			return fmt.Errorf("mode %d of the model has no indices", n)
		}
	}
	return nil
}

// axesOf are the model's axes, else those of the data, else unnamed ones.
func axesOf(in Input) []tensor.Axis {
	if a := in.Model.Axes(); len(a) > 0 {
		return a
	}
	if in.Data != nil {
		return in.Data.Axes()
	}
	return make([]tensor.Axis, len(in.Model.Shape()))
}
