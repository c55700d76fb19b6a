// Command gemm compares Polyad's matrix products with the system's OpenBLAS.
//
//	cd bench && go run ./cmd/gemm            # everything, about 5 minutes
//	go run ./cmd/gemm -run gemm/type=f64     # the cases whose name contains this
//	go run ./cmd/gemm -json > result.json
//
// It needs cgo and OpenBLAS (libopenblas-dev on Debian). Every measurement
// is a process of its own, the two sides alternate, and what is reported is
// the median over the pairs of the ratio of their times, with the quartiles.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"github.com/polyad/polyad/bench/internal/peak"
	"github.com/polyad/polyad/bench/internal/work"
)

// row is the comparison of one case.
type row struct {
	Name         string  `json:"name"`
	Ratio        float64 `json:"ratio"` // peer's time / our time, the median over the pairs
	Low          float64 `json:"ratio_q1"`
	High         float64 `json:"ratio_q3"`
	Seconds      float64 `json:"seconds"`
	PeerSeconds  float64 `json:"peer_seconds"`
	GFlops       float64 `json:"gflops"`
	PeerGFlops   float64 `json:"peer_gflops"`
	Peak         float64 `json:"peak_gflops,omitempty"`
	Fraction     float64 `json:"fraction_of_peak,omitempty"`
	PeerFraction float64 `json:"peer_fraction_of_peak,omitempty"`
	PeerRoutine  string  `json:"peer_routine,omitempty"`
	Bar          float64 `json:"bar"`
	Pairs        int     `json:"pairs"`
}

type output struct {
	Arch   string `json:"arch"`
	Go     string `json:"go"`
	Kernel string `json:"kernel"`
	Peer   string `json:"peer"`
	Rows   []row  `json:"rows"`
}

// unset are the variables that would keep OpenBLAS from choosing its best
// kernel, or its threads, by itself.
var unset = []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-child" {
		work.Main(os.Args[2], ours)
		return
	}
	match := flag.String("run", "", "run the cases whose name contains `text` (several: comma-separated)")
	pairs := flag.Int("pairs", 7, "pairs of measurements of a case")
	asJSON := flag.Bool("json", false, "print JSON instead of a table")
	list := flag.Bool("list", false, "print the names of the cases and stop")
	flag.Parse()
	if *pairs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "gemm: want -pairs of at least 1 and no arguments; see -help")
		os.Exit(2)
	}
	cases := selected(*match)
	if len(cases) == 0 {
		fmt.Fprintf(os.Stderr, "gemm: no case's name contains %q; -list prints them\n", *match)
		os.Exit(2)
	}
	if *list {
		for _, c := range cases {
			fmt.Println(c)
		}
		return
	}
	if err := compare(cases, *pairs, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "gemm:", err)
		os.Exit(1)
	}
}

// selected lists the cases of which a name contains part of match.
func selected(match string) []work.Case {
	var all []work.Case
	for _, n := range []int{256, 1024, 4096} {
		for _, t := range []string{"f32", "f64"} {
			for threads := 1; threads <= 2; threads++ {
				all = append(all, work.Case{Kind: "gemm", Type: t, N: n, Threads: threads})
			}
		}
	}
	for threads := 1; threads <= 2; threads++ {
		all = append(all, work.Case{Kind: "gram", Type: "f64", N: 16, Rows: 1_000_000, Threads: threads})
	}
	for _, b := range [][2]int{{16, 4096}, {64, 256}} {
		for _, t := range []string{"f32", "f64"} {
			for threads := 1; threads <= 2; threads++ {
				all = append(all, work.Case{Kind: "batch", Type: t, N: b[0], Rows: b[1], Threads: threads})
			}
		}
	}
	var keep []work.Case
	for _, c := range all {
		for m := range strings.SplitSeq(match, ",") {
			if strings.Contains(c.String(), m) {
				keep = append(keep, c)
				break
			}
		}
	}
	return keep
}

// bar is the ratio that a case is meant to reach.
func bar(c work.Case) float64 {
	switch c.Kind {
	case "gram":
		return 1.5
	case "batch":
		return 0.9
	}
	return 0.85
}

