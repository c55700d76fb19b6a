package machine

import "testing"

func TestTriad(t *testing.T) {
	const n = 1 << 15 // on the heap, where arrays are aligned
	a, b, c := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range b {
		b[i], c[i] = float64(i), float64(n-i)
	}
	triad(a[:n-64], b, c, 3)
	for i := range a {
		want := b[i] + 3*c[i]
		if i >= n-64 {
			want = 0
		}
		if a[i] != want {
			t.Fatalf("element %d is %g, want %g", i, a[i], want)
		}
	}
}
