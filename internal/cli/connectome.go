package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// connectomeJSON is the JSON of connectome.
type connectomeJSON struct {
	Shape      []int                 `json:"shape"`
	Nodes      int                   `json:"nodes"`
	Rank       int                   `json:"rank"`
	Evidence   *rank.Evidence        `json:"evidence,omitempty"`
	Components []connectomeComponent `json:"components"`
	Leading    []int                 `json:"leading"` // component at each time, from 1; 0: none
	Changes    []connectomeChange    `json:"changes"`
	Periods    []connectomePeriod    `json:"communities_over_time"`
	Fit        fit.Result            `json:"fit"`
}

type connectomePeriod struct {
	First       int                   `json:"first"` // times from 0, both included
	Last        int                   `json:"last"`
	Communities []connectomeCommunity `json:"communities"`
	NMI         float64               `json:"nmi"` // with those of the period before
	Events      []string              `json:"events"`
}

type connectomeCommunity struct {
	Number int      `json:"number"` // kept over time, from 1
	Nodes  []string `json:"nodes"`
}

type connectomeComponent struct {
	Weight      float64               `json:"weight"`
	Time        []float64             `json:"time"`
	Subjects    []float64             `json:"subjects"`
	Communities *connectome.Partition `json:"communities"`
	Members     [][]string            `json:"members"` // labels of the nodes of each block
}

type connectomeChange struct {
	Time int     `json:"time"` // from 0
	From int     `json:"from"` // components, from 1
	To   int     `json:"to"`
	NMI  float64 `json:"nmi"` // of their communities
}

type connectomeFlags struct {
	read     reading
	rank     string
	seed     uint64
	starts   int
	restarts int
	threads  int
	json     bool
	out      string
	report   string
}

