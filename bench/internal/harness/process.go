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

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/measure"
)

// runner gives tasks to processes.
type runner struct {
	h    *Harness
	peer cases.Tool
}

func (r runner) Ours(ctx context.Context, t measure.Task) (measure.Outcome, error) {
	o, err := process(ctx, t, []string{r.h.self, "-child"})
	if err != nil {
		err = fmt.Errorf("our side failed: %w", err)
	}
	return o, err
}

func (r runner) Theirs(ctx context.Context, t measure.Task) (measure.Outcome, error) {
	command, err := r.h.tool(ctx, r.peer)
	if err != nil {
		return measure.Outcome{}, err
	}
	var args []string
	if r.peer == cases.SPLATT {
		args = cases.SPLATTArguments(t)
	}
	o, err := process(ctx, t, command, args...)
	if err != nil {
		err = fmt.Errorf("the side of %s failed: %w", t.Peer, err)
	}
	return o, err
}

// process gives a task to a process of its own, as JSON unless it takes other
// arguments.
func process(ctx context.Context, t measure.Task, command []string, args ...string) (o measure.Outcome, err error) {
	if args == nil {
		text, err := json.Marshal(t)
		if err != nil {
			return o, err
		}
		args = []string{string(text)}
	}
	cmd := exec.CommandContext(ctx, command[0], slices.Concat(command[1:], args)...)
	cmd.Env = environment(t.Threads)
	text, err := cmd.Output()
	if ctx.Err() != nil {
		return o, ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return o, fmt.Errorf("%w: %s", err, lastLine(exit.Stderr))
	}
	if err != nil {
		return o, err
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&o); err != nil {
		return o, fmt.Errorf("its answer %q is not an outcome: %w", text, err)
	}
	if !(o.Seconds > 0) {
		return o, fmt.Errorf("it reports %g seconds", o.Seconds)
	}
	return o, nil
}

// environment is ours, with a number of threads, and without what would keep
// OpenBLAS from choosing its best kernel.
func environment(threads int) (env []string) {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OPENBLAS_") && !strings.HasPrefix(kv, "GOTO_") {
			env = append(env, kv)
		}
	}
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		env = append(env, fmt.Sprintf("%s=%d", name, threads))
	}
	return env
}

// lastLine is what a program said at last, which names the fault.
func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
