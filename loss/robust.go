package loss

import (
	"fmt"
	"math"
)

// Huber is (x - m)^2 up to a distance t and 2*t*|x - m| - t^2 beyond, for any
// numbers with outliers. t must be positive.
func Huber(t float64) (Loss, error) {
	if !(t > 0) || math.IsInf(t, 1) {
		return Loss{}, fmt.Errorf("loss huber:%v: a positive threshold is expected", t)
	}
	return Loss{
		name: fmt.Sprintf("huber:%v", t), lower: free, scale: 1, domain: reals, best: itself,
		block: func(x, m, d []float64) (sum float64) {
			x, d = x[:len(m)], d[:len(m)]
			for i, v := range m {
				e := v - x[i]
				c := min(max(e, -t), t)
				sum += c * (2*e - c)
				d[i] = 2 * c
			}
			return sum
		},
	}, nil
}

// Beta is the beta divergence m^b/b - x*m^(b-1)/(b-1), for amounts that are
// not negative: from Itakura-Saito (b = 0) over Kullback-Leibler (b = 1) to
// least squares (b = 2), with the spread of gamma, Poisson and Gaussian data.
func Beta(b float64) (Loss, error) {
	if !finite(b) {
		return Loss{}, fmt.Errorf("loss beta:%v: a finite number is expected", b)
	}
	l := Loss{name: fmt.Sprintf("beta:%v", b), scale: 2, domain: nonnegatives, best: itself}
	if b <= 0 {
		l.domain = positives
	}
	switch b {
	case 0:
		l.block = gamma
	case 1:
		l.block, l.power, l.factor = poisson, 1, 1
	case 2:
		l.power, l.factor = 2, 0.5
		l.block = func(x, m, d []float64) (sum float64) {
			x, d = x[:len(m)], d[:len(m)]
			for i, v := range m {
				sum += v * (v/2 - x[i])
				d[i] = v - x[i]
			}
			return sum
		}
	default:
		l.block = func(x, m, d []float64) (sum float64) {
			x, d = x[:len(m)], d[:len(m)]
			for i, v := range m {
				v += shift
				q := math.Pow(v, b-2)
				sum += q * v * (v/b - x[i]/(b-1))
				d[i] = q * (v - x[i])
			}
			return sum
		}
	}
	return l, nil
}
