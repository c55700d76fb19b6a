package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/dain"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// neural is the JSON of dain.
type neural struct {
	Shape      []int          `json:"shape"`
	Observed   int            `json:"observed"`
	Cells      int            `json:"cells"`      // unknown
	Added      int            `json:"added"`      // new cells that the net was trained on
	HeldOut    int            `json:"held_out"`   // cells that the errors are of
	Plain      *float64       `json:"rmse_plain"` // without new cells; null if no cell was held out
	RMSE       *float64       `json:"rmse"`       // with them
	Importance []importanceOf `json:"importance"` // a mode
	Sampling   dain.Sampling  `json:"sampling"`
	Seed       uint64         `json:"seed"`
	Seconds    float64        `json:"seconds"`
	PeakBytes  int64          `json:"peak_bytes"`
	Notes      []string       `json:"notes,omitempty"`
}

type importanceOf struct {
	Mode string         `json:"mode"`
	Top  []entityWeight `json:"top"`
}

type entityWeight struct {
	Label      string  `json:"label"`
	Importance float64 `json:"importance"`
	Cells      int     `json:"cells"` // known ones that the net was trained on
}

// compared is the JSON of dain --compare.
type compared struct {
	Shape    []int         `json:"shape"`
	Observed int           `json:"observed"`
	HeldOut  float64       `json:"held_out"` // share
	Seeds    int           `json:"seeds"`
	Seed     uint64        `json:"seed"` // the first
	Arms     []comparedArm `json:"arms"`
	Seconds  float64       `json:"seconds"`
	Notes    []string      `json:"notes,omitempty"`
}

type comparedArm struct {
	Arm        dain.Arm   `json:"arm"`
	Mean       float64    `json:"rmse"`
	OverNone   [2]float64 `json:"below_none"`   // mean of the differences, half of the 95 % interval
	OverRandom [2]float64 `json:"below_random"` // likewise
	RMSE       []float64  `json:"rmse_of_seeds"`
}

type dainFlags struct {
	compare  bool
	seeds    int
	read     reading
	unknown  string
	sampling string
	held     float64
	top      int
	out      string
	threads  int
	asJSON   bool
	opt      dain.Options
}

func (a *app) dain() *cobra.Command {
	var f dainFlags
	cmd := &cobra.Command{
		Use:   "dain FILE",
		Short: "Complete a tensor by a neural net and new cells where they have influence",
		Long: `Dain trains a neural net on the known cells of a tensor, traces which of them
served the prediction of others, adds new cells among the entities (indices of
modes) that matter, and trains a net on old and new cells (Oh et al. 2021).

--compare measures what that is worth on the file at hand: over several seeds,
each with other cells held out, it trains a net without new cells, with known
cells once more, with random or important cells and values copied from known
ones, and with random or important cells and values by nets (which is the
method), and prints the differences with their intervals.

It prints the most important entities of each mode, and the error of cells that
were held out, with the new cells and without. -o filled.npy (.npz, .mat …)
writes the whole tensor, -o cells.csv, .tsv or .parquet a table of the predicted cells.`,
		Example: `  polyad dain examples/unemployment.csv --modes industry,year,month --value count -o predicted.csv
  polyad dain parking.mat --unknown 0 --json
  polyad dain ratings.csv --modes user,film --value stars --compare --seeds 10`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runDain(args[0], f) },
	}
	fl := cmd.Flags()
	f.read.register(cmd)
	unknownFlag(cmd, &f.unknown)
	fl.Float64Var(&f.held, "hold-out", 0.1, "share of the known cells that are held out to measure the error (0: none)")
	choiceFlag(cmd, &f.sampling, "sampling", "influence", "how new cells are drawn", "influence", "uniform", "none")
	fl.Float64Var(&f.opt.Added, "added", 1, "new cells for each known one")
	fl.IntVar(&f.opt.Epochs, "epochs", 120, "most passes over the cells")
	fl.IntVar(&f.opt.Patience, "patience", 20, "passes without a better validation after which the training ends")
	fl.Float64Var(&f.opt.Rate, "rate", 0.02, "step size of the training")
	fl.Float64Var(&f.opt.Decay, "decay", 2e-3, "weight of the penalty on the embeddings")
	fl.IntVar(&f.opt.Teachers, "teachers", 4, "nets whose mean is the value of a new cell")
	fl.BoolVar(&f.compare, "compare", false, "measure what new cells are worth, against other ways and none")
	fl.IntVar(&f.seeds, "seeds", 10, "seeds of --compare, from --seed on")
	fl.IntVar(&f.top, "top", 5, "entities shown of each mode")
	seedFlag(cmd, &f.opt.Seed)
	threadsFlag(cmd, &f.threads)
	fl.StringVarP(&f.out, "out", "o", "", "write the completed tensor to this `file`, or a .csv, .tsv or .parquet table of the predicted cells")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

