//go:build unix && !linux

package cli

// peakBytes is the largest resident memory of the process so far; mapped
// files count.
func peakBytes() int64 { return peakUsage() }
