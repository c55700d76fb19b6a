package simulate

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// FuzzParsePauli: what is read is written and read back the same.
func FuzzParsePauli(f *testing.F) {
	for _, s := range []string{"Z0 Z1", "-0.5 X3 Y4", "XIZYI", "2.5", "I0", "1e-3*Z2", "-0", "Z-0", "z0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const n = 5
		p, err := ParsePauli(text, n)
		if err != nil {
			return
		}
		if len(p.Qubits) != len(p.Letters) || math.IsNaN(p.Coefficient) || math.IsInf(p.Coefficient, 0) {
			t.Fatalf("%q gives %+v", text, p)
		}
		for k, q := range p.Qubits {
			if q < 0 || q >= n || slices.Contains(p.Qubits[:k], q) {
				t.Fatalf("%q gives %+v", text, p)
			}
		}
		if back, err := ParsePauli(p.String(), n); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%q is %+v, written %q, which is %+v (%v)", text, p, p, back, err)
		}
	})
}
