package loss

import (
	"math"
	"strings"
	"testing"
)

func all(t *testing.T) []Loss {
	var list []Loss
	for _, name := range append(Names(), "beta:0", "beta:1", "beta:2", "beta:-0.5", "beta:0.5", "beta:3") {
		l, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if l.String() != name {
			t.Errorf("%s is called %s", name, l)
		}
		list = append(list, l)
	}
	custom, err := Custom("quartic", func(x, m float64) float64 { return math.Pow(x-m, 4) },
		func(x, m float64) float64 { return -4 * math.Pow(x-m, 3) }, math.Inf(-1))
	if err != nil {
		t.Fatal(err)
	}
	return append(list, custom)
}

func inDomain(l Loss) (xs, ms []float64) {
	for _, x := range []float64{-2.5, -1, 0, 0.25, 1, 2, 3.75, 7, 40} {
		if l.Allows(x) {
			xs = append(xs, x)
		}
	}
	for _, m := range []float64{-30, -3, -0.4, 0, 1e-3, 0.3, 1, 2.2, 7, 25, 60} {
		if m >= l.Lower() {
			ms = append(ms, m)
		}
	}
	return xs, ms
}

func TestDerivatives(t *testing.T) {
	for _, l := range all(t) {
		xs, ms := inDomain(l)
		for _, x := range xs {
			for _, m := range ms {
				if m == 0 && l.Lower() == 0 {
					continue // differences need room on both sides
				}
				h := 1e-4 * min(1, max(math.Abs(m), 1e-3))
				d := (8*(l.Value(x, m+h)-l.Value(x, m-h)) - (l.Value(x, m+2*h) - l.Value(x, m-2*h))) / (12 * h)
				got := l.Derivative(x, m)
				noise := 1e-15 * math.Abs(l.Value(x, m)) / h
				if strings.HasPrefix(l.String(), "huber") && math.Abs(math.Abs(x-m)-0.5) < 3*h {
					continue
				}
				if !(math.Abs(got-d) <= 1e-6*(1+math.Abs(d))+100*noise) {
					t.Errorf("%s: df/dm(%v, %v) = %v, differences give %v", l, x, m, got, d)
				}
			}
		}
	}
}

func TestBestIsLeast(t *testing.T) {
	for _, l := range all(t) {
		xs, ms := inDomain(l)
		for _, x := range xs {
			best := l.Saturated(x)
			if math.IsNaN(best) || math.IsInf(best, 0) {
				t.Errorf("%s: the least loss at %v is %v", l, x, best)
			}
			for _, m := range ms {
				if d := l.Deviance(x, m); !(d >= -1e-8*(1+math.Abs(best))) {
					t.Errorf("%s: deviance(%v, %v) = %v", l, x, m, d)
				}
			}
			if m := l.Best(x); m > 1e-6 && m < 1e6 {
				if d := l.Derivative(x, m); !(math.Abs(d) <= 1e-6) {
					t.Errorf("%s: df/dm(%v, %v) = %v where it is least", l, x, m, d)
				}
				if v := l.Mean(m); !strings.HasPrefix(l.String(), "rayleigh") && !(math.Abs(v-x) <= 1e-9*x) {
					t.Errorf("%s: the mean at the best m for %v is %v", l, x, v)
				}
			}
		}
	}
}

// Blocks are sums of single values, and may overwrite the model values.
func TestBlock(t *testing.T) {
	for _, l := range all(t) {
		xs, ms := inDomain(l)
		var x, m, want []float64
		sum := 0.0
		for _, a := range xs {
			for _, b := range ms {
				x, m = append(x, a), append(m, b)
				want = append(want, l.Derivative(a, b))
				sum += l.Value(a, b)
			}
		}
		got := l.Block(x, m, m)
		if !(math.Abs(got-sum) <= 1e-12*math.Abs(sum)) {
			t.Errorf("%s: sum %v, want %v", l, got, sum)
		}
		for i, v := range want {
			if m[i] != v {
				t.Errorf("%s: derivative %d is %v, want %v", l, i, m[i], v)
			}
		}
	}
}

