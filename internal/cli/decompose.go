package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// decomposition is the JSON of decompose.
type decomposition struct {
	Method        string             `json:"method"`
	Algorithm     string             `json:"algorithm"`
	Shape         []int              `json:"shape"`
	Axes          []tensor.Axis      `json:"axes"`
	Data          kind               `json:"data"`
	Loss          string             `json:"loss"`
	Deviance      float64            `json:"deviance,omitempty"`    // of losses other than gaussian
	Constraints   []string           `json:"constraints,omitempty"` // of each mode
	NonZeros      int                `json:"non_zeros,omitempty"`   // of sparse data
	Observed      int                `json:"observed"`
	Missing       int                `json:"missing"`
	Rank          any                `json:"rank"` // a number for CP, a list otherwise
	Fit           float64            `json:"fit"`
	RelativeError float64            `json:"relative_error"`
	Iterations    int                `json:"iterations"`
	Stop          fit.Stop           `json:"stop"`
	Seed          uint64             `json:"seed"`
	Starts        int                `json:"starts"`
	Ridge         float64            `json:"ridge"`
	Seconds       map[string]float64 `json:"seconds"`
	PeakBytes     int64              `json:"peak_bytes"`
	Predicted     int64              `json:"predicted_bytes,omitempty"` // of the peak
	Limit         int64              `json:"memory_limit,omitempty"`    // --mem
	Slab          int64              `json:"slab_bytes,omitempty"`      // of data that are read in slabs
	Resumed       int                `json:"resumed_passes,omitempty"`  // found in the journal
	Parameters    int                `json:"parameters"`
	Compression   float64            `json:"compression"` // cells a parameter
	Weights       []float64          `json:"weights,omitempty"`
	Trace         []float64          `json:"trace"`
	Evidence      *rank.Evidence     `json:"evidence,omitempty"`
	Notes         []string           `json:"notes,omitempty"`
}

// decomposeFlags are the flags of decompose, parsed.
type decomposeFlags struct {
	read         reading
	method, rank string
	maxRank      int
	eps          float64
	nonneg       bool
	lossName     string
	loss         loss.Loss
	limitTexts   []string
	limits       []limit
	solver       string
	observed     bool
	tolGiven     bool
	random       bool
	ridge        float64 // negative: what auto says, else 0
	fit          fit.Options
	threads      int
	mem          string
	limit        int64 // --mem in bytes; 0: none
	resume       string
	out, report  string
	asJSON       bool
	command      string
}

