package linalg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// spreads are ways to draw the elements of a band, most of them chosen to
// make divide and conquer deflate, or nearly so.
var spreads = []func(rng *rand.Rand, i, n int) float64{
	func(rng *rand.Rand, i, n int) float64 { return rng.NormFloat64() },
	func(rng *rand.Rand, i, n int) float64 { return float64(rng.IntN(3) - 1) },
	func(rng *rand.Rand, i, n int) float64 { return math.Pow(10, -rng.Float64()*30) * rng.NormFloat64() },
	func(rng *rand.Rand, i, n int) float64 { return math.Pow(10, -30*float64(i)/float64(n)) },
	func(rng *rand.Rand, i, n int) float64 { return math.Pow(10, -30*float64(n-i)/float64(n)) },
	func(rng *rand.Rand, i, n int) float64 { return math.Pow(1e-7, float64(rng.IntN(2))) },
	func(rng *rand.Rand, i, n int) float64 { return 1 + 1e-15*float64(rng.IntN(5)) },
	func(rng *rand.Rand, i, n int) float64 { return math.Ldexp(float64(rng.IntN(3)-1), -rng.IntN(60)) },
	func(rng *rand.Rand, i, n int) float64 { return 0 },
}

func TestBands(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		for k, diag := range spreads {
			for l, off := range spreads {
				n := 1 + rng.IntN(50)
				name := fmt.Sprintf("n = %d, spreads %d and %d", n, k, l)
				d, e := make([]float64, n), make([]float64, n)
				for i := range n {
					d[i], e[i] = diag(rng, i, n), off(rng, i, n)
				}
				checkTridiagonal(t, name, d, e[:n-1])
				checkBidiagonal(t, name, d, e[:n-1])
			}
		}
	}
}

// Where QR iteration gives up, the problem is divided further.
func TestBandsDivided(t *testing.T) {
	defer func(limit int) { iterationLimit = limit }(iterationLimit)
	iterationLimit = 0
	TestBands(t)
}

func checkTridiagonal(t *testing.T, name string, d, e []float64) {
	t.Helper()
	n := len(d)
	dim := int(4 * math.Sqrt(float64(n)))
	a := tridiagonal(d, e)
	w, v, err := SymEig(a)
	if err != nil {
		t.Fatal(err)
	}
	within[float64](t, name+" VᵀV", unorthogonal(v), 4, dim, 1)
	only, err := SymEigValues(a)
	if err != nil {
		t.Fatal(err)
	}
	av := product(a, v)
	for i := range n {
		for j := range n {
			av.Data[i*n+j] -= v.At(i, j) * w[j]
		}
		within[float64](t, name+" values only", math.Abs(w[i]-only[i]), 4, dim, norm(a))
	}
	within[float64](t, name+" A·V − V·W", norm(av), 4, dim, norm(a))
}

func checkBidiagonal(t *testing.T, name string, d, e []float64) {
	t.Helper()
	n := len(d)
	dim := int(4 * math.Sqrt(float64(n)))
	b := tensor.NewMatrix[float64](n, n)
	for i := range n {
		b.Set(i, i, d[i])
		if i < n-1 {
			b.Set(i, i+1, e[i])
		}
	}
	u, s, vt, err := SVD(b)
	if err != nil {
		t.Fatal(err)
	}
	within[float64](t, name+" UᵀU", unorthogonal(u), 4, dim, 1)
	within[float64](t, name+" VᵀV", unorthogonal(vt.Transpose()), 4, dim, 1)
	only, err := SingularValues(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for j := range n {
			u.Data[i*n+j] *= s[j]
		}
		within[float64](t, name+" values only", math.Abs(s[i]-only[i]), 4, dim, norm(b))
	}
	within[float64](t, name+" U·S·Vᵀ", norm(minus(product(u, vt), b)), 4, dim, norm(b))
}
