package sparse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// projectShapes have short and long modes in every place.
var projectShapes = [][]int{{7}, {5, 4}, {600, 3}, {2, 700}, {4, 9, 5}, {1, 4, 3}, {90, 70, 3}, {3, 70, 90}, {3, 4, 2, 5}, {2, 1, 3, 2, 4}}

func someEntries(rng *rand.Rand, shape []int) (*sparse.COO[float64], *tensor.Dense[float64]) {
	d := tensor.New[float64](shape...)
	for i := range d.Data() {
		if rng.IntN(3) == 0 {
			d.Data()[i] = rng.NormFloat64()
		}
	}
	x, err := sparse.FromDense(d)
	if err != nil {
		panic(err)
	}
	return x, d
}

func nearMatrix(t *testing.T, what string, got, want *tensor.Matrix[float64]) {
	t.Helper()
	g := tensor.FromSlice(got.Data, got.Rows, got.Cols)
	w := tensor.FromSlice(want.Data, want.Rows, want.Cols)
	if e := tensor.Distance(g, w); !(e <= 1e-12*(1+w.Norm())) {
		t.Errorf("%s: off by %v of %v", what, e, w.Norm())
	}
}

// Products over every set of modes are those of the dense tensor.
func TestProjectAll(t *testing.T) {
	for c, shape := range projectShapes {
		rng := rand.New(rand.NewPCG(3, uint64(c)))
		x, d := someEntries(rng, shape)
		for set := range 1 << len(shape) {
			factors := make([]*tensor.Matrix[float64], len(shape))
			want := d
			for n, s := range shape {
				if set>>n&1 == 1 {
					factors[n] = tensor.NormalMatrix(rng, s, 1+(n+c)%4)
					want = want.Project(factors[n], n)
				}
			}
			got := x.ProjectAll(factors)
			if fmt.Sprint(got.Shape()) != fmt.Sprint(want.Shape()) {
				t.Fatalf("%v set %b: shape %v, want %v", shape, set, got.Shape(), want.Shape())
			}
			if e := tensor.Distance(got, want.Contiguous()); !(e <= 1e-12*(1+want.Norm())) {
				t.Errorf("%v set %b: off by %v of %v", shape, set, e, want.Norm())
			}
		}
	}
}

func TestUnfoldings(t *testing.T) {
	for c, shape := range projectShapes {
		rng := rand.New(rand.NewPCG(4, uint64(c)))
		x, d := someEntries(rng, shape)
		for mode, s := range shape {
			gram := d.ModeGram(mode)
			nearMatrix(t, fmt.Sprint("ModeGram ", shape, mode), x.ModeGram(mode), gram)
			q := tensor.NormalMatrix(rng, s, 3)
			nearMatrix(t, fmt.Sprint("GramTimes ", shape, mode), x.GramTimes(q, mode), tensor.Mul(gram, q))
			sum := tensor.NewMatrix[float64](s, s)
			err := x.Fibers(mode, 5, func(rows *tensor.Matrix[float64]) error {
				for k, v := range tensor.Gram(rows).Data {
					sum.Data[k] += v
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			nearMatrix(t, fmt.Sprint("Fibers ", shape, mode), sum, gram)
		}
	}
}

// A tensor that is cut in several tasks, with slices that several share.
func TestProjectThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	shape := []int{3, 120, 110}
	_, d := someEntries(rng, shape)
	var factors []*tensor.Matrix[float64]
	for _, s := range shape {
		factors = append(factors, tensor.NormalMatrix(rng, s, 3))
	}
	testkit.Threads(t, "ProjectAll", func() []float64 {
		var bits []float64
		y, err := sparse.FromDense(d)
		if err != nil {
			t.Fatal(err)
		}
		for set := range 1 << len(shape) {
			some := make([]*tensor.Matrix[float64], len(shape))
			want := d
			for n := range shape {
				if set>>n&1 == 1 {
					some[n] = factors[n]
					want = want.Project(factors[n], n)
				}
			}
			got := y.ProjectAll(some)
			if e := tensor.Distance(got, want.Contiguous()); !(e <= 1e-12*want.Norm()) {
				t.Errorf("set %b: off by %v of %v", set, e, want.Norm())
			}
			bits = append(bits, got.Data()...)
		}
		bits = append(bits, y.ModeGram(0).Data...)
		bits = append(bits, y.GramTimes(factors[1], 1).Data...)
		return bits
	})
}

func ExampleCOO_ProjectAll() {
	x, _ := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 0, 1}, {0, 2, 1}}, []float64{1, 2, 3}, sparse.Refuse)
	ones := tensor.MatrixOf(3, 1, []float64{1, 1, 1})
	fmt.Println(x.ProjectAll([]*tensor.Matrix[float64]{nil, ones}).Data())
	// Output: [3 3]
}

func ExampleCOO_ModeGram() {
	x, _ := sparse.NewCOO([]int{2, 3}, [][]int32{{0, 0, 1}, {0, 2, 2}}, []float64{1, 2, 3}, sparse.Refuse)
	fmt.Println(x.ModeGram(0).Data)
	// Output: [5 6 6 9]
}
