package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"slices"
	"strings"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/tensor"
)

// periodsDrawn bounds the matrices of periods.
const periodsDrawn = 12

// periodPart is a period of time in which the communities stay.
type periodPart struct {
	When        string
	Events      []string
	Communities []community // that are not as in the period before
	Kept        string      // those that are
	Matrix      *panel
}

func newPeriods(r *connectome.Result) []periodPart {
	axis := r.Model.Axes()[0]
	var parts []periodPart
	var before [][]int
	for k, p := range r.Periods {
		part := periodPart{When: span(axis, p.First, p.Last)}
		for _, e := range p.Events {
			part.Events = append(part.Events, e.String())
		}
		var kept []string
		members := p.Members()
		for id, nodes := range members {
			switch {
			case len(nodes) == 0:
			case id < len(before) && slices.Equal(nodes, before[id]):
				kept = append(kept, fmt.Sprint(id+1))
			default:
				c := newCommunity(id, nodes, r.Nodes)
				c.Color = id % colors
				part.Communities = append(part.Communities, c)
			}
		}
		if len(kept) > 0 {
			part.Kept = list(kept) + " as before"
		}
		before = members
		if k < periodsDrawn {
			order := periodOrder(r.Periods, k)
			part.Matrix = &panel{
				Title: part.When,
				Image: blockHeat(p.Affinity, order, p.Of), Pixel: true,
				Alt: fmt.Sprintf("matrix of affinities at %s, ordered by community", part.When),
			}
		}
		parts = append(parts, part)
	}
	return parts
}

func newCommunity(b int, nodes []int, axis tensor.Axis) community {
	var names []string
	for _, i := range nodes[:min(len(nodes), nodesNamed)] {
		names = append(names, shorten(axis.Label(i), 40))
	}
	text := strings.Join(names, ", ")
	if len(nodes) > nodesNamed {
		text += fmt.Sprintf(" and %d more", len(nodes)-nodesNamed)
	}
	return community{Num: b + 1, Size: count(int64(len(nodes))), Nodes: text}
}

// periodOrder sorts the nodes by their community in period k, then by those
// in the other periods.
func periodOrder(periods []connectome.Period, k int) []int {
	order := make([]int, len(periods[k].Of))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if d := periods[k].Of[a] - periods[k].Of[b]; d != 0 {
			return d
		}
		for _, p := range periods {
			if d := p.Of[a] - p.Of[b]; d != 0 {
				return d
			}
		}
		return 0
	})
	return order
}

// blockSide is about the side of a matrix with lines between blocks, in
// pixels: so many that the lines are thin.
const blockSide = 480

// blockHeat is a picture of a symmetric matrix with rows and columns in the
// given order and lines between the blocks. A matrix of more than blockSide
// nodes is averaged.
func blockHeat(a *tensor.Matrix[float64], order, of []int) template.URL {
	n := len(order)
	m := tensor.NewMatrix[float64](n, n)
	for i, from := range order {
		for j, to := range order {
			m.Set(i, j, a.At(from, to))
		}
	}
	m = shrink(shrink(m, blockSide).Transpose(), blockSide)
	side := m.Rows
	cell := max(1, blockSide/side)
	top := largest(m)
	line := uint8(len(heatPalette))
	img := image.NewPaletted(image.Rect(0, 0, side*cell, side*cell), append(slices.Clone(heatPalette), color.NRGBA{R: 0x80, G: 0x86, B: 0x8e, A: 0xff}))
	for y := range side * cell {
		for x := range side * cell {
			img.SetColorIndex(x, y, shade(m.At(y/cell, x/cell), top))
		}
	}
	for i := 1; i < n; i++ {
		if of[order[i]] == of[order[i-1]] {
			continue
		}
		at := i * side / n * cell
		for p := range side * cell { // two pixels wide, as pages shrink pictures
			for _, q := range []int{at - 1, at} {
				img.SetColorIndex(q, p, line)
				img.SetColorIndex(p, q, line)
			}
		}
	}
	return template.URL(pngURI(img))
}

