// Command tuckertt compares Polyad's Tucker and tensor-train methods with
// those of TensorLy, pyttb and tntorch, at equal threads and equal ranks.
//
//	cd bench && go run ./cmd/tuckertt -python venv/bin/python
//	go run ./cmd/tuckertt -run tucker -json > result.json
//
// Every measurement is a process of its own, the two sides alternate, and
// what is reported is the median over the pairs of the ratio of their times,
// with the quartiles, and the peak memory of both.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// task is what one process is asked to do.
type task struct {
	Kind      string  `json:"kind"`           // tucker, tt or round
	Peer      string  `json:"peer,omitempty"` // whom it is compared with
	Algorithm string  `json:"algorithm,omitempty"`
	Method    string  `json:"method"` // of ours
	Data      string  `json:"data"`   // the file
	Ranks     []int   `json:"ranks,omitempty"`
	Eps       float64 `json:"eps,omitempty"`
	Iters     int     `json:"iters,omitempty"`
	Shapes    [][]int `json:"shapes,omitempty"` // of the cores in the file, one after another
}

// outcome is what it found.
type outcome struct {
	Seconds float64 `json:"seconds"` // of one call, the median
	Calls   int     `json:"calls"`
	Error   float64 `json:"error"` // relative
	Ranks   []int   `json:"ranks"`
	Peak    int64   `json:"peak_bytes"` // of the data, the work space and the result
	Config  string  `json:"config"`
}

type testCase struct {
	name string
	bar  float64
	task task
}

// row is the comparison of one case.
type row struct {
	Name    string  `json:"name"`
	Ratio   float64 `json:"ratio"` // peer's time / our time, the median over the pairs
	Low     float64 `json:"ratio_q1"`
	High    float64 `json:"ratio_q3"`
	Bar     float64 `json:"bar"`
	Pairs   int     `json:"pairs"`
	Bytes   int64   `json:"data_bytes"`
	Ours    outcome `json:"ours"` // of the median time
	Theirs  outcome `json:"theirs"`
	Threads int     `json:"threads"`
}

// equalError is the factor by which our error may exceed the peer's, unless
// it is within what was asked for.
const equalError = 1.0001

var cases = []testCase{
	{"tucker/n=300/rank=20/method=hooi/peer=tensorly", 50, task{Kind: "tucker", Peer: "tensorly", Method: "hooi", Ranks: []int{20, 20, 20}, Iters: 5}},
	{"tucker/n=300/rank=20/method=sthosvd/peer=pyttb", 1.5, task{Kind: "tucker", Peer: "pyttb", Method: "sthosvd", Ranks: []int{20, 20, 20}}},
	{"tucker/n=300/rank=20/method=randomized-hooi/peer=tensorly", 50, task{Kind: "tucker", Peer: "tensorly", Method: "randomized-hooi", Ranks: []int{20, 20, 20}, Iters: 5}},
	{"tucker/n=300/rank=20/method=randomized-sthosvd/peer=pyttb", 1.5, task{Kind: "tucker", Peer: "pyttb", Method: "randomized-sthosvd", Ranks: []int{20, 20, 20}}},
	{"tt/n=20/order=6/eps=1e-4/peer=tntorch-eig", 1.5, task{Kind: "tt", Peer: "tntorch", Algorithm: "eig", Method: "svd", Eps: 1e-4}},
	{"tt/n=20/order=6/eps=1e-4/peer=tensorly", 3, task{Kind: "tt", Peer: "tensorly", Method: "svd", Eps: 1e-4}},
	{"round/cores=50/n=4/from=100/to=50/peer=tntorch-svd", 2, task{Kind: "round", Peer: "tntorch", Algorithm: "svd", Method: "round", Ranks: []int{50}, Shapes: trainShapes()}},
	{"round/cores=50/n=4/from=100/to=50/peer=tntorch-eig", 2, task{Kind: "round", Peer: "tntorch", Algorithm: "eig", Method: "round", Ranks: []int{50}, Shapes: trainShapes()}},
}

const threads = 2

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-child" {
		if err := child(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "tuckertt:", err)
			os.Exit(1)
		}
		return
	}
	match := flag.String("run", "", "run the cases whose name contains `text` (several: comma-separated)")
	pairs := flag.Int("pairs", 7, "pairs of measurements of a case")
	python := flag.String("python", "python3", "the Python that has the peers")
	folder := flag.String("data", "", "keep the data in this `folder` (default: a temporary one)")
	asJSON := flag.Bool("json", false, "print JSON instead of a table")
	list := flag.Bool("list", false, "print the names of the cases and stop")
	flag.Parse()
	if *pairs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "tuckertt: want -pairs of at least 1 and no arguments; see -help")
		os.Exit(2)
	}
	var chosen []testCase
	for _, c := range cases {
		for m := range strings.SplitSeq(*match, ",") {
			if strings.Contains(c.name, m) {
				chosen = append(chosen, c)
				break
			}
		}
	}
	if len(chosen) == 0 {
		fmt.Fprintf(os.Stderr, "tuckertt: no case's name contains %q; -list prints them\n", *match)
		os.Exit(2)
	}
	if *list {
		for _, c := range chosen {
			fmt.Println(c.name)
		}
		return
	}
	if err := compare(chosen, *pairs, *python, *folder, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "tuckertt:", err)
		os.Exit(1)
	}
}

