package connectome

import "math"

// factorials are ln(k!) for k up to a bound.
type factorials []float64

func newFactorials(n int) factorials {
	f := make(factorials, n+1)
	for k := 2; k <= n; k++ {
		f[k] = f[k-1] + math.Log(float64(k))
	}
	return f
}

func (f factorials) at(k int) float64 {
	if k < len(f) {
		return f[k]
	}
	v, _ := math.Lgamma(float64(k) + 1)
	return v
}

// choose is ln C(n, k).
func (f factorials) choose(n, k int) float64 {
	if k <= 0 || k >= n {
		return 0
	}
	return f.at(n) - f.at(k) - f.at(n-k)
}

// multiset is the logarithm of the number of ways to put k things in n boxes.
func (f factorials) multiset(n, k int) float64 { return f.choose(n+k-1, k) }
