package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// shownSlices is the number of slices of a mode that are listed.
const shownSlices = 6

// sliceGroup is the slices of one mode that the model explains worst.
type sliceGroup struct {
	Name  string
	Rows  []sliceRow
	SVG   template.HTML
	Color int
}

type sliceRow struct {
	Label, Full, Error, Share, Size string
	Bar                             float64
}

// slices lists the worst slices of each mode of more than one index. Data of
// a kind that cannot be measured slice by slice are passed over.
func (p *page) slices(in Input, axes []tensor.Axis) error {
	_, thin := asListed(in.Data)
	_, least := lossOf(in.Result)
	switch in.Data.(type) {
	case *tensor.Dense[float64], *tensor.Dense[float32], *tensor.Observed:
	default:
		if !thin {
			return nil
		}
	}
	all, err := sliceErrors(in.Data, in.Model, in.Result)
	if err != nil {
		return err
	}
	for n, errs := range all {
		if len(errs) < 2 {
			continue
		}
		name := modeName(axes[n], n)
		g := sliceGroup{Name: name, Color: n % colors}
		column := make([]float64, len(errs))
		whole, top := true, 0.0
		for i, e := range errs {
			column[i] = e.RelativeError
			whole = whole && finite(e.RelativeError)
			if finite(e.RelativeError) {
				top = max(top, e.RelativeError)
			}
		}
		if top == 0 {
			continue
		}
		if whole && lined(axes[n], len(errs)) {
			g.SVG = columnPlot(axes[n], column, "Relative error of each slice of "+name)
		}
		worst := slices.Clone(errs)
		slices.SortStableFunc(worst, func(a, b SliceError) int { return cmp.Compare(b.RelativeError, a.RelativeError) })
		if thin || !least {
			// Small slices of counts are never explained well; those that
			// matter are listed.
			slices.SortStableFunc(worst, func(a, b SliceError) int { return cmp.Compare(b.Share, a.Share) })
		}
		for _, e := range worst[:min(shownSlices, len(worst))] {
			if math.IsNaN(e.RelativeError) {
				break
			}
			row := sliceRow{Label: shorten(short(axes[n], e.Index), 60), Error: percent(e.RelativeError), Share: percent(e.Share), Size: percent(e.Size)}
			if full := shorten(axes[n].Label(e.Index), 300); full != row.Label {
				row.Full = full
			}
			row.Bar = round2(100 * min(1, e.RelativeError/top))
			g.Rows = append(g.Rows, row)
		}
		p.Slices = append(p.Slices, g)
	}
	return nil
}
