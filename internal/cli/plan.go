package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// processBytes is what the program itself needs beside its tensors.
const processBytes = 30 << 20

// plannedRank is the rank that plan assumes unless one is given.
const plannedRank = "10"

func planCP(shape []int, bytes int, j job) (fit.Plan, error) {
	if len(j.ranks) != 1 {
		return fit.Plan{}, fmt.Errorf("--rank %s: cp takes one number", joinInts(j.ranks))
	}
	return cp.PlanALS(shape, bytes, cp.Options{Rank: min(j.ranks[0], cp.MaxRank(shape))})
}

func planTucker(shape []int, bytes int, j job) (fit.Plan, error) {
	if j.eps > 0 {
		return tucker.PlanSTHOSVD(shape, bytes, tucker.Options{Eps: j.eps})
	}
	ranks, err := spread(j.ranks, len(shape), "tucker", "one a mode")
	if err != nil {
		return fit.Plan{}, err
	}
	return tucker.PlanSTHOSVD(shape, bytes, tucker.Options{Ranks: ranks})
}

func planTT(shape []int, bytes int, j job) (fit.Plan, error) {
	if j.eps > 0 {
		return tt.PlanSVD(shape, bytes, tt.Options{Eps: j.eps})
	}
	ranks, err := spread(j.ranks, len(shape)-1, "tt", "one between neighbouring modes")
	if err != nil {
		return fit.Plan{}, err
	}
	return tt.PlanSVD(shape, bytes, tt.Options{Ranks: ranks})
}

// planJSON is the JSON of plan.
type planJSON struct {
	Shape []int         `json:"shape"`
	DType string        `json:"dtype"`
	Plans []plannedJSON `json:"plans"`
}

type plannedJSON struct {
	Method string `json:"method"`
	Rank   []int  `json:"rank,omitempty"`
	fit.Plan
	Compression float64 `json:"compression"`
}

func (a *app) plan() *cobra.Command {
	var (
		read         reading
		which, ranks string
		eps          float64
		asJSON       bool
	)
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Predict the peak memory and the work of a decomposition",
		Long: `Plan reads the header of a file and predicts what each method would need:
memory at the peak (the mapped file, the model and the work space), floating-point
operations and bytes moved, of a sweep or of the whole of a direct method.`,
		Example: "  polyad plan big.npy --rank 20\n  polyad plan big.npy --method tucker --rank 30,30,10 --json",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			j := job{eps: eps}
			var err error
			if j.ranks, err = parseRank(ranks); err != nil {
				return err
			}
			if j.ranks == nil {
				return fmt.Errorf("--rank %s: plan needs numbers: R or R1,R2,…", ranks)
			}
			if !(eps >= 0 && eps < 1) {
				return fmt.Errorf("--eps %v: a number from 0 up to 1 is expected", eps)
			}
			out, elem, err := planShape(args[0], read)
			if err != nil {
				return err
			}
			for _, m := range methods {
				if which != "all" && which != m.name || eps > 0 && m.name == "cp" && which == "all" {
					continue
				}
				if eps > 0 && m.name == "cp" {
					return fmt.Errorf("--eps is for tucker and tt; for cp give --rank R")
				}
				p, err := m.plan(out.Shape, elem, j)
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				p.PeakBytes += processBytes
				line := plannedJSON{Method: m.name, Plan: p}
				if eps == 0 {
					line.Rank = j.ranks
				}
				if p.Parameters > 0 {
					line.Compression = float64(tensor.Size(out.Shape)) / float64(p.Parameters)
				}
				out.Plans = append(out.Plans, line)
			}
			if asJSON {
				return a.printJSON(out)
			}
			a.printPlan(args[0], out)
			return nil
		},
	}
	read.register(cmd)
	choiceFlag(cmd, &which, "method", "all", "method to plan", append([]string{"all"}, methodNames()...)...)
	cmd.Flags().StringVar(&ranks, "rank", plannedRank, "R, or R1,R2,… with --method tucker or tt")
	cmd.Flags().Float64Var(&eps, "eps", 0, "relative error to keep, instead of a rank (tucker, tt)")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// planShape finds the shape and the size of an element, from the header where
// the format has one.
func planShape(path string, read reading) (planJSON, int, error) {
	h, err := tensorio.Inspect(path, read.options())
	if err != nil {
		return planJSON{}, 0, err
	}
	binary := []string{"npy", "npz", "safetensors", "mat"}
	if slices.Contains(binary, h.Format) && len(h.Arrays) == 1 {
		arr := h.Arrays[0]
		dtype := read.dtype
		if dtype == "" {
			dtype = "float64"
			if slices.Contains([]string{"float16", "bfloat16", "float32"}, arr.DType) {
				dtype = "float32"
			}
		}
		return planJSON{Shape: arr.Shape, DType: dtype}, elemBytes(dtype), nil
	}
	f, err := tensorio.Open(path, read.options())
	if err != nil {
		return planJSON{}, 0, err
	}
	defer f.Close()
	dtype := "float64"
	if _, ok := f.Tensor.(*tensor.Dense[float32]); ok {
		dtype = "float32"
	}
	return planJSON{Shape: f.Tensor.Shape(), DType: dtype}, elemBytes(dtype), nil
}

func elemBytes(dtype string) int {
	if dtype == "float32" {
		return 4
	}
	return 8
}

func (a *app) printPlan(path string, p planJSON) {
	cells := tensor.Size(p.Shape)
	a.line("tensor", fmt.Sprintf("%s  %s %s, %s", path, dims(p.Shape), p.DType, size(int64(cells*elemBytes(p.DType)))))
	fmt.Fprintln(a.stdout)
	t := newTable("method", "algorithm", "peak memory", "Gflop", "GB moved", "for", "parameters", "compression").alignRight(2, 3, 4, 6, 7)
	for _, l := range p.Plans {
		per := "all"
		if l.Iterative {
			per = "each sweep"
		}
		t.add(l.Method, l.Algorithm, size(l.PeakBytes), num(l.Flops/1e9), num(l.BytesMoved/1e9), per, count(int(l.Parameters)), num(l.Compression)+"×")
	}
	t.print(a.stdout, "")
	for _, l := range p.Plans {
		for _, n := range l.Notes {
			a.line("note", l.Method+": "+n)
		}
	}
}
