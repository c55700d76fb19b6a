package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/polyad/polyad/bench/internal/harness"
)

// printer prints the table on standard output, a row as soon as it is known,
// and what goes on on standard error.
type printer struct {
	table    harness.Table
	count    int  // cases
	done     int  // of them
	terminal bool // where one line is written over and over
	printed  []harness.Row
}

func newPrinter(markdown bool, all []chosen) *printer {
	p := &printer{table: harness.Table{Out: os.Stdout, Markdown: markdown}, count: len(all)}
	for _, c := range all {
		p.table.First = max(p.table.First, len(c.String()))
	}
	info, err := os.Stderr.Stat()
	p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	return p
}

// progress says what is being done.
func (p *printer) progress(line string) {
	line = fmt.Sprintf("[%d of %d] %s", p.done+1, p.count, line)
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K", line)
		return
	}
	fmt.Fprintln(os.Stderr, line)
}

// clear makes room on a terminal for a line that stays.
func (p *printer) clear() {
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
}

// say prints a line on standard error that stays.
func (p *printer) say(format string, args ...any) {
	p.clear()
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func (p *printer) head(r *harness.Results) {
	p.clear()
	fmt.Printf("%s: %s, %d cores, %s, kernel %s\n", r.Date, r.Machine, r.Cores, r.Go, r.Kernel)
	for _, rates := range r.Rates {
		fmt.Printf("roofline on %d threads: %.0f GF/s in float64 on registers, %.1f GB/s of triad\n", rates.Threads, rates.Flops64*1e-9, rates.Bandwidth*1e-9)
	}
	fmt.Println()
	p.table.Head()
}

func (p *printer) row(row harness.Row) {
	p.clear()
	p.table.Row(row)
	p.printed = append(p.printed, row)
}

// tail prints what the table cannot say, and returns an error if a case failed.
func (p *printer) tail(r *harness.Results, all []chosen) error {
	p.clear()
	fmt.Println("\nratio: the peer's time over ours, the median over the pairs; roofline: the least time that this machine could take over ours;\nmemory: the peak over the size of the data, the data included")
	harness.Notes(os.Stdout, p.printed)
	among := map[string]bool{}
	for _, c := range all {
		among[c.String()] = true
	}
	for _, s := range r.Skipped {
		if among[s.Name] {
			fmt.Printf("skipped: %s: %s\n", s.Name, s.Why)
		}
	}
	var failed []string
	for _, f := range r.Failed {
		if among[f.Name] {
			fmt.Printf("failed: %s: %s\n", f.Name, f.Why)
			failed = append(failed, f.Name)
		}
	}
	if failed != nil {
		return fmt.Errorf("%d of %d cases failed: %s", len(failed), len(all), strings.Join(failed, ", "))
	}
	return nil
}

// show prints results that are there.
func (p *printer) show(r *harness.Results, all []chosen) error {
	p.head(r)
	for _, c := range all {
		if row, ok := r.Find(c.Name, c.threads); ok {
			p.row(row)
		}
	}
	return p.tail(r, all)
}
