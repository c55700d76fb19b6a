package cli

import (
	"os"
	"strconv"
	"strings"
)

// peakBytes is the largest resident memory of the process so far; mapped
// files count. (The maximum of getrusage is not reset by exec: it may be that
// of the program that started this one.)
func peakBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
				if err == nil {
					return 1024 * kib
				}
			}
		}
	}
	return peakUsage()
}
