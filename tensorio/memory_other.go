//go:build !linux

package tensorio

import "math"

// Memory is how many bytes this machine has, or the greatest int if it does
// not say. What would not fit is refused rather than begun.
func Memory() int { return math.MaxInt }
