package tucker

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// sparsely is a model with sparse factors, plus a few other entries.
func sparsely(rng *rand.Rand, shape, ranks []int) *tensor.Dense[float64] {
	m := random(rng, shape, ranks)
	for _, f := range m.Factors {
		for i := range f.Data {
			if rng.IntN(2) == 0 {
				f.Data[i] = 0
			}
		}
	}
	x := m.Dense()
	for i := range x.Data() {
		if rng.IntN(20) == 0 {
			x.Data()[i] += 0.1 * rng.NormFloat64()
		}
	}
	return x
}

// Sparse tensors have the models of the dense tensors with the same cells.
func TestSparseAsDense(t *testing.T) {
	ctx := context.Background()
	for c, shape := range [][]int{{9}, {12, 9}, {40, 6}, {11, 9, 8}, {30, 4, 5}, {3, 20, 7}, {6, 5, 4, 5}} {
		rng := rand.New(rand.NewPCG(7, uint64(c)))
		ranks := make([]int, len(shape))
		for n := range ranks {
			ranks[n] = 2
		}
		if len(shape) == 1 {
			ranks[0] = 1
		}
		d := sparsely(rng, shape, ranks)
		x, err := sparse.FromDense(d)
		if err != nil {
			t.Fatal(err)
		}
		same := func(what string, got, want *Tensor, r, s fit.Result, err1, err2 error) {
			t.Helper()
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if e := tensor.Distance(got.Dense(), want.Dense()); !(e <= 1e-10*d.Norm()) {
				t.Errorf("%s of %v: the models are %v apart", what, shape, e/d.Norm())
			}
			if e := r.RelativeError - s.RelativeError; !(math.Abs(e) <= 1e-10) {
				t.Errorf("%s of %v: relative errors %v and %v", what, shape, r.RelativeError, s.RelativeError)
			}
		}
		for _, opt := range []Options{{Eps: 0.2}, {Eps: 1e-9}, {Ranks: ranks}} {
			got, r, err1 := STHOSVD(ctx, x, opt)
			want, s, err2 := STHOSVD(ctx, d, opt)
			same("STHOSVD", got, want, r, s, err1, err2)
		}
		opt := Options{Ranks: ranks, Options: fit.Options{MaxIters: 6, Tol: 1e-14}}
		got, r, err1 := HOOI(ctx, x, opt)
		want, s, err2 := HOOI(ctx, d, opt)
		same("HOOI", got, want, r, s, err1, err2)
		orthonormal(t, got)
	}
}

// Random ranges find a model that is there, and power iterations bring the
// ranges of other data closer.
func TestSparseRandomized(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(8, 0))
	shape, ranks := []int{60, 50, 40}, []int{3, 3, 3}
	exact := random(rng, shape, ranks)
	for _, f := range exact.Factors {
		for i := range f.Data {
			if i%4 != 0 {
				f.Data[i] = 0
			}
		}
	}
	x, err := sparse.FromDense(exact.Dense())
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := STHOSVD(ctx, x, Options{Ranks: ranks, Randomized: true})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.RelativeError <= 1e-12) {
		t.Errorf("relative error %v of an exact model", r.RelativeError)
	}
	x, err = sparse.FromDense(sparsely(rng, shape, []int{8, 8, 8}))
	if err != nil {
		t.Fatal(err)
	}
	_, best, err := HOOI(ctx, x, Options{Ranks: ranks})
	if err != nil {
		t.Fatal(err)
	}
	last := math.Inf(1)
	for _, power := range []int{-1, 3} {
		_, r, err := STHOSVD(ctx, x, Options{Ranks: ranks, Randomized: true, Oversample: 2, Power: power})
		if err != nil {
			t.Fatal(err)
		}
		if !(r.RelativeError < last && r.RelativeError >= best.RelativeError-1e-9) {
			t.Errorf("power %d: relative error %v, before %v, of HOOI %v", power, r.RelativeError, last, best.RelativeError)
		}
		last = r.RelativeError
	}
}

// enormous is a tensor of more cells than an integer counts.
func enormous(t *testing.T) *sparse.COO[float64] {
	t.Helper()
	const long = 1 << 18
	shape := []int{long, long, long, 1 << 10}
	rng := rand.New(rand.NewPCG(9, 0))
	index := make([][]int32, 4)
	var values []float64
	var rows [3][4]int32
	for n := range rows {
		for k := range rows[n] {
			rows[n][k] = int32(rng.IntN(long/4) + k*long/4)
		}
	}
	for i := range 4 {
		for j := range 4 {
			for k := range 4 {
				index[0], index[1], index[2] = append(index[0], rows[0][i]), append(index[1], rows[1][j]), append(index[2], rows[2][k])
				index[3] = append(index[3], 77)
				values = append(values, float64((i+1)*(j+2)*(k+3)))
			}
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSparseEnormous(t *testing.T) {
	if testing.Short() {
		t.Skip("random ranges of long modes")
	}
	x := enormous(t)
	m, r, err := HOOI(context.Background(), x, Options{Ranks: []int{1, 1, 1, 1}, Options: fit.Options{MaxIters: 5}})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.RelativeError <= 1e-7) || m.Core.Len() != 1 {
		t.Errorf("relative error %v of a tensor of rank 1", r.RelativeError)
	}
}

// What would be dense is refused.
func TestSparseRefused(t *testing.T) {
	x := enormous(t)
	_, _, err := STHOSVD(context.Background(), x, Options{Eps: 0.1})
	var room *fit.RoomError
	if !errors.As(err, &room) || !strings.Contains(err.Error(), "mode") {
		t.Errorf("%v; an error that names a mode is expected", err)
	}
}
