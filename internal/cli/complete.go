package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	columnar "github.com/polyad/polyad/tensorio/table"
)

// completion is the JSON of complete.
type completion struct {
	Format     string               `json:"format"`
	Shape      []int                `json:"shape"`
	Rank       any                  `json:"rank"` // a number for CP, a list otherwise
	Ridge      float64              `json:"ridge"`
	Center     bool                 `json:"center"`
	Smooth     []float64            `json:"smooth,omitempty"`
	Cells      int                  `json:"cells"` // predicted
	Observed   int                  `json:"observed"`
	RMSE       *float64             `json:"rmse"` // of entries left out; null if there were too few
	MAE        *float64             `json:"mae"`
	Loss       string               `json:"loss"`
	Limits     []string             `json:"constraints,omitempty"` // of each mode
	Deviance   *float64             `json:"deviance,omitempty"`    // of binary data, and of losses
	AUC        *float64             `json:"auc,omitempty"`
	Sigma      *float64             `json:"sigma"`
	Folds      int                  `json:"folds"`
	Candidates []complete.Candidate `json:"candidates"`
	Seed       uint64               `json:"seed"`
	Seconds    float64              `json:"seconds"`
	PeakBytes  int64                `json:"peak_bytes"`
	Notes      []string             `json:"notes,omitempty"`
}

type completeFlags struct {
	read       reading
	unknown    string
	rank       string
	ridge      float64
	smooth     []float64
	loss       string
	limitTexts []string
	nonneg     bool
	limits     []limit
	out, model string
	threads    int
	asJSON     bool
	opt        complete.Options
}

