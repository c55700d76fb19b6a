package report

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/polyad/polyad/tensor"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The sizes of plots, in CSS pixels at the width that they are drawn for.
const (
	plotWidth   = 330
	plotHeight  = 195
	wideWidth   = 680
	wideHeight  = 230
	labelSize   = 10.5
	drawnPoints = 320 // of a line; more are thinned to minimum and maximum a bin
)

// newPlot is an empty plot in the style of the report: no frame, quiet
// labels, horizontal grid lines.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width = 0
		a.Padding = 0
		a.Tick.Length = 0
		a.Tick.Label.Font.Size = labelSize
		a.Tick.Label.Color = inkQuiet
		a.Label.TextStyle.Font.Size = labelSize
		a.Label.TextStyle.Color = inkQuiet
	}
	p.X.Padding = 5
	p.Y.Padding = 7
	return p
}

// finish draws the grid below what was added and returns the picture.
func finish(p *plot.Plot, w, h vg.Length, label string, marks ...plot.Plotter) template.HTML {
	c := newCanvas(w, h)
	p.Add(marks...)
	p.Draw(draw.Crop(draw.New(c), 1, -3, 1, -4))
	return c.svg(label)
}

// grid draws a thin line at each labelled tick of the y axis, a stronger one
// at zero.
type grid struct{ base float64 }

func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if t.Value < p.Y.Min || t.Value > p.Y.Max {
			continue
		}
		style := draw.LineStyle{Color: inkGrid, Width: 0.6}
		if t.Value == g.base {
			style = draw.LineStyle{Color: inkQuiet, Width: 0.8}
		}
		c.StrokeLine2(style, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
}

// area shades what lies between a line and zero.
type area struct{ xys plotter.XYs }

func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	base := y(min(max(0, p.Y.Min), p.Y.Max))
	var path vg.Path
	path.Move(vg.Point{X: x(a.xys[0].X), Y: base})
	for _, q := range a.xys {
		path.Line(vg.Point{X: x(q.X), Y: y(q.Y)})
	}
	path.Line(vg.Point{X: x(a.xys[len(a.xys)-1].X), Y: base})
	path.Close()
	c.SetColor(inkShade)
	c.Fill(path)
}

// dots marks points: lines of length zero, which round caps make visible.
type dots struct {
	xys  plotter.XYs
	ink  ink
	size vg.Length
}

func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, q := range d.xys {
		pt := vg.Point{X: x(q.X), Y: y(q.Y)}
		if c.Contains(pt) {
			path.Move(pt)
			path.Line(pt)
		}
	}
	if len(path) == 0 {
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: d.ink, Width: d.size})
	c.Stroke(path)
}

func line(xys plotter.XYs, k ink, width vg.Length) *plotter.Line {
	return &plotter.Line{XYs: xys, LineStyle: draw.LineStyle{Color: k, Width: width}}
}

// columnPlot draws a column over an ordered axis.
func columnPlot(axis tensor.Axis, column []float64, label string) template.HTML {
	xys := make(plotter.XYs, len(column))
	for i, v := range column {
		xys[i] = plotter.XY{X: float64(i), Y: v}
		if len(axis.Coords) > 0 && increasing(axis.Coords) {
			xys[i].X = axis.Coords[i]
		}
	}
	p := newPlot()
	lo, hi := span0(column)
	setY(p, lo, hi, 3)
	p.X.Min, p.X.Max = xys[0].X, xys[len(xys)-1].X
	if len(axis.Coords) > 0 && increasing(axis.Coords) {
		p.X.Tick.Marker = ticks(niceTicks(p.X.Min, p.X.Max, 6))
	} else {
		p.X.Tick.Marker = ticks(labelTicks(axis, len(column), plotWidth-50))
	}
	drawn := thin(xys)
	p.Add(grid{}, area{drawn}, line(drawn, inkAccent, 1.6))
	if len(xys) <= 40 {
		p.Add(dots{xys, inkAccent, 4.5})
	}
	return finish(p, plotWidth, plotHeight, label)
}