func TestAtZero(t *testing.T) {
	closed := 0
	for _, l := range all(t) {
		power, factor := l.AtZero()
		if power == 0 {
			continue
		}
		closed++
		for _, m := range []float64{0, 0.5, 3} {
			if got, want := factor*math.Pow(m, float64(power)), l.Value(0, m); got != want {
				t.Errorf("%s: %v at (0, %v), want %v", l, got, m, want)
			}
		}
	}
	if closed != 4 {
		t.Errorf("%d losses with a closed sum over zeros", closed)
	}
}

// Deviances of the textbooks (McCullagh & Nelder 1989, section 2.3).
func TestDeviances(t *testing.T) {
	for _, c := range []struct {
		l          Loss
		x, m, want float64
	}{
		{Loss{}, 3, 1, 4},
		{Poisson, 3, 2, 2 * (3*math.Log(1.5) - 1)},
		{Poisson, 0, 2, 4},
		{PoissonLog, 3, math.Log(2), 2 * (3*math.Log(1.5) - 1)},
		{PoissonLog, 0, math.Log(2), 4},
		{Bernoulli, 1, 0.25, -2 * math.Log(0.2)},
		{Bernoulli, 0, 0.25, -2 * math.Log(0.8)},
		{BernoulliLogit, 1, math.Log(0.25), -2 * math.Log(0.2)},
		{Gamma, 3, 2, 2 * (-math.Log(1.5) + 0.5)},
	} {
		if got := c.l.Deviance(c.x, c.m); !(math.Abs(got-c.want) <= 1e-8) {
			t.Errorf("%s: deviance(%v, %v) = %v, want %v", c.l, c.x, c.m, got, c.want)
		}
	}
}

func TestDomains(t *testing.T) {
	for _, c := range []struct {
		l    Loss
		x    float64
		want string
	}{
		{Poisson, -3, "-3 under the loss poisson: a count"},
		{Poisson, 2.5, "2.5 under the loss poisson: a count"},
		{PoissonLog, math.NaN(), "NaN under"},
		{ZeroTruncatedPoisson, 0, "at least 1"},
		{Bernoulli, 2, "0 or 1"},
		{BernoulliLogit, 0.5, "0 or 1"},
		{Gamma, 0, "positive"},
		{Rayleigh, -1, "positive"},
		{Gaussian, math.Inf(1), "finite"},
	} {
		if err := c.l.Check(c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.l, err, c.want)
		}
	}
	for _, l := range all(t) {
		xs, _ := inDomain(l)
		if len(xs) == 0 {
			t.Errorf("%s allows nothing", l)
		}
		for _, x := range xs {
			if err := l.Check(x); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"posson":              "unknown; there are gaussian, poisson",
		"":                    "there are gaussian",
		"poisson:3":           "takes no number",
		"huber":               "such as huber:0.5",
		"huber:x":             `"x" is not a number`,
		"huber:-1":            "positive threshold",
		"huber:NaN":           "positive threshold",
		"negative-binomial:0": "positive number of successes",
		"beta:Inf":            "finite",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v does not say %q", text, err, want)
		}
	}
	f := func(x, m float64) float64 { return 0 }
	for _, err := range []error{second(Custom("", f, f, 0)), second(Custom("a", nil, f, 0)), second(Custom("a", f, f, 3))} {
		if err == nil {
			t.Error("a custom loss at fault is taken")
		}
	}
}

func second(_ Loss, err error) error { return err }

func FuzzParse(f *testing.F) {
	for _, n := range Names() {
		f.Add(n)
	}
	f.Add("beta:1e400")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(l.String()); err != nil || again.String() != l.String() {
			t.Errorf("%q is called %q, which is read as %v, %v", text, l, again, err)
		}
	})
}