func (a *app) decompose() *cobra.Command {
	var f decomposeFlags
	cmd := &cobra.Command{
		Use:   "decompose FILE",
		Short: "Fit a model to a tensor and show what is in it",
		Long: `Decompose fits a CP, Tucker or tensor-train model to the tensor in a file.

With --rank auto (the default) several ranks are tried, and the one that the
evidence supports is taken; the evidence is printed.

--mem is a promise about the resident memory of the program, a mapped file
included: where the data do not fit, float32 and float64 arrays in .npy files
(or a folder of .npy chunks along the slowest mode) are read in slabs, pass
after pass, or the run is refused with the figures. Finished passes are kept
in a journal beside the output (-o), or in the file that --resume names: after
a kill, the same command goes on from there, to the same bytes.`,
		Example: `  polyad decompose examples/unemployment.csv --modes industry,year,month --value count --rank auto --report unemployment.html
  polyad decompose examples/unemployment.csv --modes industry,year,month --value count --method tucker --rank 4,4,4 -o model.npz
  polyad decompose video.gif --method tucker --eps 0.05 -o video.npz
  polyad decompose big.npy --method tucker --eps 0.01 --mem 1GiB -o big.npz
  polyad decompose flights.parquet --modes 'origin,destination,hour(date)' --aggregate count --missing zero --rank 8 --nonneg --json`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.command = a.command
			f.tolGiven = cmd.Flags().Changed("tol")
			return a.runDecompose(args[0], f)
		},
	}
	fl := cmd.Flags()
	f.read.register(cmd)
	choiceFlag(cmd, &f.method, "method", "cp", "format of the model", methodNames()...)
	fl.StringVar(&f.rank, "rank", "auto", "`R`, or R1,R2,… for tucker and tt, or auto")
	fl.IntVar(&f.maxRank, "max-rank", 0, "largest rank that auto tries (default: by the shape)")
	fl.Float64Var(&f.eps, "eps", 0, "relative error to keep, above 0 and below 1, instead of a rank (tucker, tt)")
	fl.Float64Var(&f.fit.Tol, "tol", 1e-8, "stop when an iteration lowers the relative error by less (1e-5 with another --loss than gaussian)")
	fl.IntVar(&f.fit.MaxIters, "max-iters", 1000, "largest number of iterations of a start")
	fl.StringVar(&f.lossName, "loss", "gaussian", "what is minimised: a `name`, such as poisson for counts ("+strings.Join(loss.Names(), "|")+")")
	fl.StringArrayVar(&f.limitTexts, "constraint", nil, "what is asked of a `mode` (name, number from 0, or all), such as month=nonneg,smooth:0.1, who=fixed:A.npy or to=tied:from; may be repeated (cp)")
	fl.BoolVar(&f.nonneg, "nonneg", false, "factors without negative numbers, as --constraint all=nonneg (cp)")
	choiceFlag(cmd, &f.solver, "solver", "auto", "algorithm (cp)", solverNames()...)
	fl.BoolVar(&f.observed, "observed", false, "cells that the file does not list are unknown, not zero, as --missing unobserved")
	randomizedFlag(cmd, &f.random)
	fl.Float64Var(&f.ridge, "ridge", -1, "penalty on large factors, from 0 up to 1, such as 1e-3 (cp; -1: as auto finds necessary, else 0; with --loss a multiple of their squares)")
	fl.IntVar(&f.fit.Starts, "starts", 3, "number of starts; the best is kept (cp)")
	seedFlag(cmd, &f.fit.Seed)
	threadsFlag(cmd, &f.threads)
	memFlag(cmd, &f.mem)
	fl.StringVar(&f.resume, "resume", "", "keep the journal of finished passes in this `file`, and go on from it")
	fl.StringVarP(&f.out, "out", "o", "", "write the model to this .npz `file`")
	fl.StringVar(&f.report, "report", "", "write a report to this .html `file`")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// check finds what can be wrong before a file is read.
func (f *decomposeFlags) check() (ranks []int, err error) {
	if ranks, err = parseRank(f.rank); err != nil {
		return nil, err
	}
	if !(f.eps >= 0 && f.eps < 1) {
		return nil, fmt.Errorf("--eps %v: a number from 0 up to 1 is expected", f.eps)
	}
	if f.eps > 0 && ranks != nil {
		return nil, fmt.Errorf("--eps %v and --rank %s: give one of the two", f.eps, f.rank)
	}
	if f.method == "cp" && f.eps > 0 {
		return nil, fmt.Errorf("--eps is for tucker and tt; for cp give --rank R or --rank auto")
	}
	if err := f.checkProblem(ranks); err != nil {
		return nil, err
	}
	if err := checkRandomized(f.random, f.method, f.eps); err != nil {
		return nil, err
	}
	if f.ridge != -1 && !(f.ridge >= 0 && f.ridge < 1) {
		return nil, fmt.Errorf("--ridge %v: a number from 0 up to 1 is expected (-1: as auto finds necessary)", f.ridge)
	}
	if f.fit.MaxIters < 1 {
		return nil, fmt.Errorf("--max-iters %d: a positive number is expected", f.fit.MaxIters)
	}
	if f.fit.Starts < 1 {
		return nil, fmt.Errorf("--starts %d: a positive number is expected", f.fit.Starts)
	}
	if f.maxRank < 0 {
		return nil, fmt.Errorf("--max-rank %d: a positive number is expected (0: by the shape)", f.maxRank)
	}
	if err := f.fit.Validate(); err != nil {
		return nil, err
	}
	if f.limit, err = parseMem(f.mem); err != nil {
		return nil, err
	}
	if err := checkOutput("--resume", f.resume); err != nil {
		return nil, err
	}
	if err := checkOutput("-o", f.out, ".npz"); err != nil {
		return nil, err
	}
	if err := checkOutput("--report", f.report, ".html", ".htm"); err != nil {
		return nil, err
	}
	return ranks, setThreads(f.threads)
}

