//go:build !amd64

package machine

// The rate on registers is not known here.
func spin(int) {}

func spinFlops() float64 { return 0 }

func triad(a, b, c []float64, s float64) {
	for i := range a {
		a[i] = b[i] + s*c[i]
	}
}
