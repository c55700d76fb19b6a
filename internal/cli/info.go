package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// infoJSON is the JSON of info.
type infoJSON struct {
	*tensorio.Header
	Model  *model.Meta `json:"model,omitempty"`
	Tensor *stats      `json:"tensor,omitempty"`
}

// stats are figures that need a pass over the data.
type stats struct {
	Shape    []int         `json:"shape"`
	Axes     []tensor.Axis `json:"axes"`
	Observed int           `json:"observed"`
	Missing  int           `json:"missing"`
	Norm     float64       `json:"norm"`
	Sparse   *sparse.Stats `json:"sparse,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
}

func (a *app) info() *cobra.Command {
	var (
		read   reading
		asJSON bool
		full   bool
	)
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Say what is in a file: arrays, shapes, types, axes",
		Long: `Info reads the header of a file and says what is in it. With --stats it reads
the tensor as decompose would and counts what is observed.`,
		Example: "  polyad info examples/unemployment.csv\n  polyad info examples/unemployment.csv --modes industry,year,month --value count --stats",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := tensorio.Inspect(args[0], read.options())
			if err != nil {
				return err
			}
			out := infoJSON{Header: h}
			if h.Format == "npz" {
				_, meta, err := model.Load(args[0])
				if err == nil {
					out.Model = meta
				} else if !errors.Is(err, model.ErrNotModel) {
					return err
				}
			}
			if full {
				if out.Tensor, err = readStats(args[0], read); err != nil {
					return err
				}
			}
			if asJSON {
				return a.printJSON(out)
			}
			a.printInfo(args[0], out)
			return nil
		},
	}
	read.register(cmd)
	cmd.Flags().BoolVar(&full, "stats", false, "read the tensor: axes, observed and missing cells, norm; of a sparse one, density and how its entries are spread")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func readStats(path string, read reading) (*stats, error) {
	f, err := tensorio.Open(path, read.options())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x := f.Tensor
	s := &stats{Shape: x.Shape(), Axes: tensor.CloneAxes(x.Axes()), Observed: tensor.Size(x.Shape()), Norm: x.Norm(), Notes: f.Notes}
	if o, ok := x.(*tensor.Observed); ok {
		s.Observed = o.Count()
	}
	s.Missing = tensor.Size(x.Shape()) - s.Observed
	if p, ok := x.(interface{ Stats() sparse.Stats }); ok {
		figures := p.Stats()
		s.Sparse = &figures
	}
	return s, nil
}

func (a *app) printInfo(path string, info infoJSON) {
	format := info.Format
	if info.Compression != "" {
		format += ", " + info.Compression
	}
	a.line("file", fmt.Sprintf("%s  %s, %s", path, format, size(info.Bytes)))
	if m := info.Model; m != nil {
		a.line("model", fmt.Sprintf("%s of a tensor %s, fit %s%%, relative error %s", m.Method, dims(m.Shape), fixed(100*m.Result.Fit, 2), num(m.Result.RelativeError)))
	}
	t := newTable("array", "shape", "type", "order", "axes")
	for _, arr := range info.Arrays {
		axes := ""
		for n, ax := range arr.Axes {
			if ax.Name == "" {
				continue
			}
			if axes != "" {
				axes += ", "
			}
			axes += axisName(arr.Axes, n)
		}
		t.add(arr.Name, dims(arr.Shape), arr.DType, arr.Order, axes)
	}
	if len(info.Arrays) > 0 {
		fmt.Fprintln(a.stdout)
		t.print(a.stdout, "")
	}
	a.notes(info.Notes)
	if s := info.Tensor; s != nil {
		fmt.Fprintln(a.stdout)
		if s.Sparse == nil {
			a.line("tensor", describeTensor(s.Shape, s.Axes, s.Observed))
		} else {
			a.line("tensor", fmt.Sprintf("%s, sparse: %s of %s cells are not zero (density %s)", dims(s.Shape), count(s.Sparse.Count), countCells(s.Shape), num(s.Sparse.Density)))
		}
		a.line("norm", num(s.Norm))
		a.notes(s.Notes)
		t := newTable("axis", "size", "first", "last").alignRight(1)
		for n, k := range s.Shape {
			t.add(axisName(s.Axes, n), count(k), s.Axes[n].Label(0), s.Axes[n].Label(k-1))
		}
		fmt.Fprintln(a.stdout)
		t.print(a.stdout, "")
		if s.Sparse != nil {
			a.printSlices(s)
		}
	}
}

// printSlices says how the entries of a sparse tensor are spread.
func (a *app) printSlices(s *stats) {
	t := newTable("entries in a slice of", "empty", "median", "largest", "at", "slices with 1, 2–3, 4–7, …").alignRight(1, 2, 3)
	for n, m := range s.Sparse.Modes {
		at := ""
		if m.Largest > 0 {
			at = s.Axes[n].Label(m.Heavy)
		}
		t.add(axisName(s.Axes, n), count(m.Empty), count(m.Median), count(m.Largest), at, joinCounts(m.Histogram))
	}
	fmt.Fprintln(a.stdout)
	t.print(a.stdout, "")
}

func joinCounts(list []int) string {
	words := make([]string, len(list))
	for k, n := range list {
		words[k] = count(n)
	}
	return strings.Join(words, " ")
}
