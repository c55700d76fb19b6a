package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// plannedRank is the rank that plan assumes unless one is given.
const plannedRank = "10"

func planCP(shape []int, bytes int, j job) (fit.Plan, error) {
	if len(j.ranks) != 1 {
		return fit.Plan{}, fmt.Errorf("--rank %s: cp takes one number", joinInts(j.ranks))
	}
	return cp.PlanALS(shape, bytes, cp.Options{Rank: min(j.ranks[0], cp.MaxRank(shape)), Compress: j.compress()})
}

func planTucker(shape []int, bytes int, j job) (fit.Plan, error) {
	if j.eps > 0 {
		return tucker.PlanSTHOSVD(shape, bytes, tucker.Options{Eps: j.eps})
	}
	ranks, err := spread(j.ranks, len(shape), "tucker", "one a mode")
	if err != nil {
		return fit.Plan{}, err
	}
	return tucker.PlanHOOI(shape, bytes, tucker.Options{Ranks: ranks, Randomized: j.random})
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
	Shape   []int         `json:"shape"`
	DType   string        `json:"dtype"`
	Entries int64         `json:"entries,omitempty"`      // that sparse data or a tensor with gaps list
	Limit   int64         `json:"memory_limit,omitempty"` // --mem
	Rates   rates         `json:"rates"`                  // of this machine, a second
	Plans   []plannedJSON `json:"plans"`
}

type plannedJSON struct {
	Method string `json:"method"`
	Rank   []int  `json:"rank,omitempty"`
	fit.Plan
	Seconds     float64       `json:"seconds"`
	Streamed    *streamedJSON `json:"streamed,omitempty"` // the same in slabs from the file
	Choice      string        `json:"choice,omitempty"`   // under --mem: in memory, in slabs or refused
	Least       int64         `json:"least_memory"`       // the smallest --mem that will do
	Compression float64       `json:"compression"`
}

type streamedJSON struct {
	PeakBytes int64   `json:"peak_bytes"`
	SlabBytes int64   `json:"slab_bytes"`
	Seconds   float64 `json:"seconds"`
}

// streamedDefault is the limit that slabs are planned for without --mem.
const streamedDefault = 1 << 30

