package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// shownBars is the number of bars of a category axis that are all shown; of
// more, the topBars that load most are.
const (
	shownBars = 14
	topBars   = 12
)

// panel is one small figure: a plot, bars or a map.
type panel struct {
	Title string // what is shown, a mode's name
	Note  string // in words
	SVG   template.HTML
	Bars  []bar
	Image template.URL
	Alt   string
	Pixel bool   // the map is small: show its pixels
	Foot  string // below
}

// bar is a row of a bar chart. Left and Width are in percent.
type bar struct {
	Label, Full string
	Value       string
	Left, Width float64
	Zero        float64
	Negative    bool
	Gap         string // instead of a bar: how many are left out here
}

// columnPanel shows one column over one mode. title is the mode's name; of
// is what the column is, for readers who do not see the plot.
func columnPanel(axis tensor.Axis, column []float64, title, of string) panel {
	p := panel{Title: title}
	for _, v := range column {
		if !finite(v) {
			p.Note = "holds values that are not finite and cannot be drawn"
			return p
		}
	}
	p.Note = strings.TrimPrefix(Peak(axis, column), axis.Name+" ")
	lo, hi := slices.Min(column), slices.Max(column)
	switch {
	case lo == 0 && hi == 0:
		p.Note = "zero everywhere"
	case len(column) > 1 && p.Note == "":
		p.Note = "about the same everywhere"
	}
	label := fmt.Sprintf("%s on %s, from %s to %s: %s", of, title, num(lo), num(hi), orElse(p.Note, axis.Label(0)))
	switch {
	case len(column) > 1 && lined(axis, len(column)):
		p.SVG = columnPlot(axis, column, label)
	case len(column) <= shownBars:
		p.Bars = bars(axis, column, allByValue(axis, column))
	default:
		p.Bars = bars(axis, column, TopLabels(axis, column, topBars))
		sorted := slices.Clone(column)
		slices.Sort(sorted)
		slices.Reverse(sorted)
		p.SVG = profilePlot(sorted, "all "+count(int64(len(column)))+" values in falling order")
		p.Foot = "all " + count(int64(len(column))) + ", in falling order"
	}
	return p
}

// lined reports whether a mode is drawn as a line: it is ordered, or has
// many indices without labels.
func lined(axis tensor.Axis, n int) bool {
	return axis.Ordered() || len(axis.Labels) == 0 && n > shownBars
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// allByValue are all indices in falling order of value.
func allByValue(axis tensor.Axis, column []float64) []Loading {
	all := make([]Loading, len(column))
	for i, v := range column {
		all[i] = Loading{i, axis.Label(i), v}
	}
	slices.SortStableFunc(all, func(a, b Loading) int {
		switch {
		case a.Value > b.Value:
			return -1
		case a.Value < b.Value:
			return 1
		}
		return 0
	})
	return all
}

// bars lays out the rows; a gap is noted where values are left out.
func bars(axis tensor.Axis, column []float64, rows []Loading) []bar {
	lo, hi := span0(column)
	var out []bar
	left := len(column) - len(rows)
	figures := make([]float64, len(rows))
	for i, l := range rows {
		figures[i] = l.Value
	}
	significant := 2
	if hi >= 1 || lo <= -1 {
		significant = 3
	}
	texts := aligned(figures, significant, false)
	mixed := len(rows) > 0 && rows[0].Value > 0 && rows[len(rows)-1].Value < 0
	for i, l := range rows {
		if left > 0 && mixed && l.Value < 0 && rows[i-1].Value > 0 {
			out = append(out, bar{Gap: count(int64(left)) + " more between"})
			left = 0
		}
		out = append(out, newBar(axis, l, texts[i], lo, hi))
	}
	if left > 0 {
		out = append(out, bar{Gap: count(int64(left)) + " more"})
	}
	return out
}

func newBar(axis tensor.Axis, l Loading, value string, lo, hi float64) bar {
	b := bar{Label: shorten(short(axis, l.Index), 60), Value: value, Negative: l.Value < 0}
	if full := shorten(l.Label, 300); full != b.Label {
		b.Full = full
	}
	a, z := min(0, l.Value), max(0, l.Value)
	b.Left = round2(100 * (a - lo) / (hi - lo))
	b.Width = round2(100 * (z - a) / (hi - lo))
	b.Zero = round2(100 * -lo / (hi - lo))
	return b
}

func round2(v float64) float64 { return math.Round(100*v) / 100 }

// outerPanel is the map that two columns span.
func outerPanel(row, col *tensor.Matrix[float64], r int, title, alt string) panel {
	m, n := thumbnailSizes(row.Rows, col.Rows, mapSide)
	a, b := shrink(row, m), shrink(col, n)
	out := tensor.NewMatrix[float64](m, n)
	for i := range m {
		for j := range n {
			out.Row(i)[j] = a.At(i, r) * b.At(j, r)
		}
	}
	return mapPanel(out, title, alt)
}

func mapPanel(m *tensor.Matrix[float64], title, alt string) panel {
	return panel{Title: title, Image: heat(m, largest(m)), Alt: alt, Pixel: max(m.Rows, m.Cols) < 64}
}