// lossTol is --tol for losses other than least squares: the end of their
// convergence is slow, and changes no label of a component.
const lossTol = 1e-5

// checkProblem checks what is to be minimised, over which cells, under which
// constraints.
func (f *decomposeFlags) checkProblem(ranks []int) (err error) {
	if f.nonneg && f.method != "cp" {
		return fmt.Errorf("--nonneg is for --method cp, not %s", f.method)
	}
	if f.loss, err = loss.Parse(f.lossName); err != nil {
		return fmt.Errorf("--loss: %w", err)
	}
	if f.limits, err = parseConstraints(f.limitTexts, f.nonneg); err != nil {
		return err
	}
	if f.method != "cp" && !gaussian(f.loss) {
		return errors.New(refusal(f.method, dense, f.loss, []string{"none"}))
	}
	if f.method != "cp" && len(f.limits) > 0 {
		return errors.New(refusal(f.method, dense, f.loss, []string{"nonneg"}))
	}
	if f.method != "cp" && f.solver != "auto" {
		return fmt.Errorf("--solver is for --method cp, not %s", f.method)
	}
	if f.observed && f.read.missing != "" && f.read.missing != "unobserved" {
		return fmt.Errorf("--observed is --missing unobserved; with --missing %s give one of the two", f.read.missing)
	}
	if f.observed {
		f.read.missing = "unobserved"
	}
	if !gaussian(f.loss) && !f.tolGiven {
		f.fit.Tol = lossTol
	}
	if f.ridge > 0 && len(f.limitTexts) > 0 && gaussian(f.loss) {
		return errors.New("--ridge and --constraint: write the penalty as a constraint, all=l2:X")
	}
	return nil
}

// chooseRank is --rank auto: by package rank where it judges the problem, else
// by the error of entries that are left out alone.
func (f *decomposeFlags) chooseRank(ctx context.Context, m method, x tensor.Tensor, j job, bar *progress) (*rank.Evidence, error) {
	limits := limitsOf(j.sets)
	free := len(limits) == 1 && (limits[0] == "none" || limits[0] == "nonneg")
	o, partly := x.(*tensor.Observed)
	if partly && free {
		if e := constant(m.name, o); e != nil {
			return e, nil
		}
	}
	if gaussian(j.loss) && free && (m.name == "cp" || !partly) {
		return m.auto(ctx, x, rank.Options{
			Max: f.maxRank, Starts: f.fit.Starts, Seed: f.fit.Seed, NonNegative: nonnegative(j.sets),
			Progress: func(done, total int, label string) { bar.set(label, done, total) },
		})
	}
	steps := 0
	opt := complete.Options{
		Format: m.name, MaxRank: f.maxRank, Ridge: f.ridge, Loss: j.loss, Constraints: j.sets, Seed: f.fit.Seed,
		Progress: func(label string) { steps++; bar.set(label, steps, steps+20) },
	}
	if f.ridge == -1 {
		opt.Ridge = 0
	} else if f.ridge == 0 {
		opt.Ridge = -1
	}
	return complete.Rank(ctx, x, opt)
}

