//go:build unix

package cli

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakUsage is the largest resident memory of the process so far; mapped
// files count.
func peakUsage() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss) // bytes there, kibibytes elsewhere
	}
	return int64(u.Maxrss) * 1024
}
