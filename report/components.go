package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
)

// The most that is drawn of a large model.
const (
	shownPanels  = 120 // plots of CP components
	shownColumns = 6   // of a Tucker factor or a bond of a tensor train
	shownCore    = 12  // entries of a core
)

// component is one component of a CP model.
type component struct {
	Num    int
	Name   string
	Weight string
	Bar    float64 // weight relative to the largest, in percent
	Color  int
	Panels []panel
	Drawn  bool
	Known  string // that little of it lies on known entries
	Warn   bool   // that next to none does
}

// cp fills in the components, the heaviest first.
func (p *page) cp(m *cp.Tensor, axes []tensor.Axis, data tensor.Tensor) {
	named := &cp.Tensor{Weights: m.Weights, Factors: m.Factors, Modes: named(axes)}
	order := make([]int, m.Rank())
	size := make([]float64, m.Rank())
	for r := range order {
		order[r], size[r] = r, strength(m, r)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size[b], size[a]) })
	var seen []float64
	if x, ok := data.(*tensor.Observed); ok {
		seen = knownShares(x, m)
	}
	row, col, picture := pictureModes(axes, m.Shape())
	drawn := max(3, shownPanels/len(axes))
	for k, r := range order {
		c := component{Num: r + 1, Name: ComponentName(named, r), Weight: digits(size[r], 4), Color: k % colors, Drawn: k < drawn}
		if finite(size[r]) && size[order[0]] > 0 {
			c.Bar = round2(100 * size[r] / size[order[0]])
		}
		if seen != nil && seen[r] < 0.5 && size[r] > 0 {
			c.Known, c.Warn = fmt.Sprintf("only %s of it lies on known entries", percent(seen[r])), seen[r] < 0.3
		}
		if c.Drawn {
			of := fmt.Sprintf("Component %d", r+1)
			if picture {
				c.Panels = append(c.Panels, outerPanel(m.Factors[row], m.Factors[col], r, modeName(axes[row], row)+" × "+modeName(axes[col], col),
					of+" as a map: "+c.Name))
			}
			for n, f := range m.Factors {
				if !picture || n != row && n != col {
					c.Panels = append(c.Panels, columnPanel(axes[n], f.Col(r), modeName(axes[n], n), of))
				}
			}
		} else {
			p.MoreComponents++
		}
		p.Components = append(p.Components, c)
	}
	if picture {
		p.ComponentsNote = mapLegend
	}
}

// knownShares is, for each component, the part of its sum of squares that
// lies on known entries. The rest is said by the other entries of the slices,
// not by the data.
func knownShares(x *tensor.Observed, m *cp.Tensor) []float64 {
	shares := make([]float64, m.Rank())
	par.Do(len(shares), func(r int) {
		whole := strength(m, r) / m.Weights[r]
		if !finite(whole) || whole == 0 {
			return
		}
		columns := make([][]float64, len(m.Factors))
		for n, f := range m.Factors {
			columns[n] = f.Col(r)
		}
		known := 0.0
		for e := range x.Count() {
			v := 1 / whole
			for n, c := range columns {
				v *= c[x.Indices(n)[e]]
			}
			known += v * v
		}
		shares[r] = known
	})
	return shares
}

const mapLegend = "In maps, blue is positive, orange negative, and the page's own colour zero."

// named are the axes with a name each.
func named(axes []tensor.Axis) []tensor.Axis {
	out := slices.Clone(axes)
	for n := range out {
		out[n].Name = modeName(out[n], n)
	}
	return out
}

// factorGroup is the profiles of one mode.
type factorGroup struct {
	Name   string
	Panels []panel
	More   string
	Color  int
}

// corePart is the core of a Tucker model.
type corePart struct {
	Heads  []string
	Rows   []coreRow
	Note   string
	Slices []panel
}

type coreRow struct {
	Cells []coreCell
	Value string
	Share string
	Bar   float64
	Neg   bool
}

type coreCell struct{ Num, Name string }

