package loss

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/polyad/polyad/internal/nearest"
)

// entry is a loss that Parse knows: fixed, or made from a number.
type entry struct {
	name  string
	fixed Loss
	of    func(float64) (Loss, error)
	such  string // as an example
}

var entries = []entry{
	{name: "gaussian", fixed: Gaussian},
	{name: "poisson", fixed: Poisson},
	{name: "poisson-log", fixed: PoissonLog},
	{name: "zt-poisson", fixed: ZeroTruncatedPoisson},
	{name: "bernoulli", fixed: Bernoulli},
	{name: "bernoulli-logit", fixed: BernoulliLogit},
	{name: "huber", of: Huber, such: "huber:0.5"},
	{name: "gamma", fixed: Gamma},
	{name: "rayleigh", fixed: Rayleigh},
	{name: "negative-binomial", of: NegativeBinomial, such: "negative-binomial:4"},
	{name: "beta", of: Beta, such: "beta:1.5"},
}

// Names are the names that [Parse] reads, with a number as an example where
// one is needed.
func Names() []string {
	var names []string
	for _, e := range entries {
		if e.of != nil {
			names = append(names, e.such)
		} else {
			names = append(names, e.name)
		}
	}
	return names
}

// Parse reads the name of a loss, such as "poisson" or "huber:0.5". The error
// for an unknown name lists those there are.
func Parse(text string) (Loss, error) {
	name, number, given := strings.Cut(strings.TrimSpace(text), ":")
	for _, e := range entries {
		if e.name != name {
			continue
		}
		switch {
		case e.of == nil && given:
			return Loss{}, fmt.Errorf("loss %q: %s takes no number", text, name)
		case e.of == nil:
			return e.fixed, nil
		case !given:
			return Loss{}, fmt.Errorf("loss %q: a number is needed, such as %s", text, e.such)
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return Loss{}, fmt.Errorf("loss %q: %q is not a number; write it like %s", text, number, e.such)
		}
		return e.of(v)
	}
	known := make([]string, len(entries))
	for i, e := range entries {
		known[i] = e.name
	}
	return Loss{}, fmt.Errorf("loss %q is unknown; there are %s%s", text, strings.Join(Names(), ", "), nearest.Meant(name, known))
}
