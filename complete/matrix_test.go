package complete

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// lowRank is a matrix of given rank and noise, count entries of which are
// known, and others without noise.
func lowRank(t testing.TB, seed uint64, rows, cols, rank, count int, noise float64) (known, hidden *tensor.Observed) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	a, b := tensor.NewMatrix[float64](rows, rank), tensor.NewMatrix[float64](cols, rank)
	for _, m := range []*tensor.Matrix[float64]{a, b} {
		for i := range m.Data {
			m.Data[i] = rng.NormFloat64()
		}
	}
	draw := func(count int, seen map[int]bool) *tensor.Observed {
		index := make([][]int32, 2)
		var values []float64
		for len(values) < count {
			i, j := rng.IntN(rows), rng.IntN(cols)
			if !seen[i*cols+j] {
				seen[i*cols+j] = true
				index[0], index[1] = append(index[0], int32(i)), append(index[1], int32(j))
				values = append(values, inner(a.Row(i), b.Row(j)))
			}
		}
		x, err := tensor.NewObserved([]int{rows, cols}, index, values)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	seen := map[int]bool{}
	known, hidden = draw(count, seen), draw(1000, seen)
	for e := range known.Values() {
		known.Values()[e] += noise * rng.NormFloat64()
	}
	return known, hidden
}

func TestMatrix(t *testing.T) {
	known, hidden := lowRank(t, 1, 300, 200, 5, 15000, 0)
	m, res, err := Matrix(context.Background(), known, MatrixOptions{Rank: 5})
	if err != nil {
		t.Fatal(err)
	}
	if e := hidden.ResidualNorm(m.Weights, m.Factors) / hidden.Norm(); !(e < 1e-5) || !(res.RelativeError < 1e-5) {
		t.Errorf("hidden entries are missed by %v, known ones by %v, after %d iterations", e, res.RelativeError, res.Iterations)
	}
	// With noise: as good as the unknowns allow.
	known, hidden = lowRank(t, 2, 300, 200, 5, 15000, 0.2)
	m, _, err = Matrix(context.Background(), known, MatrixOptions{Rank: 5, Options: fit.Options{Tol: 1e-7}})
	if err != nil {
		t.Fatal(err)
	}
	miss := hidden.ResidualNorm(m.Weights, m.Factors) / math.Sqrt(float64(hidden.Count()))
	if ideal := 0.2 * math.Sqrt(5*500/15000.0); !(miss < 1.5*ideal) {
		t.Errorf("entries without noise are missed by %v; %v unknowns at noise 0.2 leave %v", miss, 2500, ideal)
	}
}

func TestMatrixThreads(t *testing.T) {
	known, _ := lowRank(t, 3, 400, 300, 4, 20000, 0.1)
	testkit.Threads(t, "Matrix", func() *cp.Tensor {
		m, _, err := Matrix(context.Background(), known, MatrixOptions{Rank: 4, Options: fit.Options{MaxIters: 4}})
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func TestMatrixFaults(t *testing.T) {
	known, _, _ := planted(1, []int{5, 4, 3}, 1, 0, 0.5)
	_, _, err := Matrix(context.Background(), known, MatrixOptions{Solve: 2})
	if err == nil || !strings.Contains(err.Error(), "the tensor has 3 modes; a matrix has 2") || !strings.Contains(err.Error(), "relative residual 2") {
		t.Errorf("error %v", err)
	}
	m, _ := lowRank(t, 1, 50, 40, 1, 500, 0)
	if _, _, err := Matrix(context.Background(), m, MatrixOptions{Rank: 41}); err == nil || !strings.Contains(err.Error(), "rank 41: a number from 1 to 40") {
		t.Errorf("error %v", err)
	}
}

// The time of an iteration, for the slope against Count*R.
func BenchmarkMatrix(b *testing.B) {
	for _, c := range []struct{ count, rank int }{{100000, 10}, {400000, 10}, {400000, 40}, {1600000, 40}} {
		n := c.count / 200
		known, _ := lowRank(b, 1, n, n, c.rank, c.count, 0.1)
		b.Run(fmt.Sprintf("count=%d/rank=%d", c.count, c.rank), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := Matrix(context.Background(), known, MatrixOptions{Rank: c.rank, Options: fit.Options{MaxIters: 5, Tol: -1}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
