package linalg_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// hermitian is V·diag(w)·Vᴴ for random unitary V.
func hermitian(rng *rand.Rand, w []float64) *tensor.Matrix[complex128] {
	q, _, err := linalg.QRComplex(complexNormal(rng, len(w), len(w)))
	if err != nil {
		panic(err)
	}
	return spectral(q, w)
}

func spectral(v *tensor.Matrix[complex128], w []float64) *tensor.Matrix[complex128] {
	wv := tensor.NewMatrix[complex128](v.Cols, v.Rows)
	for i := range v.Cols {
		for j := range v.Rows {
			wv.Set(i, j, complex(w[i], 0)*cmplx.Conj(v.At(j, i)))
		}
	}
	return times(v, false, wv)
}

func TestHermEig(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for _, n := range []int{0, 1, 2, 3, 5, 31, 32, 33, 34, 70, 129, 200} {
		for _, kind := range []string{"random", "few values", "decaying", "tiny", "zero"} {
			w := make([]float64, n)
			for i := range w {
				switch kind {
				case "random":
					w[i] = rng.NormFloat64()
				case "few values":
					w[i] = float64(i % 3)
				case "decaying":
					w[i] = math.Pow(10, -20*float64(i)/float64(n))
				case "tiny":
					w[i] = 1e-250 * rng.Float64()
				}
			}
			slices.SortFunc(w, func(a, b float64) int { return -int(math.Copysign(1, a-b)) })
			a := hermitian(rng, w)
			got, v, err := linalg.HermEig(a)
			if err != nil {
				t.Fatal(err)
			}
			top := 0.0
			for _, x := range w {
				top = max(top, math.Abs(x))
			}
			tol := 1e-14 * float64(10+n)
			for i := range w {
				if !(math.Abs(got[i]-w[i]) <= tol*top) {
					t.Errorf("n=%d %s: eigenvalue %d is %g, not %g", n, kind, i, got[i], w[i])
				}
			}
			if d := orthonormalDefect(v); !(d <= 10*tol) {
				t.Errorf("n=%d %s: ‖VᴴV − 1‖ = %g", n, kind, d)
			}
			if d := complexDistance(spectral(v, got), a); !(d <= 10*tol*top) {
				t.Errorf("n=%d %s: ‖V·diag(w)·Vᴴ − A‖ = %g", n, kind, d)
			}
			k := n / 3
			some, u, err := linalg.HermEigLeading(a, k)
			if err != nil || !slices.Equal(some, got) || u.Cols != k {
				t.Fatalf("n=%d %s: %d leading vectors: %v", n, kind, k, err)
			}
			if d := complexDistance(u, v.Sub(0, n, 0, k)); !(d <= 1e-13*float64(1+n)) {
				t.Errorf("n=%d %s: leading vectors differ by %g", n, kind, d)
			}
		}
	}
}

func TestHermEigOfRealIsSymEig(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	n := 40
	a, r := tensor.NewMatrix[complex128](n, n), tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j := range i + 1 {
			x := rng.NormFloat64()
			r.Set(i, j, x)
			a.Set(i, j, complex(x, 0))
			if i != j {
				a.Set(j, i, cmplx.NaN()) // not to be read
			}
		}
	}
	want, err := linalg.SymEigValues(r)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := linalg.HermEigLeading(a, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-12) {
			t.Errorf("eigenvalue %d is %g, not %g", i, got[i], want[i])
		}
	}
}

func TestHermEigThreadsAndErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	a := complexNormal(rng, 150, 150)
	testkit.Threads(t, "HermEig", func() *tensor.Matrix[complex128] {
		_, v, err := linalg.HermEig(a)
		if err != nil {
			t.Fatal(err)
		}
		return v
	})
	a.Set(3, 1, complex(0, math.Inf(1)))
	if _, _, err := linalg.HermEig(a); err == nil {
		t.Error("an infinite element is no error")
	}
	if _, _, err := linalg.HermEigLeading(a, -1); err == nil {
		t.Error("-1 vectors are no error")
	}
}
