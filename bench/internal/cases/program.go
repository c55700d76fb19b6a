package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
)

// program runs the program polyad: what it printed, its time, and its peak of
// memory as the operating system counts it.
func program(ctx context.Context, t measure.Task, args ...string) (text []byte, o measure.Outcome, err error) {
	cmd := exec.CommandContext(ctx, t.Program, args...)
	begin := time.Now()
	text, err = cmd.Output()
	o.Seconds, o.Calls, o.Peak = time.Since(begin).Seconds(), 1, peakOf(cmd.ProcessState)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		err = fmt.Errorf("polyad %s: %w: %s", args[0], err, exit.Stderr)
	}
	return text, o, err
}

// peakOf is the largest resident memory of a process that has ended, in bytes.
func peakOf(s *os.ProcessState) int64 {
	if s == nil {
		return 0
	}
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}