// constant is the evidence where all known entries are equal; else nil.
func constant(method string, x *tensor.Observed) *rank.Evidence {
	values := x.Values()
	if len(values) == 0 || slices.ContainsFunc(values, func(v float64) bool { return v != values[0] }) {
		return nil
	}
	ranks := slices.Repeat([]int{1}, x.Order())
	switch method {
	case "cp":
		ranks = ranks[:1]
	case "tt":
		ranks = ranks[:x.Order()-1]
	}
	c := rank.Blank(ranks...)
	c.Verdict = "chosen"
	return &rank.Evidence{
		Method: method, Chosen: ranks, Candidates: []rank.Candidate{c}, Basis: "all known entries",
		Reasons: []string{fmt.Sprintf("rank 1: all %d known entries are %v, which one component says; if cells without an entry are 0, say so with --missing zero", len(values), values[0])},
	}
}

func (a *app) runDecompose(path string, f decomposeFlags) error {
	ranks, err := f.check()
	if err != nil {
		return err
	}
	start := time.Now()
	clock := &fit.Clock{}
	j := job{ranks: ranks, eps: f.eps, loss: f.loss, solver: f.solver, ridge: max(0, f.ridge), random: f.random, limits: f.limits, maxRank: f.maxRank, frugal: f.limit > 0, fit: f.fit}
	m := methodByName(f.method)
	stop := clock.Time("read")
	in, err := open(path, f.read, m, j, f.limit)
	stop()
	if err != nil {
		return err
	}
	defer in.close()
	file, x := in.File, in.Tensor
	if j.sets, err = resolve(f.limits, x.Axes()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if r := givenRank(f.limits); r > 0 && ranks == nil {
		ranks, j.ranks = []int{r}, []int{r}
	}
	how, err := choose(f.method, x, j)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if note := categories(x); note != "" && gaussian(j.loss) && how.calls != "cp.GCP" && how.calls != "cp.GCPAdam" {
		file.Notes = append(file.Notes, note)
	}
	if f.limit > 0 {
		j.room = in.need.room(f.limit)
	}
	bar := newProgress(a.stderr)
	defer bar.clear()
	var evidence *rank.Evidence
	if ranks == nil && f.eps == 0 {
		stop := clock.Time("rank")
		evidence, err = f.chooseRank(a.ctx, m, x, j, bar)
		stop()
		if err != nil {
			return fmt.Errorf("%s: choosing the rank: %w", path, err)
		}
		j.ranks = evidence.Chosen
		if in.chosen != nil {
			if err := in.chosen(j.ranks); err != nil {
				return err
			}
		}
		if f.ridge < 0 && how.ridge != noPenalty {
			j.ridge = evidence.Ridge
		}
	}
	if f.method == "cp" && len(j.ranks) != 1 {
		return fmt.Errorf("--rank %s: cp takes one number", joinInts(j.ranks))
	}

	log, data, err := a.journal(path, in, f, j)
	if err != nil {
		return err
	}
	if log != nil {
		defer log.Close()
	}
	j.fit.Progress = func(e fit.Event) {
		bar.set(fmt.Sprintf("%s, start %d of %d, relative error %.3g", e.Method, e.Start+1, e.Starts, e.RelativeError),
			e.Start*e.MaxIters+e.Iteration, e.Starts*e.MaxIters)
	}
	stop = clock.Time("sweeps")
	mod, res, err := how.run(a.ctx, data, j)
	stop()
	bar.clear()
	if err != nil {
		if log != nil && a.ctx.Err() == nil && tensor.Err(x) == nil {
			// It would fail again in the same way.
			err = errors.Join(err, log.Remove())
		}
		return fmt.Errorf("%s: %w", path, in.explain(err, f.limit))
	}

	if f.out != "" {
		stop := clock.Time("write")
		err := model.Save(f.out, mod, res)
		stop()
		if err != nil {
			return outputError{err}
		}
	}
	d := describe(file, mod, res, evidence)
	d.Ridge = j.ridge
	d.Limit = f.limit
	for _, set := range j.sets {
		d.Constraints = append(d.Constraints, set.String())
	}
	if in.need != nil {
		d.Predicted, d.Slab = in.need.PeakBytes, in.need.slab
	}
	if log != nil {
		d.Resumed = log.Passes()
		if log.Err() != nil {
			d.Notes = append(d.Notes, fmt.Sprintf("The journal could not be written (%v): the run could not have been resumed.", log.Err()))
		}
	}
	d.PeakBytes = peakBytes()
	total := time.Since(start).Seconds()
	if f.report != "" {
		stop := clock.Time("report")
		err := tensorio.WriteFile(f.report, func(w io.Writer) error {
			return report.Write(w, report.Input{
				Title: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Source: filepath.Base(path), Format: file.Format, Bytes: file.Bytes,
				Command: f.command,
				Model:   mod, Data: x, Result: res, Evidence: evidence,
				Seconds: clock.Phases(), PeakBytes: d.PeakBytes,
				Parameters: int64(d.Parameters), Compression: d.Compression,
				Version: Version, Date: start,
			})
		})
		stop()
		if err != nil {
			return outputError{err}
		}
		total = time.Since(start).Seconds()
	}
	if log != nil {
		if err := log.Remove(); err != nil {
			return outputError{err}
		}
	}
	d.Seconds["total"] = total
	for _, p := range clock.Phases() {
		d.Seconds[p.Name] = p.Seconds
	}
	for _, p := range res.Phases {
		d.Seconds[p.Name] += p.Seconds
	}
	if f.asJSON {
		return a.printJSON(d)
	}
	return a.printDecomposition(path, file, mod, d, f)
}

// fewValues is the number of different whole numbers that may be categories.
const fewValues = 10

// categories is a note if data that least squares are to explain look like
// categories or small counts.
func categories(x tensor.Tensor) string {
	d, ok := x.(cp.Elementwise)
	if !ok || !isReal(x) {
		return ""
	}
	seen := map[float64]bool{}
	if _, _, amounts := d.FindCell(func(v float64) bool {
		seen[v] = true
		return v != math.Floor(v) || len(seen) > fewValues
	}); amounts {
		return ""
	}
	return fmt.Sprintf("The data are %d different whole numbers: if they are categories or counts, --loss bernoulli or poisson suits them better than least squares, which are used.", len(seen))
}

// describe gathers the figures of a result.
func describe(file *tensorio.File, m model.Model, r fit.Result, e *rank.Evidence) decomposition {
	shape := file.Tensor.Shape()
	cells := tensor.Size(shape)
	d := decomposition{
		Method: model.Method(m), Algorithm: r.Method, Shape: shape, Axes: file.Tensor.Axes(),
		Observed: cells, Fit: r.Fit, RelativeError: r.RelativeError,
		Iterations: r.Iterations, Stop: r.Stop, Seed: r.Seed, Starts: r.Starts,
		Seconds: map[string]float64{}, Parameters: m.Parameters(),
		Trace: r.Trace, Evidence: e,
	}
	switch x := file.Tensor.(type) {
	case *tensor.Observed:
		d.Observed = x.Count()
	case interface{ Count() int }:
		d.NonZeros = x.Count()
	}
	d.Data, d.Loss, d.Deviance = kindOf(file.Tensor), r.Loss, r.Deviance
	if d.Loss == "" {
		d.Loss = loss.Gaussian.String()
	}
	d.Missing = cells - d.Observed
	d.Notes = append(append(d.Notes, file.Notes...), r.Notes...)
	if d.Parameters > 0 {
		d.Compression = tensor.Cells(shape) / float64(d.Parameters)
	}
	d.Rank = model.Ranks(m)
	if c, ok := m.(*cp.Tensor); ok {
		d.Rank, d.Weights = c.Rank(), c.Weights
	}
	return d
}
