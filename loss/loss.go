package loss

import (
	"fmt"
	"math"
)

// Loss is a loss function. The zero value is [Gaussian].
type Loss struct {
	name   string
	lower  float64 // of the model
	block  func(x, m, d []float64) float64
	best   func(x float64) float64 // the model value that suits x best
	mean   func(m float64) float64 // the expected value of x; nil: m itself
	scale  float64                 // of the deviance
	domain domain
	power  int // f(0, m) = factor*m^power, if not 0
	factor float64
}

// domain is a set of data values.
type domain struct {
	has  func(x float64) bool
	want string // what is expected, and what may be done about it
}

func finite(x float64) bool { return x-x == 0 }

var (
	reals  = domain{finite, "a finite number is expected; leave unknown cells out"}
	counts = domain{func(x float64) bool { return x >= 0 && x == math.Floor(x) && finite(x) },
		"a count (0, 1, 2 …) is expected; gaussian and huber take any number, gamma positive ones"}
	positiveCounts = domain{func(x float64) bool { return x >= 1 && x == math.Floor(x) && finite(x) },
		"a count of at least 1 is expected; leave zeros out as unknown, or use poisson"}
	binary = domain{func(x float64) bool { return x == 0 || x == 1 },
		"0 or 1 is expected; poisson takes counts, gaussian any number"}
	positives = domain{func(x float64) bool { return x > 0 && finite(x) },
		"a positive number is expected; leave zeros out as unknown, or use gaussian"}
	nonnegatives = domain{func(x float64) bool { return x >= 0 && finite(x) },
		"a number that is not negative is expected; gaussian and huber take any number"}
)

// or is l, or Gaussian for the zero value.
func (l Loss) or() Loss {
	if l.block == nil {
		return Gaussian
	}
	return l
}

// String is the name, as [Parse] reads it.
func (l Loss) String() string { return l.or().name }

// Lower is the bound of the model from below: 0, or minus infinity.
func (l Loss) Lower() float64 { return l.or().lower }

// Value is f(x, m).
func (l Loss) Value(x, m float64) float64 {
	d := [1]float64{}
	return l.or().block([]float64{x}, []float64{m}, d[:])
}

// Derivative is df/dm at (x, m).
func (l Loss) Derivative(x, m float64) float64 {
	d := [1]float64{}
	l.or().block([]float64{x}, []float64{m}, d[:])
	return d[0]
}

// Block sets d[i] = df/dm at (x[i], m[i]) and returns the sum of f(x[i],
// m[i]), added in order. d may be m. The slices have one length. It may be
// called by several goroutines at a time.
func (l Loss) Block(x, m, d []float64) float64 {
	if len(x) != len(m) || len(d) != len(m) {
		panic(fmt.Sprintf("loss: Block of %d data values, %d model values and %d derivatives", len(x), len(m), len(d)))
	}
	return l.or().block(x, m, d)
}

// Saturated is f(x, m) at the model value that suits x best: no model has a
// smaller loss at x.
func (l Loss) Saturated(x float64) float64 {
	l = l.or()
	return l.Value(x, l.best(x))
}

// Deviance is the unit deviance of a cell, which is 0 for a perfect model,
//
//	2*(f(x, m) - min over m' of f(x, m'))
//
// for the likelihoods, and the loss itself, (x - m)^2 for gaussian, where
// that minimum is always 0. Values outside of the domain give what the
// formula gives.
func (l Loss) Deviance(x, m float64) float64 {
	l = l.or()
	return l.scale * (l.Value(x, m) - l.Saturated(x))
}

// DevianceScale is the factor between a sum of losses (less that of
// [Loss.Saturated]) and the deviance: 1 for gaussian and huber, else 2.
func (l Loss) DevianceScale() float64 { return l.or().scale }

// Mean is the expected data value where the model has the value m: m itself,
// or e^m for poisson-log, m/(1+m) for odds, 1/(1+e^-m) for log-odds, R*m for
// the negative binomial, m/(1-e^-m) for counts without zero.
func (l Loss) Mean(m float64) float64 {
	if l = l.or(); l.mean == nil {
		return m
	}
	return l.mean(m)
}

// Best is the model value at which f(x, m) is least.
func (l Loss) Best(x float64) float64 { return l.or().best(x) }

// Allows reports whether x is in the domain.
func (l Loss) Allows(x float64) bool { return l.or().domain.has(x) }

// Check is an error that says what is expected if x is not in the domain.
func (l Loss) Check(x float64) error {
	if l = l.or(); l.domain.has(x) {
		return nil
	}
	return fmt.Errorf("%v under the loss %s: %s", x, l.name, l.domain.want)
}

// AtZero says whether f(0, m) is a multiple of a power of m, factor*m^power
// with power 1 or 2: the sum over all cells of a CP model then needs no walk
// over them. power is 0 for other losses.
func (l Loss) AtZero() (power int, factor float64) {
	l = l.or()
	return l.power, l.factor
}

// Custom makes a loss of functions of the user: the value f and its
// derivative df in m, for model values of at least lower (0, or minus
// infinity for all). The value of m that is best for x is taken to be x, as
// it is where the model is to be near the data. Every finite x is allowed.
func Custom(name string, f, df func(x, m float64) float64, lower float64) (Loss, error) {
	switch {
	case name == "":
		return Loss{}, fmt.Errorf("loss: a loss needs a name")
	case f == nil || df == nil:
		return Loss{}, fmt.Errorf("loss %s: both the value and the derivative are needed", name)
	case lower != 0 && !math.IsInf(lower, -1):
		return Loss{}, fmt.Errorf("loss %s: lower bound %v; 0 or minus infinity is expected", name, lower)
	}
	return Loss{
		name: name, lower: lower, scale: 1, domain: reals, best: itself,
		block: func(x, m, d []float64) (sum float64) {
			for i, v := range m {
				sum += f(x[i], v)
				d[i] = df(x[i], v)
			}
			return sum
		},
	}, nil
}

func itself(x float64) float64 { return x }
