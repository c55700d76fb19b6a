package harness

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/polyad/polyad/bench/internal/cases"
)

// columns of the table, and their widths; what does not fit moves the rest.
var columns = []struct {
	name  string
	width int
}{
	{"case", 0}, {"ours, ms", 9}, {"peer's", 9}, {"ratio", 7}, {"quartiles (pairs)", 17}, {"roofline", 8}, {"memory", 6}, {"peer's", 6},
	{"peer", 18}, {"bar", 16}, {"met", 3},
}

// Table prints rows one by one.
type Table struct {
	Out      io.Writer
	Markdown bool
	First    int // width of the first column
}

// Head begins the table.
func (t Table) Head() {
	var names, rule []string
	for i, c := range columns {
		names = append(names, c.name)
		rule = append(rule, strings.Repeat("-", t.width(i)))
	}
	t.line(names)
	if t.Markdown {
		t.line(rule)
	}
}

// Row prints a row.
func (t Table) Row(r Row) { t.line(r.cells()) }

func (t Table) width(i int) int {
	if i == 0 {
		return t.First
	}
	return columns[i].width
}

func (t Table) line(cells []string) {
	var b strings.Builder
	for i, c := range cells {
		if t.Markdown {
			b.WriteString("| ")
		}
		b.WriteString(c)
		if t.Markdown || i+1 < len(cells) {
			b.WriteString(strings.Repeat(" ", max(0, t.width(i)-utf8.RuneCountInString(c))+1))
		}
		if !t.Markdown {
			b.WriteString(" ")
		}
	}
	if t.Markdown {
		b.WriteString("|")
	}
	fmt.Fprintln(t.Out, strings.TrimRight(b.String(), " "))
}

// cells are those of a row.
func (r Row) cells() []string {
	const none = "–"
	c := []string{fmt.Sprintf("%s/threads=%d", r.Name, r.Threads), r.figure(r.Ours.Seconds, r.Ours.Error), none, none, none, none, none, none, none, none, none}
	if r.Peer != "" {
		c[2] = r.figure(r.Theirs.Seconds, r.Theirs.Error)
		c[3] = fmt.Sprintf("%.3g", r.Ratio)
		if r.Capped > 0 {
			c[3] = "≥ " + c[3]
		}
		c[4] = fmt.Sprintf("%.3g–%.3g (%d)", r.Low, r.High, r.Pairs)
		c[8] = r.Peer
	}
	if r.Fraction > 0 {
		c[5] = fmt.Sprintf("%.0f %%", 100*r.Fraction)
	}
	if r.Ours.Peak > 0 && r.Bytes > 0 {
		c[6] = fmt.Sprintf("%.2f", float64(r.Ours.Peak)/float64(r.Bytes))
	}
	if r.Theirs.Peak > 0 && r.Bytes > 0 {
		c[7] = fmt.Sprintf("%.2f", float64(r.Theirs.Peak)/float64(r.Bytes))
	}
	if bar := barText(r.Bar); bar != "" {
		c[9], c[10] = bar, "yes"
		if len(r.Missed) > 0 {
			c[10] = "no: " + strings.Join(r.Missed, ", ")
		}
		if b := r.Bar; !r.Cost && (b.Error > 0 || b.Better || b.NoWorse) {
			c[10] += fmt.Sprintf(" (error %.4g", r.Ours.Error)
			if r.Peer != "" && r.Stopped == 0 {
				c[10] += fmt.Sprintf(", the peer's %.4g", r.Theirs.Error)
			}
			c[10] += ")"
		}
	}
	return c
}

// figure is what a row compares.
func (r Row) figure(seconds, log10 float64) string {
	if r.Cost {
		return fmt.Sprintf("10^%.3f", log10)
	}
	return milliseconds(seconds)
}

// barText says what is asked for.
func barText(b cases.Bar) string {
	var list []string
	add := func(asked bool, format string, args ...any) {
		if asked {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(b.Ratio > 0, "ratio ≥ %.4g", b.Ratio)
	add(b.Roof > 0, "roofline ≥ %.0f %%", 100/b.Roof)
	add(b.Memory > 0, "memory ≤ %.4g", b.Memory)
	add(b.Seconds > 0, "≤ %.4g s", b.Seconds)
	add(b.Bytes > 0, "≤ %.4g MiB", float64(b.Bytes)/(1<<20))
	add(b.Error > 0, "error ≤ %.4g", b.Error)
	add(b.Worst > 0, "each ≥ %.4g", b.Worst)
	add(b.Agree > 0, "the same to %.4g", b.Agree)
	add(b.Better, "error below the peer's")
	add(b.NoWorse, "error not above the peer's")
	return strings.Join(list, ", ")
}

// milliseconds with three digits.
func milliseconds(s float64) string {
	ms := 1000 * s
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f", ms)
	case ms >= 1:
		return fmt.Sprintf("%.2f", ms)
	}
	return fmt.Sprintf("%.3f", ms)
}

// Notes are what the table cannot say.
func Notes(w io.Writer, rows []Row) {
	for _, r := range rows {
		if r.WorstOf != "" {
			fmt.Fprintf(w, "%s: geometric means of %d; the least ratio is %.2f, of %s\n", r.Name, len(r.Ours.Parts), r.Worst, r.WorstOf)
		}
		switch {
		case r.Stopped > 0:
			fmt.Fprintf(w, "%s: the peer was stopped at %.0f s: ratio ≥ %.3g\n", r.Name, r.Stopped, r.Ratio)
		case r.Capped > 0:
			fmt.Fprintf(w, "%s: in %d of %d pairs the peer was stopped before it reached the error that was asked for; its time is a lower bound\n", r.Name, r.Capped, r.Pairs)
		}
		if r.Short > 0 {
			fmt.Fprintf(w, "%s: in %d of %d pairs we did not reach the error that was asked for; they count as lost\n", r.Name, r.Short, r.Pairs)
		}
	}
}