// profilePlot draws the values of a large category axis in falling order.
func profilePlot(sorted []float64, label string) template.HTML {
	xys := make(plotter.XYs, len(sorted))
	for i, v := range sorted {
		xys[i] = plotter.XY{X: float64(i + 1), Y: v}
	}
	p := newPlot()
	lo, hi := span0(sorted)
	setY(p, lo, hi, 2)
	p.X.Min, p.X.Max = 1, float64(len(sorted))
	p.X.Tick.Marker = ticks{{Value: 1, Label: "1st"}, {Value: p.X.Max, Label: count(int64(len(sorted))) + "th"}}
	drawn := thin(xys)
	p.Add(grid{}, area{drawn}, line(drawn, inkAccent, 1.4))
	return finish(p, plotWidth, 80, label)
}

// tracePlot draws the relative error after each iteration, on a logarithmic
// scale if it spans more than a decade and a half.
func tracePlot(trace []float64, label string) (svg template.HTML, log bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, e := range trace {
		if e > 0 {
			lo = min(lo, e)
		}
		hi = max(hi, e)
	}
	if !(hi > 0) || math.IsInf(hi, 0) {
		return "", false
	}
	log = hi/lo > 30
	xys := make(plotter.XYs, 0, len(trace))
	for i, e := range trace {
		if !math.IsNaN(e) {
			xys = append(xys, plotter.XY{X: float64(i + 1), Y: max(e, lo)})
		}
	}
	p := newPlot()
	if log {
		p.Y.Min, p.Y.Max = lo/1.3, hi*1.3
		p.Y.Scale = plot.LogScale{}
		p.Y.Tick.Marker = ticks(logTicks(p.Y.Min, p.Y.Max))
	} else {
		pad := max(0.08*(hi-lo), 1e-3*hi)
		setY(p, max(0, lo-pad), hi+pad, 4)
	}
	p.X.Min, p.X.Max = 1, float64(max(2, len(trace)))
	p.X.Tick.Marker = ticks(wholeTicks(1, len(trace)))
	p.X.Label.Text = "iteration"
	drawn := thin(xys)
	p.Add(grid{math.NaN()}, line(drawn, inkAccent, 1.8))
	if len(xys) <= 40 {
		p.Add(dots{xys, inkAccent, 5})
	}
	return finish(p, wideWidth, wideHeight, label), log
}

// span0 is the range of the values and zero.
func span0(v []float64) (lo, hi float64) {
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	if lo == hi {
		hi = 1
	}
	return lo, hi
}

// setY sets the range of the y axis and about n labelled ticks on it.
func setY(p *plot.Plot, lo, hi float64, n int) {
	p.Y.Min, p.Y.Max = lo, hi
	p.Y.Tick.Marker = ticks(niceTicks(lo, hi, n))
}

// thin keeps the least and the greatest of each of some bins of a long line.
func thin(xys plotter.XYs) plotter.XYs {
	if len(xys) <= drawnPoints {
		return xys
	}
	out := plotter.XYs{xys[0]}
	const bins = drawnPoints / 2
	for b := range bins {
		bin := xys[b*len(xys)/bins : (b+1)*len(xys)/bins]
		lo, hi := 0, 0
		for i, q := range bin {
			if q.Y < bin[lo].Y {
				lo = i
			}
			if q.Y > bin[hi].Y {
				hi = i
			}
		}
		out = append(out, bin[min(lo, hi)])
		if lo != hi {
			out = append(out, bin[max(lo, hi)])
		}
	}
	return append(out, xys[len(xys)-1])
}

func increasing(v []float64) bool {
	for i := 1; i < len(v); i++ {
		if !(v[i] > v[i-1]) {
			return false
		}
	}
	return true
}

// ticks is a fixed list of ticks.
type ticks []plot.Tick

// Ticks are those that lie in the range.
func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for _, tick := range t {
		if tick.Value >= lo && tick.Value <= hi {
			out = append(out, tick)
		}
	}
	return out
}

