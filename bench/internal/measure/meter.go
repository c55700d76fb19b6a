package measure

import (
	"fmt"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	budget = 0.25 // seconds for which a call is repeated
	fewest = 3    // repetitions, at least
	long   = 1.0  // seconds of a call that is made once
)

// Meter takes the time and the peak memory of a piece of work. What the
// process allocates or maps between Start and the end of the work counts.
type Meter struct{ before int64 }

// Start begins before the data are made or opened.
func Start() Meter {
	debug.FreeOSMemory()
	return Meter{memory("VmRSS")}
}

// Run calls warm, then work: once for its memory, and again for its time, some
// times. Of work that takes more than a second, the first call is the only one. With POLYAD_PROFILE it writes a profile
// of the processor's time to that file.
func (m Meter) Run(o *Outcome, warm, work func() error) error {
	return m.Timed(o, warm, func() (float64, error) {
		begin := time.Now()
		err := work()
		return time.Since(begin).Seconds(), err
	})
}

// Timed is Run for work that takes its own time, in seconds.
func (m Meter) Timed(o *Outcome, warm func() error, work func() (float64, error)) error {
	if warm != nil {
		debug.FreeOSMemory()
		cold := memory("VmRSS")
		if err := warm(); err != nil {
			return err
		}
		// The program's own code, read into memory at its first use, is not
		// counted for the peers either.
		debug.FreeOSMemory()
		m.before += memory("VmRSS") - cold
	}
	if path := os.Getenv("POLYAD_PROFILE"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	debug.FreeOSMemory()
	resettable := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil
	begin := time.Now()
	first, err := work()
	if err != nil {
		return err
	}
	if resettable {
		o.Peak = memory("VmHWM") - m.before
	}
	times := []float64{first}
	if time.Since(begin).Seconds() < long {
		times = nil
		for begin = time.Now(); len(times) < fewest || time.Since(begin).Seconds() < budget; {
			s, err := work()
			if err != nil {
				return err
			}
			times = append(times, s)
		}
	}
	slices.Sort(times)
	o.Seconds, o.Calls = times[len(times)/2], len(times)
	if !(o.Seconds > 0) {
		return fmt.Errorf("the work took %g s, too short to measure", o.Seconds)
	}
	return nil
}

// memory is a figure of /proc/self/status in bytes, 0 where there is none.
func memory(key string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == key+":" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}