func (a *app) connectome() *cobra.Command {
	var f connectomeFlags
	cmd := &cobra.Command{
		Use:   "connectome FILE",
		Short: "Find communities of networks that change in time",
		Long: `Connectome factors affinities of pairs of nodes without negative entries, and
finds the communities of each component's graph by a weighted stochastic block
model, whose description length decides how many there are. It then follows
the communities of all components together over time: when they merge, split,
form and dissolve.

FILE holds time × subject × node × node, time × node × node, or time × subject ×
pair (the pairs above the diagonal, row after row).`,
		Example: `  polyad connectome affinities.npy --rank 4 --report connectome.html
  polyad connectome affinities.npy --rank auto --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runConnectome(args[0], f) },
	}
	f.read.register(cmd)
	cmd.Flags().StringVar(&f.rank, "rank", "auto", "number of components `R`, or auto: chosen with evidence")
	seedFlag(cmd, &f.seed)
	cmd.Flags().IntVar(&f.starts, "starts", 4, "starts of the factorisation; the best is kept")
	cmd.Flags().IntVar(&f.restarts, "restarts", 0, "searches for communities with the best model (default 3)")
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "write the model, time × subject × pair, and the communities, time × node, to this .npz `file`")
	cmd.Flags().StringVar(&f.report, "report", "", "write a report with the matrices drawn to this .html `file`")
	return cmd
}

func (a *app) runConnectome(path string, f connectomeFlags) error {
	if err := setThreads(f.threads); err != nil {
		return err
	}
	if err := checkOutput("--out", f.out, ".npz"); err != nil {
		return err
	}
	if err := checkOutput("--report", f.report, ".html"); err != nil {
		return err
	}
	ranks, err := parseRank(f.rank)
	if err != nil {
		return err
	}
	if len(ranks) > 1 {
		return fmt.Errorf("--rank %s: one number, or auto, is expected", f.rank)
	}
	file, err := tensorio.Open(path, f.read.options())
	if err != nil {
		return err
	}
	defer file.Close()
	p, err := connectome.ReadPairs(file.Tensor)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	out := connectomeJSON{Shape: file.Tensor.Shape(), Nodes: p.Count}
	if ranks == nil {
		out.Evidence, err = rank.CP(a.ctx, p.Data, rank.Options{NonNegative: true, Seed: f.seed})
		if err != nil {
			return err
		}
		ranks = out.Evidence.Chosen
	}
	r, err := connectome.Fit(a.ctx, p, connectome.Options{Rank: ranks[0], Restarts: f.restarts, Options: fit.Options{Seed: f.seed, Starts: f.starts}})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f.out != "" {
		if err := model.Save(f.out, r.Model, r.Fit, communitiesOf(r)); err != nil {
			return outputError{err}
		}
	}
	if f.report != "" {
		in := report.Connectome{Source: filepath.Base(path), Command: a.command, Version: Version, Result: r}
		err := tensorio.WriteFile(f.report, func(w io.Writer) error { return report.WriteConnectome(w, in) })
		if err != nil {
			return outputError{err}
		}
	}
	out.fill(r)
	if f.json {
		return a.printJSON(out)
	}
	a.printConnectome(path, r, out, f)
	return nil
}

// communitiesOf is the number of the community, from 1, of each node at each
// time: times×nodes.
func communitiesOf(r *connectome.Result) tensorio.NamedArray {
	of := tensor.New[float64](len(r.Leading), len(r.Periods[0].Of))
	for _, p := range r.Periods {
		for t := p.First; t <= p.Last; t++ {
			for i, id := range p.Of {
				of.Set(float64(id+1), t, i)
			}
		}
	}
	return tensorio.NamedArray{Name: "communities", Array: of}
}

func (out *connectomeJSON) fill(r *connectome.Result) {
	out.Rank, out.Fit = len(r.Components), r.Fit
	for _, k := range r.Leading {
		out.Leading = append(out.Leading, k+1)
	}
	out.Changes = []connectomeChange{}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, connectomeChange{Time: c.Time, From: c.From + 1, To: c.To + 1, NMI: c.NMI})
	}
	for _, p := range r.Periods {
		period := connectomePeriod{First: p.First, Last: p.Last, NMI: p.NMI, Events: []string{}}
		for _, e := range p.Events {
			period.Events = append(period.Events, e.String())
		}
		for id, nodes := range p.Members() {
			if len(nodes) == 0 {
				continue
			}
			c := connectomeCommunity{Number: id + 1}
			for _, i := range nodes {
				c.Nodes = append(c.Nodes, r.Nodes.Label(i))
			}
			period.Communities = append(period.Communities, c)
		}
		out.Periods = append(out.Periods, period)
	}
	for _, c := range r.Components {
		members := make([][]string, len(c.Communities.Sizes))
		for i, b := range c.Communities.Blocks {
			members[b] = append(members[b], r.Nodes.Label(i))
		}
		out.Components = append(out.Components, connectomeComponent{Weight: c.Weight, Time: c.Time, Subjects: c.Subjects, Communities: c.Communities, Members: members})
	}
}

func (a *app) printConnectome(path string, r *connectome.Result, out connectomeJSON, f connectomeFlags) {
	a.line("file", path)
	a.line("affinities", fmt.Sprintf("%s, %s nodes, %s pairs", dims(out.Shape), count(out.Nodes), count(out.Nodes*(out.Nodes-1)/2)))
	a.notes(r.Fit.Notes)
	a.printEvidence(out.Evidence)
	a.line("fit", fmt.Sprintf("%s%%  relative error %s; %s, %d iterations, %s, seed %d", fixed(100*r.Fit.Fit, 2), num(r.Fit.RelativeError), r.Fit.Method, r.Fit.Iterations, r.Fit.Stop, r.Fit.Seed))
	fmt.Fprintln(a.stdout)
	t := newTable("component", "weight", "when", "in whom", "communities", "model").alignRight(0, 1)
	axes := r.Model.Axes()
	for k, c := range r.Components {
		when := report.Peak(axes[0], c.Time)
		if when == "" {
			when = "always"
		}
		p := c.Communities
		how := p.Weights
		if p.DegreeCorrected {
			how += ", degrees"
		}
		if len(p.Levels) > 0 {
			how += fmt.Sprintf(", %d levels above", len(p.Levels))
		}
		t.add(fmt.Sprint(k+1), num(c.Weight), when, topLabels(axes[1], c.Subjects), fmt.Sprintf("%d: %s nodes", len(p.Sizes), strings.ReplaceAll(joinInts(p.Sizes), ",", ", ")), how)
	}
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
	t = newTable("over time", "communities", "what happens")
	for _, p := range r.Periods {
		when, events := axes[0].Label(p.First), []string{}
		if p.Last > p.First {
			when += " to " + axes[0].Label(p.Last)
		}
		for _, e := range p.Events {
			events = append(events, e.String())
		}
		var sizes []string
		for id, nodes := range p.Members() {
			if len(nodes) > 0 {
				sizes = append(sizes, fmt.Sprintf("%d: %d nodes", id+1, len(nodes)))
			}
		}
		t.add(when, strings.Join(sizes, ", "), strings.Join(events, "; "))
	}
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
	for _, c := range r.Changes {
		a.line("change", fmt.Sprintf("at %s component %d takes the lead from %d; NMI of their communities %s", axes[0].Label(c.Time), c.To+1, c.From+1, fixed(c.NMI, 2)))
	}
	if f.out != "" {
		a.line("written", f.out)
	}
	if f.report != "" {
		a.line("report", f.report)
	}
}