func compare(cases []work.Case, pairs int, asJSON bool) error {
	dir, err := os.MkdirTemp("", "polyad-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	peer := filepath.Join(dir, "openblas")
	build := exec.Command("go", "build", "-o", peer, "github.com/polyad/polyad/bench/cmd/openblas")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if msg, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the peer (is OpenBLAS installed? libopenblas-dev on Debian): %v\n%s", err, msg)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := os.Environ()[:0:0]
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		drop := false
		for _, u := range unset {
			if name == u {
				drop = true
				fmt.Fprintf(os.Stderr, "unset for the peer: %s\n", kv)
			}
		}
		if !drop {
			env = append(env, kv)
		}
	}
	out := output{Arch: runtime.GOARCH, Go: runtime.Version()}
	for _, c := range cases {
		r, err := one(c, pairs, self, peer, env, &out)
		if err != nil {
			return err
		}
		if !asJSON {
			if len(out.Rows) == 0 {
				fmt.Printf("ours: kernel %s, %s\npeer: %s\n\n%-38s %6s %13s %5s %9s %9s %6s %6s\n", out.Kernel, out.Go, out.Peer,
					"case", "ratio", "quartiles", "bar", "GF/s", "peer", "peak", "peer")
			}
			fmt.Printf("%-38s %6.2f  %5.2f..%5.2f %5.2f %9.1f %9.1f %5.0f%% %5.0f%% %s\n", r.Name, r.Ratio, r.Low, r.High, r.Bar,
				r.GFlops, r.PeerGFlops, 100*r.Fraction, 100*r.PeerFraction, r.PeerRoutine)
		}
		out.Rows = append(out.Rows, r)
	}
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
	fmt.Println("\nratio: the peer's time over ours, above 1 is faster than the peer; peak: fraction of the measured multiply-add rate")
	return nil
}

// one measures a case, the two sides in turn.
func one(c work.Case, pairs int, self, peer string, env []string, out *output) (row, error) {
	r := row{Name: c.String(), Bar: bar(c), Pairs: pairs}
	if c.Kind == "gram" { // the peer's faster way
		best := math.Inf(1)
		routine := ""
		for _, name := range []string{"dgemm", "dsyrk"} {
			c.Peer = name
			p, err := child(c, env, peer)
			if err != nil {
				return r, err
			}
			if p.Seconds < best {
				best, routine = p.Seconds, name
			}
		}
		c.Peer, r.PeerRoutine = routine, routine
	}
	var ratios, us, them []float64
	for i := range pairs {
		var o, p work.Result
		var err1, err2 error
		if i%2 == 0 {
			o, err1 = child(c, env, self, "-child")
			p, err2 = child(c, env, peer)
		} else {
			p, err2 = child(c, env, peer)
			o, err1 = child(c, env, self, "-child")
		}
		if err := errors.Join(err1, err2); err != nil {
			return r, err
		}
		tol := 1e-8
		if c.Type == "f32" {
			tol = 1e-2
		}
		if !(math.Abs(o.Sum-p.Sum) <= tol*(1+math.Abs(p.Sum))) {
			return r, fmt.Errorf("%s: the results differ: %g, the peer's %g", c, o.Sum, p.Sum)
		}
		out.Kernel, out.Peer = o.Config, p.Config
		ratios, us, them = append(ratios, p.Seconds/o.Seconds), append(us, o.Seconds), append(them, p.Seconds)
	}
	r.Ratio, r.Low, r.High = quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75)
	r.Seconds, r.PeerSeconds = quantile(us, 0.5), quantile(them, 0.5)
	r.GFlops, r.PeerGFlops = c.Flops()/r.Seconds*1e-9, c.Flops()/r.PeerSeconds*1e-9
	if r.Peak, _ = peak.GFlops(c.Threads, c.Type == "f64"); r.Peak > 0 {
		r.Fraction, r.PeerFraction = r.GFlops/r.Peak, r.PeerGFlops/r.Peak
	}
	return r, nil
}

// child runs one case in a process of its own.
func child(c work.Case, env []string, command ...string) (r work.Result, err error) {
	arg, err := json.Marshal(c)
	if err != nil {
		return r, err
	}
	cmd := exec.Command(command[0], append(command[1:], string(arg))...)
	cmd.Env = append(env, fmt.Sprintf("GOMAXPROCS=%d", c.Threads))
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", c, err)
	}
	return r, json.NewDecoder(bytes.NewReader(text)).Decode(&r)
}

// quantile interpolates the quantile q of x.
func quantile(x []float64, q float64) float64 {
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
