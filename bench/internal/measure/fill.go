package measure

import "math/rand/v2"

// Fill makes n reproducible numbers in [-0.5, 0.5).
func Fill[T float32 | float64](seed uint64, n int) []T {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]T, n)
	for i := range x {
		x[i] = T(float64(r.Uint64()>>40)*0x1p-24 - 0.5)
	}
	return x
}

// Checksum adds up a result with weights.
func Checksum[T float32 | float64](x []T) float64 {
	s := 0.0
	for i, v := range x {
		s += float64(v) * float64(i%7)
	}
	return s
}
