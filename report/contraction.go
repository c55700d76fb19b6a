package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Contraction is all that a report on the contraction of a network tells of.
// Plan is required.
type Contraction struct {
	Source       string // base name of the network's file, or the equation
	Command      string // the command line
	Version      string // of the program
	Plan         *einsum.Plan
	DType        string  // of the elements, such as float64
	ElementBytes int     // of one; 8 unless given
	Limit        int64   // bytes that were allowed; 0 for no limit
	PlanSeconds  float64 // that the search for the plan took
	RunSeconds   float64 // that its execution took; 0 if it was only planned
}

//go:embed contraction.html
var contractionSource string

var contractionTemplate = parse(contractionSource)

type contractionPage struct {
	Title, Headline, Lede string
	Figures, Made         []figure
	Order                 []panel
	Rows                  []pairRow
	RowsNote              string
	Tree                  template.HTML
	TreeNote              string
	Command               string
}

// pairRow is a pair in the table of the dearest.
type pairRow struct {
	Out                       int
	Operands, Labels          string
	Products, Elements, Share string
	Bar                       float64
}

// shownPairs is the number of pairs in the table.
const shownPairs = 15

// WriteContraction writes the report as one HTML file that loads nothing: what
// a plan costs, what each pair takes in the order of execution, the memory in
// use beside the limit, the dearest pairs by their labels, and the tree.
func WriteContraction(w io.Writer, in Contraction) error {
	if in.Plan == nil {
		return errors.New("report: there is no plan of a contraction")
	}
	return write(w, contractionTemplate, newContractionPage(in))
}

func newContractionPage(in Contraction) *contractionPage {
	p := in.Plan
	element := max(in.ElementBytes, 0)
	if element == 0 {
		element = 8
	}
	peak, limit := "over 10¹⁸ bytes", ""
	if n := p.PeakBytes(element); n < math.MaxInt64 {
		peak = size(n)
	}
	if in.Limit > 0 {
		limit = "of " + size(in.Limit) + " that were allowed"
	}
	slicesText, hint := "1", "nothing is sliced"
	if len(p.Sliced) > 0 {
		slicesText, hint = power10of(math.Log2(p.Cost.Slices)), numberOf(len(p.Sliced), "index is", "indices are")+" fixed in turn"
	}
	result := "the result is one number"
	if len(p.Output) > 0 {
		result = "a result of " + numberOf(len(p.Output), "axis", "axes")
	}
	page := &contractionPage{
		Title:    orElse(shorten(in.Source, 120), "Contraction"),
		Headline: fmt.Sprintf("%s contracted in %s products", plural(len(p.Inputs), "tensor"), power10of(p.Cost.Flops)),
		Lede:     fmt.Sprintf("%s, %s; the largest on the way has %s elements.", plural(len(p.Labels), "label"), result, power10of(p.Cost.Size)),
		Figures: []figure{
			{"products", power10of(p.Cost.Flops), "over the space of indices, all slices"},
			{"operations", power10of(p.Cost.Flops2x), "2 for each product that is summed"},
			{"written", power10of(p.Cost.Write), "elements of all results"},
			{"slices", slicesText, hint},
			{"memory", peak, orElse(limit, "at the peak")},
		},
		Command: shorten(in.Command, 2000),
	}
	add := func(name, value string) {
		if value != "" {
			page.Made = append(page.Made, figure{name, value, ""})
		}
	}
	add("Planner", fmt.Sprintf("%s, seed %d", p.Planner, p.Seed))
	add("Planned in", seconds(in.PlanSeconds))
	if in.RunSeconds > 0 {
		add("Run in", seconds(in.RunSeconds))
	}
	add("Elements", in.DType)
	if len(p.Labels) <= 60 {
		add("Equation", shorten(p.Equation(), 2000))
	}
	var sliced []string
	for _, id := range p.Sliced {
		sliced = append(sliced, fmt.Sprintf("%s (%d)", p.Labels[id], p.Size(id)))
	}
	add("Sliced", strings.Join(sliced, ", "))
	add("Polyad", in.Version)

	t := NewTree(p)
	page.order(p, t, element, in.Limit)
	page.dearest(p, t)
	label := fmt.Sprintf("The tree of %d contractions", len(t.left))
	page.Tree = t.plot(label)
	switch {
	case page.Tree != "":
		page.TreeNote = "Tensors at the left, the result at the right. Lines are as wide as tensors are large, by the logarithm; dots are as red as pairs are dear: white is a ten-thousandth of all products or less."
	case len(t.left) == 0:
		page.TreeNote = "One tensor: there is nothing to contract."
	default:
		page.TreeNote = fmt.Sprintf("A tree of %s tensors is not drawn; of up to %s it is.", count(int64(t.leaves)), count(mostDrawn))
	}
	return page
}