func (a *app) plan() *cobra.Command {
	var (
		read              reading
		which, ranks, mem string
		eps               float64
		random, asJSON    bool
	)
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Predict the peak memory, the work and the time of a decomposition",
		Long: `Plan reads the header of a file and predicts what each method would need:
memory at the peak (the mapped file, the model and the work space), in memory
and in slabs from the file (for 1 GiB, or for --mem); floating-point operations,
bytes moved and seconds, of a sweep or of the whole of a direct method. The
seconds follow from the rates of matrix products, of memory and of the file,
which are measured for 20 ms each.`,
		Example: `  polyad plan examples/unemployment.csv --modes industry,year,month --value count --rank 4
  polyad plan big.npy --rank 20 --mem 2GiB
  polyad plan big.npy --method tucker --rank 30,30,10 --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			j := job{eps: eps, random: random}
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
			limit, err := parseMem(mem)
			if err != nil {
				return err
			}
			j.frugal = limit > 0
			if eps > 0 && which == "cp" {
				return fmt.Errorf("--eps is for tucker and tt; for cp give --rank R")
			}
			if err := checkRandomized(random, which, eps); err != nil {
				return err
			}
			if eps > 0 {
				j.ranks = nil
			}
			c, err := inspect(args[0], read)
			if err != nil {
				return err
			}
			defer c.close()
			out := planJSON{Shape: c.shape, DType: c.dtype, Entries: c.entries, Limit: limit, Rates: measureRates(args[0])}
			for _, m := range methods {
				if which != "all" && which != m.name || eps > 0 && m.name == "cp" {
					continue
				}
				var p fit.Plan
				switch {
				case c.kind == dense:
					p, err = c.plan(m, j)
				case eps > 0:
					err = fmt.Errorf("which ranks --eps %v chooses of %s data is not predicted; give --rank R", eps, c.kind)
				case c.kind == observed && m.name != "cp":
					continue
				default:
					p, err = c.planListed(m, "cp.ALS", j) // or the method of another format
				}
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				line := c.compare(p, out.Rates, limit)
				line.Method, line.Rank = m.name, j.ranks
				out.Plans = append(out.Plans, line)
			}
			if len(out.Plans) == 0 {
				return fmt.Errorf("%s: of data with unknown cells only what CP takes is predicted; give --method cp --rank R", args[0])
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
	cmd.Flags().StringVar(&ranks, "rank", plannedRank, "`R`, or R1,R2,… with --method tucker or tt")
	cmd.Flags().Float64Var(&eps, "eps", 0, "relative error to keep, above 0 and below 1, instead of a rank (tucker, tt)")
	randomizedFlag(cmd, &random)
	memFlag(cmd, &mem)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// compare works out the ways in which a plan can be carried out, and which of
// them a limit allows.
func (c *candidate) compare(p fit.Plan, r rates, limit int64) plannedJSON {
	whole := c.inMemory(p)
	line := plannedJSON{Plan: whole.Plan, Seconds: r.seconds(p, false), Least: whole.PeakBytes, Choice: "in memory"}
	if p.Parameters > 0 {
		line.Compression = tensor.Cells(c.shape) / float64(p.Parameters)
	}
	fits := false
	if c.stream {
		mem := limit
		if mem == 0 {
			mem = streamedDefault
		}
		s := streamed(p, c.elements, mem)
		line.Streamed = &streamedJSON{s.PeakBytes, s.slab, r.seconds(p, true)}
		line.Least = min(line.Least, leastStreamed(p, c.elements))
		fits = s.PeakBytes <= limit
	}
	switch {
	case limit == 0:
		line.Choice = ""
	case whole.PeakBytes <= limit:
	case fits:
		line.Choice = "in slabs"
	default:
		line.Choice = "refused"
	}
	return line
}

func elemBytes(dtype string) int {
	if dtype == "float32" {
		return 4
	}
	return 8
}

func (a *app) printPlan(path string, p planJSON) {
	holds := count(int(p.Entries)) + " cells listed"
	if p.Entries == 0 {
		holds = size(int64(tensor.Size(p.Shape) * elemBytes(p.DType)))
	}
	a.line("tensor", fmt.Sprintf("%s  %s %s, %s", path, dims(p.Shape), p.DType, holds))
	rates := fmt.Sprintf("%s Gflop/s, memory %s/s", num(p.Rates.Flops/1e9), size(int64(p.Rates.Memory)))
	if p.Rates.File > 0 {
		rates += fmt.Sprintf(", the file %s/s", size(int64(p.Rates.File)))
	}
	a.line("machine", rates+"; measured for 20 ms each")
	fmt.Fprintln(a.stdout)
	header := []string{"method", "algorithm", "in memory", "seconds", "in slabs", "seconds", "Gflop", "GB moved", "for", "parameters", "compression"}
	if p.Limit > 0 {
		header = append(header, "--mem "+size(p.Limit))
	}
	t := newTable(header...).alignRight(2, 3, 4, 5, 6, 7, 9, 10)
	for _, l := range p.Plans {
		per := "all"
		if l.Iterative {
			per = "each sweep"
		}
		slabs, slow := "–", "–"
		if l.Streamed != nil {
			slabs, slow = size(l.Streamed.PeakBytes), short(l.Streamed.Seconds)
		}
		row := []string{l.Method, l.Algorithm, size(l.PeakBytes), short(l.Seconds), slabs, slow,
			num(l.Flops / 1e9), num(l.BytesMoved / 1e9), per, count(int(l.Parameters)), num(l.Compression) + "×"}
		if p.Limit > 0 {
			choice := l.Choice
			if choice == "refused" {
				choice += ": needs " + wholeMB(l.Least)
			}
			row = append(row, choice)
		}
		t.add(row...)
	}
	t.print(a.stdout, "")
	for _, l := range p.Plans {
		for _, n := range l.Notes {
			a.line("note", l.Method+": "+n)
		}
	}
}

// short prints a number with two significant digits.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 2, 64) }
