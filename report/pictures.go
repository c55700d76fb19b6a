package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// photoSide is the longest side of the pictures of data and model.
const photoSide = 200

// pictures shows the data, the model and what is left over side by side, if
// two modes are the rows and columns of a picture.
func (p *page) pictures(in Input, axes []tensor.Axis, shape []int) {
	row, col, ok := pictureModes(axes, shape)
	if !ok {
		return
	}
	channel := -1
	for n, a := range axes {
		if n != row && n != col && (shape[n] == 3 || shape[n] == 4) && strings.HasPrefix(strings.ToLower(a.Name), "ch") {
			channel = n
		}
	}
	planes := 1
	if channel >= 0 {
		planes = 3
	}
	rows, cols := thumbnailSizes(shape[row], shape[col], photoSide)
	fixed := make([]int, len(shape))
	var where []string
	for n, s := range shape {
		if n != row && n != col && n != channel && s > 1 {
			fixed[n] = s / 2
			where = append(where, fmt.Sprintf("%s %s", modeName(axes[n], n), short(axes[n], s/2)))
		}
	}
	g := grid3{row, col, channel, rows, cols, planes, fixed}
	model := g.model(in.Model)
	if model == nil {
		return
	}
	var data []float64
	switch x := in.Data.(type) {
	case *tensor.Dense[float64]:
		data = meanGrid(x, g)
	case *tensor.Dense[float32]:
		data = meanGrid(x, g)
	}
	note := ""
	if len(where) > 0 {
		note = "at " + strings.Join(where, ", ")
	}
	lo, hi := valueRange(orElseSlice(data, model))
	if data != nil {
		p.Pictures = append(p.Pictures, panel{Title: "Data", Note: note, Image: photo(data, rows, cols, planes, lo, hi), Alt: "The data as a picture"})
	}
	p.Pictures = append(p.Pictures, panel{Title: "Model", Note: note, Image: photo(model, rows, cols, planes, lo, hi), Alt: "The model as a picture"})
	if data == nil {
		return
	}
	rest := tensor.NewMatrix[float64](rows, cols)
	worst := 0.0
	for at := range rows * cols {
		for k := range planes {
			rest.Data[at] += (data[at*planes+k] - model[at*planes+k]) / float64(planes)
		}
		worst = max(worst, math.Abs(rest.Data[at]))
	}
	p.Pictures = append(p.Pictures, panel{Title: "Left over", Image: heat(rest, worst), Alt: "Data minus model as a picture",
		Note: "data − model, up to ±" + digits(worst, 2)})
}

func orElseSlice(a, b []float64) []float64 {
	if a != nil {
		return a
	}
	return b
}

func valueRange(v []float64) (lo, hi float64) {
	lo, hi = slices.Min(v), slices.Max(v)
	switch {
	case !finite(lo) || !finite(hi) || lo == hi:
		return 0, 1
	case lo >= 0 && hi <= 255 && hi > 64:
		return 0, 255
	case lo >= 0 && hi <= 1 && hi > 0.25:
		return 0, 1
	}
	return lo, hi
}

// grid3 is a small picture of a tensor: means over boxes of rows and
// columns, for each plane of the channel mode.
type grid3 struct {
	row, col, channel  int
	rows, cols, planes int
	fixed              []int // index on the other modes
}

// model evaluates a model on the grid, by averaging its factors.
func (g grid3) model(m Model) []float64 {
	small := shrinkModel(m, map[int]int{g.row: g.rows, g.col: g.cols})
	c := newChain(small)
	p := c.prefix()
	last := len(c.shape) - 1
	out := make([]float64, 0, g.rows*g.cols*g.planes)
	idx := slices.Clone(g.fixed)
	for i := range g.rows {
		for j := range g.cols {
			for k := range g.planes {
				idx[g.row], idx[g.col] = i, j
				if g.channel >= 0 {
					idx[g.channel] = k
				}
				for n, at := range idx[:last] {
					p.set(n, at)
				}
				out = append(out, kernel.Dot(p.state(), c.last.Row(idx[last])))
			}
		}
	}
	for _, v := range out {
		if !finite(v) {
			return nil
		}
	}
	return out
}

// shrinkModel averages some modes of a model to the given sizes.
func shrinkModel(m Model, sizes map[int]int) Model {
	small := func(n int, f *tensor.Matrix[float64]) *tensor.Matrix[float64] {
		if s, ok := sizes[n]; ok {
			return shrink(f, s)
		}
		return f
	}
	switch m := m.(type) {
	case *cp.Tensor:
		s := &cp.Tensor{Weights: m.Weights}
		for n, f := range m.Factors {
			s.Factors = append(s.Factors, small(n, f))
		}
		return s
	case *tucker.Tensor:
		s := &tucker.Tensor{Core: m.Core}
		for n, f := range m.Factors {
			s.Factors = append(s.Factors, small(n, f))
		}
		return s
	case *tt.Tensor:
		s := &tt.Tensor{}
		for k, g := range m.Cores {
			if _, ok := sizes[k]; ok {
				g = shrinkCore(g, sizes[k])
			}
			s.Cores = append(s.Cores, g)
		}
		return s
	}
	return m
}

