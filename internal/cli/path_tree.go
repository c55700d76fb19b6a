package cli

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"slices"

	"github.com/polyad/polyad/einsum"
)

// dendrogram is the tree of a plan, drawn from the result down.
type dendrogram struct {
	leaves      int
	left, right []int     // of each pair
	size        []float64 // log2 of the elements of each pair's result
	flops       []float64 // log2 of its products
	total       float64
}

func newDendrogram(p *einsum.Plan) *dendrogram {
	d := &dendrogram{leaves: len(p.Inputs), total: p.Cost.Flops}
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
		d.flops = append(d.flops, weigh(s.Batch, s.KeepLeft, s.KeepRight, s.Sum)+math.Log2(p.Cost.Slices))
	}
	return d
}

// share is the part of all products that a pair makes.
func (d *dendrogram) share(k int) float64 { return math.Exp2(d.flops[k] - d.total) }

// text draws the tree with a line a node; inputs that meet nothing but each
// other share one.
func (d *dendrogram) text(w io.Writer) {
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

// svg draws the tree from the left to the right: tensors at the left, the
// result at the right, a pair at a height in the middle of its operands. The
// width of a line follows the size of a tensor, and the colour of a pair its
// share of the products.
func (d *dendrogram) svg(w io.Writer, title string) error {
	const (
		row, margin, top = 12, 20, 50
		width            = 1200
	)
	nodes := d.leaves + len(d.left)
	x, y, depth := make([]float64, nodes), make([]float64, nodes), make([]int, nodes)
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
			y[n] = top + float64(at)*row
			at++
			continue
		}
		stack = append(stack, d.right[n-d.leaves], d.left[n-d.leaves])
	}
	for n := range nodes {
		x[n] = margin + float64(depth[n])*(width-2*margin)/float64(max(depth[nodes-1], 1))
		if n >= d.leaves {
			k := n - d.leaves
			y[n] = (y[d.left[k]] + y[d.right[k]]) / 2
		}
	}
	largest := 1.0
	if len(d.size) > 0 {
		largest = max(largest, slices.Max(d.size))
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n", width, top+row*d.leaves+margin)
	fmt.Fprintf(b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprint(b, `<rect width="100%" height="100%" fill="white"/>`+"\n")
	fmt.Fprintf(b, `<text x="%d" y="20">%s: 10^%.2f products; lines as wide as tensors are large, dots as red as pairs are dear</text>`+"\n", margin, html.EscapeString(title), d.total*math.Log10(2))
	line := func(from, to int, size float64) {
		fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1fV%.1f" fill="none" stroke="#4878a8" stroke-opacity="0.7" stroke-width="%.2f"/>`+"\n",
			x[from], y[from], x[to], y[to], 0.5+3.5*max(size, 0)/largest)
	}
	for k := range d.left {
		for _, child := range [2]int{d.left[k], d.right[k]} {
			size := 0.0
			if child >= d.leaves {
				size = d.size[child-d.leaves]
			}
			line(child, d.leaves+k, size)
		}
	}
	for k := range d.left {
		n := d.leaves + k
		heat := max(0, 1+math.Log10(max(d.share(k), 1e-30))/4) // four decades from white to red
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="rgb(%d,%d,%d)" stroke="#333" stroke-width="0.5"><title>%d: 2^%.1f elements, 2^%.1f products</title></circle>`+"\n",
			x[n], y[n], 255-int(40*heat), 255-int(225*heat), 255-int(225*heat), n, d.size[k], d.flops[k])
	}
	if d.leaves <= 200 {
		for n := range d.leaves {
			fmt.Fprintf(b, `<text x="%d" y="%.1f" font-size="8" text-anchor="end">%d</text>`+"\n", margin-3, y[n]+3, n)
		}
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}
