package tensorio

import (
	"math"

	"golang.org/x/sys/unix"
)

// Memory is how many bytes this machine has, or the greatest int if it does
// not say. What would not fit is refused rather than begun.
func Memory() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return math.MaxInt
	}
	return int(min(uint64(info.Totalram)*uint64(info.Unit), math.MaxInt))
}
