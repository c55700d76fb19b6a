package cp_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// matrixMultiplication is the tensor of the product of an m×k and a k×n
// matrix: entry (a, b, c) is 1 if element c of the product has the term
// a*b.
func matrixMultiplication(m, k, n int) *tensor.Dense[float64] {
	x := tensor.New[float64](m*k, k*n, m*n)
	for i := range m {
		for j := range k {
			for l := range n {
				x.Set(1, i*k+j, j*n+l, i*n+l)
			}
		}
	}
	return x
}

// Strassen 1969: seven multiplications are enough for 2×2 matrices, and
// Winograd 1971: no fewer will do.
func TestMatrixMultiplicationHasRank7(t *testing.T) {
	x := matrixMultiplication(2, 2, 2)
	for _, method := range []func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error){cp.ALS, cp.GaussNewton} {
		for seed := range uint64(3) {
			m, r, err := method(context.Background(), x, cp.Options{Rank: 7, Options: fit.Options{Starts: 50, Seed: seed}})
			if err != nil {
				t.Fatal(err)
			}
			if d := tensor.Distance(x, m.Dense()) / x.Norm(); !(r.RelativeError <= 1e-12 && d <= 1e-12) {
				t.Errorf("%s, seed %d: relative error %g (the difference is %g) after start %d", r.Method, seed, r.RelativeError, d, r.Start)
			}
		}
	}
}

func TestGaussNewtonOnLargerSystems(t *testing.T) {
	// More unknowns than are solved directly.
	truth := planted(6, 5, false, 80, 70, 60)
	x := truth.Dense()
	m, r, err := cp.GaussNewton(context.Background(), x, cp.Options{Rank: 5, Options: fit.Options{Tol: 1e-14, MaxIters: 60}})
	if err != nil {
		t.Fatal(err)
	}
	if s := cp.FactorMatchScore(m, truth); !(r.RelativeError <= 1e-12 && s.Score >= 1-1e-10) {
		t.Errorf("relative error %g after %d iterations, score %v", r.RelativeError, r.Iterations, s.Score)
	}
	checkMonotone(t, r.Trace)
}

func TestGaussNewtonAgreesWithALSOnNoise(t *testing.T) {
	x := noisy(planted(7, 3, false, 12, 11, 10).Dense(), 0.2, 3)
	for _, ridge := range []float64{0, 1e-3} {
		opt := cp.Options{Rank: 3, Ridge: ridge, Polish: -1, Options: fit.Options{Tol: 1e-15, MaxIters: 2000}}
		a, ra, err := cp.ALS(context.Background(), x, opt)
		if err != nil {
			t.Fatal(err)
		}
		g, rg, err := cp.GaussNewton(context.Background(), x, opt)
		if err != nil {
			t.Fatal(err)
		}
		if d := tensor.Distance(a.Dense(), g.Dense()) / x.Norm(); !(d <= 1e-6) || !(math.Abs(ra.RelativeError-rg.RelativeError) <= 1e-9) {
			t.Errorf("ridge %g: errors %v and %v (%d and %d iterations), models apart by %g", ridge, ra.RelativeError, rg.RelativeError, ra.Iterations, rg.Iterations, d)
		}
	}
}

func TestGaussNewtonNeedsCompleteData(t *testing.T) {
	_, _, err := cp.GaussNewton(context.Background(), most(matrixMultiplication(2, 2, 2), 0.1), cp.Options{Rank: 2})
	if err == nil || !strings.Contains(err.Error(), "complete data") {
		t.Errorf("error %v", err)
	}
}
