package cp

import "testing"

func TestSettled(t *testing.T) {
	for name, c := range map[string]struct {
		trace  []float64
		onData int
		want   bool
	}{
		"fast on both":     {[]float64{0.5, 0.3, 0.29, 0.2899, 0.2, 0.19999}, 2, true},
		"one sweep":        {[]float64{0.5, 0.3, 0.29, 0.2899, 0.2}, 1, false},
		"slow on the core": {[]float64{0.5, 0.3, 0.29, 0.281, 0.2, 0.19999}, 2, false},
		"slow on the data": {[]float64{0.5, 0.3, 0.29, 0.2899, 0.2, 0.19, 0.181}, 3, false},
		"short core":       {[]float64{0.3, 0.29, 0.2, 0.19999}, 2, false},
		"rising":           {[]float64{0.5, 0.3, 0.29, 0.2899, 0.2, 0.21}, 2, false},
		"far from the end": {[]float64{0.5, 0.3, 0.29, 0.2899, 0.2, 0.195}, 2, false},
	} {
		if got := settled(c.trace, c.onData, 5e-5); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
