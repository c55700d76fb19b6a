package tt

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// sparsely is a train with many zeros in its cores.
func sparsely(rng *rand.Rand, keep float64, shape, ranks []int) *Tensor {
	t := random(rng, shape, ranks)
	for _, g := range t.Cores {
		for i := range g.Data() {
			if rng.Float64() > keep {
				g.Data()[i] = 0
			}
		}
	}
	return t
}

func listedOf[T tensor.Float](t *testing.T, x *tensor.Dense[T]) *sparse.COO[T] {
	t.Helper()
	s, err := sparse.FromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Sparse data have the trains of the dense data with the same cells, cut from
// the last mode as those in Fortran order are.
func TestSparseAsDense(t *testing.T) {
	for c, shape := range [][]int{{9}, {12, 9}, {40, 6}, {11, 9, 8}, {30, 4, 5}, {3, 20, 7}, {6, 5, 4, 5}, {4, 1, 3, 2, 5, 3}} {
		rng := rand.New(rand.NewPCG(7, uint64(c)))
		ranks := slices.Repeat([]int{2}, len(shape)-1)
		d := sparsely(rng, 0.6, shape, ranks).Dense()
		for i := range d.Data() {
			if rng.IntN(15) == 0 {
				d.Data()[i] += 0.1 * rng.NormFloat64()
			}
		}
		single := tensor.As[float32](d)
		for _, opt := range []Options{{Eps: 0.2}, {Eps: 0.05}, {Eps: 1e-9}, {Ranks: ranks}, {Ranks: ranks, Eps: 0.3}} {
			for _, data := range []struct{ sparse, dense Data }{{listedOf(t, d), fortran(d)}, {listedOf(t, single), fortran(single)}} {
				got, r, err1 := SVD(ctx, data.sparse, opt)
				want, s, err2 := SVD(ctx, data.dense, opt)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				if e := tensor.Distance(got.Dense(), want.Dense()); !(e <= 1e-10*d.Norm()) || !slices.Equal(got.Ranks(), want.Ranks()) {
					t.Errorf("%v, %+v: ranks %v and %v, the trains are %g apart", shape, opt, got.Ranks(), want.Ranks(), e/d.Norm())
				}
				if e := r.RelativeError - s.RelativeError; !(math.Abs(e) <= 1e-10) {
					t.Errorf("%v, %+v: relative errors %v and %v", shape, opt, r.RelativeError, s.RelativeError)
				}
				orthogonal(t, got, 0)
			}
		}
	}
}

// planted lists a train of sparse cores that is far too large to be written
// out.
func planted(t *testing.T, rng *rand.Rand, shape, ranks []int, keep float64) *sparse.COO[float64] {
	t.Helper()
	train := sparsely(rng, keep, shape, ranks)
	type prefix struct {
		idx []int32
		row []float64
	}
	level := []prefix{{nil, []float64{1}}}
	for n, s := range shape {
		var next []prefix
		for _, p := range level {
			for i := range s {
				row := make([]float64, train.StepSize(n))
				train.Step(row, p.row, n, i)
				if slices.ContainsFunc(row, func(v float64) bool { return v != 0 }) {
					next = append(next, prefix{append(slices.Clone(p.idx), int32(i)), row})
				}
			}
		}
		level = next
	}
	index := make([][]int32, len(shape))
	values := make([]float64, len(level))
	for e, p := range level {
		values[e] = p.row[0]
		for n, i := range p.idx {
			index[n] = append(index[n], i)
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The ranks of trains that are too large for their cells to be visited are
// found, with given ranks, with a large eps and a small one.
func TestSparsePlanted(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, c := range []struct {
		shape, ranks []int
		keep         float64
	}{
		{[]int{600, 1500, 1200}, []int{4, 5}, 0.01},
		{[]int{3000, 3000, 2000, 300}, []int{2, 3, 3}, 0.004},
	} {
		x := planted(t, rng, c.shape, c.ranks, c.keep)
		if x.Count() < 1000 {
			t.Fatalf("%d entries", x.Count())
		}
		for _, opt := range []Options{{Ranks: c.ranks}, {Eps: 1e-4}, {Eps: 1e-9}} {
			m, r, err := SVD(ctx, x, opt)
			if err != nil {
				t.Fatal(err)
			}
			if !(r.RelativeError <= 1e-7) || opt.Ranks == nil && slices.Max(inner(m)) > slices.Max(c.ranks) {
				t.Errorf("%v, %d entries, %+v: ranks %v of %v, error %g", c.shape, x.Count(), opt, inner(m), c.ranks, r.RelativeError)
			}
			for e := 0; e < x.Count(); e += 101 {
				idx := make([]int, len(c.shape))
				for n := range idx {
					idx[n] = int(x.Indices(n)[e])
				}
				if d := math.Abs(m.At(idx...) - x.Values()[e]); !(d <= 1e-6*x.Norm()) {
					t.Fatalf("%v, %+v: off by %g in a cell", c.shape, opt, d)
				}
			}
		}
	}
}

// noisy is sparse data of many entries in an order of magnitude more cells
// than can be visited, with no low rank.
func noisy(t *testing.T, entries int, shape ...int) *sparse.COO[float64] {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 0))
	index, values := make([][]int32, len(shape)), make([]float64, entries)
	for e := range values {
		values[e] = 1 + rng.Float64()
		for n, s := range shape {
			index[n] = append(index[n], int32(float64(s)*rng.Float64()*rng.Float64()))
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Sum)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// What the cuts lose adds up to the error; it is near that of the dense data,
// for Krylov spaces too; eps is kept.
func TestSparseNoise(t *testing.T) {
	for _, c := range []struct {
		shape, ranks []int
		eps          float64
	}{
		{[]int{150, 100, 80}, []int{6, 8}, 0.8},
		{[]int{1300, 1100}, []int{6}, 0}, // by Krylov spaces
	} {
		x := noisy(t, 20_000, c.shape...)
		d := fortran(x.Dense())
		for _, opt := range []Options{{Ranks: c.ranks}, {Eps: c.eps}} {
			if opt.Ranks == nil && opt.Eps == 0 {
				continue
			}
			want, s, err1 := SVD(ctx, d, opt)
			m, r, err2 := SVD(ctx, x, opt)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if !(math.Abs(r.RelativeError-s.RelativeError) <= 1e-5) || opt.Eps > 0 && !(r.RelativeError <= opt.Eps) || !slices.Equal(m.Ranks(), want.Ranks()) {
				t.Errorf("%v: error %v with ranks %v, of the dense data %v with %v", c.shape, r.RelativeError, m.Ranks(), s.RelativeError, want.Ranks())
			}
			if cuts := r.Trace[len(r.Trace)-1]; opt.Eps == 0 && !(math.Abs(cuts-r.RelativeError) <= 1e-9) {
				t.Errorf("%v: error %v, by the cuts %v", c.shape, r.RelativeError, cuts)
			}
			if e := tensor.Distance(x.Dense(), m.Dense()) / x.Norm(); !(math.Abs(e-r.RelativeError) <= 1e-10) {
				t.Errorf("error %v, reported %v", e, r.RelativeError)
			}
			orthogonal(t, m, 0)
		}
	}
}

func TestSparseThreads(t *testing.T) {
	x := noisy(t, 30_000, 2000, 1500, 400)
	testkit.Threads(t, "SVD", func() []float64 {
		m, r, err := SVD(ctx, x, Options{Ranks: []int{4, 5}})
		if err != nil {
			t.Fatal(err)
		}
		return append(bits(m), r.RelativeError)
	})
}

func TestSparseEmpty(t *testing.T) {
	x, err := sparse.NewCOO[float64]([]int{3, 4, 5}, make([][]int32, 3), nil, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	m, r, err := SVD(ctx, x, Options{Eps: 0.1})
	if err != nil || m.Norm() != 0 || r.RelativeError != 0 || !slices.Equal(m.Shape(), x.Shape()) {
		t.Error(m, r, err)
	}
}

// A cut that is beyond the memory is refused with its figures.
func TestSparseRoom(t *testing.T) {
	x := noisy(t, 20_000, 30_000, 20_000, 10_000)
	_, _, err := SVD(ctx, x, Options{Eps: 0.01, Room: 50 << 20})
	var room *fit.RoomError
	if !errors.As(err, &room) || !strings.Contains(fmt.Sprint(err), "cut of the sparse data before mode 2") {
		t.Errorf("%v; an error that names the cut is expected", err)
	}
}
