package aqc

import (
	"fmt"
	"math"
	"testing"
)

// What is read is finite, and written out in all terms read back the same.
func FuzzParseModel(f *testing.F) {
	for _, s := range []string{"ZZ + 0.4 X", "1.2XX+0.4YY+ZZ-0.2Z", "-ZZ", "1e-3X", "ZZ+ZZ", "e5X", "1e308X+1e308X", "1e308X+0X", "..Z", ""} {
		f.Add(s, 4, false)
	}
	f.Add("ZZ", 1<<62, true)
	f.Fuzz(func(t *testing.T, text string, sites int, ring bool) {
		m, err := ParseModel(text, sites, ring)
		if err != nil {
			return
		}
		for _, x := range []float64{m.XX, m.YY, m.ZZ, m.X, m.Y, m.Z} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("%q is %+v", text, m)
			}
		}
		again := fmt.Sprintf("%gXX%+gYY%+gZZ%+gX%+gY%+gZ", m.XX, m.YY, m.ZZ, m.X, m.Y, m.Z)
		if back, err := ParseModel(again, sites, ring); err != nil || back != m {
			t.Errorf("%q is %+v, and %q is %+v (%v)", text, m, again, back, err)
		}
		if sites > 50 || max(math.Abs(m.XX), math.Abs(m.YY), math.Abs(m.ZZ), math.Abs(m.X), math.Abs(m.Y), math.Abs(m.Z)) > 1e300 {
			return
		}
		if c, err := m.Trotter(1, 2, 1); err != nil || c.Qubits != sites {
			t.Errorf("%q: %v", text, err)
		}
	})
}
