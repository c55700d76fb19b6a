package cp_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// plantedSparse is a sum of sparse components, and noise on its cells.
func plantedSparse(seed uint64, rank, per int, noise float64, shape ...int) *sparse.COO[float64] {
	rng := rand.New(rand.NewPCG(seed, 1))
	index := make([][]int32, len(shape))
	var values []float64
	for range rank {
		rows, cols := make([][]int32, len(shape)), make([][]float64, len(shape))
		for n, s := range shape {
			for _, i := range rng.Perm(s)[:per] {
				rows[n] = append(rows[n], int32(i))
				cols[n] = append(cols[n], 0.5+rng.Float64())
			}
		}
		at := make([]int, len(shape))
		for at[0] < per {
			v := 1.0
			for n, k := range at {
				index[n] = append(index[n], rows[n][k])
				v *= cols[n][k]
			}
			values = append(values, v*(1+noise*rng.NormFloat64()))
			for n := len(at) - 1; n >= 0; n-- {
				if at[n]++; at[n] < per || n == 0 {
					break
				}
				at[n] = 0
			}
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Sum)
	if err != nil {
		panic(err)
	}
	return x
}

func TestARLSLEVIsNearALS(t *testing.T) {
	x := plantedSparse(3, 4, 12, 0.1, 80, 90, 70)
	_, als, err := cp.ALS(context.Background(), x, cp.Options{Rank: 4, Options: fit.Options{Starts: 3}})
	if err != nil {
		t.Fatal(err)
	}
	_, lev, err := cp.ARLSLEV(context.Background(), x, cp.LevOptions{Options: cp.Options{Rank: 4, Options: fit.Options{Starts: 3, MaxIters: 15, Tol: 1e-4}}, Samples: 2000})
	if err != nil {
		t.Fatal(err)
	}
	if !(lev.RelativeError <= 1.05*als.RelativeError) {
		t.Errorf("relative error %v, ALS has %v", lev.RelativeError, als.RelativeError)
	}
	// The estimate is near the truth.
	last := lev.Trace[len(lev.Trace)-1]
	if !(last >= 0.8*lev.RelativeError && last <= 1.3*lev.RelativeError) {
		t.Errorf("the estimate is %v, the error %v", last, lev.RelativeError)
	}
}

// With room for all rows, a sweep is one of ALS.
func TestARLSLEVOfAllRows(t *testing.T) {
	x := planted(2, 2, false, 9, 8, 7).Dense()
	_, res, err := cp.ARLSLEV(context.Background(), x, cp.LevOptions{Options: cp.Options{Rank: 2, Options: fit.Options{MaxIters: 60}}})
	if err != nil || !(res.RelativeError <= 1e-6) {
		t.Errorf("relative error %v, %v", res.RelativeError, err)
	}
}

func TestARLSLEVErrorsAndThreads(t *testing.T) {
	x := plantedSparse(3, 3, 6, 0.1, 40, 50, 30)
	known, _ := tensor.FromDense(x.Dense()).Split(0.5, 1)
	if _, _, err := cp.ARLSLEV(context.Background(), known, cp.LevOptions{Options: cp.Options{Rank: 2}}); err == nil || !strings.Contains(err.Error(), "complete data are needed") {
		t.Errorf("incomplete data: %v", err)
	}
	if _, _, err := cp.ARLSLEV(context.Background(), x, cp.LevOptions{Samples: -1}); err == nil || !strings.Contains(err.Error(), "samples -1") {
		t.Errorf("samples: %v", err)
	}
	testkit.Threads(t, "ARLSLEV", func() *cp.Tensor {
		m, _, err := cp.ARLSLEV(context.Background(), x, cp.LevOptions{Options: cp.Options{Rank: 3, Options: fit.Options{MaxIters: 2}}, Samples: 500})
		if err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func ExampleARLSLEV() {
	x := plantedSparse(1, 3, 8, 0, 60, 50, 40)
	_, res, err := cp.ARLSLEV(context.Background(), x, cp.LevOptions{
		Options: cp.Options{Rank: 3, Options: fit.Options{MaxIters: 20, Starts: 3, Tol: 1e-4}},
		Samples: 1000,
	})
	fmt.Println("fit above 0.99:", res.Fit > 0.99, err)
	// Output: fit above 0.99: true <nil>
}
