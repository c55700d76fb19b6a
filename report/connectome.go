package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/tensor"
)

// Connectome is all that a report on a network that changes in time tells of.
// Only Result is required.
type Connectome struct {
	Source  string // base name of the file of the affinities
	Command string // the command line that made the result
	Version string // of the program
	Result  *connectome.Result
}

//go:embed connectome.html
var connectomeSource string

var connectomeTemplate = parse(connectomeSource)

type connectomePage struct {
	Title, Headline, Lede string
	Figures, Made         []figure
	Timeline              *panel
	TimelineHeight        template.CSS // of all patterns
	Flow                  *panel
	Periods               []periodPart
	PeriodsLeft           int // whose matrices are not drawn
	Changes               []string
	Components            []connectomePart
	Notes                 []string
	Command               string
}

type connectomePart struct {
	Num         int
	Color       int
	Weight      string
	Note        string
	Panels      []panel
	Communities []community
}

type community struct {
	Num   int
	Color int
	Size  string
	Nodes string
}

// nodesNamed is how many nodes of a community are named.
const nodesNamed = 60

// WriteConnectome writes the report as one HTML file that loads nothing: the
// communities over time with the matrix of affinities of each period, and for
// each component its course in time, its subjects, its matrix of affinities
// with the nodes ordered by community, and who belongs to which.
func WriteConnectome(w io.Writer, in Connectome) error {
	if in.Result == nil || in.Result.Model == nil {
		return errors.New("report: there is no result")
	}
	p := newConnectomePage(in)
	return write(w, connectomeTemplate, p)
}

func newConnectomePage(in Connectome) *connectomePage {
	r := in.Result
	axes := r.Model.Axes()
	shape := r.Model.Shape()
	nodes := len(r.Components[0].Communities.Blocks)
	e := r.Fit.RelativeError
	p := &connectomePage{
		Title:    orElse(shorten(in.Source, 120), "Connectome"),
		Headline: fmt.Sprintf("%s of %s that come and go", plural(len(r.Components), "pattern"), plural(nodes, "node")),
		Lede:     fmt.Sprintf("%s (%s) × %s (%s) × %s. The affinities were factored without negative entries; a weighted block model found the communities of each pattern, and those of all patterns together over time.", modeName(axes[0], 0), count(int64(shape[0])), modeName(axes[1], 1), count(int64(shape[1])), plural(shape[2], "pair")),
		Figures: []figure{
			{"explained", explainedText(e), "of the sum of squares"},
			{"relative error", digits(e, 3), "fit " + fixed(1-e, 4)},
			{"patterns", count(int64(len(r.Components))), ""},
			{"changes", count(int64(len(r.Periods) - 1)), "of the communities"},
		},
		Made:    []figure{{"Method", r.Fit.Method + ", weighted stochastic block model", ""}, {"Seed", fmt.Sprint(r.Fit.Seed), ""}},
		Notes:   r.Fit.Notes,
		Command: shorten(in.Command, 2000),
	}
	if in.Version != "" {
		p.Made = append(p.Made, figure{"Polyad", in.Version, ""})
	}
	shares := timeline(r)
	p.Timeline = &panel{Title: "which pattern, when", Note: "a row a pattern, darker where it is stronger", Image: heat(shares, 1), Alt: "strength of each pattern over time, relative to the strongest at that time", Pixel: true}
	p.TimelineHeight = template.CSS(fmt.Sprintf("%dpx", 24*len(r.Components)))
	p.Flow = &panel{Title: "communities", Note: "as high as they have nodes; ribbons are the nodes that go from one to another", SVG: flowPlot(r)}
	p.Periods = newPeriods(r)
	p.PeriodsLeft = max(0, len(p.Periods)-periodsDrawn)
	for k, c := range r.Changes {
		if k == 20 {
			p.Changes = append(p.Changes, fmt.Sprintf("and %d more", len(r.Changes)-k))
			break
		}
		p.Changes = append(p.Changes, fmt.Sprintf("At %s pattern %d takes the lead from %d; their communities agree to an NMI of %s.", shorten(axes[0].Label(c.Time), 40), c.To+1, c.From+1, fixed(c.NMI, 2)))
	}
	for k, c := range r.Components {
		p.Components = append(p.Components, newConnectomePart(r, k, c, axes))
	}
	return p
}

// timeline is the strength of each component at each time, relative to that
// of the strongest.
func timeline(r *connectome.Result) *tensor.Matrix[float64] {
	times := len(r.Leading)
	m := tensor.NewMatrix[float64](times, len(r.Components))
	for t, lead := range r.Leading {
		if lead < 0 {
			continue
		}
		top := r.Components[lead].Weight * r.Components[lead].Time[t]
		for k, c := range r.Components {
			m.Set(t, k, c.Weight*c.Time[t]/top)
		}
	}
	return shrink(m, 4*mapSide).Transpose()
}

func newConnectomePart(r *connectome.Result, k int, c connectome.Component, axes []tensor.Axis) connectomePart {
	of := fmt.Sprintf("Pattern %d", k+1)
	cs := c.Communities
	part := connectomePart{Num: k + 1, Color: k % colors, Weight: digits(c.Weight, 4)}
	part.Note = fmt.Sprintf("%s; weights %s", plural(len(cs.Sizes), "community"), cs.Weights)
	part.Note = strings.Replace(part.Note, "communitys", "communities", 1)
	if cs.DegreeCorrected {
		part.Note += ", each node with a degree of its own"
	}
	if len(cs.Levels) > 0 {
		part.Note += fmt.Sprintf(", %s of groups above", plural(len(cs.Levels), "level"))
	}
	if gain := cs.OneBlock - cs.Length; gain > 0 {
		part.Note += fmt.Sprintf("; described in %s nats fewer than as one block", digits(gain, 3))
	}
	when := axes[0]
	when.Ordinal = true
	part.Panels = append(part.Panels, columnPanel(when, c.Time, modeName(when, 0), of))
	if len(c.Subjects) > 1 {
		part.Panels = append(part.Panels, columnPanel(axes[1], c.Subjects, modeName(axes[1], 1), of))
	}
	order := make([]int, len(cs.Blocks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cs.Blocks[a] - cs.Blocks[b] })
	part.Panels = append(part.Panels, panel{
		Title: "affinities", Note: "nodes in the order of their communities",
		Image: blockHeat(c.Affinity, order, cs.Blocks), Pixel: true,
		Alt: fmt.Sprintf("matrix of affinities of %s, ordered by community", of),
	})
	members := make([][]int, len(cs.Sizes))
	for i, b := range cs.Blocks {
		members[b] = append(members[b], i)
	}
	for b, nodes := range members {
		part.Communities = append(part.Communities, newCommunity(b, nodes, r.Nodes))
	}
	return part
}
