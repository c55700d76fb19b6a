package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensorio"
)

// pathFlags are the flags of path.
type pathFlags struct {
	sizes   []string
	start   string
	seconds float64
	trials  int
	mem     string
	seed    uint64
	planner string
	least   string
	dtype   string
	tree    bool
	out     string
	report  string
	json    bool
}

// pathJSON is the JSON of path.
type pathJSON struct {
	Tensors      int       `json:"tensors"`
	Indices      int       `json:"indices"`
	DType        string    `json:"dtype"`
	Log10Flops   float64   `json:"log10_flops"`    // index-space products
	Log10Flops2x float64   `json:"log10_flops_2x"` // two for a product that is summed
	Log2Size     float64   `json:"log2_size"`
	Log2Write    float64   `json:"log2_write"`
	PeakBytes    int64     `json:"peak_bytes"`
	Slices       float64   `json:"slices"`
	Sliced       []string  `json:"sliced"`
	Seconds      float64   `json:"seconds"`
	Planner      string    `json:"planner"`
	Seed         uint64    `json:"seed"`
	Path         path.Path `json:"path"`
}

// elementBytes of the types that a contraction may be planned for.
var elementBytes = map[string]int{"float32": 4, "float64": 8, "complex64": 8, "complex128": 16}

func (a *app) path() *cobra.Command {
	var f pathFlags
	cmd := &cobra.Command{
		Use:   "path EQUATION|FILE",
		Short: "Find the order in which to contract a tensor network, and what it costs",
		Long: `Path takes an equation with the sizes of its labels, or a file: the JSON of
cotengra (inputs, output, size_dict), of OMEinsumContractionOrders (einsum,
size) or with a format_string and shapes, or a circuit of OpenQASM or qsim, whose
amplitude from |0…0> to |0…0> is planned: gates on one qubit are multiplied into
others first, and diagonal ones keep the index of their qubit.

Flops are index-space products; opt_einsum counts 2 for a product that is
summed. The path is in SSA form: tensors are numbered as they come, and each
pair makes the next number. With --mem indices are sliced until operands,
buffers and result fit, or the plan is refused. Without --seconds and --trials
the search takes a time in proportion to the contraction, of 30 s at most.`,
		Example: `  polyad path 'ij,jk,kl->il' --sizes i=10,j=200,k=5,l=30
  polyad path network.json --seconds 10 --mem 2GiB --json
  polyad path network.json --seconds 60 --start found.json
  polyad path examples/brickwork.qasm --seconds 1 -o tree.svg --report plan.html`,
		Args: exactly("EQUATION|FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runPath(args[0], f) },
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&f.sizes, "sizes", nil, "`sizes` of the labels of an equation, such as i=10,j=20")
	fl.Float64Var(&f.seconds, "seconds", 0, "`seconds` for the search (0: in proportion to the contraction)")
	fl.IntVar(&f.trials, "trials", 0, "trials of the search, for the same path each time (0: in proportion to the contraction)")
	memFlag(cmd, &f.mem)
	seedFlag(cmd, &f.seed)
	choiceFlag(cmd, &f.planner, "planner", "", "planner (default: optimal for a few tensors, else search)", path.Planners()...)
	minimizeFlag(cmd, &f.least)
	choiceFlag(cmd, &f.dtype, "dtype", "", "elements that the bytes are for (default: complex128 for circuits, else float64)", "float32", "float64", "complex64", "complex128")
	fl.StringVar(&f.start, "start", "", "a `file` with a path to improve on, in SSA form: the output of --json, or a JSON list of pairs")
	fl.BoolVar(&f.tree, "tree", false, "draw the tree of contractions")
	fl.StringVarP(&f.out, "out", "o", "", "draw the tree into this .svg `file`")
	contractionReportFlag(cmd, &f.report)
	jsonFlag(cmd, &f.json)
	return cmd
}

func (a *app) runPath(arg string, f pathFlags) error {
	if !(f.seconds >= 0 && f.seconds < 1e9) {
		return fmt.Errorf("--seconds %v: a number of seconds is expected (0: in proportion to the contraction)", f.seconds)
	}
	if f.trials < 0 {
		return fmt.Errorf("--trials %d: a positive number is expected (0: in proportion to the contraction)", f.trials)
	}
	if f.planner != "" && f.planner != "search" && (f.seconds > 0 || f.trials > 0) {
		return fmt.Errorf("--planner %s takes the time it takes; --seconds and --trials are for --planner search", f.planner)
	}
	if f.start != "" && f.planner != "" && f.planner != "search" {
		return fmt.Errorf("--start is a path for --planner search; %s begins anew", f.planner)
	}
	if f.tree && f.json {
		return errors.New("--tree draws for people and --json prints for programs; give one of them, or -o FILE.svg for a drawing in a file")
	}
	if err := checkOutput("-o", f.out, ".svg"); err != nil {
		return err
	}
	if err := checkOutput("--report", f.report, ".html"); err != nil {
		return err
	}
	limit, err := parseMem(f.mem)
	if err != nil {
		return err
	}
	in, err := readNetwork(arg, f.sizes)
	if err != nil {
		return err
	}
	if err := in.checkSizes(); err != nil {
		return err
	}
	if f.dtype != "" {
		in.dtype = f.dtype
	}
	opt := einsum.Options{
		Planner: f.planner, Seed: f.seed, Trials: f.trials, Memory: limit, ElementBytes: elementBytes[in.dtype],
		Time: time.Duration(f.seconds * float64(time.Second)), Writes: writesOf[f.least],
	}
	if f.planner == "" && (f.seconds > 0 || f.trials > 0 || f.start != "") {
		opt.Planner = "search"
	}
	if f.start != "" {
		if opt.Start, err = readPath(f.start, len(in.shapes)); err != nil {
			return err
		}
	}
	start := time.Now()
	p, err := in.expr.Plan(a.ctx, opt, in.shapes...)
	if err != nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	out := pathJSON{
		Tensors: len(p.Inputs), Indices: len(p.Labels), DType: in.dtype,
		Log10Flops: p.Cost.Log10Flops(), Log10Flops2x: p.Cost.Log10Flops2x(),
		Log2Size: p.Cost.Size, Log2Write: p.Cost.Write, PeakBytes: p.PeakBytes(opt.ElementBytes),
		Slices: p.Cost.Slices, Sliced: []string{}, Seconds: time.Since(start).Seconds(),
		Planner: p.Planner, Seed: f.seed, Path: p.Path,
	}
	if out.Path == nil {
		out.Path = path.Path{}
	}
	for _, id := range p.Sliced {
		out.Sliced = append(out.Sliced, p.Labels[id])
	}
	d := report.NewTree(p)
	if f.out != "" {
		if err := tensorio.WriteFile(f.out, func(w io.Writer) error { return d.SVG(w, in.name) }); err != nil {
			return outputError{err}
		}
	}
	if err := a.reportContraction(f.report, report.Contraction{
		Source: filepath.Base(in.name), Plan: p, DType: in.dtype, ElementBytes: opt.ElementBytes, Limit: limit, PlanSeconds: out.Seconds,
	}); err != nil {
		return err
	}
	if f.json {
		return a.printJSON(out)
	}
	a.printPath(in, out)
	if f.tree {
		fmt.Fprintln(a.stdout)
		d.Text(a.stdout)
	}
	if f.out != "" {
		a.line("tree", f.out)
	}
	if f.report != "" {
		a.line("report", f.report)
	}
	return nil
}

func contractionReportFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "report", "", "draw the plan into this .html `file`: what each pair takes, memory over time, the dearest pairs, the tree")
}

