package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bonds of more than spectrumRank are not analysed: their singular values
// would take longer than a report may.
const spectrumRank = 256

// chainPart is what there is to see of a tensor train.
type chainPart struct {
	SVG     template.HTML
	Bonds   []bondRow
	Spectra []panel
	Energy  []panel
	Ends    []factorGroup
}

type bondRow struct{ Between, Rank, First, Last string }

func (p *page) chain(m *tt.Tensor, axes []tensor.Axis) {
	axes = named(axes)
	part := &chainPart{SVG: chainPlot(m, axes)}
	ranks := m.Ranks()
	for k := range len(m.Cores) - 1 {
		part.Bonds = append(part.Bonds, bondRow{axes[k].Name + " | " + axes[k+1].Name, count(int64(ranks[k+1])), dash, dash})
	}
	// A train that is not finite has no singular values; the rest of the
	// report can do without.
	if spectra, energy, err := analyse(m); err == nil {
		for k, s := range spectra {
			b := &part.Bonds[k]
			b.First, b.Last = num(s[0]), num(s[len(s)-1])
			if svg := spectrumPlot(s, "Singular values at the bond "+b.Between); svg != "" && len(part.Spectra) < 9 {
				part.Spectra = append(part.Spectra, panel{Title: b.Between, SVG: svg})
			}
		}
		for n, e := range energy {
			part.Energy = append(part.Energy, columnPanel(axes[n], e, axes[n].Name, "Size of the model"))
		}
	}
	last := len(m.Cores) - 1
	if last > 0 {
		first := tensor.MatrixOf(m.Shape()[0], ranks[1], m.Cores[0].Data())
		end := tensor.MatrixOf(ranks[last], m.Shape()[last], m.Cores[last].Data()).Transpose()
		part.Ends = []factorGroup{endGroup(first, axes[0], 0), endGroup(end, axes[last], last)}
	}
	p.Chain = part
	if row, col, ok := pictureModes(axes, m.Shape()); ok {
		p.trainMaps(m, row, col)
	}
}

func endGroup(f *tensor.Matrix[float64], axis tensor.Axis, n int) factorGroup {
	g := factorGroup{Name: axis.Name, Color: n % colors}
	for r := range min(f.Cols, 3) {
		g.Panels = append(g.Panels, columnPanel(axis, f.Col(r), fmt.Sprintf("%s, profile %d", axis.Name, r+1), "Profile"))
	}
	if f.Cols > 3 {
		g.More = fmt.Sprintf("%d more profiles are not drawn.", f.Cols-3)
	}
	return g
}

// analyse is the singular values of the model at each bond (of the unfolding
// that parts the modes there), and for each mode the norm of each slice of
// the model. The train is made right-orthogonal by LQ; then, from the left,
// the core at hand carries the whole norm. Oseledets 2011,
// https://doi.org/10.1137/090752286.
func analyse(m *tt.Tensor) (spectra, energy [][]float64, err error) {
	if top := slices.Max(m.Ranks()); top > spectrumRank {
		return nil, nil, fmt.Errorf("report: rank %d is above %d", top, spectrumRank)
	}
	d := len(m.Cores)
	cores := make([]*tensor.Matrix[float64], d) // r_k × (I_k r_{k+1})
	shape := m.Shape()
	for k, g := range m.Cores {
		s := g.Shape()
		cores[k] = tensor.MatrixOf(s[0], s[1]*s[2], slices.Clone(g.Data()))
	}
	for k := d - 1; k > 0; k-- {
		l, q, err := linalg.LQ(cores[k])
		if err != nil {
			return nil, nil, err
		}
		cores[k] = q
		cores[k-1] = mulLast(cores[k-1], shape[k-1], l)
	}
	for k := range d {
		g := cores[k]
		after := g.Cols / shape[k]
		e := make([]float64, shape[k])
		for i := range e {
			for a := range g.Rows {
				e[i] = math.Hypot(e[i], norm(g.Row(a)[i*after:(i+1)*after]))
			}
		}
		energy = append(energy, e)
		if k == d-1 {
			break
		}
		_, s, vt, err := linalg.SVD(tensor.MatrixOf(g.Rows*shape[k], after, g.Data))
		if err != nil {
			return nil, nil, err
		}
		spectra = append(spectra, s)
		for i, v := range s {
			for j := range vt.Row(i) {
				vt.Row(i)[j] *= v
			}
		}
		cores[k+1] = tensor.Mul(vt, cores[k+1])
	}
	return spectra, energy, nil
}