// order is what each pair takes.
func (page *contractionPage) order(p *einsum.Plan, t *Tree, element int, limit int64) {
	if len(t.left) < 2 {
		return
	}
	axis := tensor.Axis{Name: "pair"}
	flops, sizes := make([]float64, len(t.left)), make([]float64, len(t.left))
	for k := range t.left {
		axis.Coords = append(axis.Coords, float64(k+1))
		flops[k], sizes[k] = t.flops[k]*math.Log10(2), t.size[k]*math.Log10(2)
	}
	page.Order = []panel{
		coursePanel(axis, flops, "products", "log₁₀, all slices"),
		coursePanel(axis, sizes, "elements of the result", "log₁₀, of one slice"),
	}
	// Elements of a slice that are there while a pair is contracted, and the
	// operands and the result of the whole, which are there all the time.
	use := t.memory()
	whole := 0.0
	if n := p.PeakBytes(element); n < math.MaxInt64 {
		whole = max(0, float64(n)-math.Exp2(p.Cost.Peak)*float64(element))
	}
	most := 0.0
	for k := range use {
		use[k] = use[k]*float64(element) + whole
		most = max(most, use[k])
	}
	unit, name := 1.0, "bytes"
	for _, u := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if most/unit >= 1000 {
			unit, name = unit*1000, u
		}
	}
	for k := range use {
		use[k] /= unit
	}
	panel := panel{Title: "memory in use", Note: name + ", with operands, result and copies", Foot: axis.Name}
	if limit > 0 {
		panel.Foot += "; dashed: the limit"
	}
	panel.SVG = memoryPlot(use, float64(limit)/unit, fmt.Sprintf("memory in use over pairs, up to %s %s", num(most/unit), name))
	page.Order = append(page.Order, panel)
}

// memory is the number of elements beside the inputs that are there at a time
// while each pair is contracted: results, and a copy of both operands and the
// result (see path.Cost).
func (d *Tree) memory() []float64 {
	at := func(n int) float64 { // of a result
		if n < d.leaves {
			return 0
		}
		return math.Exp2(min(d.size[n-d.leaves], 1000))
	}
	use := make([]float64, len(d.left))
	live := 0.0
	for k := range d.left {
		live += at(d.leaves + k)
		use[k] = live + d.copies(k)
		live -= at(d.left[k]) + at(d.right[k])
	}
	return use
}

// copies is the number of elements of both operands and the result of a pair.
func (d *Tree) copies(k int) float64 {
	return math.Exp2(min(d.operand[k][0], 1000)) + math.Exp2(min(d.operand[k][1], 1000)) + math.Exp2(min(d.size[k], 1000))
}

// memoryPlot draws the memory in use over the pairs, and the limit.
func memoryPlot(use []float64, limit float64, label string) template.HTML {
	xys := make(plotter.XYs, len(use))
	for k, v := range use {
		xys[k] = plotter.XY{X: float64(k + 1), Y: v}
	}
	p := newPlot()
	setY(p, 0, 1.02*max(slices.Max(use), limit), 3)
	p.X.Min, p.X.Max = 1, float64(len(use))
	p.X.Tick.Marker = ticks(wholeTicks(1, len(use)))
	drawn := thin(xys)
	p.Add(grid{}, area{drawn}, line(drawn, inkAccent, 1.6))
	if limit > 0 {
		l := line(plotter.XYs{{X: 1, Y: limit}, {X: p.X.Max, Y: limit}}, inkText, 1)
		l.LineStyle = draw.LineStyle{Color: inkText, Width: 1, Dashes: []vg.Length{4, 3}}
		p.Add(l)
	}
	return finish(p, plotWidth, plotHeight, label)
}

// dearest is the table of the pairs with most products.
func (page *contractionPage) dearest(p *einsum.Plan, t *Tree) {
	order := make([]int, len(t.left))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if t.flops[a] != t.flops[b] {
			if t.flops[a] > t.flops[b] {
				return -1
			}
			return 1
		}
		return a - b
	})
	order = order[:min(len(order), shownPairs)]
	steps := p.Steps()
	all := 0.0
	for _, k := range order {
		s := steps[k]
		sum := ""
		if len(s.Sum) > 0 {
			sum = ", sums " + labelText(p, s.Sum)
		}
		all += t.share(k)
		page.Rows = append(page.Rows, pairRow{
			Out: s.Out, Operands: fmt.Sprintf("%d, %d", s.Left, s.Right),
			Labels: shorten(fmt.Sprintf("%s, %s → %s", labelText(p, s.Batch, s.KeepLeft, s.Sum), labelText(p, s.Batch, s.KeepRight, s.Sum),
				labelText(p, s.Batch, s.KeepLeft, s.KeepRight))+sum, 240),
			Products: power10of(t.flops[k]), Elements: power10of(t.size[k]),
			Share: percent(t.share(k)), Bar: round2(100 * min(1, t.share(k))),
		})
	}
	page.RowsNote = fmt.Sprintf("These %d make %s of all products. Tensors are numbered as they are given, and each pair makes the next number.", len(order), percent(min(1, all)))
}

// labelText joins the names of labels: with nothing between them if all are
// single letters.
func labelText(p *einsum.Plan, lists ...[]int32) string {
	var names []string
	between := ""
	for _, list := range lists {
		for _, id := range list {
			name := p.Labels[id]
			if len([]rune(name)) > 1 {
				between = " "
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "1"
	}
	return strings.Join(names, between)
}

// power10of writes 2^x as a number for people.
func power10of(log2 float64) string {
	if log2 < math.Log2(1e6) {
		return count(int64(math.Round(math.Exp2(log2))))
	}
	log := log2 * math.Log10(2)
	whole := math.Floor(log)
	return fixed(math.Pow(10, log-whole), 2) + " × 10" + superscript(int(whole))
}

// numberOf is a number with the word for one or for many.
func numberOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(int64(n)) + " " + many
}
