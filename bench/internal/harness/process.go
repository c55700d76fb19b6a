package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/measure"
)

// runner gives tasks to processes.
type runner struct {
	h    *Harness
	tool cases.Tool
}

func (r runner) Ours(ctx context.Context, t measure.Task) (measure.Outcome, error) {
	o, err := r.h.process(ctx, t, []string{r.h.self, "-child"})
	if err != nil {
		err = fmt.Errorf("our side failed: %w", err)
	}
	return o, err
}

func (r runner) Theirs(ctx context.Context, t measure.Task) (measure.Outcome, error) {
	command, err := r.h.peer(ctx, r.tool, t)
	if err != nil {
		return measure.Outcome{}, err
	}
	var args []string
	if r.tool == cases.SPLATT {
		args = cases.SPLATTArguments(t)
	}
	o, err := r.h.process(ctx, t, command, args...)
	if err != nil {
		err = fmt.Errorf("the side of %s failed: %w", t.Peer, err)
	}
	return o, err
}

// pair gives a task to both sides, in turn.
func (r runner) pair(ctx context.Context, t measure.Task, oursFirst bool) (o, p measure.Outcome, err error) {
	ours := func() (err error) { o, err = r.Ours(ctx, t); return err }
	theirs := func() (err error) { p, err = r.Theirs(ctx, t); return err }
	switch {
	case r.tool == cases.None:
		err = ours()
	case oursFirst:
		if err = ours(); err == nil {
			err = theirs()
		}
	default:
		if err = theirs(); err == nil {
			err = ours()
		}
	}
	return o, p, err
}

// lateError says that a process was stopped at the limit of its case.
type lateError struct {
	after  time.Duration // since it was started
	worked time.Duration // since it said that it has its data; 0: it did not
}

func (e *lateError) Error() string {
	return fmt.Sprintf("it was stopped after %.0f s, at the limit of the case (-limit)", e.after.Seconds())
}

// begun is the line by which a peer says that its work begins.
const begun = "begun\n"

// answer is what a process prints.
type answer struct {
	text  []byte
	begun time.Time
}

func (a *answer) Write(p []byte) (int, error) {
	a.text = append(a.text, p...)
	if rest, ok := bytes.CutPrefix(a.text, []byte(begun)); ok {
		a.text, a.begun = rest, time.Now()
	}
	return len(p), nil
}

// process gives a task to a process of its own, as JSON unless it takes other
// arguments. It ends with all that it has started.
func (h *Harness) process(ctx context.Context, t measure.Task, command []string, args ...string) (o measure.Outcome, err error) {
	if args == nil {
		text, err := json.Marshal(t)
		if err != nil {
			return o, err
		}
		args = []string{string(text)}
	}
	var out answer
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], slices.Concat(command[1:], args)...)
	cmd.Env = h.environment(t.Threads)
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = end, time.Second
	begin := time.Now()
	if err = cmd.Run(); errors.Is(err, exec.ErrWaitDelay) { // it has ended, with workers that have not
		err = nil
	}
	if cmd.Process != nil {
		end() // what it left, such as a pool of workers
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		late := &lateError{after: time.Since(begin)}
		if !out.begun.IsZero() {
			late.worked = time.Since(out.begun)
		}
		return o, late
	}
	if ctx.Err() != nil {
		return o, ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return o, fmt.Errorf("%w: %s", err, lastLine(said.Bytes()))
	}
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(out.text, &o); err != nil {
		return o, fmt.Errorf("its answer %.200q is not an outcome: %w", out.text, err)
	}
	if !(o.Seconds > 0) {
		return o, fmt.Errorf("it reports %g seconds", o.Seconds)
	}
	return o, nil
}

// environment is ours, with a number of threads, a place for what a process
// leaves when it is stopped, and without what would keep OpenBLAS from choosing
// its best kernel.
func (h *Harness) environment(threads int) (env []string) {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OPENBLAS_") && !strings.HasPrefix(kv, "GOTO_") {
			env = append(env, kv)
		}
	}
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		env = append(env, fmt.Sprintf("%s=%d", name, threads))
	}
	return append(env, "TMPDIR="+h.scratch)
}

// lastLine is what a program said at last, which names the fault.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
