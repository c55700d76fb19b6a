package tensor

import "math/rand/v2"

// Normal is a tensor of independent numbers from the standard normal
// distribution, drawn in C order. The zero-order tensor, Normal(rng), holds
// one number.
func Normal(rng *rand.Rand, shape ...int) *Dense[float64] {
	x := New[float64](shape...)
	drawNormal(rng, x.data)
	return x
}

// NormalMatrix is a matrix of independent numbers from the standard normal
// distribution, drawn row by row.
func NormalMatrix(rng *rand.Rand, rows, cols int) *Matrix[float64] {
	m := NewMatrix[float64](rows, cols)
	drawNormal(rng, m.Data)
	return m
}

func drawNormal(rng *rand.Rand, to []float64) {
	for i := range to {
		to[i] = rng.NormFloat64()
	}
}
