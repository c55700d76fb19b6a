package cli

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// einsumFlags are the flags of einsum.
type einsumFlags struct {
	out     string
	mem     string
	seconds float64
	seed    uint64
	threads int
	least   string
	report  string
	json    bool
}

// einsumJSON is the JSON of einsum.
type einsumJSON struct {
	Equation     string   `json:"equation"`
	Shape        []int    `json:"shape"`
	DType        string   `json:"dtype"`
	Out          string   `json:"out,omitempty"`
	Log10Flops   float64  `json:"log10_flops"`
	Log10Flops2x float64  `json:"log10_flops_2x"`
	Log2Size     float64  `json:"log2_size"`
	PeakBytes    int64    `json:"peak_bytes"`
	Slices       float64  `json:"slices"`
	Sliced       []string `json:"sliced"`
	Planner      string   `json:"planner"`
	Seed         uint64   `json:"seed"`
	PlanSeconds  float64  `json:"plan_seconds"`
	RunSeconds   float64  `json:"run_seconds"`
	Value        string   `json:"value,omitempty"` // of a result of one element, which may be NaN or complex
}

func (a *app) einsum() *cobra.Command {
	var f einsumFlags
	cmd := &cobra.Command{
		Use:   "einsum EQUATION FILE...",
		Short: "Contract tensors by an equation",
		Long: `Einsum contracts the tensors in files by an equation in the syntax of NumPy,
in an order that is planned for their shapes: one file an operand, real or
complex, in any format that convert reads. Operands of several types are
widened to one. NaN and infinite values are kept and go their way.

With --mem the contraction is cut in slices until operands, buffers and result
fit, or it is refused.`,
		Example: `  polyad einsum 'ij,jk->ik' a.npy b.npy -o c.npy
  polyad einsum 'ab,bc,cd,da->' a.npy b.npy c.npy d.npy --json
  polyad einsum 'iaj,jbk,kci->abc' x.npy y.npy z.npy -o t.npy --mem 2GiB`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("einsum takes an equation and one file an operand; see polyad einsum --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runEinsum(args[0], args[1:], f) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "`file` for the result ("+strings.Join(tensorio.Extensions(), ", ")+")")
	memFlag(cmd, &f.mem)
	fl.Float64Var(&f.seconds, "seconds", 0, "`seconds` to search for an order (0: in proportion to the contraction)")
	seedFlag(cmd, &f.seed)
	minimizeFlag(cmd, &f.least)
	contractionReportFlag(cmd, &f.report)
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	return cmd
}

func (a *app) runEinsum(equation string, files []string, f einsumFlags) error {
	if !(f.seconds >= 0 && f.seconds < 1e9) {
		return fmt.Errorf("--seconds %v: a number of seconds is expected (0: in proportion to the contraction)", f.seconds)
	}
	if err := checkTensor("-o", f.out); err != nil {
		return err
	}
	if err := checkOutput("--report", f.report, ".html"); err != nil {
		return err
	}
	if err := setThreads(f.threads); err != nil {
		return err
	}
	limit, err := parseMem(f.mem)
	if err != nil {
		return err
	}
	e, err := einsum.Parse(equation)
	if err != nil {
		return err
	}
	if e.Operands() != len(files) {
		return fmt.Errorf("the equation has %d operands, %d files were given; one file an operand is expected", e.Operands(), len(files))
	}
	operands := make([]tensor.Tensor, len(files))
	for k, name := range files {
		file, err := tensorio.Open(name, tensorio.Options{Missing: "keep"})
		if err != nil {
			return err
		}
		defer file.Close()
		if _, _, ok := numbers(file.Tensor); !ok {
			return fmt.Errorf("%s: operand %d is sparse, or has unobserved cells; einsum takes whole tensors: polyad convert --missing zero writes one as .npy", name, k)
		}
		operands[k] = file.Tensor
	}
	single, complexes := true, false
	for _, x := range operands {
		s, c, _ := numbers(x)
		single, complexes = single && s, complexes || c
	}
	switch {
	case single && complexes:
		return contractFiles[complex64](a, e, operands, f, limit)
	case complexes:
		return contractFiles[complex128](a, e, operands, f, limit)
	case single:
		return contractFiles[float32](a, e, operands, f, limit)
	}
	return contractFiles[float64](a, e, operands, f, limit)
}

// numbers says of a dense tensor whether it is in single precision, and
// complex.
func numbers(x tensor.Tensor) (single, complexes, ok bool) {
	switch x.(type) {
	case *tensor.Dense[float32]:
		return true, false, true
	case *tensor.Dense[float64]:
		return false, false, true
	case *tensor.Dense[complex64]:
		return true, true, true
	case *tensor.Dense[complex128]:
		return false, true, true
	}
	return false, false, false
}

// widened is a dense tensor with elements that hold those of x.
func widened[T tensor.Number](x tensor.Tensor) *tensor.Dense[T] {
	if x, ok := x.(*tensor.Dense[T]); ok {
		return x
	}
	out := tensor.New[T](x.Shape()...)
	switch to := any(out.Raw()).(type) {
	case []float64:
		convertTo(to, x.(*tensor.Dense[float32]).Data(), func(v float32) float64 { return float64(v) })
	case []complex64:
		convertTo(to, x.(*tensor.Dense[float32]).Data(), func(v float32) complex64 { return complex(v, 0) })
	case []complex128:
		switch x := x.(type) {
		case *tensor.Dense[float32]:
			convertTo(to, x.Data(), func(v float32) complex128 { return complex(float64(v), 0) })
		case *tensor.Dense[float64]:
			convertTo(to, x.Data(), func(v float64) complex128 { return complex(v, 0) })
		case *tensor.Dense[complex64]:
			convertTo(to, x.Data(), func(v complex64) complex128 { return complex128(v) })
		}
	}
	return out
}

func convertTo[To, From any](to []To, from []From, convert func(From) To) {
	for i, v := range from {
		to[i] = convert(v)
	}
}

// dtypeOf is the name of the element type.
func dtypeOf[T tensor.Number]() string {
	var z T
	return fmt.Sprintf("%T", z)
}

// contractFiles plans, contracts, saves and prints.
func contractFiles[T tensor.Number](a *app, e *einsum.Expr, operands []tensor.Tensor, f einsumFlags, limit int64) error {
	dtype := dtypeOf[T]()
	opt := einsum.Options{Seed: f.seed, ElementBytes: elementBytes[dtype], Time: time.Duration(f.seconds * float64(time.Second)), Writes: writesOf[f.least]}
	if f.seconds > 0 {
		opt.Planner = "search"
	}
	shapes := make([][]int, len(operands))
	extra := int64(processBytes) // beside what the plan counts
	for k, x := range operands {
		shapes[k] = x.Shape()
		if _, ok := x.(*tensor.Dense[T]); !ok { // both the file and what it becomes
			extra += int64(tensor.Size(x.Shape()) * opt.ElementBytes)
		}
	}
	if limit > 0 {
		if opt.Memory = limit - extra; opt.Memory <= 0 {
			return fmt.Errorf("--mem allows %s; the program alone takes %s; allow more", size(limit), size(extra))
		}
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit - outsideBytes))
	}
	start := time.Now()
	p, err := e.Plan(a.ctx, opt, shapes...)
	if err != nil {
		return err
	}
	if need, machine := float64(p.PeakBytes(opt.ElementBytes))+float64(extra), tensorio.Memory(); need > float64(machine) {
		return fmt.Errorf("the contraction takes %.3g bytes, and this machine has %s; --mem cuts it in slices, if the result fits", need, size(int64(machine)))
	}
	planned := time.Now()
	ops := make([]*tensor.Dense[T], len(operands))
	for k, x := range operands {
		ops[k] = widened[T](x)
	}
	c, err := einsum.Run(a.ctx, p, ops...)
	if err != nil {
		return err
	}
	out := einsumJSON{
		Equation: p.Equation(), Shape: c.Shape(), DType: dtype, Out: f.out,
		Log10Flops: p.Cost.Log10Flops(), Log10Flops2x: p.Cost.Log10Flops2x(), Log2Size: p.Cost.Size,
		PeakBytes: p.PeakBytes(opt.ElementBytes), Slices: p.Cost.Slices, Sliced: []string{},
		Planner: p.Planner, Seed: f.seed, PlanSeconds: planned.Sub(start).Seconds(), RunSeconds: time.Since(planned).Seconds(),
	}
	for _, id := range p.Sliced {
		out.Sliced = append(out.Sliced, p.Labels[id])
	}
	if c.Len() == 1 {
		out.Value = fmt.Sprint(c.Data()[0])
	}
	if f.out != "" {
		if err := tensorio.Save(f.out, c); err != nil {
			return outputError{err}
		}
	}
	if err := a.reportContraction(f.report, report.Contraction{
		Source: out.Equation, Plan: p, DType: dtype, ElementBytes: opt.ElementBytes, Limit: limit, PlanSeconds: out.PlanSeconds, RunSeconds: out.RunSeconds,
	}); err != nil {
		return err
	}
	if f.json {
		return a.printJSON(out)
	}
	a.line("equation", out.Equation)
	a.line("result", fmt.Sprintf("%v of %s", c.Shape(), dtype))
	a.line("planned", fmt.Sprintf("%s, seed %d, %s s; 10^%s products%s, %s at the peak", out.Planner, f.seed, fixed(out.PlanSeconds, 3), fixed(out.Log10Flops, 2), inSlices(out.Slices), size(out.PeakBytes)))
	a.line("run", fixed(out.RunSeconds, 3)+" s")
	if out.Value != "" {
		a.line("value", out.Value)
	}
	if f.out != "" {
		a.line("written", f.out)
	}
	if f.report != "" {
		a.line("report", f.report)
	}
	return nil
}

// inSlices says how many slices a contraction has, if it is cut.
func inSlices(n float64) string {
	if n <= 1 {
		return ""
	}
	return fmt.Sprintf(" in %s slices", fixed(n, 0))
}
