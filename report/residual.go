package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

const (
	heatSide = 32 // the longest side of the map of residuals
	heatRows = 8  // cells of the map that are listed
)

// heatPart compares data and model over two modes, summed over the others.
type heatPart struct {
	Panel panel
	Note  string
	Rows  []heatRow
	diff  *tensor.Matrix[float64]
}

type heatRow struct {
	Row, Col, Data, Model, Difference string
}

// axisBins puts the indices of a mode in groups: runs of an ordered mode,
// the largest slices of another.
type axisBins struct {
	of    []int // the group of each index; -1: none
	names []string
	note  string
}

func newBins(axis tensor.Axis, n int, size []float64) axisBins {
	b := axisBins{of: make([]int, len(size))}
	name := modeName(axis, n)
	switch {
	case len(size) <= heatSide:
		for i := range size {
			b.of[i] = i
			b.names = append(b.names, shorten(short(axis, i), 40))
		}
		b.note = name
	case axis.Ordered():
		first := make([]int, heatSide)
		for i := len(size) - 1; i >= 0; i-- {
			b.of[i] = i * heatSide / len(size)
			first[b.of[i]] = i
		}
		for k, i := range first {
			last := len(size) - 1
			if k+1 < heatSide {
				last = first[k+1] - 1
			}
			b.names = append(b.names, span(axis, i, last))
		}
		b.note = fmt.Sprintf("%s in %d runs", name, heatSide)
	default:
		order := make([]int, len(size))
		for i := range order {
			order[i], b.of[i] = i, -1
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(size[j], size[i]) })
		for k, i := range order[:heatSide] {
			b.of[i] = k
			b.names = append(b.names, shorten(short(axis, i), 40))
		}
		b.note = fmt.Sprintf("the %d of %s with most data", heatSide, name)
	}
	return b
}

// heat compares sparse or incomplete data with a CP model on the two longest
// modes, where the data are large.
func (p *page) heat(in Input, axes []tensor.Axis) error {
	m, ok := in.Model.(*cp.Tensor)
	if !ok || len(axes) < 2 {
		return nil
	}
	l, _ := lossOf(in.Result)
	entries, incomplete := in.Data.(*tensor.Observed)
	if s, ok := asListed(in.Data); ok {
		if v := 0.375; l.Mean(v) != v {
			return nil // the sum of means over the zeros has no closed form
		}
		var err error
		if entries, err = s.Observed(); err != nil {
			return err
		}
	} else if !incomplete {
		return nil
	}
	modes := make([]int, len(axes))
	for n := range modes {
		modes[n] = n
	}
	shape := m.Shape()
	slices.SortStableFunc(modes, func(a, b int) int { return cmp.Compare(shape[b], shape[a]) })
	row, col := min(modes[0], modes[1]), max(modes[0], modes[1])
	bins := [2]axisBins{}
	for k, n := range []int{row, col} {
		size := make([]float64, shape[n])
		for e, i := range entries.Indices(n) {
			size[i] += entries.Values()[e] * entries.Values()[e]
		}
		bins[k] = newBins(axes[n], n, size)
	}
	data := tensor.NewMatrix[float64](len(bins[0].names), len(bins[1].names))
	model := tensor.NewMatrix[float64](data.Rows, data.Cols)
	if incomplete {
		sumKnown(entries, newChain(m), row, col, bins, data, model, l)
	} else {
		sumKnown(entries, nil, row, col, bins, data, nil, l)
		a, b := binned2(m.Factors[row], bins[0]), binned2(m.Factors[col], bins[1])
		rest := columnSums(m, row, col)
		for i := range a.Rows {
			for r, v := range rest {
				a.Row(i)[r] *= v
			}
			for j := range b.Rows {
				model.Set(i, j, kernel.Dot(a.Row(i), b.Row(j)))
			}
		}
	}
	p.Heat = newHeat(data, model, bins, l)
	if p.Heat != nil {
		p.Heat.Panel.Title = fmt.Sprintf("%s (down) × %s (across)", modeName(axes[row], row), modeName(axes[col], col))
		for k, n := range []int{row, col} { // the title has the names of the modes
			for i, s := range bins[k].names {
				bins[k].names[i] = strings.TrimPrefix(s, modeName(axes[n], n)+" ")
			}
		}
		p.Heat.Panel.SVG = labelledMap(p.Heat.diff, bins[0].names, bins[1].names, "Data minus model on "+p.Heat.Panel.Title)
	}
	return nil
}

// sumKnown adds up the entries, and the model's mean at them unless there is
// no chain to evaluate it with.
func sumKnown(x *tensor.Observed, c *chain, row, col int, bins [2]axisBins, data, model *tensor.Matrix[float64], l loss.Loss) {
	var p *prefix
	if c != nil {
		p = c.prefix()
	}
	last := len(x.Shape()) - 1
	for e, v := range x.Values() {
		i, j := bins[0].of[x.Indices(row)[e]], bins[1].of[x.Indices(col)[e]]
		if i < 0 || j < 0 {
			continue
		}
		data.Row(i)[j] += v
		if p != nil {
			for k := range p.idx {
				p.set(k, int(x.Indices(k)[e]))
			}
			model.Row(i)[j] += l.Mean(kernel.Dot(p.state(), c.last.Row(int(x.Indices(last)[e]))))
		}
	}
}

// binned2 adds the rows of a factor that share a group.
func binned2(f *tensor.Matrix[float64], b axisBins) *tensor.Matrix[float64] {
	out := tensor.NewMatrix[float64](len(b.names), f.Cols)
	for i, k := range b.of {
		if k >= 0 {
			kernel.Axpy(1, f.Row(i), out.Row(k))
		}
	}
	return out
}

// newHeat is the map of the differences, counts in units of their spread, and
// its largest ones.
func newHeat(data, model *tensor.Matrix[float64], bins [2]axisBins, l loss.Loss) *heatPart {
	diff := tensor.NewMatrix[float64](data.Rows, data.Cols)
	spread := !l.Allows(-1)
	for at, v := range data.Data {
		diff.Data[at] = v - model.Data[at]
		if spread {
			diff.Data[at] /= math.Sqrt(max(model.Data[at], 1))
		}
		if !finite(diff.Data[at]) {
			return nil
		}
	}
	if largest(diff) == 0 {
		return nil
	}
	h := &heatPart{diff: diff, Note: fmt.Sprintf("Data minus model by %s and %s, summed over the other modes.", bins[0].note, bins[1].note)}
	if spread {
		h.Note += " The colours are in units of √model, the spread of counts."
	}
	h.Panel.Foot = "Blue: the data are larger than the model; orange: smaller."
	order := make([]int, len(diff.Data))
	for at := range order {
		order[at] = at
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(diff.Data[b]), math.Abs(diff.Data[a])) })
	for _, at := range order[:min(heatRows, len(order))] {
		d := digits(data.Data[at]-model.Data[at], 3)
		if data.Data[at] > model.Data[at] {
			d = "+" + d
		}
		h.Rows = append(h.Rows, heatRow{bins[0].names[at/data.Cols], bins[1].names[at%data.Cols], digits(data.Data[at], 4), digits(model.Data[at], 4), d})
	}
	return h
}
