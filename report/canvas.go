package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// ink is a colour that is named rather than fixed: the style sheet says what
// it is in the scheme of the reader. The first letter is the class; alpha is
// in percent.
type ink struct {
	class string
	alpha int
}

// The inks that plots use.
var (
	inkText   = ink{"t", 100} // words
	inkQuiet  = ink{"q", 100} // tick labels
	inkGrid   = ink{"g", 100} // grid lines
	inkAccent = ink{"a", 100} // the data
	inkShade  = ink{"a", 16}  // under the data
	inkSecond = ink{"b", 100} // other data
)

// RGBA makes an ink a color.Color; a canvas that does not know inks draws
// black.
func (k ink) RGBA() (r, g, b, a uint32) { return color.Black.RGBA() }

// canvas draws SVG whose colours are classes, without fonts and ids, in few
// bytes. It implements vg.CanvasSizer.
type canvas struct {
	w, h  vg.Length
	buf   bytes.Buffer
	state []canvasState
}

type canvasState struct {
	m     [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
	color color.Color
	width float64
	dash  string
}

func newCanvas(w, h vg.Length) *canvas {
	c := &canvas{w: w, h: h, state: []canvasState{{m: [6]float64{1, 0, 0, -1, 0, float64(h)}}}}
	vg.Initialize(c)
	return c
}

func (c *canvas) top() *canvasState { return &c.state[len(c.state)-1] }

func (c *canvas) Size() (w, h vg.Length) { return c.w, c.h }

func (c *canvas) SetLineWidth(w vg.Length) { c.top().width = float64(w) }

func (c *canvas) SetLineDash(pattern []vg.Length, _ vg.Length) {
	var s []string
	for _, d := range pattern {
		s = append(s, short2(float64(d)))
	}
	c.top().dash = strings.Join(s, " ")
}

func (c *canvas) SetColor(k color.Color) { c.top().color = k }

func (c *canvas) Push() { c.state = append(c.state, *c.top()) }

func (c *canvas) Pop() { c.state = c.state[:len(c.state)-1] }

func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.transform([6]float64{cos, sin, -sin, cos, 0, 0})
}