func (f *dainFlags) check() error {
	switch {
	case !(f.held >= 0 && f.held < 1):
		return fmt.Errorf("--hold-out %v: a share from 0 to 1 is expected, such as 0.1", f.held)
	case !(f.opt.Added > 0):
		return fmt.Errorf("--added %v: a positive number is expected; --sampling none adds no cells", f.opt.Added)
	case f.opt.Epochs < 1:
		return fmt.Errorf("--epochs %d: a positive number is expected", f.opt.Epochs)
	case f.opt.Patience < 1:
		return fmt.Errorf("--patience %d: a positive number is expected", f.opt.Patience)
	case f.opt.Teachers < 1:
		return fmt.Errorf("--teachers %d: a positive number is expected", f.opt.Teachers)
	case !(f.opt.Rate > 0 && f.opt.Rate < 1):
		return fmt.Errorf("--rate %v: a number between 0 and 1 is expected", f.opt.Rate)
	case !(f.opt.Decay > 0):
		return fmt.Errorf("--decay %v: a positive number is expected", f.opt.Decay)
	case f.seeds < 2:
		return fmt.Errorf("--seeds %d: two at least are needed for an interval", f.seeds)
	case f.compare && f.held == 0:
		return fmt.Errorf("--compare measures cells that are held out; --hold-out 0 leaves none")
	case f.compare && f.out != "":
		return fmt.Errorf("--compare completes nothing that could be written to %s; leave out -o", f.out)
	case f.top < 1:
		return fmt.Errorf("--top %d: a positive number is expected", f.top)
	}
	f.opt.Sampling = dain.Sampling(f.sampling)
	if err := checkUnknown(f.read.missing, f.unknown); err != nil {
		return err
	}
	if err := checkFilled(f.out); err != nil {
		return err
	}
	return setThreads(f.threads)
}

func (a *app) runDain(path string, f dainFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	file, x, err := openPartly(path, f.read, f.unknown)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := checkCells(f.out, true, x, "without -o the errors and the importance of entities are printed"); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.compare {
		return a.compareNeural(path, file, x, f)
	}
	kept, test := x, (*tensor.Observed)(nil)
	if f.held > 0 {
		kept, test = x.Split(f.held, f.opt.Seed)
	}
	res, err := dain.Run(a.ctx, kept, f.opt)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d := neural{
		Shape: x.Shape(), Observed: x.Count(), Cells: tensor.Size(x.Shape()) - x.Count(), Sampling: f.opt.Sampling,
		Importance: mostImportant(res, x.Axes(), f.top), Seed: f.opt.Seed, Seconds: res.Seconds, Notes: file.Notes,
	}
	if res.Added != nil {
		d.Added = res.Added.Count()
	}
	if test != nil && test.Count() > 0 {
		d.HeldOut, d.Plain, d.RMSE = test.Count(), known(netError(res.Plain, test)), known(netError(res.Net, test))
	}
	if err := writeNeural(f.out, x, res.Net); err != nil {
		return err
	}
	d.PeakBytes = peakBytes()
	if f.asJSON {
		return a.printJSON(d)
	}
	a.printNeural(path, file, d, f)
	return nil
}