// reportContraction writes the report that was asked for, if one was.
func (a *app) reportContraction(file string, in report.Contraction) error {
	if file == "" {
		return nil
	}
	in.Command, in.Version = a.command, Version
	if err := tensorio.WriteFile(file, func(w io.Writer) error { return report.WriteContraction(w, in) }); err != nil {
		return outputError{err}
	}
	return nil
}

func (a *app) printPath(in *networkInput, p pathJSON) {
	a.line("network", fmt.Sprintf("%s  %s tensors, %s indices", in.name, count(p.Tensors), count(p.Indices)))
	a.line("planner", fmt.Sprintf("%s, seed %d, %s s", p.Planner, p.Seed, fixed(p.Seconds, 2)))
	fmt.Fprintln(a.stdout)
	t := newTable("cost", "log10", "log2", "").alignRight(1, 2)
	row := func(name string, log2 float64, what string) {
		t.add(name, fixed(log2*math.Log10(2), 3), fixed(log2, 2), what)
	}
	row("flops", p.Log10Flops/math.Log10(2), "index-space products, all slices")
	row("flops 2x", p.Log10Flops2x/math.Log10(2), "2 for each product that is summed, as opt_einsum counts")
	row("write", p.Log2Write, "elements of all results")
	row("size", p.Log2Size, "elements of the largest result")
	row("slices", math.Log2(p.Slices), strings.Join(p.Sliced, " "))
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
	peak := size(p.PeakBytes)
	if p.PeakBytes == math.MaxInt64 {
		peak = "more than 2^63 bytes"
	}
	a.line("memory", peak+" at the peak, of "+p.DType+": operands, results, buffers")
}

// writesOf is what writing an element counts as, in products, by what is to be
// least. Some 64 products are made in the time that an element takes to memory.
var writesOf = map[string]float64{"flops": 0, "combo": 64}

// minimizeFlag declares --minimize.
func minimizeFlag(cmd *cobra.Command, least *string) {
	choiceFlag(cmd, least, "minimize", "flops", "what a search makes least: products, or products + 64 for each element that is written", "flops", "combo")
}

// sizesOf reads --sizes.
func sizesOf(list []string) (map[string]int, error) {
	sizes := map[string]int{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		name = strings.TrimSpace(name)
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if !ok || name == "" || err != nil || n < 1 {
			return nil, fmt.Errorf("--sizes %s: LABEL=SIZE is expected, with a size of 1 or more, such as i=10,j=20", s)
		}
		if old, ok := sizes[name]; ok && old != n {
			return nil, fmt.Errorf("--sizes: label %s has sizes %d and %d; one is expected", name, old, n)
		}
		sizes[name] = n
	}
	return sizes, nil
}

// jsonFault says where JSON is not as expected.
func jsonFault(name string, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s: byte %d is not JSON as expected: %w", name, syntax.Offset, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
