package circuit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// controls is how many of the first qubits of a gate of the library control
// it, and what it is on the others.
var controls = map[string]struct {
	count int
	on    string
}{
	"cx": {1, "x"}, "cy": {1, "y"}, "cz": {1, "●"}, "ch": {1, "h"}, "csx": {1, "sx"}, "cp": {1, "p"}, "cu1": {1, "p"}, "cphase": {1, "p"},
	"crx": {1, "rx"}, "cry": {1, "ry"}, "crz": {1, "rz"}, "cu3": {1, "u"}, "cu": {1, "u"}, "cswap": {1, "swap"},
	"ccx": {2, "x"}, "ccz": {2, "●"}, "c3x": {3, "x"}, "c3sqrtx": {3, "sx"}, "c4x": {4, "x"},
}

// Draw draws the circuit with a line for each qubit, in pieces of at most so
// many characters. ● is a control that acts if it is 1, ○ one that acts if it
// is 0, × an end of a swap; other gates on several qubits have the number of
// the qubit before their name. M0 measures into bit 0. Phases of the whole
// state are left out.
func (c *Circuit) Draw(width int) string {
	d := newDrawing(c)
	for _, op := range c.Ops {
		if len(op.Qubits) > 0 {
			d.put(op.Qubits, marks(op))
		}
	}
	for bit, q := range c.Bits {
		if q >= 0 {
			d.put([]int{q}, []string{"M" + strconv.Itoa(bit)})
		}
	}
	return d.text(width)
}

// marks are what stands on the lines of the qubits of a gate.
func marks(op Op) []string {
	var out []string
	name := op.Name
	for {
		word, rest, ok := strings.Cut(name, " @ ")
		base, argument, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		if !ok || base != "ctrl" && base != "negctrl" {
			break
		}
		n := 1
		if v, err := strconv.Atoi(argument); err == nil {
			n = v
		}
		dot := "●"
		if base == "negctrl" {
			dot = "○"
		}
		for range min(n, len(op.Qubits)-len(out)-1) {
			out = append(out, dot)
		}
		name = rest
	}
	if k, ok := controls[name]; ok && k.count < len(op.Qubits)-len(out) {
		name = k.on
		for range k.count {
			out = append(out, "●")
		}
	}
	label := name
	if len(op.Params) > 0 {
		parts := make([]string, len(op.Params))
		for i, p := range op.Params {
			parts[i] = strconv.FormatFloat(p, 'g', 3, 64)
		}
		label += "(" + strings.Join(parts, ",") + ")"
	}
	left := len(op.Qubits) - len(out)
	for i := range left {
		switch {
		case name == "swap":
			out = append(out, "×")
		case left == 1:
			out = append(out, label)
		case i == 0:
			out = append(out, "1:"+label)
		default:
			out = append(out, fmt.Sprintf("%d:%s", i+1, name))
		}
	}
	return out
}

// drawing is a grid of marks: a column has at most one gate on each line.
type drawing struct {
	lines   int
	free    []int // first column that is free on each line
	columns []column
}

type column struct {
	mark  map[int]string
	cross []bool // the line is crossed by a gate on others
	link  []bool // the gap below the line is
}

func newDrawing(c *Circuit) *drawing {
	return &drawing{lines: c.Qubits, free: make([]int, c.Qubits)}
}

// put puts a gate in the first column where all lines that it spans are free.
func (d *drawing) put(qubits []int, marks []string) {
	lo, hi := slices.Min(qubits), slices.Max(qubits)
	at := slices.Max(d.free[lo : hi+1])
	for len(d.columns) <= at {
		d.columns = append(d.columns, column{map[int]string{}, make([]bool, d.lines), make([]bool, d.lines)})
	}
	x := d.columns[at]
	for q := lo; q <= hi; q++ {
		d.free[q] = at + 1
		x.cross[q] = true
		x.link[q] = q < hi
	}
	for i, q := range qubits {
		x.mark[q] = marks[i]
	}
}

// text puts columns side by side, in pieces of a width.
func (d *drawing) text(width int) string {
	head := len(fmt.Sprintf("q%d: ", max(d.lines-1, 0)))
	var b strings.Builder
	for from := 0; from == 0 || from < len(d.columns); {
		to, used := from, head
		for to < len(d.columns) && (to == from || used+d.columns[to].width()+2 <= width) {
			used += d.columns[to].width() + 2
			to++
		}
		if from > 0 {
			b.WriteByte('\n')
		}
		for q := range d.lines {
			fmt.Fprintf(&b, "%-*s─", head, fmt.Sprintf("q%d:", q))
			gap := strings.Repeat(" ", head+1)
			linked := false
			for _, x := range d.columns[from:to] {
				w := x.width()
				mark, under := x.mark[q], " "
				if mark == "" {
					mark = "─"
					if x.cross[q] {
						mark = "┼"
					}
				}
				if x.link[q] {
					under, linked = "│", true
				}
				left := (w - utf8.RuneCountInString(mark)) / 2
				b.WriteString(strings.Repeat("─", left) + mark + strings.Repeat("─", w-left-utf8.RuneCountInString(mark)) + "──")
				gap += strings.Repeat(" ", (w-1)/2) + under + strings.Repeat(" ", w-(w-1)/2-1) + "  "
			}
			b.WriteByte('\n')
			if linked {
				b.WriteString(strings.TrimRight(gap, " ") + "\n")
			}
		}
		from = max(to, 1)
	}
	return b.String()
}

// width is that of the widest mark.
func (x *column) width() int {
	w := 1
	for _, m := range x.mark {
		w = max(w, utf8.RuneCountInString(m))
	}
	return w
}