func compare(chosen []testCase, pairs int, python, folder string, asJSON bool) error {
	if folder == "" {
		dir, err := os.MkdirTemp("", "polyad-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		folder = dir
	}
	script := filepath.Join("peers", "tucker_tt.py")
	if _, err := os.Stat(script); err != nil {
		return fmt.Errorf("run this in the folder bench: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var rows []row
	for _, c := range chosen {
		if c.task.Data, err = data(folder, c.task.Kind); err != nil {
			return err
		}
		r, err := one(c, pairs, []string{self, "-child"}, []string{python, script})
		if err != nil {
			return err
		}
		if !asJSON {
			if len(rows) == 0 {
				fmt.Printf("%d threads\n%-52s %7s %15s %5s %9s %9s %6s %6s %10s %10s\n", threads, "case", "ratio", "quartiles", "bar", "s", "peer s", "mem", "peer", "error", "peer")
			}
			fmt.Printf("%-52s %7.2f %7.2f..%6.2f %5.1f %9.4f %9.4f %6.2f %6.2f %10.4g %10.4g  %s\n", r.Name, r.Ratio, r.Low, r.High, r.Bar, r.Ours.Seconds, r.Theirs.Seconds,
				float64(r.Ours.Peak)/float64(r.Bytes), float64(r.Theirs.Peak)/float64(r.Bytes), r.Ours.Error, r.Theirs.Error, r.Theirs.Config)
		}
		rows = append(rows, r)
	}
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(rows)
	}
	fmt.Println("\nratio: the peer's time over ours; mem: peak memory over the size of the data, the data included")
	return nil
}

// one measures a case, the two sides in turn.
func one(c testCase, pairs int, ours, theirs []string) (row, error) {
	r := row{Name: c.name, Bar: c.bar, Pairs: pairs, Threads: threads}
	info, err := os.Stat(c.task.Data)
	if err != nil {
		return r, err
	}
	r.Bytes = info.Size()
	if c.task.Kind == "tt" && c.task.Peer == "tensorly" { // it has ranks, but no eps
		o, err := run(c.task, ours)
		if err != nil {
			return r, err
		}
		c.task.Ranks = o.Ranks
	}
	var ratios []float64
	var us, them []outcome
	for i := range pairs {
		var o, p outcome
		var err1, err2 error
		if i%2 == 0 {
			o, err1 = run(c.task, ours)
			p, err2 = run(c.task, theirs)
		} else {
			p, err2 = run(c.task, theirs)
			o, err1 = run(c.task, ours)
		}
		if err := errors.Join(err1, err2); err != nil {
			return r, fmt.Errorf("%s: %w", c.name, err)
		}
		if !(o.Error <= equalError*p.Error || c.task.Eps > 0 && o.Error <= c.task.Eps) {
			return r, fmt.Errorf("%s: our error is %g, the peer's %g", c.name, o.Error, p.Error)
		}
		ratios, us, them = append(ratios, p.Seconds/o.Seconds), append(us, o), append(them, p)
	}
	slices.Sort(ratios)
	r.Ratio, r.Low, r.High = quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75)
	r.Ours, r.Theirs = median(us), median(them)
	return r, nil
}

// run gives a task to a process of its own.
func run(t task, command []string) (o outcome, err error) {
	arg, err := json.Marshal(t)
	if err != nil {
		return o, err
	}
	cmd := exec.Command(command[0], append(slices.Clone(command[1:]), string(arg))...)
	for _, kv := range os.Environ() {
		// Variables that would keep OpenBLAS from choosing its best kernel.
		if !strings.HasPrefix(kv, "OPENBLAS_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", name, threads))
	}
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return o, fmt.Errorf("%s: %w", command[0], err)
	}
	return o, json.NewDecoder(bytes.NewReader(text)).Decode(&o)
}

// median is the outcome of median time, with the largest peak of all.
func median(list []outcome) outcome {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b outcome) int {
		if a.Seconds < b.Seconds {
			return -1
		}
		return 1
	})
	m := list[len(list)/2]
	for _, o := range list {
		m.Peak = max(m.Peak, o.Peak)
	}
	return m
}

// quantile interpolates the quantile q of sorted numbers.
func quantile(s []float64, q float64) float64 {
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