// niceTicks are about n round numbers between lo and hi.
func niceTicks(lo, hi float64, n int) []plot.Tick {
	if !(hi > lo) {
		return []plot.Tick{{Value: lo, Label: minus(strconv.FormatFloat(lo, 'g', 4, 64))}}
	}
	raw := (hi - lo) / float64(n)
	power := math.Floor(math.Log10(raw))
	unit := math.Pow(10, power)
	step := 10 * unit
	for _, s := range []float64{1, 2, 5} {
		if s*unit >= raw*0.999 {
			step = s * unit
			break
		}
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var out []plot.Tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step; k++ {
		v := k * step
		label := minus(strconv.FormatFloat(v, 'f', decimals, 64))
		if v == 0 {
			v, label = 0, "0"
		} else if decimals > 4 || hi-lo >= 1e6 {
			label = power10(v)
		} else if decimals == 0 && hi-lo > 5000 {
			label = count(int64(v))
		}
		out = append(out, plot.Tick{Value: v, Label: label})
	}
	if len(out) < 2 && n < 8 {
		return niceTicks(lo, hi, n+1) // one number is no scale
	}
	return out
}

// power10 is v as m × 10ⁿ, without zeros at the end of m.
func power10(v float64) string {
	m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', 3, 64), "e")
	exp, _ := strconv.Atoi(e)
	return minus(strings.TrimRight(strings.TrimRight(m, "0"), ".")) + " × 10" + superscript(exp)
}

// wholeTicks are about six whole numbers from lo to hi.
func wholeTicks(lo, hi int) []plot.Tick {
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000} {
		if step = s; (hi-lo)/s < 8 {
			break
		}
	}
	out := []plot.Tick{{Value: float64(lo), Label: count(int64(lo))}}
	next := lo + step // 1, 3, 5, … but 1, 10, 20, …
	if step > 2 {
		next = (lo/step + 1) * step
	}
	for v := next; v <= hi; v += step {
		out = append(out, plot.Tick{Value: float64(v), Label: count(int64(v))})
	}
	return out
}

// logTicks are powers of ten, about six of them; where there is one alone or
// none, their doubles and fives as well.
func logTicks(lo, hi float64) []plot.Tick {
	first, last := int(math.Ceil(math.Log10(lo)-1e-9)), int(math.Floor(math.Log10(hi)+1e-9))
	if last <= first {
		var out []plot.Tick
		for e := first - 1; e <= last+1; e++ {
			for _, s := range []float64{1, 2, 5} {
				if v := s * math.Pow10(e); v >= lo && v <= hi {
					label := power(e)
					if s > 1 {
						label = num(v)
					}
					out = append(out, plot.Tick{Value: v, Label: label})
				}
			}
		}
		return out
	}
	step := (last-first)/6 + 1
	var out []plot.Tick
	for e := first; e <= last; e += step {
		out = append(out, plot.Tick{Value: math.Pow10(e), Label: power(e)})
	}
	return out
}

func power(e int) string {
	if e >= -2 && e <= 3 {
		return strconv.FormatFloat(math.Pow10(e), 'f', -1, 64)
	}
	return "10" + superscript(e)
}

// labelTicks are as many labels of an axis as fit the width.
func labelTicks(axis tensor.Axis, n int, width float64) []plot.Tick {
	longest := 1
	sample := max(1, n/200)
	for i := 0; i < n; i += sample {
		longest = max(longest, len([]rune(shorten(short(axis, i), 12))))
	}
	fit := max(2, int(width/(float64(longest)*labelSize*0.56+7)))
	step := 1
	for _, s := range []int{1, 2, 3, 4, 5, 6, 10, 12, 20, 25, 50} {
		if step = s; (n-1)/s < fit {
			break
		}
	}
	for (n-1)/step >= fit {
		step *= 2
	}
	var out []plot.Tick
	for i := 0; i < n; i += step {
		out = append(out, plot.Tick{Value: float64(i), Label: shorten(short(axis, i), 12)})
	}
	return out
}