// flowPlot draws the communities as streams over time: as wide as they have
// nodes, with the nodes that change between two periods as ribbons.
func flowPlot(r *connectome.Result) template.HTML {
	const width, height, foot, gap, most = 680.0, 250.0, 24.0, 10.0, 26.0
	times := float64(len(r.Leading))
	ids, n := 0, len(r.Periods[0].Of)
	for _, p := range r.Periods {
		ids = max(ids, len(p.Members()))
	}
	unit := (height - foot - gap*float64(ids-1)) / float64(n)
	stack := stacked(r.Periods, ids)
	tops := make([][]float64, len(r.Periods))
	for k, p := range r.Periods {
		y := 0.0
		members := p.Members()
		tops[k] = make([]float64, ids)
		for _, id := range stack {
			tops[k][id] = y
			if id < len(members) && len(members[id]) > 0 {
				y += float64(len(members[id]))*unit + gap
			}
		}
	}
	x := func(t int) float64 { return width * float64(t) / times }
	half := func(k int) float64 { // of the ribbons between periods k-1 and k
		if k == 0 || k == len(r.Periods) {
			return 0
		}
		short := min(r.Periods[k].Last-r.Periods[k].First, r.Periods[k-1].Last-r.Periods[k-1].First) + 1
		return min(most, x(short)/3)
	}
	var b bytes.Buffer
	axis := r.Model.Axes()[0]
	edge := -99.0
	for k, p := range r.Periods {
		lo, hi := x(p.First)+half(k), x(p.Last+1)-half(k+1)
		for id, nodes := range p.Members() {
			if len(nodes) == 0 {
				continue
			}
			y, h := tops[k][id], float64(len(nodes))*unit
			fmt.Fprintf(&b, `<g style="--a:var(--c%d)"><path class="fa" fill-opacity=".85" d="M%s %sH%sV%sH%sZ"/>`, id%colors, short2(lo), short2(y), short2(hi), short2(y+h), short2(lo))
			if h > 15 && hi-lo > 22 {
				fmt.Fprintf(&b, `<text class="fp" font-weight="600" font-size="13" x="%s" y="%s">%d</text>`, short2((lo+hi)/2), short2(y+h/2+4.5), id+1)
			}
			b.WriteString("</g>")
		}
		label := shorten(axis.Label(p.First), 14)
		if w := 3.6 * float64(len(label)); x(p.First)-w > edge {
			at := max(w, x(p.First))
			fmt.Fprintf(&b, `<text class="fq" font-size="12" x="%s" y="%s">%s</text>`, short2(at), short2(height-5), template.HTMLEscapeString(label))
			edge = at + w + 10
		}
		if k > 0 {
			ribbons(&b, stack, r.Periods[k-1].Of, p.Of, tops[k-1], tops[k], x(p.First)-half(k), x(p.First)+half(k), unit)
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="plot" viewBox="0 0 %g %g" role="img" aria-label="communities as streams over time, with the nodes that go from one to another">%s</svg>`, width, height, b.String()))
}

// stacked is the order in which communities are drawn from top to bottom:
// by the mean place of their nodes among all, sorted by the communities over
// time, so that few streams cross.
func stacked(periods []connectome.Period, ids int) []int {
	place := make([]float64, ids)
	nodes := make([]float64, ids)
	for at, i := range periodOrder(periods, 0) {
		for _, p := range periods {
			place[p.Of[i]] += float64(at)
			nodes[p.Of[i]]++
		}
	}
	order := make([]int, ids)
	for id := range order {
		order[id] = id
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(place[a]/nodes[a], place[b]/nodes[b]) })
	return order
}

// ribbons joins the communities of two periods by their common nodes.
func ribbons(b *bytes.Buffer, stack, before, after []int, from, to []float64, x0, x1, unit float64) {
	flow := map[[2]int]int{}
	for i, a := range before {
		flow[[2]int{a, after[i]}]++
	}
	left, right := slices.Clone(from), slices.Clone(to)
	mid := (x0 + x1) / 2
	for _, a := range stack {
		for _, c := range stack {
			k := flow[[2]int{a, c}]
			if k == 0 {
				continue
			}
			h := unit * float64(k)
			y0, y1 := left[a], right[c]
			left[a] += h
			right[c] += h
			fmt.Fprintf(b, `<path class="fa" style="--a:var(--c%d)" fill-opacity=".4" d="M%s %sC%s %s %s %s %s %sV%sC%s %s %s %s %s %sZ"/>`, a%colors,
				short2(x0), short2(y0), short2(mid), short2(y0), short2(mid), short2(y1), short2(x1), short2(y1), short2(y1+h),
				short2(mid), short2(y1+h), short2(mid), short2(y0+h), short2(x0), short2(y0+h))
		}
	}
}