// compareNeural measures the ways to augment.
func (a *app) compareNeural(path string, file *tensorio.File, x *tensor.Observed, f dainFlags) error {
	began := time.Now()
	c, err := dain.Compare(a.ctx, x, f.held, f.seeds, f.opt)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d := compared{Shape: x.Shape(), Observed: x.Count(), HeldOut: f.held, Seeds: f.seeds, Seed: f.opt.Seed, Notes: file.Notes}
	gain := func(arm, over dain.Arm) [2]float64 {
		mean, half := c.Gain(arm, over)
		return [2]float64{mean, half}
	}
	for _, arm := range dain.Arms {
		d.Arms = append(d.Arms, comparedArm{arm, c.Mean(arm), gain(arm, dain.ArmNone), gain(arm, dain.ArmRandom), c.RMSE[arm]})
	}
	d.Seconds = time.Since(began).Seconds()
	if f.asJSON {
		return a.printJSON(d)
	}
	a.file(path, file)
	a.line("tensor", fmt.Sprintf("%s, %s of %s cells known, %v of them held out", dims(d.Shape), count(d.Observed), count(tensor.Size(d.Shape)), f.held))
	a.notes(d.Notes)
	interval := func(g [2]float64) string { return fmt.Sprintf("%s ± %s", num(g[0]), num(g[1])) }
	t := newTable("new cells", "rmse", "below none", "below random").alignRight(1, 2, 3)
	for _, arm := range d.Arms {
		t.add(string(arm.Arm), num(arm.Mean), interval(arm.OverNone), interval(arm.OverRandom))
	}
	t.print(a.stdout, "  ")
	a.line("seeds", fmt.Sprintf("%d; ± is half of the 95 %% interval of the difference", d.Seeds))
	a.line("time", num(d.Seconds)+" s")
	return nil
}

// netError is the root mean square error of a net at the entries of a tensor.
func netError(net *dain.Net, x *tensor.Observed) float64 {
	sum := 0.0
	for e, v := range net.Predict(indicesOf(x)) {
		d := x.Values()[e] - v
		sum += d * d
	}
	return math.Sqrt(sum / float64(x.Count()))
}

func indicesOf(x *tensor.Observed) [][]int32 {
	index := make([][]int32, x.Order())
	for n := range index {
		index[n] = x.Indices(n)
	}
	return index
}

// mostImportant lists the entities of each mode with the greatest importance.
func mostImportant(res *dain.Result, axes []tensor.Axis, top int) []importanceOf {
	var out []importanceOf
	for n, list := range res.Importance {
		cells := make([]int, len(list))
		for _, i := range res.Train.Indices(n) {
			cells[i]++
		}
		order := make([]int, len(list))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(list[j], list[i]) })
		mode := importanceOf{Mode: columnName(axes[n], n)}
		for _, i := range order[:min(top, len(order))] {
			mode.Top = append(mode.Top, entityWeight{axes[n].Label(i), list[i], cells[i]})
		}
		out = append(out, mode)
	}
	return out
}

// writeNeural writes the filled tensor or the table of predictions.
func writeNeural(path string, x *tensor.Observed, net *dain.Net) error {
	if path == "" {
		return nil
	}
	index, err := complete.Unknown(x)
	if err != nil {
		return err
	}
	values := net.Predict(index)
	if !isTable(path) {
		return saveFilled(path, complete.Fill(x, index, values))
	}
	return writeCells(path, x.Axes(), index, []string{"value"}, values)
}

// printNeural is what a person sees after dain.
func (a *app) printNeural(path string, file *tensorio.File, d neural, f dainFlags) {
	a.file(path, file)
	a.line("tensor", fmt.Sprintf("%s, %s of %s cells known", dims(d.Shape), count(d.Observed), count(d.Observed+d.Cells)))
	a.notes(d.Notes)
	t := newTable("mode", "entity", "importance", "cells").alignRight(2, 3)
	for _, mode := range d.Importance {
		for _, e := range mode.Top {
			t.add(mode.Mode, e.Label, num(e.Importance), count(e.Cells))
		}
	}
	t.print(a.stdout, "  ")
	a.line("new cells", fmt.Sprintf("%s, drawn by %s", count(d.Added), d.Sampling))
	if d.RMSE != nil && d.Plain != nil {
		a.line("held out", fmt.Sprintf("rmse %s, %s without new cells, of %s cells", num(*d.RMSE), num(*d.Plain), count(d.HeldOut)))
	}
	if f.out != "" {
		a.line("written", fmt.Sprintf("%s  %s cells predicted", f.out, count(d.Cells)))
	}
	a.line("time", num(d.Seconds)+" s")
}
