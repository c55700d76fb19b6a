package loss

import (
	"fmt"
	"math"
)

// The losses without a number.
var (
	// Gaussian is (x - m)^2, for any numbers with errors of one size.
	Gaussian = gaussianLoss

	// Poisson is m - x*log m, for counts; m is their mean.
	Poisson = poissonLoss

	// PoissonLog is e^m - x*m, for counts; m is the logarithm of their mean.
	PoissonLog = poissonLogLoss

	// ZeroTruncatedPoisson is log(e^m - 1) - x*log m, for counts of which only
	// those above zero are seen; m is the mean of all of them, zeros included.
	ZeroTruncatedPoisson = zeroTruncatedPoissonLoss

	// Bernoulli is log(1 + m) - x*log m, for yes (1) or no (0); m is the odds of
	// yes.
	Bernoulli = bernoulliLoss

	// BernoulliLogit is log(1 + e^m) - x*m, for yes (1) or no (0); m is the
	// logarithm of the odds of yes.
	BernoulliLogit = bernoulliLogitLoss

	// Gamma is x/m + log m, for positive amounts whose spread grows with their
	// mean m.
	Gamma = gammaLoss

	// Rayleigh is 2*log m + pi/4*(x/m)^2, for lengths of vectors with Gaussian
	// parts; m is their mean.
	Rayleigh = rayleighLoss
)

// shift keeps logarithms and quotients finite where a model value is 0.
const shift = 1e-10

var free = math.Inf(-1)

var gaussianLoss = Loss{
	name: "gaussian", lower: free, scale: 1, domain: reals, best: itself, power: 2, factor: 1,
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			e := v - x[i]
			sum += e * e
			d[i] = 2 * e
		}
		return sum
	},
}

var poissonLoss = Loss{
	name: "poisson", scale: 2, domain: counts, best: itself, power: 1, factor: 1,
	block: poisson,
}

func poisson(x, m, d []float64) (sum float64) {
	x, d = x[:len(m)], d[:len(m)]
	for i, v := range m {
		c := x[i]
		if c == 0 { // most cells
			sum += v
			d[i] = 1
			continue
		}
		sum += v - c*math.Log(v+shift)
		d[i] = 1 - c/(v+shift)
	}
	return sum
}

var poissonLogLoss = Loss{
	name: "poisson-log", lower: free, scale: 2, domain: counts, mean: math.Exp,
	best: func(x float64) float64 { return math.Log(max(x, 1e-300)) },
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			e := math.Exp(v)
			sum += e - x[i]*v
			d[i] = e - x[i]
		}
		return sum
	},
}

var zeroTruncatedPoissonLoss = Loss{
	name: "zt-poisson", scale: 2, domain: positiveCounts,
	mean: truncatedMean,
	best: func(x float64) float64 { // the m whose truncated mean is x
		if x <= 1 {
			return 0
		}
		m := x
		for range 50 {
			// d/dm of m/(1-e^-m) is (1 - (1+m)*e^-m)/(1-e^-m)^2.
			q := -math.Expm1(-m)
			step := (truncatedMean(m) - x) * q * q / (1 - (1+m)*math.Exp(-m))
			m = max(m/10, m-step)
			if math.Abs(step) <= 1e-15*m {
				break
			}
		}
		return m
	},
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			v += shift
			q := -math.Expm1(-v) // 1 - e^-m
			sum += v + math.Log(q) - x[i]*math.Log(v)
			d[i] = 1/q - x[i]/v
		}
		return sum
	},
}

func truncatedMean(m float64) float64 {
	if m < 1e-12 {
		return 1
	}
	return m / -math.Expm1(-m)
}

var bernoulliLoss = Loss{
	name: "bernoulli", scale: 2, domain: binary,
	mean: func(m float64) float64 { return m / (1 + m) },
	best: func(x float64) float64 {
		if x == 1 {
			return 1e300
		}
		return x / (1 - x)
	},
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			sum += math.Log1p(v)
			d[i] = 1 / (1 + v)
			if c := x[i]; c != 0 {
				sum -= c * math.Log(v+shift)
				d[i] -= c / (v + shift)
			}
		}
		return sum
	},
}

var bernoulliLogitLoss = Loss{
	name: "bernoulli-logit", lower: free, scale: 2, domain: binary,
	mean: func(m float64) float64 { return 1 / (1 + math.Exp(-m)) },
	best: func(x float64) float64 {
		return min(max(math.Log(x/(1-x)), -700), 700)
	},
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			e := math.Exp(-math.Abs(v)) // does not overflow
			sum += max(v, 0) + math.Log1p(e) - x[i]*v
			p := 1 / (1 + e)
			if v < 0 {
				p *= e
			}
			d[i] = p - x[i]
		}
		return sum
	},
}

var gammaLoss = Loss{
	name: "gamma", scale: 2, domain: positives, best: itself,
	block: gamma,
}

func gamma(x, m, d []float64) (sum float64) {
	x, d = x[:len(m)], d[:len(m)]
	for i, v := range m {
		v += shift
		q := x[i] / v
		sum += q + math.Log(v)
		d[i] = (1 - q) / v
	}
	return sum
}

var rayleighLoss = Loss{
	name: "rayleigh", scale: 2, domain: positives,
	best: func(x float64) float64 { return x * math.Sqrt(math.Pi) / 2 },
	block: func(x, m, d []float64) (sum float64) {
		x, d = x[:len(m)], d[:len(m)]
		for i, v := range m {
			v += shift
			q := x[i] / v
			q *= math.Pi / 4 * q
			sum += 2*math.Log(v) + q
			d[i] = 2 * (1 - q) / v
		}
		return sum
	},
}

// NegativeBinomial is (r + x)*log(1 + m) - x*log m, for counts of failures
// before r successes; m is the odds of a failure. r must be positive.
func NegativeBinomial(r float64) (Loss, error) {
	if !(r > 0) || math.IsInf(r, 1) {
		return Loss{}, fmt.Errorf("loss negative-binomial:%v: a positive number of successes is expected", r)
	}
	return Loss{
		name: fmt.Sprintf("negative-binomial:%v", r), scale: 2, domain: counts,
		mean: func(m float64) float64 { return r * m },
		best: func(x float64) float64 { return x / r },
		block: func(x, m, d []float64) (sum float64) {
			x, d = x[:len(m)], d[:len(m)]
			for i, v := range m {
				c := x[i]
				sum += (r + c) * math.Log1p(v)
				d[i] = (r + c) / (1 + v)
				if c != 0 {
					sum -= c * math.Log(v+shift)
					d[i] -= c / (v + shift)
				}
			}
			return sum
		},
	}, nil
}
