package rank

import (
	"math"
	"slices"
)

// spectrum is the singular values of an m×n unfolding, m <= n, descending:
// all m of them, or the leading ones.
type spectrum struct {
	values []float64
	m, n   int
}

// beta is the aspect ratio m/n.
func (s spectrum) beta() float64 { return float64(s.m) / float64(s.n) }

// sigma is the standard deviation that white noise has if the median
// singular value is noise: median / sqrt(n*mu), with mu the median of the
// Marchenko-Pastur distribution (Gavish & Donoho 2014, section III-E).
func (s spectrum) sigma() float64 {
	median := s.values[s.m/2]
	if s.m%2 == 0 {
		median = (median + s.values[s.m/2-1]) / 2
	}
	return median / math.Sqrt(float64(s.n)*marchenkoPasturMedian(s.beta()))
}

// edge is the largest singular value that white noise alone makes:
// sigma*(sqrt(m)+sqrt(n)).
func (s spectrum) edge(sigma float64) float64 {
	return sigma * (math.Sqrt(float64(s.m)) + math.Sqrt(float64(s.n)))
}

// threshold is the hard threshold for singular values at which the squared
// error is least, sigma*sqrt(n)*lambda(beta). Gavish & Donoho 2014,
// https://doi.org/10.1109/TIT.2014.2323359, equation 11.
func (s spectrum) threshold(sigma float64) float64 {
	b := s.beta()
	lambda := math.Sqrt(2*(b+1) + 8*b/(b+1+math.Sqrt(b*b+14*b+1)))
	return sigma * math.Sqrt(float64(s.n)) * lambda
}

// above is the number of values above a bound, at least 1.
func (s spectrum) above(bound float64) int {
	k := 0
	for k < len(s.values) && s.values[k] > bound {
		k++
	}
	return max(1, k)
}

// marchenkoPasturMedian is the median of the Marchenko-Pastur distribution
// with aspect ratio beta in (0, 1]: the limit of the squared singular values
// of an m×n matrix of white noise of variance 1/n.
func marchenkoPasturMedian(beta float64) float64 {
	lo, hi := square(1-math.Sqrt(beta)), square(1+math.Sqrt(beta))
	// With x = lo + (hi-lo)*sin²(t/2), 0 <= t <= pi, the density
	// sqrt((hi-x)(x-lo)) / (2 pi beta x) dx has no singularity at the ends.
	const steps = 2000
	mass := make([]float64, steps+1)
	at := func(k int) float64 { return lo + (hi-lo)*square(math.Sin(math.Pi*float64(k)/steps/2)) }
	density := func(k int) float64 {
		x := at(k)
		if x == 0 { // beta = 1: the limit
			return 2 / math.Pi
		}
		return square((hi-lo)/2*math.Sin(math.Pi*float64(k)/steps)) / (2 * math.Pi * beta * x)
	}
	for k := 1; k <= steps; k++ {
		mass[k] = mass[k-1] + (density(k-1)+density(k))/2
	}
	half := mass[steps] / 2
	k, _ := slices.BinarySearch(mass, half)
	part := (half - mass[k-1]) / (mass[k] - mass[k-1])
	return at(k-1) + part*(at(k)-at(k-1))
}
