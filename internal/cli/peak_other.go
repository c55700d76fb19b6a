//go:build !unix

package cli

import "runtime"

// peakBytes is the memory that the program took from the system, which is
// the nearest figure at hand.
func peakBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
