package tensorio

import (
	"math"

	"golang.org/x/sys/unix"
)

// memory is how many bytes this machine has, or the greatest int if it does
// not say.
func memory() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return math.MaxInt
	}
	return int(min(uint64(info.Totalram)*uint64(info.Unit), math.MaxInt))
}
