package report

import (
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/rank"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve is one measure over the candidate ranks; NaN where it was not had.
type curve struct {
	values, errs []float64
	ink          ink
}

// curvePlot draws measures over the candidates, the chosen one marked. It is
// empty if fewer than two figures are known.
func curvePlot(candidates []rank.Candidate, chosen int, floor, ceiling float64, label string, curves ...curve) template.HTML {
	lo, hi, known := math.Inf(1), math.Inf(-1), 0
	for _, c := range curves {
		for i, v := range c.values {
			if !finite(v) {
				continue
			}
			known++
			lo, hi = min(lo, v), max(hi, v)
			if c.errs != nil && finite(c.errs[i]) {
				lo, hi = min(lo, v-c.errs[i]), max(hi, v+c.errs[i])
			}
		}
	}
	if known < 2 {
		return ""
	}
	lo, hi = max(lo, floor), min(hi, ceiling)
	if floor == 0 && lo < 0.5*hi {
		lo = 0
	}
	pad := 0.06 * max(hi-lo, 1e-9+1e-3*math.Abs(hi))
	p := newPlot()
	setY(p, max(lo-pad, floor-pad), hi+pad, 4)
	if lo == 0 {
		p.Y.Min = 0
	}
	p.X.Min, p.X.Max = -0.25, float64(len(candidates))-0.75
	p.X.Tick.Marker = ticks(rankTicks(candidates))
	if chosen >= 0 {
		p.Add(band{float64(chosen)})
	}
	p.Add(grid{math.NaN()})
	for _, c := range curves {
		var xys plotter.XYs
		for i, v := range c.values {
			if finite(v) {
				xys = append(xys, plotter.XY{X: float64(i), Y: min(max(v, floor), ceiling)})
			}
		}
		if c.errs != nil {
			p.Add(whiskers{c})
		}
		p.Add(line(xys, c.ink, 1.6), dots{xys, c.ink, 5})
	}
	return finish(p, plotWidth, 190, label)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// band marks one candidate.
type band struct{ at float64 }

func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	var path vg.Path
	left, right := max(x(b.at-0.25), c.Min.X), min(x(b.at+0.25), c.Max.X)
	if mid := x(b.at); right-left > 26 {
		left, right = mid-13, mid+13
	}
	path.Move(vg.Point{X: left, Y: c.Min.Y - 4})
	path.Line(vg.Point{X: right, Y: c.Min.Y - 4})
	path.Line(vg.Point{X: right, Y: c.Max.Y + 4})
	path.Line(vg.Point{X: left, Y: c.Max.Y + 4})
	path.Close()
	c.SetColor(inkShade)
	c.Fill(path)
}

// whiskers draw one standard error to both sides.
type whiskers struct{ c curve }

func (w whiskers) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, v := range w.c.values {
		if e := w.c.errs[i]; finite(v) && finite(e) && e > 0 {
			lo, hi := y(max(v-e, p.Y.Min)), y(min(v+e, p.Y.Max))
			if hi <= lo {
				continue
			}
			style := draw.LineStyle{Color: w.c.ink, Width: 1.1}
			at := x(float64(i))
			c.StrokeLine2(style, at, lo, at, hi)
			c.StrokeLine2(style, at-3, lo, at+3, lo)
			c.StrokeLine2(style, at-3, hi, at+3, hi)
		}
	}
}

func rankTicks(candidates []rank.Candidate) []plot.Tick {
	longest := 1
	for _, c := range candidates {
		longest = max(longest, len([]rune(rankText(c.Ranks))))
	}
	fit := max(2, int((plotWidth-60)/(float64(longest)*labelSize*0.6+6)))
	step := (len(candidates) + fit - 1) / fit
	var out []plot.Tick
	for i := 0; i < len(candidates); i += max(step, 1) {
		out = append(out, plot.Tick{Value: float64(i), Label: rankText(candidates[i].Ranks)})
	}
	return out
}

// rankText is "3" or "5×4×3".
func rankText(ranks []int) string { return strings.ReplaceAll(times(ranks), " ", "") }

// chosenIndex is the candidate that was chosen, or -1.
func chosenIndex(e *rank.Evidence) int {
	return slices.IndexFunc(e.Candidates, func(c rank.Candidate) bool { return slices.Equal(c.Ranks, e.Chosen) })
}
