//go:build !linux

package tensorio

import "math"

// memory is how many bytes this machine has, or the greatest int if it does
// not say.
func memory() int { return math.MaxInt }