func (c *canvas) Translate(p vg.Point) {
	c.transform([6]float64{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

func (c *canvas) Scale(x, y float64) { c.transform([6]float64{x, 0, 0, y, 0, 0}) }

func (c *canvas) transform(t [6]float64) {
	m := &c.top().m
	*m = [6]float64{
		m[0]*t[0] + m[2]*t[1], m[1]*t[0] + m[3]*t[1],
		m[0]*t[2] + m[2]*t[3], m[1]*t[2] + m[3]*t[3],
		m[0]*t[4] + m[2]*t[5] + m[4], m[1]*t[4] + m[3]*t[5] + m[5],
	}
}

// at is a point of the drawing in the coordinates of the SVG.
func (c *canvas) at(p vg.Point) (x, y float64) {
	m := &c.top().m
	return m[0]*float64(p.X) + m[2]*float64(p.Y) + m[4], m[1]*float64(p.X) + m[3]*float64(p.Y) + m[5]
}

func (c *canvas) Stroke(path vg.Path) {
	s := c.top()
	if s.width <= 0 {
		return
	}
	fmt.Fprintf(&c.buf, `<path class="s%s" stroke-width="%s"`, c.class(), short2(s.width))
	if s.dash != "" {
		fmt.Fprintf(&c.buf, ` stroke-dasharray="%s"`, s.dash)
	}
	c.path(path)
}

func (c *canvas) Fill(path vg.Path) {
	fmt.Fprintf(&c.buf, `<path class="f%s"`, c.class())
	c.path(path)
}

// class is the class letter of the colour, and the opacity if it has one.
func (c *canvas) class() string {
	k, ok := c.top().color.(ink)
	if !ok {
		return inkText.class
	}
	if k.alpha < 100 {
		return fmt.Sprintf(`%s" opacity="%s`, k.class, short2(float64(k.alpha)/100))
	}
	return k.class
}

func (c *canvas) path(path vg.Path) {
	c.buf.WriteString(` d="`)
	for _, p := range path {
		switch p.Type {
		case vg.MoveComp:
			c.point("M", p.Pos)
		case vg.LineComp:
			c.point("L", p.Pos)
		case vg.ArcComp:
			c.arc(p)
		case vg.CurveComp:
			c.point("QC"[len(p.Control)-1:len(p.Control)], p.Control[0])
			for _, q := range append(p.Control[1:len(p.Control):len(p.Control)], p.Pos) {
				c.point(" ", q)
			}
		case vg.CloseComp:
			c.buf.WriteString("Z")
		}
	}
	c.buf.WriteString(`"/>`)
}

func (c *canvas) point(op string, p vg.Point) {
	x, y := c.at(p)
	c.buf.WriteString(op + short2(x) + " " + short2(y))
}

// arc draws an arc as pieces of at most a third of a circle.
func (c *canvas) arc(p vg.PathComp) {
	n := max(1, int(math.Ceil(math.Abs(p.Angle)/(2*math.Pi/3)-1e-9)))
	on := func(a float64) vg.Point {
		sin, cos := math.Sincos(a)
		return vg.Point{X: p.Pos.X + p.Radius*vg.Length(cos), Y: p.Pos.Y + p.Radius*vg.Length(sin)}
	}
	op := "L"
	if c.buf.Bytes()[c.buf.Len()-1] == '"' {
		op = "M"
	}
	c.point(op, on(p.Start))
	m := c.top().m
	scale := math.Sqrt(math.Abs(m[0]*m[3] - m[1]*m[2]))
	sweep := 0
	if (p.Angle > 0) == (m[0]*m[3]-m[1]*m[2] > 0) {
		sweep = 1
	}
	r := short2(float64(p.Radius) * scale)
	for k := range n {
		c.point(fmt.Sprintf("A%s %s 0 0 %d ", r, r, sweep), on(p.Start+p.Angle*float64(k+1)/float64(n)))
	}
}

// FillString writes a text around its middle, so that a font of another
// width than the one it was measured with is off by half as much.
func (c *canvas) FillString(f font.Face, p vg.Point, text string) {
	if f.Font.Size <= 0 || text == "" {
		return
	}
	x, y := c.at(vg.Point{X: p.X + f.Width(text)/2, Y: p.Y})
	fmt.Fprintf(&c.buf, `<text class="f%s" x="%s" y="%s" font-size="%s"`, c.class(), short2(x), short2(y), short2(float64(f.Font.Size)))
	if m := c.top().m; math.Abs(m[1]) > 1e-9 {
		x, y = c.at(p.Add(vg.Point{X: f.Width(text) / 2}))
		fmt.Fprintf(&c.buf, ` transform="rotate(%s %s %s)"`, short2(math.Atan2(m[1], m[0])*180/math.Pi), short2(x), short2(y))
	}
	fmt.Fprintf(&c.buf, `>%s</text>`, html.EscapeString(text))
}

func (c *canvas) DrawImage(rect vg.Rectangle, img image.Image) {
	x0, y1 := c.at(rect.Min)
	x1, y0 := c.at(rect.Max)
	fmt.Fprintf(&c.buf, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" href="%s"/>`,
		short2(min(x0, x1)), short2(min(y0, y1)), short2(math.Abs(x1-x0)), short2(math.Abs(y1-y0)), pngURI(img))
}

// svg is the drawing as an element that says in words what it shows.
func (c *canvas) svg(label string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="plot" viewBox="0 0 %s %s" role="img" aria-label="%s">%s</svg>`,
		short2(float64(c.w)), short2(float64(c.h)), html.EscapeString(label), c.buf.String()))
}

// short2 writes a coordinate with at most two decimals.
func short2(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

func pngURI(img image.Image) string {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		panic("report: " + err.Error()) // a picture of at least one pixel into memory
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

var _ vg.CanvasSizer = (*canvas)(nil)