// shrinkCore averages the middle mode of a core.
func shrinkCore(g *tensor.Dense[float64], size int) *tensor.Dense[float64] {
	s := g.Shape()
	if s[1] <= size {
		return g
	}
	out := tensor.New[float64](s[0], size, s[2])
	data := g.Data()
	for a := range s[0] {
		f := shrink(tensor.MatrixOf(s[1], s[2], data[a*s[1]*s[2]:(a+1)*s[1]*s[2]]), size)
		copy(out.Data()[a*size*s[2]:], f.Data)
	}
	return out
}

// meanGrid averages the data over the boxes of the grid.
func meanGrid[T tensor.Float](x *tensor.Dense[T], g grid3) []float64 {
	shape := x.Shape()
	out := make([]float64, g.rows*g.cols*g.planes)
	idx := slices.Clone(g.fixed)
	for i := range g.rows {
		for j := range g.cols {
			for k := range g.planes {
				if g.channel >= 0 {
					idx[g.channel] = k
				}
				r0, r1 := i*shape[g.row]/g.rows, (i+1)*shape[g.row]/g.rows
				c0, c1 := j*shape[g.col]/g.cols, (j+1)*shape[g.col]/g.cols
				sum := 0.0
				for idx[g.row] = r0; idx[g.row] < r1; idx[g.row]++ {
					for idx[g.col] = c0; idx[g.col] < c1; idx[g.col]++ {
						sum += float64(x.At(idx...))
					}
				}
				out[(i*g.cols+j)*g.planes+k] = sum / float64((r1-r0)*(c1-c0))
			}
		}
	}
	return out
}

// tuckerMaps draws what each combination of profiles of the other modes
// looks like as a picture, the strongest first.
func (p *page) tuckerMaps(m *tucker.Tensor, axes []tensor.Axis, row, col int) {
	order := []int{row, col}
	for n := range m.Factors {
		if n != row && n != col {
			order = append(order, n)
		}
	}
	core := m.Core.Permute(order...).Contiguous()
	shape := core.Shape()
	rest := tensor.Size(shape[2:])
	blocks := make([]*tensor.Matrix[float64], rest)
	for c := range blocks {
		blocks[c] = tensor.NewMatrix[float64](shape[0], shape[1])
	}
	for at, v := range core.Data() {
		blocks[at%rest].Data[at/rest] = v
	}
	strongest := make([]int, rest)
	for c := range strongest {
		strongest[c] = c
	}
	slices.SortStableFunc(strongest, func(a, b int) int { return cmp.Compare(norm(blocks[b].Data), norm(blocks[a].Data)) })
	rows, cols := thumbnailSizes(m.Factors[row].Rows, m.Factors[col].Rows, mapSide)
	a, b := shrink(m.Factors[row], rows), shrink(m.Factors[col], cols).Transpose()
	for _, c := range strongest[:min(rest, shownColumns)] {
		var words []string
		for k, i := range unravel(c, shape[2:]) {
			words = append(words, fmt.Sprintf("%s %d", axes[order[k+2]].Name, i+1))
		}
		title := orElse(strings.Join(words, " · "), "the picture")
		p.Maps = append(p.Maps, mapPanel(tensor.Mul(tensor.Mul(a, blocks[c]), b), title, "Map of "+title))
	}
	p.MapsNote = "What each combination of profiles of the other modes looks like as a picture, the strongest first. " + mapLegend
}

// trainMaps draws what each index of the second bond of a tensor train looks
// like, if the first two modes are the picture.
func (p *page) trainMaps(m *tt.Tensor, row, col int) {
	if row != 0 || col != 1 {
		return
	}
	shape := m.Shape()
	rows, cols := thumbnailSizes(shape[0], shape[1], mapSide)
	first, second := shrinkCore(m.Cores[0], rows), shrinkCore(m.Cores[1], cols)
	r1, r2 := second.Shape()[0], second.Shape()[2]
	a := tensor.MatrixOf(rows, r1, first.Data())
	both := tensor.Mul(a, tensor.MatrixOf(r1, cols*r2, second.Data()))
	for c := range min(r2, shownColumns) {
		m := tensor.NewMatrix[float64](rows, cols)
		for at := range m.Data {
			m.Data[at] = both.Data[at*r2+c]
		}
		title := fmt.Sprintf("pattern %d of %d", c+1, r2)
		p.Maps = append(p.Maps, mapPanel(m, title, "Map of "+title))
	}
	p.MapsNote = "The pictures that the first two blocks of the train span. " + mapLegend
}