// mulLast multiplies the last index of a core r×(n·s) by l: s×t.
func mulLast(core *tensor.Matrix[float64], n int, l *tensor.Matrix[float64]) *tensor.Matrix[float64] {
	tall := tensor.MatrixOf(core.Rows*n, l.Rows, core.Clone().Data)
	out := tensor.Mul(tall, l)
	return tensor.MatrixOf(core.Rows, n*l.Cols, out.Data)
}

// spectrumPlot draws singular values on a logarithmic scale.
func spectrumPlot(s []float64, label string) template.HTML {
	if len(s) < 2 || !(s[0] > 0) {
		return ""
	}
	floor := s[0] * 1e-17
	var xys plotter.XYs
	lo := s[0]
	for i, v := range s {
		v = max(v, floor)
		lo = min(lo, v)
		xys = append(xys, plotter.XY{X: float64(i + 1), Y: v})
	}
	p := newPlot()
	if s[0]/lo > 30 {
		p.Y.Min, p.Y.Max = lo/1.5, s[0]*1.5
		p.Y.Scale = plot.LogScale{}
		p.Y.Tick.Marker = ticks(logTicks(p.Y.Min, p.Y.Max))
	} else {
		setY(p, 0, s[0], 3)
	}
	p.X.Min, p.X.Max = 1, float64(len(s))
	p.X.Tick.Marker = ticks(wholeTicks(1, len(s)))
	p.Add(grid{math.NaN()}, line(thin(xys), inkAccent, 1.4))
	if len(xys) <= 60 {
		p.Add(dots{xys, inkAccent, 4.5})
	}
	return finish(p, plotWidth, plotHeight, label)
}

// chainPlot draws the train: a box a mode, a line a bond that is thicker for
// a larger rank. Long trains go over several rows.
func chainPlot(m *tt.Tensor, axes []tensor.Axis) template.HTML {
	const perRow, box, rowHeight = 6, 64.0, 84.0
	d := len(m.Cores)
	rows := (d + perRow - 1) / perRow
	w, h := vg.Length(wideWidth), vg.Length(rows)*rowHeight
	const stub = 30 // of the bond that goes on in the next row
	pitch := min(150, (wideWidth-box-8-stub)/float64(max(1, min(d, perRow)-1)))
	c := newCanvas(w, h)
	dc := draw.New(c)
	style := func(size float64, k ink) text.Style {
		p := newPlot()
		s := p.X.Tick.Label
		s.Font.Size, s.Color = vg.Length(size), k
		s.XAlign, s.YAlign = text.XCenter, text.YCenter
		return s
	}
	ranks, shape := m.Ranks(), m.Shape()
	top := float64(slices.Max(ranks))
	center := func(k int) vg.Point {
		return vg.Point{X: vg.Length(4 + box/2 + float64(k%perRow)*pitch), Y: h - vg.Length(float64(k/perRow)*rowHeight+rowHeight/2-6)}
	}
	for k := range d {
		at := center(k)
		if k < d-1 {
			from, to := at.X+box/2, at.X+vg.Length(pitch)-box/2
			if (k+1)%perRow == 0 {
				to = from + stub
			}
			width := 1 + 5*math.Log1p(float64(ranks[k+1]-1))/math.Log1p(max(1, top-1))
			dc.StrokeLine2(draw.LineStyle{Color: ink{"a", 45}, Width: vg.Length(width)}, from, at.Y, to, at.Y)
			dc.FillText(style(12, inkText), vg.Point{X: (from + to) / 2, Y: at.Y + 12}, count(int64(ranks[k+1])))
		}
		var path vg.Path
		lo, hi := at.Add(vg.Point{X: -box / 2, Y: -17}), at.Add(vg.Point{X: box / 2, Y: 17})
		path.Move(lo)
		path.Line(vg.Point{X: hi.X, Y: lo.Y})
		path.Line(hi)
		path.Line(vg.Point{X: lo.X, Y: hi.Y})
		path.Close()
		c.SetColor(inkShade)
		c.Fill(path)
		c.SetColor(inkAccent)
		c.SetLineWidth(1.2)
		c.Stroke(path)
		dc.FillText(style(13, inkText), at, count(int64(shape[k])))
		dc.FillText(style(labelSize, inkQuiet), at.Add(vg.Point{Y: -28}), shorten(axes[k].Name, 16))
	}
	return c.svg(fmt.Sprintf("Tensor train of %d modes with ranks %v between them", d, ranks[1:d]))
}