func (a *app) complete() *cobra.Command {
	var f completeFlags
	cmd := &cobra.Command{
		Use:   "complete FILE -o OUT",
		Short: "Predict the unknown cells of a tensor, with standard errors",
		Long: `Complete fits a model to the known cells of a tensor and predicts the others.

The rank, the penalty and ties between neighbouring slices are chosen by
cross-validation: each is judged by cells that were left out. Unknown are the
rows that a table lacks, the cells that a sparse file does not list, NaN in
arrays, and with --unknown 0 (or another number) the cells that hold that number.

-o filled.npy (.npz, .mat …) writes the whole tensor, known cells as they are;
-o cells.csv, .tsv or .parquet writes a table of the predicted cells with their
standard errors. --model keeps the model, for polyad predict.

With --loss or --constraint the rank (and with a loss the ridge) is chosen by
the deviance of cells that were left out; a loss gives no standard errors.`,
		Example: `  polyad complete examples/unemployment.csv --modes industry,year,month --value count -o predicted.csv --model model.npz
  polyad complete visits.csv --modes page,day --value n --loss poisson --rank 3 -o filled.npy
  polyad complete parking.mat --unknown 0 --method tucker -o filled.npy --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runComplete(args[0], f) },
	}
	fl := cmd.Flags()
	f.read.register(cmd)
	unknownFlag(cmd, &f.unknown)
	choiceFlag(cmd, &f.opt.Format, "method", "cp", "format of the model", methodNames()...)
	fl.StringVar(&f.rank, "rank", "auto", "`R`, or R1,R2,… for tucker and tt, or auto")
	fl.IntVar(&f.opt.MaxRank, "max-rank", 0, "largest rank that auto tries (default 10)")
	fl.Float64Var(&f.ridge, "ridge", -1, "penalty on large parameters, 0 or above, such as 0.1 (-1: chosen)")
	fl.Float64SliceVar(&f.smooth, "smooth", nil, "ties between neighbouring slices, one `number` a mode, such as 0,0,10; []: chosen")
	fl.StringVar(&f.loss, "loss", "gaussian", "what is minimised: a `name`, such as poisson for counts ("+strings.Join(loss.Names(), "|")+") (cp)")
	fl.StringArrayVar(&f.limitTexts, "constraint", nil, "what is asked of a `mode` (name, number from 0, or all), such as month=nonneg,smooth:0.1, who=fixed:A.npy or to=tied:from; may be repeated (cp)")
	fl.BoolVar(&f.nonneg, "nonneg", false, "factors without negative numbers, as --constraint all=nonneg (cp)")
	fl.IntVar(&f.opt.Folds, "folds", 0, "parts that are left out in turn, 2 or more (default 5)")
	seedFlag(cmd, &f.opt.Seed)
	threadsFlag(cmd, &f.threads)
	fl.StringVarP(&f.out, "out", "o", "", "write the completed tensor to this `file`, or a .csv, .tsv or .parquet table of the predicted cells")
	fl.StringVar(&f.model, "model", "", "write the model to this .npz `file`")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// checkProblem checks what is to be minimised, under which constraints.
func (f *completeFlags) checkProblem() (err error) {
	if f.opt.Loss, err = loss.Parse(f.loss); err != nil {
		return fmt.Errorf("--loss: %w", err)
	}
	if f.limits, err = parseConstraints(f.limitTexts, f.nonneg); err != nil {
		return err
	}
	squares := gaussian(f.opt.Loss)
	switch limited := len(f.limits) > 0; {
	case squares && !limited:
		return nil
	case f.opt.Format != "cp":
		return fmt.Errorf("--loss and --constraint are for --method cp; %s models are completed by penalised least squares", f.opt.Format)
	case f.smooth != nil && squares:
		return errors.New("--smooth and --constraint: write the tie as a constraint, MODE=smooth:X")
	case f.smooth != nil:
		return fmt.Errorf("--smooth is for least squares, which the loss %s is not", f.opt.Loss)
	case f.ridge > 0 && squares:
		return errors.New("--ridge and --constraint: write the penalty as a constraint, all=l2:X")
	}
	return nil
}

func unknownFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "unknown", "", "a `number` that stands for unknown cells, such as 0 or -999 (default: none does)")
}

// check finds what can be wrong before a file is read.
func (f *completeFlags) check() error {
	ranks, err := parseRank(f.rank)
	if err != nil {
		return err
	}
	f.opt.Ranks = ranks
	switch {
	case f.ridge == 0:
		f.opt.Ridge = -1
	case f.ridge > 0 && f.ridge < math.Inf(1):
		f.opt.Ridge = f.ridge
	case f.ridge != -1:
		return fmt.Errorf("--ridge %v: a number, zero or positive, is expected (-1: chosen)", f.ridge)
	}
	f.opt.Smooth = f.smooth
	if err := f.checkProblem(); err != nil {
		return err
	}
	if err := checkUnknown(f.read.missing, f.unknown); err != nil {
		return err
	}
	if f.out == "" && f.model == "" {
		return fmt.Errorf("complete needs -o FILE, such as -o filled.npy or -o cells.csv, or --model FILE.npz")
	}
	if err := checkFilled(f.out); err != nil {
		return err
	}
	if err := checkOutput("--model", f.model, ".npz"); err != nil {
		return err
	}
	return setThreads(f.threads)
}

// checkUnknown checks what says which cells are unknown.
func checkUnknown(missing, unknown string) error {
	if unknown != "" {
		if _, err := strconv.ParseFloat(unknown, 64); err != nil {
			return fmt.Errorf("--unknown %s: a number is expected", unknown)
		}
	}
	if missing == "zero" {
		return fmt.Errorf("--missing zero leaves no cell unknown; nothing would be left to predict")
	}
	return nil
}

// checkFilled checks -o of commands that write a tensor or a table of cells.
func checkFilled(path string) error {
	if isTable(path) {
		return checkOutput("-o", path)
	}
	return checkTensor("-o", path)
}

func (a *app) runComplete(path string, f completeFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	file, x, err := openPartly(path, f.read, f.unknown)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := checkCells(f.out, isTable(f.out), x, "with --model m.npz keep the model, and predict the cells that you need: polyad predict m.npz cells.csv -o out.csv"); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.opt.Constraints, err = resolve(f.limits, x.Axes()); err != nil {
		return err
	}
	if r := givenRank(f.limits); r > 0 && f.opt.Ranks == nil {
		f.opt.Ranks = []int{r}
	}
	if limits := limitsOf(f.opt.Constraints); len(able("cp", observed, f.opt.Loss, limits)) == 0 {
		return errors.New(refusal("cp", observed, f.opt.Loss, limits))
	}
	bar := newProgress(a.stderr)
	defer bar.clear()
	steps := 0
	f.opt.Progress = func(label string) { steps++; bar.set(label, steps, steps+20) }
	res, err := complete.Run(a.ctx, x, f.opt)
	bar.clear()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.model != "" {
		if err := res.Save(f.model); err != nil {
			return outputError{err}
		}
	}
	if err := writeCompletion(f.out, x, res, gaussian(f.opt.Loss)); err != nil {
		return err
	}
	d := completion{
		Format: f.opt.Format, Shape: x.Shape(), Rank: model.Ranks(res.Model),
		Ridge: res.Chosen.Ridge, Center: res.Chosen.Center, Smooth: res.Chosen.Smooth,
		Cells: tensor.Size(x.Shape()) - x.Count(), Observed: x.Count(),
		RMSE: known(res.Chosen.RMSE), MAE: known(res.Chosen.MAE), Deviance: known(res.Deviance), AUC: known(res.AUC), Sigma: known(res.Sigma),
		Folds: res.Folds, Candidates: res.Candidates, Seed: f.opt.Seed, Seconds: res.Seconds, PeakBytes: peakBytes(),
		Notes: append(slices.Clone(file.Notes), res.Notes...),
	}
	d.Loss = f.opt.Loss.String()
	for _, set := range f.opt.Constraints {
		d.Limits = append(d.Limits, set.String())
	}
	if f.opt.Format == "cp" {
		d.Rank = model.Ranks(res.Model)[0]
	}
	if f.asJSON {
		return a.printJSON(d)
	}
	a.printCompletion(path, file, d, f)
	return nil
}

// known is a pointer to a number, or nil for NaN.
func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// openPartly opens a file as a tensor of which some cells are unknown: NaN in
// arrays and tables, and what a list of cells leaves out.
func openPartly(path string, read reading, unknown string) (*tensorio.File, *tensor.Observed, error) {
	given := read.missing != ""
	if !given {
		read.missing = "nan"
	}
	file, err := tensorio.Open(path, read.options())
	if err == nil && !given && unknown == "" && (file.Format == "tns" || file.Format == "psp") {
		file.Close()
		read.missing = "unobserved"
		file, err = tensorio.Open(path, read.options())
	}
	if err != nil {
		return nil, nil, err
	}
	x, err := partly(file.Tensor, unknown)
	if err != nil {
		file.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, x, nil
}

// partly is a tensor as one of which some cells are unknown.
func partly(x tensor.Tensor, unknown string) (*tensor.Observed, error) {
	var o *tensor.Observed
	switch x := x.(type) {
	case *tensor.Observed:
		o = x
	case *tensor.Dense[float64]:
		o = tensor.FromDense(x)
	case *tensor.Dense[float32]:
		o = tensor.FromDense(x)
	case *sparse.COO[float64], *sparse.COO[float32]:
		return nil, errors.New("cells that the file does not list are zero, as you say, so that none is unknown; leave --missing and --unknown away, and they are")
	default:
		return nil, fmt.Errorf("a tensor of real numbers is needed, this is %T", x)
	}
	if unknown != "" {
		v, err := strconv.ParseFloat(unknown, 64)
		if err != nil {
			return nil, err
		}
		o = o.Select(func(e int) bool { return o.Values()[e] != v })
	}
	if o.Count() == tensor.Size(o.Shape()) {
		return nil, fmt.Errorf("all %s cells are known, there is nothing to complete; --unknown 0 says that zeros stand for unknown cells", count(o.Count()))
	}
	return o, nil
}

const (
	mostRows   = 100_000_000 // of a table of predictions
	mostFilled = 16e9        // bytes of a completed tensor
)

// checkCells refuses, before anything is fitted, an output that is too large,
// and says what to do instead. Listed cells are predicted from their indices,
// others all at once.
func checkCells(path string, listed bool, x *tensor.Observed, instead string) error {
	cells := tensor.Cells(x.Shape())
	rows := cells - float64(x.Count())
	switch {
	case path == "":
	case listed && rows > mostRows:
		return fmt.Errorf("-o %s: %.3g cells are unknown, and at most %.3g are listed; %s", path, rows, float64(mostRows), instead)
	case !listed && 8*cells > mostFilled:
		return fmt.Errorf("-o %s: the completed tensor would have %.3g cells, %.3g GB, and at most %g GB are written; %s", path, cells, 8*cells/1e9, mostFilled/1e9, instead)
	}
	return nil
}

// isTable reports the names of files that hold tables of cells.
func isTable(path string) bool {
	return separator(path) != 0 || strings.HasSuffix(path, ".parquet")
}

// separator is that of a table's file name; 0 for any other.
func separator(path string) rune {
	switch {
	case strings.HasSuffix(path, ".csv"):
		return ','
	case strings.HasSuffix(path, ".tsv"):
		return '\t'
	}
	return 0
}

// writeCompletion writes the filled tensor or the table of predictions, with
// standard errors if there are such.
func writeCompletion(path string, x *tensor.Observed, res *complete.Result, errored bool) error {
	if path == "" {
		return nil
	}
	if !isTable(path) {
		y, err := res.Fill()
		if err != nil {
			return err
		}
		return saveFilled(path, y)
	}
	index, err := res.Unknown()
	if err != nil {
		return err
	}
	values, se := res.Predict(index)
	if !errored {
		return writeCells(path, x.Axes(), index, []string{"value"}, values)
	}
	return writeCells(path, x.Axes(), index, []string{"value", "se"}, values, se)
}

func saveFilled(path string, y *tensor.Dense[float64]) error {
	if err := tensorio.Save(path, y); err != nil {
		return outputError{err}
	}
	return nil
}

// writeCells writes a table: the labels of cells, and columns of numbers.
func writeCells(path string, axes []tensor.Axis, index [][]int32, names []string, columns ...[]float64) error {
	err := tensorio.WriteFile(path, func(w io.Writer) error {
		if separator(path) == 0 {
			return columnar.WriteParquetCells(w, axes, index, names, columns...)
		}
		text := csv.NewWriter(w)
		text.Comma = separator(path)
		row := make([]string, 0, len(axes)+len(columns))
		for n, axis := range axes {
			row = append(row, columnName(axis, n))
		}
		if err := text.Write(append(row, names...)); err != nil {
			return err
		}
		for e := range columns[0] {
			row = row[:0]
			for n, axis := range axes {
				row = append(row, axis.Label(int(index[n][e])))
			}
			for _, c := range columns {
				row = append(row, strconv.FormatFloat(c[e], 'g', -1, 64))
			}
			if err := text.Write(row); err != nil {
				return err
			}
		}
		text.Flush()
		return text.Error()
	})
	if err != nil {
		return outputError{err}
	}
	return nil
}

// columnName is the name of a mode in a table.
func columnName(axis tensor.Axis, n int) string {
	if axis.Name != "" {
		return axis.Name
	}
	return "mode" + strconv.Itoa(n+1)
}

// printCompletion is what a person sees after complete.
func (a *app) printCompletion(path string, file *tensorio.File, d completion, f completeFlags) {
	a.file(path, file)
	a.line("tensor", fmt.Sprintf("%s, %s of %s cells known", dims(d.Shape), count(d.Observed), count(d.Observed+d.Cells)))
	a.notes(d.Notes)
	squares := gaussian(f.opt.Loss)
	judged := "rmse"
	if !squares {
		judged = "deviance"
	}
	t := newTable("rank", "ridge", "center", "smooth", judged, "±", "mae").alignRight(0, 1, 4, 5, 6)
	for _, c := range d.Candidates {
		center, smooth := "", ""
		if c.Center {
			center = "mean"
		}
		if c.Smooth != nil {
			smooth = strings.Trim(fmt.Sprint(c.Smooth), "[]")
		}
		by := c.RMSE
		if !squares {
			by = c.Deviance
		}
		t.add(joinInts(c.Ranks), num(c.Ridge), center, smooth, num(by), num(c.SE), num(c.MAE))
	}
	t.print(a.stdout, "  ")
	a.line("model", fmt.Sprintf("%s rank %v, ridge %s", d.Format, d.Rank, num(d.Ridge)))
	if d.RMSE != nil {
		a.line("left out", fmt.Sprintf("rmse %s, mae %s over %d folds", num(*d.RMSE), num(*d.MAE), d.Folds))
	}
	if d.Deviance != nil && !squares {
		a.line("loss", fmt.Sprintf("%s, mean deviance %s", d.Loss, num(*d.Deviance)))
	}
	if d.AUC != nil {
		a.line("binary", fmt.Sprintf("area under the curve %s, mean deviance %s", num(*d.AUC), num(*d.Deviance)))
	}
	if f.out != "" {
		a.line("written", fmt.Sprintf("%s  %s cells predicted", f.out, count(d.Cells)))
	}
	if f.model != "" {
		a.line("written", f.model)
	}
	a.line("time", num(d.Seconds)+" s")
}
