package harness

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/polyad/polyad/bench/internal/cases"
)

// header are the columns of a table.
var header = []string{"case", "ours, ms", "peer", "ms", "ratio", "quartiles (pairs)", "roofline", "memory", "peer's", "bar", "met"}

// cells are those of a row.
func (r Row) cells() []string {
	none := "–"
	c := []string{fmt.Sprintf("%s/threads=%d", r.Name, r.Threads), milliseconds(r.Ours.Seconds), none, none, none, none, none, none, none, none, none}
	if r.Peer != "" {
		c[2], c[3] = r.Peer, milliseconds(r.Theirs.Seconds)
		c[4] = fmt.Sprintf("%.2f", r.Ratio)
		if r.Capped > 0 {
			c[4] = "≥ " + c[4]
		}
		c[5] = fmt.Sprintf("%.2f–%.2f (%d)", r.Low, r.High, r.Pairs)
	}
	if r.Fraction > 0 {
		c[6] = fmt.Sprintf("%.0f %%", 100*r.Fraction)
	}
	if r.Ours.Peak > 0 && r.Bytes > 0 {
		c[7] = fmt.Sprintf("%.2f", float64(r.Ours.Peak)/float64(r.Bytes))
	}
	if r.Theirs.Peak > 0 && r.Bytes > 0 {
		c[8] = fmt.Sprintf("%.2f", float64(r.Theirs.Peak)/float64(r.Bytes))
	}
	if bar := barText(r.Bar); bar != "" {
		c[9], c[10] = bar, "yes"
	}
	if len(r.Missed) > 0 {
		c[10] = "no: " + strings.Join(r.Missed, ", ")
	}
	return c
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

// Table prints aligned columns.
func Table(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(header, "\t"))
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r.cells(), "\t"))
	}
	return t.Flush()
}

// Markdown prints the table as Markdown, in columns that are aligned there too.
func Markdown(w io.Writer, rows []Row) error {
	all := [][]string{header}
	for _, r := range rows {
		all = append(all, r.cells())
	}
	width := make([]int, len(header))
	for _, cells := range all {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for n, cells := range all {
		for i, c := range cells {
			if _, err := fmt.Fprintf(w, "| %s%s ", c, strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))); err != nil {
				return err
			}
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			for i := range cells {
				fmt.Fprintf(w, "|%s", strings.Repeat("-", width[i]+2))
			}
			fmt.Fprintln(w, "|")
		}
	}
	return nil
}

// Notes are what the table cannot say.
func Notes(w io.Writer, rows []Row) {
	for _, r := range rows {
		if r.WorstOf != "" {
			fmt.Fprintf(w, "%s: geometric means of %d; the least ratio is %.2f, of %s\n", r.Name, len(r.Ours.Parts), r.Worst, r.WorstOf)
		}
		if r.Ours.Error > 0 && (r.Bar.NoWorse || r.Bar.Error > 0) && strings.HasPrefix(r.Name, "path") {
			fmt.Fprintf(w, "%s: log10 flops %.3f, the peer's %.3f\n", r.Name, r.Ours.Error, r.Theirs.Error)
		}
		if r.Capped > 0 {
			fmt.Fprintf(w, "%s: in %d of %d pairs the peer was stopped before it reached the error that was asked for; its time is a lower bound\n", r.Name, r.Capped, r.Pairs)
		}
		if r.Short > 0 {
			fmt.Fprintf(w, "%s: in %d of %d pairs we did not reach the error that was asked for; they count as lost\n", r.Name, r.Short, r.Pairs)
		}
	}
}