// tucker fills in the factors and the core.
func (p *page) tucker(m *tucker.Tensor, axes []tensor.Axis) {
	axes = named(axes)
	core := m.Core.Data()
	shape := m.Ranks()
	energy := 0.0
	perColumn := make([][]float64, len(shape))
	for n, r := range shape {
		perColumn[n] = make([]float64, r)
	}
	each(shape, func(at int, idx []int) {
		e := core[at] * core[at]
		energy += e
		for n, i := range idx {
			perColumn[n][i] += e
		}
	})
	row, col, picture := pictureModes(axes, m.Shape())
	names := make([][]string, len(axes))
	for n, f := range m.Factors {
		g := factorGroup{Name: axes[n].Name, Color: n % colors}
		for r := range f.Cols {
			column := f.Col(r)
			names[n] = append(names[n], Peak(axes[n], column))
			if r < shownColumns && !(picture && (n == row || n == col)) {
				pn := columnPanel(axes[n], column, fmt.Sprintf("%s, profile %d", axes[n].Name, r+1), "Profile")
				if energy > 0 {
					pn.Foot = joinWords(pn.Foot, "takes part in "+percent(perColumn[n][r]/energy)+" of the model")
				}
				g.Panels = append(g.Panels, pn)
			}
		}
		if f.Cols > shownColumns {
			g.More = fmt.Sprintf("%d more profiles are not drawn.", f.Cols-shownColumns)
		}
		if len(g.Panels) > 0 {
			p.Factors = append(p.Factors, g)
		}
	}
	p.Core = newCore(core, shape, energy, axes, names)
	if picture {
		p.tuckerMaps(m, axes, row, col)
	}
}

func joinWords(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

func newCore(core []float64, shape []int, energy float64, axes []tensor.Axis, names [][]string) *corePart {
	order := make([]int, len(core))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(core[b]*core[b], core[a]*core[a]) })
	part := &corePart{}
	for _, a := range axes {
		part.Heads = append(part.Heads, a.Name)
	}
	told := 0.0
	for _, at := range order[:min(shownCore, len(order))] {
		v := core[at]
		if v == 0 {
			break
		}
		told += v * v
		row := coreRow{Value: digits(v, 4), Neg: v < 0, Share: percent(v * v / energy), Bar: round2(100 * v * v / (core[order[0]] * core[order[0]]))}
		for n, i := range unravel(at, shape) {
			row.Cells = append(row.Cells, coreCell{count(int64(i + 1)), names[n][i]})
		}
		part.Rows = append(part.Rows, row)
	}
	if energy > 0 {
		part.Note = fmt.Sprintf("The %s of %s that are largest hold %s of the model.",
			plural(len(part.Rows), "entry"), wholeNumber(float64(len(core))), percent(told/energy))
		if len(part.Rows) > 1 {
			part.Note = fmt.Sprintf("The %d largest of %s entries hold %s of the model.", len(part.Rows), wholeNumber(float64(len(core))), percent(told/energy))
		}
	}
	part.slices(core, shape, axes)
	return part
}

// slices draws a small core as maps: the first two modes, for each index of
// the third.
func (part *corePart) slices(core []float64, shape []int, axes []tensor.Axis) {
	if len(shape) < 2 || len(shape) > 3 || shape[0] > 32 || shape[1] > 32 || shape[0]*shape[1] < 4 {
		return
	}
	depth := 1
	if len(shape) == 3 {
		depth = shape[2]
	}
	if depth > 8 {
		return
	}
	// One matrix, so that the shades of all slices are the same.
	all := tensor.NewMatrix[float64](shape[0], depth*(shape[1]+1)-1)
	for i := range shape[0] {
		for j := range shape[1] {
			for k := range depth {
				all.Set(i, k*(shape[1]+1)+j, core[(i*shape[1]+j)*depth+k])
			}
		}
	}
	title := fmt.Sprintf("%s (down) × %s (across)", axes[0].Name, axes[1].Name)
	if depth > 1 {
		title += fmt.Sprintf(", one block for each of the %d profiles of %s", depth, axes[2].Name)
	}
	pn := mapPanel(all, title, "The core as a map: "+title)
	pn.Foot = mapLegend
	part.Slices = append(part.Slices, pn)
}

// each calls f for every index of a shape in C order.
func each(shape []int, f func(at int, idx []int)) {
	idx := make([]int, len(shape))
	for at := range tensor.Size(shape) {
		f(at, idx)
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < shape[n] {
				break
			}
			idx[n] = 0
		}
	}
}

func unravel(at int, shape []int) []int {
	idx := make([]int, len(shape))
	for n := len(shape) - 1; n >= 0; n-- {
		idx[n] = at % shape[n]
		at /= shape[n]
	}
	return idx
}
