package harness

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/machine"
	"github.com/polyad/polyad/bench/internal/measure"
)

func newHarness(t *testing.T) *Harness {
	t.Helper()
	h, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	h.Progress = func(string) {}
	return h
}

// A process that is late is stopped with what it has started, and says since
// when it worked.
func TestLate(t *testing.T) {
	h := newHarness(t)
	child := filepath.Join(t.TempDir(), "child")
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	begin := time.Now()
	_, err := h.process(ctx, measure.Task{}, []string{"sh", "-c"}, "echo begun; sleep 60 & echo $! > "+child+"; wait")
	var late *lateError
	if !errors.As(err, &late) || late.worked <= 0 || late.worked > late.after || time.Since(begin) > 20*time.Second {
		t.Fatalf("%+v after %v", err, time.Since(begin))
	}
	text, err := os.ReadFile(child)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // until the system has done it
		if state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || bytes.Contains(state, []byte(") Z ")) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Error("the process that it has started is still there")
	}
}

func TestProcess(t *testing.T) {
	h := newHarness(t)
	ctx := context.Background()
	o, err := h.process(ctx, measure.Task{}, []string{"sh", "-c"}, `echo begun; echo '{"seconds": 2, "error": 0.5}'; sleep 60 &`)
	if err != nil || o.Seconds != 2 || o.Error != 0.5 {
		t.Errorf("%+v, %v", o, err)
	}
	for script, want := range map[string]string{
		"echo first >&2; echo the fault >&2; exit 3": "exit status 3: the fault",
		"echo no":              "is not an outcome",
		`echo '{"calls": 1}'`:  "0 seconds",
		`echo begun; sleep -x`: "exit status",
	} {
		if _, err := h.process(ctx, measure.Task{}, []string{"sh", "-c"}, script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestLowerBound(t *testing.T) {
	ours := measure.Outcome{Seconds: 2}
	late := &lateError{after: 100 * time.Second, worked: 80 * time.Second}
	for _, s := range []struct {
		c    cases.Case
		want float64
	}{{cases.Case{}, 80}, {cases.Case{Calls: 4}, 20}, {cases.Case{Calls: math.Inf(1)}, 0}, {cases.Case{Cost: true}, 0}} {
		if o, ok := lowerBound(s.c, ours, late); ok != (s.want > 0) || ok && o.Seconds != s.want {
			t.Errorf("%+v: %+v, %t; want %g s", s.c, o, ok, s.want)
		}
	}
	if _, ok := lowerBound(cases.Case{}, measure.Outcome{}, late); ok {
		t.Error("a ratio without our time")
	}
	if _, ok := lowerBound(cases.Case{}, ours, &lateError{after: time.Second}); ok {
		t.Error("a bound of a peer that had not begun")
	}
}

func TestResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.json")
	r := &Results{Machine: "m", Cores: 2}
	r.Know(machine.Rates{Threads: 2, Flops64: 1})
	r.Add("a/threads=2", Row{Name: "a", Threads: 2, Ratio: 3}, nil)
	r.Add("b/threads=2", Row{}, errors.New("why"))
	r.Add("c/threads=2", Row{}, Skipped{"give -c"})
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	again := &Results{Machine: "m", Cores: 2}
	if err := again.Resume(path); err != nil {
		t.Fatal(err)
	}
	if row, ok := again.Find("a", 2); !ok || row.Ratio != 3 {
		t.Errorf("%+v", again)
	}
	if _, ok := again.Find("a", 1); ok || len(again.Failed) != 1 || len(again.Skipped) != 1 {
		t.Errorf("%+v", again)
	}
	again.Add("b/threads=2", Row{Name: "b", Threads: 2}, nil) // the second time
	if len(again.Failed) != 0 || len(again.Rows) != 2 {
		t.Errorf("%+v", again)
	}
	if err := (&Results{Machine: "another"}).Resume(path); err == nil || !strings.Contains(err.Error(), "another machine") {
		t.Error(err)
	}
	if err := (&Results{}).Resume(path + "x"); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	table := Table{Out: &b, Markdown: true, First: 12}
	table.Head()
	table.Row(Row{Name: "a", Threads: 2, Peer: "p 1", Ratio: 12.345, Low: 12, High: 13, Pairs: 3, Ours: measure.Outcome{Seconds: 0.001}, Theirs: measure.Outcome{Seconds: 0.012345}, Bar: cases.Bar{Ratio: 20}, Missed: []string{"ratio"}})
	table.Row(Row{Name: "b", Threads: 2, Peer: "p 1", Cost: true, Ratio: 10, Pairs: 1, Ours: measure.Outcome{Error: 18.5}, Theirs: measure.Outcome{Error: 19.5}, Bar: cases.Bar{NoWorse: true}})
	for _, want := range []string{"| a/threads=2  | 1.00 ", "| 12.3 ", "| 12–13 (3) ", "| no: ratio |", "| 10^18.500 | 10^19.500 |", "| error not above the peer's | yes |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// Each peer of Python is one of which the packages are known.
func TestPackages(t *testing.T) {
	names := map[string]bool{}
	for _, c := range cases.All() {
		if names[c.Name] {
			t.Errorf("two cases are called %s", c.Name)
		}
		names[c.Name] = true
		if strings.HasSuffix(string(c.Tool), ".py") && packages[c.Task.Peer] == nil {
			t.Errorf("%s: the packages of %s are not known", c.Name, c.Task.Peer)
		}
	}
}
