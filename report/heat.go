package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// mapSide is the longest side of a map in pixels; larger ones are averaged.
const mapSide = 128

// heatShades is the number of shades of each sign.
const heatShades = 48

// heatPalette is transparent at zero, so that the page shows through in
// either colour scheme, and grows to a full colour: one for each sign.
var heatPalette = func() color.Palette {
	p := color.Palette{color.NRGBA{}}
	for _, c := range []color.NRGBA{{R: 0x2f, G: 0x7f, B: 0xd1}, {R: 0xd8, G: 0x6f, B: 0x26}} {
		for k := 1; k <= heatShades; k++ {
			c.A = uint8(math.Round(255 * float64(k) / heatShades))
			p = append(p, c)
		}
	}
	return p
}()

// largest is the largest magnitude in a matrix.
func largest(m *tensor.Matrix[float64]) float64 {
	top := 0.0
	for i := range m.Rows {
		for _, v := range m.Row(i) {
			if finite(v) {
				top = max(top, math.Abs(v))
			}
		}
	}
	return top
}

// heat is a picture of a matrix in which the magnitude top has the full
// colour.
func heat(m *tensor.Matrix[float64], top float64) template.URL {
	img := image.NewPaletted(image.Rect(0, 0, m.Cols, m.Rows), heatPalette)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			img.SetColorIndex(j, i, shade(v, top))
		}
	}
	return template.URL(pngURI(img))
}

// labelledMap is the picture of a small matrix with the names of its rows and
// columns beside it.
func labelledMap(m *tensor.Matrix[float64], rows, cols []string, label string) template.HTML {
	const width, letter, most, size = 520.0, 0.6 * labelSize, 18, labelSize
	longest := func(names []string) float64 {
		n := 0
		for _, s := range names {
			n = max(n, len([]rune(shorten(s, most))))
		}
		return float64(n)*letter + 6
	}
	left, below := longest(rows), longest(cols)
	cell := min(34, (width-left)/float64(m.Cols))
	upright := below > cell
	if !upright {
		below = size + 6
	}
	w, h := cell*float64(m.Cols), cell*float64(m.Rows)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="plot labelled" viewBox="0 0 %s %s" role="img" aria-label="%s"><image x="%s" y="0" width="%s" height="%s" preserveAspectRatio="none" href="%s"/>`,
		short2(left+w), short2(h+below), html.EscapeString(label), short2(left), short2(w), short2(h), heat(m, largest(m)))
	text := func(x, y float64, s, how string) {
		fmt.Fprintf(&b, `<text class="fq" x="%s" y="%s" font-size="%s" %s>%s</text>`, short2(x), short2(y), short2(size), how, html.EscapeString(shorten(s, most)))
	}
	for i, s := range rows {
		text(left-5, (float64(i)+0.5)*cell+size*0.35, s, `style="text-anchor:end"`)
	}
	for j, s := range cols {
		if x := left + (float64(j)+0.5)*cell; upright {
			x += size * 0.35
			text(x, h+5, s, fmt.Sprintf(`style="text-anchor:end" transform="rotate(-90 %s %s)"`, short2(x), short2(h+5)))
		} else {
			text(x, h+size+2, s, "")
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// shade is the place of a value in heatPalette.
func shade(v, top float64) uint8 {
	if top == 0 || !finite(v) {
		return 0
	}
	k := int(math.Round(math.Abs(v) / top * heatShades))
	if k > 0 && v < 0 {
		k += heatShades
	}
	return uint8(k)
}

// shrink averages the rows of a factor in bins, at most size of them. The
// mean of a multilinear model over a box is the model of the mean rows.
func shrink(f *tensor.Matrix[float64], size int) *tensor.Matrix[float64] {
	if f.Rows <= size {
		return f
	}
	out := tensor.NewMatrix[float64](size, f.Cols)
	for b := range size {
		lo, hi := b*f.Rows/size, (b+1)*f.Rows/size
		for i := lo; i < hi; i++ {
			for j, v := range f.Row(i) {
				out.Row(b)[j] += v / float64(hi-lo)
			}
		}
	}
	return out
}

// thumbnailSizes are the sides of a map of a picture.
func thumbnailSizes(rows, cols, side int) (int, int) {
	longest := max(rows, cols)
	if longest <= side {
		return rows, cols
	}
	return max(1, rows*side/longest), max(1, cols*side/longest)
}

// pictureModes finds the two modes that are the rows and columns of a
// picture, by their names. An axis with labels is not one.
func pictureModes(axes []tensor.Axis, shape []int) (row, col int, ok bool) {
	row, col = -1, -1
	for n, a := range axes {
		if len(a.Labels) > 0 || shape[n] < 8 {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(a.Name)) {
		case "row", "rows", "height", "y", "lat", "latitude":
			row = n
		case "column", "columns", "col", "cols", "width", "x", "lon", "longitude":
			col = n
		}
	}
	return row, col, row >= 0 && col >= 0
}

// photo is a picture of values on a grid: planes is 1 (grey) or 3 (red,
// green, blue); values run over rows, columns, planes. lo and hi are black
// and white.
func photo(values []float64, rows, cols, planes int, lo, hi float64) template.URL {
	img := image.NewNRGBA(image.Rect(0, 0, cols, rows))
	for p := range rows * cols {
		var c [3]uint8
		for k := range c {
			v := (values[p*planes+k%planes] - lo) / (hi - lo)
			c[k] = uint8(math.Round(255 * min(max(v, 0), 1)))
		}
		img.SetNRGBA(p%cols, p/cols, color.NRGBA{c[0], c[1], c[2], 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 88}); err != nil {
		panic("report: " + err.Error()) // a picture of at least one pixel into memory
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}
