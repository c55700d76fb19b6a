package constraint

import (
	"math"
	"slices"
)

// onSimplex overwrites v by clip(v-tau, lo, hi) with the tau for which that
// sums to 1: the nearest point of the simplex within bounds. The sum is
// piecewise linear in tau; its corners are sorted (Held, Wolfe & Crowder
// 1974, https://doi.org/10.1007/BF01580223, with upper bounds as well).
// There must be such a point.
func onSimplex(v []float64, lo, hi float64) {
	corners := make([]float64, 0, 2*len(v))
	for _, x := range v {
		corners = append(corners, x-lo)
		if !math.IsInf(hi, 1) {
			corners = append(corners, x-hi)
		}
	}
	slices.Sort(corners)
	sum := func(tau float64) float64 {
		s := 0.0
		for _, x := range v {
			s += min(max(x-tau, lo), hi)
		}
		return s
	}
	// The sum falls with tau: the first corner where it is at most 1.
	i, _ := slices.BinarySearchFunc(corners, 1, func(c, one float64) int {
		if sum(c) > one {
			return -1
		}
		return 1
	})
	tau := 0.0
	switch i {
	case 0: // all are at hi, or hi is infinite
		tau = corners[0]
		if math.IsInf(hi, 1) {
			s := 0.0
			for _, x := range v {
				s += x
			}
			tau = (s - 1) / float64(len(v))
		}
	case len(corners): // all are at lo
		tau = corners[i-1]
	default:
		// Between two corners the entries that move are the same.
		middle := (corners[i-1] + corners[i]) / 2
		rest, moving, count := 1.0, 0.0, 0.0
		for _, x := range v {
			switch d := x - middle; {
			case d <= lo:
				rest -= lo
			case d >= hi:
				rest -= hi
			default:
				moving += x
				count++
			}
		}
		tau = corners[i]
		if count > 0 {
			tau = (moving - rest) / count
		}
	}
	for k, x := range v {
		v[k] = min(max(x-tau, lo), hi)
	}
}
