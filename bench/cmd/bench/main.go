// Command bench compares Polyad with the libraries people know, case by case,
// and prints one table. See bench/README.md.
//
//	cd bench
//	go run ./cmd/bench                       # everything
//	go run ./cmd/bench -list                 # the cases
//	go run ./cmd/bench -run cp,peer=pyttb    # those whose name contains one of these
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/harness"
	"github.com/polyad/polyad/bench/internal/machine"
	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/internal/kernel"
)

func main() {
	err := run(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// report is the output of -json.
type report struct {
	Date    string          `json:"date"`
	Machine string          `json:"machine"`
	Cores   int             `json:"cores"`
	Go      string          `json:"go"`
	Kernel  string          `json:"kernel"`
	Rates   []machine.Rates `json:"rates"`
	Rows    []harness.Row   `json:"rows"`
	Failed  []failure       `json:"failed,omitempty"`
}

type failure struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// chosen is a case on a number of threads.
type chosen struct {
	cases.Case
	threads int
}

func (c chosen) String() string { return fmt.Sprintf("%s/threads=%d", c.Name, c.threads) }

func run(args []string) error {
	if len(args) == 2 && args[0] == "-child" {
		return measure.Main(args[1], child)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	match := flags.String("run", "", "run the cases whose name contains `text` (several: comma-separated)")
	list := flags.Bool("list", false, "print the names of the cases and stop")
	pairs := flags.Int("pairs", 7, "pairs of measurements of a case")
	threads := flags.String("threads", "", "numbers of threads, such as 1,2 (default: those of the case)")
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	asMarkdown := flags.Bool("markdown", false, "print the table as Markdown")
	python := flags.String("python", "", "a Python `interpreter` that has the peers (default: one is set up in the user's cache folder)")
	splatt := flags.String("splatt", "", "the `folder` with the sources of SPLATT")
	inputs := map[string]*string{}
	for name, what := range cases.Inputs {
		inputs[name] = flags.String(name, "", "the `file` "+what)
	}
	folder := flags.String("data", "", "keep the data in this `folder` (default: a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *pairs < 1 || flags.NArg() > 0 {
		return errors.New("-pairs of at least 1 and no arguments are expected; see -help")
	}
	all, err := choose(*match, *threads)
	if err != nil {
		return err
	}
	if *list {
		for _, c := range all {
			fmt.Println(c)
		}
		return nil
	}
	h, err := harness.New()
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	h.Inputs = inputs
	h.Pairs, h.Python, h.Splatt = *pairs, *python, *splatt
	if *folder != "" {
		if err := os.MkdirAll(*folder, 0o755); err != nil {
			return err
		}
		h.Folder = *folder
	}
	out := report{Date: time.Now().Format(time.DateOnly), Machine: machine.Name(), Cores: runtime.NumCPU(), Go: runtime.Version(), Kernel: kernel.Variant()}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		defer fmt.Fprint(os.Stderr, "\r\x1b[K")
		h.Progress = func(line string) {
			fmt.Fprintf(os.Stderr, "\r\x1b[K[%d of %d] %s", len(out.Rows)+len(out.Failed)+1, len(all), line)
		}
	}
	seen := map[int]bool{}
	for _, c := range all {
		row, err := h.Run(ctx, c.Case, c.threads)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			out.Failed = append(out.Failed, failure{c.String(), err.Error()})
			continue
		}
		out.Rows = append(out.Rows, row)
		if !seen[c.threads] {
			seen[c.threads] = true
			out.Rates = append(out.Rates, h.Rates(c.threads))
		}
	}
	return out.print(*asJSON, *asMarkdown)
}

// choose selects cases by a part of their name.
func choose(match, threads string) (list []chosen, err error) {
	var only []int
	if threads != "" {
		for s := range strings.SplitSeq(threads, ",") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("-threads: %q is not a number of threads", s)
			}
			only = append(only, n)
		}
	}
	for _, c := range cases.All() {
		counts := c.Threads
		if only != nil {
			counts = only
		}
		for _, n := range counts {
			k := chosen{c, n}
			for m := range strings.SplitSeq(match, ",") {
				if strings.Contains(k.String(), m) {
					list = append(list, k)
					break
				}
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no case's name contains %q; -list prints them", match)
	}
	return list, nil
}

// child is our side of a task.
func child(t measure.Task) (measure.Outcome, error) {
	c, err := cases.Find(t.Case)
	if err != nil {
		return measure.Outcome{}, err
	}
	o, err := c.Ours(t)
	o.Version = "polyad, kernel " + kernel.Variant()
	return o, err
}

func (out report) print(asJSON, asMarkdown bool) error {
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
	if len(out.Rows) > 0 {
		fmt.Printf("%s: %s, %d cores, %s, kernel %s\n", out.Date, out.Machine, out.Cores, out.Go, out.Kernel)
		for _, r := range out.Rates {
			fmt.Printf("roofline on %d threads: %.0f GF/s in float64 on registers, %.1f GB/s of triad\n", r.Threads, r.Flops64*1e-9, r.Bandwidth*1e-9)
		}
		fmt.Println()
		table := harness.Table
		if asMarkdown {
			table = harness.Markdown
		}
		if err := table(os.Stdout, out.Rows); err != nil {
			return err
		}
		fmt.Println("\nratio: the peer's time over ours, the median over the pairs; roofline: the least time that this machine could take over ours;\nmemory: the peak over the size of the data, the data included")
		harness.Notes(os.Stdout, out.Rows)
	}
	for _, f := range out.Failed {
		fmt.Printf("\nnot measured: %s: %s\n", f.Name, f.Why)
	}
	return nil
}
