package report

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"math"

	"github.com/polyad/polyad/einsum"
)

// Tree is the tree of a plan of contraction, drawn from the result down.
type Tree struct {
	leaves      int
	left, right []int        // of each pair
	size        []float64    // log2 of the elements of each pair's result
	operand     [][2]float64 // the same of its operands
	flops       []float64    // log2 of its products, in all slices
	total       float64
}

// NewTree is the tree of a plan.
func NewTree(p *einsum.Plan) *Tree {
	d := &Tree{leaves: len(p.Inputs), total: p.Cost.Flops}
	weigh := func(lists ...[]int32) float64 {
		sum := 0.0
		for _, list := range lists {
			for _, id := range list {
				sum += math.Log2(float64(max(p.Size(id), 1)))
			}
		}
		return sum
	}
	for _, s := range p.Steps() {
		d.left, d.right = append(d.left, s.Left), append(d.right, s.Right)
		d.size = append(d.size, weigh(s.Batch, s.KeepLeft, s.KeepRight))
		d.operand = append(d.operand, [2]float64{weigh(s.Batch, s.KeepLeft, s.Sum), weigh(s.Batch, s.KeepRight, s.Sum)})
		d.flops = append(d.flops, weigh(s.Batch, s.KeepLeft, s.KeepRight, s.Sum)+math.Log2(p.Cost.Slices))
	}
	return d
}

// share is the part of all products that a pair makes.
func (d *Tree) share(k int) float64 { return math.Exp2(d.flops[k] - d.total) }

// Text draws the tree with a line a node; inputs that meet nothing but each
// other share one.
func (d *Tree) Text(w io.Writer) {
	b := bufio.NewWriter(w)
	defer b.Flush()
	var draw func(node int, lead, branch, below string)
	draw = func(node int, lead, branch, below string) {
		if node < d.leaves {
			fmt.Fprintf(b, "%s%stensor %d\n", lead, branch, node)
			return
		}
		k := node - d.leaves
		mark := ""
		if s := d.share(k); s >= 0.01 {
			mark = fmt.Sprintf("  %.0f%%", 100*s)
		}
		fmt.Fprintf(b, "%s%s%d  2^%.1f elements, 2^%.1f products%s\n", lead, branch, node, d.size[k], d.flops[k], mark)
		draw(d.left[k], lead+below, "├─ ", "│  ")
		draw(d.right[k], lead+below, "└─ ", "   ")
	}
	draw(d.leaves+len(d.left)-1, "", "", "")
}

// place puts the nodes from the left to the right: tensors at the left, the
// result at the right, a pair at a height in the middle of its operands. x is
// from 0 to 1, y counts rows from 0.
func (d *Tree) place() (x, y []float64) {
	nodes := d.leaves + len(d.left)
	x, y = make([]float64, nodes), make([]float64, nodes)
	depth := make([]int, nodes)
	for k := range d.left {
		depth[d.leaves+k] = 1 + max(depth[d.left[k]], depth[d.right[k]])
	}
	// Leaves in the order in which a walk meets them.
	at := 0
	stack := []int{nodes - 1}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n < d.leaves {
			y[n] = float64(at)
			at++
			continue
		}
		stack = append(stack, d.right[n-d.leaves], d.left[n-d.leaves])
	}
	for n := range nodes {
		x[n] = float64(depth[n]) / float64(max(depth[nodes-1], 1))
		if n >= d.leaves {
			y[n] = (y[d.left[n-d.leaves]] + y[d.right[n-d.leaves]]) / 2
		}
	}
	return x, y
}

// draw writes the tree as SVG, in a frame with its upper left corner at (left,
// top) and rows of a height. The width of a line follows the size of a tensor,
// and the colour of a dot its share of the products. style is that of lines.
func (d *Tree) draw(b *bytes.Buffer, left, top, width, row float64, style string) {
	x, y := d.place()
	for n := range x {
		x[n], y[n] = left+width*x[n], top+row*y[n]
	}
	largest := 1.0
	for _, s := range d.size {
		largest = max(largest, s)
	}
	for k := range d.left {
		n := d.leaves + k
		for _, child := range [2]int{d.left[k], d.right[k]} {
			size := 0.0
			if child >= d.leaves {
				size = d.size[child-d.leaves]
			}
			fmt.Fprintf(b, `<path d="M%s %sH%sV%s" fill="none" %s stroke-opacity="0.7" stroke-width="%s"/>`+"\n",
				short2(x[child]), short2(y[child]), short2(x[n]), short2(y[n]), style, short2(min(0.5+3.5*max(size, 0)/largest, 0.6*row+0.5)))
		}
	}
	for k := range d.left {
		n := d.leaves + k
		heat := max(0, 1+math.Log10(max(d.share(k), 1e-30))/4) // four decades from white to red
		if heat == 0 && row < 6 {
			continue
		}
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="3.5" fill="rgb(%d,%d,%d)" stroke="#333" stroke-width="0.5"><title>%d: 2^%.1f elements, 2^%.1f products</title></circle>`+"\n",
			short2(x[n]), short2(y[n]), 255-int(40*heat), 255-int(225*heat), 255-int(225*heat), n, d.size[k], d.flops[k])
	}
	if row >= 6 {
		for n := range d.leaves {
			fmt.Fprintf(b, `<text x="%s" y="%s" class="fq" font-size="8" text-anchor="end">%d</text>`+"\n", short2(left-6), short2(y[n]+3), n)
		}
	}
}

// SVG draws the tree as a picture of its own.
func (d *Tree) SVG(w io.Writer, title string) error {
	const (
		row, margin, top = 12, 24, 50
		width            = 1200
	)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n", width, top+row*d.leaves+margin)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprint(&b, `<rect width="100%" height="100%" fill="white"/>`+"\n")
	fmt.Fprintf(&b, `<text x="%d" y="20">%s: 10^%.2f products; lines as wide as tensors are large, dots as red as pairs are dear</text>`+"\n", margin, html.EscapeString(title), d.total*math.Log10(2))
	d.draw(&b, margin, top, width-2*margin, row, `stroke="#4878a8"`)
	fmt.Fprintln(&b, "</svg>")
	_, err := w.Write(b.Bytes())
	return err
}

// mostDrawn is the number of tensors up to which a tree is drawn in a report.
const mostDrawn = 4000

// plot is the tree for a page, as high as a screen or two; "" if it has too
// many tensors or none to contract.
func (d *Tree) plot(label string) template.HTML {
	if len(d.left) == 0 || d.leaves > mostDrawn {
		return ""
	}
	const width, margin = 1060, 24
	row := min(14, max(1.2, 1200/float64(d.leaves)))
	var b bytes.Buffer
	d.draw(&b, margin, 8, width-2*margin, row, `class="sa"`)
	return template.HTML(fmt.Sprintf(`<svg class="plot tree" viewBox="0 0 %d %s" role="img" aria-label="%s">%s</svg>`,
		width, short2(16+row*float64(d.leaves)), html.EscapeString(label), b.String()))
}
