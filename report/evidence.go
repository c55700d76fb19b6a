package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/polyad/polyad/rank"
)

// evidencePart is the table and the plots on the choice of the rank.
type evidencePart struct {
	Chosen  string
	Reasons []string
	Heads   []string
	Rows    []evidenceRow
	Plots   []evidencePlot
	Note    string
}

type evidenceRow struct {
	Rank    string
	Cells   []string
	Verdict string
	Chosen  bool
}

type evidencePlot struct {
	Title, Key, SecondKey, Note string
	SVG                         template.HTML
}

// measure is a column of the table of evidence.
type measure struct {
	head  string
	value func(rank.Candidate) float64
	texts func([]float64) []string
}

func fixedColumn(decimals int) func([]float64) []string {
	return func(v []float64) []string {
		out := make([]string, len(v))
		for i, x := range v {
			out[i] = fixed(x, decimals)
		}
		return out
	}
}

// corcondiaColumn writes percents; how far below zero one is says nothing.
func corcondiaColumn(v []float64) []string {
	out := fixedColumn(0)(v)
	for i, x := range v {
		if x < -999 {
			out[i] = "< −999"
		}
	}
	return out
}

func errorColumn(v []float64) []string { return aligned(v, 3, true) }

var measures = []measure{
	{"relative error", func(c rank.Candidate) float64 { return c.RelativeError }, errorColumn},
	{"held-out error", func(c rank.Candidate) float64 { return c.HeldOut }, errorColumn},
	{"± standard error", func(c rank.Candidate) float64 { return c.HeldOutSE }, errorColumn},
	{"CORCONDIA", func(c rank.Candidate) float64 { return c.Corcondia }, corcondiaColumn},
	{"split-half", func(c rank.Candidate) float64 { return c.SplitHalf }, fixedColumn(2)},
	{"starts agree", func(c rank.Candidate) float64 { return c.StartsAgree }, fixedColumn(2)},
	{"degeneracy", func(c rank.Candidate) float64 { return c.Degeneracy }, fixedColumn(2)},
}

func newEvidence(e *rank.Evidence) *evidencePart {
	chosen := chosenIndex(e)
	p := &evidencePart{Chosen: rankText(e.Chosen)}
	for _, r := range e.Reasons {
		p.Reasons = append(p.Reasons, capital(shorten(r, 600)))
	}
	if e.Seconds > 0 {
		p.Note = fmt.Sprintf("%s were tried in %s.", plural(len(e.Candidates), "candidate"), seconds(e.Seconds))
	}
	for i, c := range e.Candidates {
		row := evidenceRow{Rank: rankText(c.Ranks), Verdict: shorten(c.Verdict, 120), Chosen: i == chosen}
		if row.Chosen && row.Verdict == "chosen" {
			row.Verdict = "" // the table says so itself
		}
		p.Rows = append(p.Rows, row)
	}
	for _, m := range measures {
		v := column(e, m.value)
		if known(v) == 0 {
			continue
		}
		p.Heads = append(p.Heads, m.head)
		for i, text := range m.texts(v) {
			p.Rows[i].Cells = append(p.Rows[i].Cells, text)
		}
	}
	p.plots(e, chosen)
	return p
}

// column is one figure of every candidate.
func column(e *rank.Evidence, f func(rank.Candidate) float64) []float64 {
	v := make([]float64, len(e.Candidates))
	for i, c := range e.Candidates {
		v[i] = f(c)
	}
	return v
}

func (p *evidencePart) plots(e *rank.Evidence, chosen int) {
	inf := math.Inf(1)
	add := func(pl evidencePlot) {
		if pl.SVG != "" {
			p.Plots = append(p.Plots, pl)
		}
	}
	held := column(e, func(c rank.Candidate) float64 { return c.HeldOut })
	fitted := column(e, func(c rank.Candidate) float64 { return c.RelativeError })
	errs := column(e, func(c rank.Candidate) float64 { return c.HeldOutSE })
	errors := evidencePlot{Title: "Error", SecondKey: "fitted"}
	if known(held) > 0 {
		errors.Key, errors.Note = "held out", "Bars: one standard error. Lower is better."
	}
	errors.SVG = curvePlot(e.Candidates, chosen, 0, inf, "Held-out and fitted relative error over the ranks: "+values(e, held),
		curve{fitted, nil, inkSecond}, curve{held, errs, inkAccent})
	add(errors)
	corcondia := column(e, func(c rank.Candidate) float64 { return c.Corcondia })
	const floor = -40
	note := "100: the components act independently."
	for _, v := range corcondia {
		if v < floor {
			note = "100: the components act independently. Values below −40 are drawn there."
		}
	}
	add(evidencePlot{Title: "CORCONDIA", Note: note, SVG: curvePlot(e.Candidates, chosen, floor, inf,
		"Core consistency over the ranks: "+values(e, corcondia), curve{corcondia, nil, inkAccent})})
	split := column(e, func(c rank.Candidate) float64 { return c.SplitHalf })
	starts := column(e, func(c rank.Candidate) float64 { return c.StartsAgree })
	stable := evidencePlot{Title: "Do they repeat?", Key: "split-half", SecondKey: "starts agree", Note: "1: the same components again."}
	if known(starts) == 0 {
		stable.SecondKey = ""
	}
	if known(split) == 0 {
		stable.Key = ""
	}
	stable.SVG = curvePlot(e.Candidates, chosen, 0, 1, "Split-half factor match over the ranks: "+values(e, split),
		curve{starts, nil, inkSecond}, curve{split, nil, inkAccent})
	add(stable)
}

func known(v []float64) int {
	n := 0
	for _, x := range v {
		if finite(x) {
			n++
		}
	}
	return n
}

// values lists figures for readers who do not see the plot.
func values(e *rank.Evidence, v []float64) string {
	s := ""
	for i, x := range v {
		if i > 0 {
			s += "; "
		}
		s += rankText(e.Candidates[i].Ranks) + ": " + num(x)
	}
	return s
}
