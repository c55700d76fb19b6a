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
	limit := flags.Duration("limit", 5*time.Minute, "stop a case after this `time`, and say what it found until then")
	threads := flags.String("threads", "", "numbers of threads, such as 1,2 (default: those of the case)")
	output := flags.String("o", "", "write the results to this `file` as JSON, anew after each case")
	resume := flags.String("resume", "", "go on with the results in this `file`: leave out the cases that it has, add the others (to it, unless -o is given)")
	show := flags.String("show", "", "print the results in this `file` and stop")
	markdown := flags.Bool("markdown", false, "print the table as Markdown")
	python := flags.String("python", "", "a Python `interpreter` that has the peers (default: one is set up in the user's cache folder)")
	splatt := flags.String("splatt", "", "the `folder` with the sources of SPLATT (default: they are fetched into the user's cache folder)")
	inputs := map[string]*string{}
	for name, what := range cases.Inputs {
		inputs[name] = flags.String(name, "", "`"+strings.Replace(what, " ", "` ", 1))
	}
	folder := flags.String("data", "", "keep the data in this `folder` (default: a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *pairs < 1 || *limit <= 0 || flags.NArg() > 0 {
		return errors.New("-pairs of at least 1, a -limit above 0 and no arguments are expected; see -help")
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
	p := newPrinter(*markdown, all)
	if *show != "" {
		old, err := harness.Load(*show)
		if err != nil {
			return err
		}
		return p.show(old, all)
	}
	h, err := harness.New()
	if err != nil {
		return err
	}
	defer h.Close()
	h.Inputs, h.Pairs, h.Limit, h.Python, h.Splatt, h.Progress = inputs, *pairs, *limit, *python, *splatt, p.progress
	if *folder != "" {
		if err := os.MkdirAll(*folder, 0o755); err != nil {
			return err
		}
		h.Folder = *folder
	}
	results := &harness.Results{Date: time.Now().Format(time.DateOnly), Machine: machine.Name(), Cores: runtime.NumCPU(), Go: runtime.Version(), Kernel: kernel.Variant()}
	if *resume != "" {
		if err := results.Resume(*resume); err != nil {
			return err
		}
		if *output == "" {
			*output = *resume
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return measureAll(ctx, h, all, results, *output, p)
}

// measureAll runs the cases that the results do not have yet, prints each as
// soon as it is known, and keeps the results in a file.
func measureAll(ctx context.Context, h *harness.Harness, all []chosen, results *harness.Results, output string, p *printer) error {
	for _, c := range all {
		if _, ok := results.Find(c.Name, c.threads); !ok {
			results.Know(h.Rates(c.threads))
		}
	}
	p.head(results)
	for i, c := range all {
		p.done = i
		row, ok := results.Find(c.Name, c.threads)
		if !ok {
			var err error
			row, err = h.Run(ctx, c.Case, c.threads)
			if ctx.Err() != nil {
				return errors.New("interrupted")
			}
			results.Add(c.String(), row, err)
			if output != "" {
				if err := results.Save(output); err != nil {
					return err
				}
			}
			if err != nil {
				p.say("%s: %v", c, err)
				continue
			}
		}
		p.row(row)
	}
	return p.tail(results, all)
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
